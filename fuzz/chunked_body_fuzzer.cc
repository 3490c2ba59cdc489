// Contract: a body in chunks decodes to the same bytes, and ends at the same place, however it is
// cut; it is never longer than what it was decoded from.
#include <string>
#include <string_view>

#include "fuzz/contract.h"
#include "mockregistry/wire/chunked_body.h"

namespace wire = pullproof::mockregistry::wire;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = pullproof::fuzz::AsText(data, size);
  wire::ChunkedBody at_once;
  std::string body;
  std::string_view rest = text;
  const auto whole = at_once.Decode(rest, body);
  PULLPROOF_CONTRACT(body.size() <= text.size());

  // Byte by byte, as a connection does it: what was not understood is offered again with more.
  wire::ChunkedBody piecewise;
  std::string again;
  std::string buffer;
  std::size_t consumed = 0;
  for (const char byte : text) {
    buffer += byte;
    std::string_view left = buffer;
    const auto done = piecewise.Decode(left, again);
    consumed += buffer.size() - left.size();
    buffer = std::string(left);
    if (!done) {
      PULLPROOF_CONTRACT(!whole);
      return 0;
    }
    if (*done) {
      PULLPROOF_CONTRACT(whole && *whole && again == body && consumed == text.size() - rest.size());
      return 0;
    }
  }
  PULLPROOF_CONTRACT(!whole || (!*whole && again == body));
  return 0;
}
