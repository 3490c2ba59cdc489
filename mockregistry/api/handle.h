// The honest registry: one request, answered by the distribution spec. No sockets and no faults.
// Spec: distribution-spec, "API".
#ifndef PULLPROOF_MOCKREGISTRY_API_HANDLE_H_
#define PULLPROOF_MOCKREGISTRY_API_HANDLE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "mockregistry/api/message.h"
#include "mockregistry/api/route.h"
#include "mockregistry/store/store.h"

namespace pullproof::mockregistry::api {

// What the fixture's `limits` say; absent members mean the registry's own bounds.
struct Limits {
  std::uint64_t max_manifest = std::uint64_t{4} << 20;  // bytes; larger ones are answered 413
  std::uint64_t max_page = 1'000;                       // entries of one page of a listing
  std::uint64_t min_blob = 0;                           // bytes; smaller uploads are refused
  std::uint64_t min_chunk = 0;  // bytes; announced as OCI-Chunk-Min-Length when not 0, and enforced
};

// How a script bends a listing (fixture-format: `list`).
struct ListShape {
  enum class Next { kCursor, kRelative, kSelf, kAgain, kNone, kAbsolute };
  std::optional<std::uint64_t> page;  // entries, whatever the client asked for
  // kCursor: an opaque token that only this registry understands; `last` is refused meanwhile, as
  // the one who sends it made it up. kRelative: `?n=…&last=…` alone.
  // kSelf: the very page that was asked for. kAgain: the first page. Both send clients in circles,
  // even where all fits on one page. kNone: no Link at all.
  // kAbsolute: with scheme and authority, see `origin`.
  Next next = Next::kRelative;
  std::string origin;  // "http://127.0.0.1:1234" for kAbsolute
};

struct Context {
  store::Store* store = nullptr;
  Limits limits;
  bool read_only = false;     // pushes and deletes are answered 405 UNSUPPORTED
  bool referrers_api = true;  // false: a registry of spec 1.0, whose clients keep referrers tags
  std::optional<ListShape> list;  // of the rule that fired
  // Texts for Warning headers on every answer, in printable ASCII without quotes and backslashes;
  // what is over kMaxWarningBytes in total is left out. Must outlive the call.
  std::span<const std::string> warnings;
};

// Spec: distribution-spec, "Warnings": no more than 4096 bytes of warning data in one answer.
inline constexpr std::size_t kMaxWarningBytes = 4'096;

// Answers every operation but kToken (auth/ does). An unknown route is 404, or 405 when its path is
// known with another method. Thread-safe; `context.store` must not be null.
Response Handle(const Request& request, const Route& route, const Context& context);

// An error body with one error, and its usual status when `status` is 0 (500 for an unknown code).
// Control characters of outside data are escaped. Spec: distribution-spec, "Error Codes".
Response ErrorResponse(std::string_view code, std::string_view message, int status = 0,
                       std::string_view detail = {});
// The status that the spec (or common practice) gives to a code: TOOMANYREQUESTS is 429. 0 for an
// unknown code.
int StatusOfCode(std::string_view code);

}  // namespace pullproof::mockregistry::api

#endif  // PULLPROOF_MOCKREGISTRY_API_HANDLE_H_
