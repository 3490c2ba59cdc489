#include "mockregistry/admin/server.h"

#include <utility>

#include <fmt/format.h>

namespace pullproof::mockregistry::admin {

namespace {

// Answers are small: whoever has not taken his by then does not read.
constexpr Duration kStopTime = std::chrono::seconds(1);

}  // namespace

Result<std::unique_ptr<Server>> Server::Start(Api& api, House& house, std::uint16_t port,
                                              Clock& clock) {
  auto server = std::unique_ptr<Server>(new Server(house));
  wire::InFlight& in_flight = server->in_flight_;
  wire::Handler handler{.exchange =
                            [&api, &in_flight](const api::Request& request) {
                              in_flight.Begin();
                              script::Plan plan;
                              plan.response = api.Handle(request);
                              return plan;
                            },
                        .complete = [&in_flight](const script::Plan&, std::uint64_t,
                                                 std::string_view, Duration) { in_flight.End(); },
                        .max_body = kMaxBody};
  PULLPROOF_ASSIGN_OR_RETURN(server->wire_,
                             wire::Server::Start("127.0.0.1", port, std::move(handler), clock));
  return server;
}

Server::~Server() {
  house_.Close();
  if (wire_) in_flight_.AwaitNone(kStopTime);
}

std::string Server::Url() const { return fmt::format("http://127.0.0.1:{}", wire_->port()); }

}  // namespace pullproof::mockregistry::admin
