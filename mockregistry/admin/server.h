// The admin API on a port of its own, on loopback.
#ifndef PULLPROOF_MOCKREGISTRY_ADMIN_SERVER_H_
#define PULLPROOF_MOCKREGISTRY_ADMIN_SERVER_H_

#include <cstdint>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "mockregistry/admin/api.h"
#include "mockregistry/wire/in_flight.h"
#include "mockregistry/wire/server.h"

namespace pullproof::mockregistry::admin {

class Server {
 public:
  // Listens when it returns. `api`, `house` and `clock` outlive the server. Error: registry.bind.
  static Result<std::unique_ptr<Server>> Start(Api& api, House& house, std::uint16_t port,
                                               Clock& clock);
  // Ends every wait for a registry of the house, lets answers go out (for a second at most), then
  // ends every connection.
  ~Server();

  // "http://127.0.0.1:40124".
  [[nodiscard]] std::string Url() const;

 private:
  explicit Server(House& house) : house_(house) {}

  House& house_;
  wire::InFlight in_flight_;
  std::unique_ptr<wire::Server> wire_;
};

}  // namespace pullproof::mockregistry::admin

#endif  // PULLPROOF_MOCKREGISTRY_ADMIN_SERVER_H_
