// What will happen in one exchange, decided before the first byte is sent: the answer, and every
// fault that the script lays over it. A plain value; wire/ carries it out on a socket, and an
// in-process client reads it directly.
#ifndef PULLPROOF_MOCKREGISTRY_SCRIPT_PLAN_H_
#define PULLPROOF_MOCKREGISTRY_SCRIPT_PLAN_H_

#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.h"
#include "mockregistry/api/message.h"

namespace pullproof::mockregistry::script {

// How a connection ends in place of, or in the middle of, an answer.
enum class End {
  kFin,   // orderly close
  kRst,   // reset (SO_LINGER 0)
  kHang,  // nothing more is sent, until the bound of the wire or the client gives up
};

enum class Framing {
  kLength,     // Content-Length
  kChunked,    // Transfer-Encoding: chunked
  kUntilClose  // neither: the body ends with the connection
};

struct Plan {
  std::uint64_t entry = 0;     // number of the journal's entry that this exchange completes
  std::string rule;            // id of the rule that fired; empty for the honest answer
  std::string mutation;        // what `mutate` did to the manifest: "drop layers[0].size; …"
  Duration wait{};             // before anything is sent
  std::optional<End> instead;  // no answer at all
  std::string status_line;     // replaces the whole line when not empty
  api::Response response;      // with every header of the script in place
  Framing framing = Framing::kLength;
  std::optional<std::uint64_t> stated_length;  // Content-Length, when it is a lie
  std::optional<std::uint64_t> cut_at;         // bytes of the body that are sent before the end
  End cut_end = End::kFin;
  std::uint64_t bytes_per_s = 0;  // 0: as fast as the socket takes them
  std::uint64_t slice = 0;        // bytes for each write; 0: as large as it likes
  bool chunk_error = false;       // a chunk header that is no number, in the middle
};

}  // namespace pullproof::mockregistry::script

#endif  // PULLPROOF_MOCKREGISTRY_SCRIPT_PLAN_H_
