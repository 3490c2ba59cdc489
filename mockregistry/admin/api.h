// The admin API: what the C++ face of a registry does, over HTTP. One request in, one answer out;
// no sockets (see server.h). Format: docs/admin.openapi.json, docs/serving.md.
#ifndef PULLPROOF_MOCKREGISTRY_ADMIN_API_H_
#define PULLPROOF_MOCKREGISTRY_ADMIN_API_H_

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "mockregistry/admin/access.h"
#include "mockregistry/admin/house.h"
#include "mockregistry/api/message.h"

namespace pullproof::mockregistry::admin {

// What one request may cost.

// A fixture may be as large as a file of one; nothing else comes near.
inline constexpr std::size_t kMaxBody = std::size_t{4} << 20;
// Entries of the journal in one answer: about 1 KiB each.
inline constexpr std::size_t kMaxEntries = 10'000;
inline constexpr std::size_t kDefaultEntries = 100;
// A wait keeps a thread and a connection; a longer one is asked for again.
inline constexpr Duration kMaxWait = std::chrono::minutes(5);
// Checks of one verification.
inline constexpr std::size_t kMaxChecks = 1'000;

struct RouteInfo {
  std::string_view method;
  std::string_view path;  // "/v1/registries/{registry}/rules"
};

// Every route there is: the OpenAPI file is held against it.
std::span<const RouteInfo> Routes();

// Thread-safe.
class Api {
 public:
  // `house` outlives the API. `shutdown` is called for a request to stop the process, which has to
  // go on until the answer is out; it must not block.
  Api(House& house, Access access, std::function<void()> shutdown)
      : house_(house), access_(std::move(access)), shutdown_(std::move(shutdown)) {}

  // Every answer is JSON. An error is {"error":{"id","message",…}}: 400 for a bad request, 401 and
  // 403 for one that may not be (see Access), 404, 405, 409, 413.
  api::Response Handle(const api::Request& request);

 private:
  House& house_;
  Access access_;
  std::function<void()> shutdown_;
};

}  // namespace pullproof::mockregistry::admin

#endif  // PULLPROOF_MOCKREGISTRY_ADMIN_API_H_
