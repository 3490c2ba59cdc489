// The table `do`: what a rule does to the honest answer.
// Format: docs/fixtures.md "do".
#ifndef PULLPROOF_MOCKREGISTRY_SCRIPT_EFFECT_H_
#define PULLPROOF_MOCKREGISTRY_SCRIPT_EFFECT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/table_reader.h"
#include "mockregistry/api/handle.h"
#include "mockregistry/auth/policy.h"
#include "mockregistry/script/mutation.h"
#include "mockregistry/script/plan.h"
#include "mockregistry/script/vocabulary.h"

namespace pullproof::mockregistry::script {

struct Redirect {
  std::string host;  // the fixture's id
  int status = 307;
  std::vector<std::pair<std::string, std::string>> query;  // sent byte for byte as written
  bool keep_path = true;  // else the root; the query of the request stays with its path
};

// What a manifest is made to say about one of its children: the bytes change, the digest under
// which it is served does not.
struct DescriptorLie {
  std::string of;  // the name of the child
  std::optional<std::int64_t> size;
  std::optional<std::string> digest;  // that of the content with this name; else any text
  std::optional<std::string> type;
};

// A place in a body: bytes, or a part of the whole.
struct BodyPlace {
  std::uint64_t bytes = 0;
  std::optional<unsigned> percent;  // then `bytes` means nothing

  // The place in a body of that size, rounded down and never behind its end.
  [[nodiscard]] std::uint64_t In(std::uint64_t size) const;
};

struct Cut {
  BodyPlace at;
  // kTidy: Content-Length agrees with the short body, so that only the digest tells.
  enum class Ending { kFin, kRst, kHang, kTidy } ending = Ending::kFin;
};

// What happens to the body of this answer: of a range, that is the part that is sent, so places and
// bits count from its first byte. The order is that of the members.
struct BodyFault {
  std::optional<std::string> swap;        // the name of other content; a range of it for a range
  std::optional<std::uint64_t> flip_bit;  // modulo the bits that there are; bit 0 is the lowest
  std::optional<std::string> append;
  std::optional<Cut> cut;
  std::uint64_t bytes_per_s = 0;
  std::uint64_t slice = 0;
  std::optional<std::uint64_t> length;  // a Content-Length that is not the body's
  std::optional<Framing> framing;       // `omit` is kUntilClose, `chunked` is kChunked
  bool chunk_error = false;
};

// What happens to a connection before its first request. Only its host is known then.
enum class Opening {
  kRefuse,        // it is reset as soon as it comes; a proxy cannot reach the host
  kTlsAlert,      // the handshake ends with an alert
  kTlsExpired,    // the certificate's time is over
  kTlsWrongName,  // the certificate is for another host
};

// `{origin:HOST}` in the value of a header is where that host listens ("http://127.0.0.1:1234"),
// and
// `{location}` the Location of the honest answer, a path.
inline constexpr std::string_view kOriginPlaceholder = "{origin:";

// In the order in which the phases are laid over the honest answer.
struct Effect {
  Duration wait{};
  std::optional<End> connection;   // conn: no answer at all; `close` is kFin
  std::optional<Opening> opening;  // conn: no request at all
  std::optional<int> status;
  std::optional<std::string> error;  // an OCI code becomes the body
  std::vector<std::pair<std::string, std::string>> headers;
  std::vector<std::string> drop_headers;
  std::string status_line;
  std::optional<Redirect> redirect;
  std::optional<api::ListShape> list;
  std::optional<std::string> list_host;  // of `next = { absolute = host }`
  std::optional<auth::TokenShape> token;
  std::optional<DescriptorLie> descriptor;
  std::optional<Mutation> mutate;
  std::optional<BodyFault> body;
};

// Reads the table `do`; `rule` names its owner: "rule `cut`". Reports model.* and
//  * script.no-effect: nothing stated, or what can change nothing (a tidy cut at 100%)
//  * script.misplaced: a fault of the body that stands outside of `body`
//  * script.conflict: two effects of which one would undo the other
//  * script.header: no header name or value; a header that frames the message
//  * script.status-line, script.error-code, script.query, script.amount, duration.syntax: bad
//  values
//  * script.unknown-name, script.unknown-host
Effect ReadEffect(const Node& node, const std::string& rule, const Vocabulary& vocabulary,
                  Diagnostics& problems);

}  // namespace pullproof::mockregistry::script

#endif  // PULLPROOF_MOCKREGISTRY_SCRIPT_EFFECT_H_
