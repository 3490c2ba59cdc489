// Contract: a head ends at the same byte however it is cut, is taken apart into values without
// control characters, and names one length of its body or none.
#include <algorithm>
#include <string_view>

#include "fuzz/contract.h"
#include "mockregistry/wire/limits.h"
#include "mockregistry/wire/request_head.h"
#include "oci/headers.h"

namespace wire = pullproof::mockregistry::wire;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = pullproof::fuzz::AsText(data, size);
  wire::HeadScanner at_once;
  const auto whole = at_once.Scan(text);
  wire::HeadScanner in_halves;
  auto cut = in_halves.Scan(text.substr(0, text.size() / 2));
  if (cut && !*cut) cut = in_halves.Scan(text);
  // A half may be refused for less than the whole, but the whole never for less than a half.
  if (whole && *whole) PULLPROOF_CONTRACT(cut && *cut == *whole);
  if (!whole || !*whole) return 0;
  PULLPROOF_CONTRACT(**whole <= text.size() && **whole <= wire::kMaxHeadBytes);
  const auto head = wire::ParseHead(text.substr(0, **whole));
  if (!head) {
    PULLPROOF_CONTRACT(head.error().status >= 400 && !head.error().why.empty());
    return 0;
  }
  PULLPROOF_CONTRACT(!head->method.empty() && !head->target.empty());
  PULLPROOF_CONTRACT(head->headers.lines().size() <= wire::kMaxHeaderLines);
  PULLPROOF_CONTRACT(head->length <= wire::kMaxBody);
  PULLPROOF_CONTRACT(
      !(head->headers.Has("Content-Length") && head->headers.Has("Transfer-Encoding")));
  for (const auto& [name, value] : head->headers.lines()) {
    PULLPROOF_CONTRACT(!name.empty() && pullproof::oci::IsHeaderValue(value));
  }
  return 0;
}
