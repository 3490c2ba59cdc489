#include "mockregistry/network.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"

namespace pullproof::mockregistry {
namespace {

using script::Opening;

// For whom the certificate with the wrong name is: nobody ever has a name below .invalid (RFC 6761
// section 6.4).
constexpr std::string_view kWrongName = "wrong-name.invalid";

// "registry.example:443" without its port.
std::string_view WithoutPort(std::string_view authority) {
  const std::size_t colon = authority.rfind(':');
  return authority.ends_with(']') ? authority : authority.substr(0, colon);
}

}  // namespace

std::string_view WayName(Way way) {
  switch (way) {
    case Way::kDirect:
      return "";
    case Way::kTunnel:
      return "tunnel";
    case Way::kForward:
      return "forward";
  }
  return "";
}

Network::Network(const std::vector<Host>& hosts, NetworkCallbacks callbacks)
    : callbacks_(std::move(callbacks)) {
  for (const Host& host : hosts) {
    stations_.push_back({.host = host,
                         .listens_at = host.id + ".localhost",
                         .good = nullptr,
                         .expired = nullptr,
                         .wrong_name = nullptr,
                         .tunnel = {}});
  }
}

Network::~Network() = default;

Result<void> Network::Listen(std::uint16_t first_port, Clock& clock) {
  const Result<void> opened = OpenAll(first_port, clock);
  is_open_ = true;
  is_open_.notify_all();
  return opened;
}

Result<void> Network::OpenAll(std::uint16_t first_port, Clock& clock) {
  bool has_proxy = false;
  for (Station& station : stations_) {
    if (station.host.tls) PULLPROOF_RETURN_IF_ERROR(MakeIdentities(station));
    PULLPROOF_RETURN_IF_ERROR(StartServer(
        station, &station == &stations_.front() ? first_port : std::uint16_t{0}, clock));
    has_proxy = has_proxy || !station.host.names.empty();
  }
  return has_proxy ? StartProxy(clock) : Result<void>();
}

Result<void> Network::MakeIdentities(Station& station) {
  if (authority_ == nullptr) {
    PULLPROOF_ASSIGN_OR_RETURN(authority_, wire::TestAuthority::Make());
  }
  std::vector<std::string> names = station.host.names;
  names.push_back(station.host.name);
  const std::array<std::string, 1> wrong{std::string(kWrongName)};
  PULLPROOF_ASSIGN_OR_RETURN(station.good, authority_->Issue(names, wire::Validity::kGood));
  PULLPROOF_ASSIGN_OR_RETURN(station.expired, authority_->Issue(names, wire::Validity::kExpired));
  PULLPROOF_ASSIGN_OR_RETURN(station.wrong_name, authority_->Issue(wrong, wire::Validity::kGood));
  return {};
}

Result<void> Network::StartServer(Station& station, std::uint16_t port, Clock& clock) {
  const std::string& name = station.host.name;
  const bool is_v6 = name == "::1";
  const bool is_literal = is_v6 || name.starts_with("127.");
  station.tunnel = HandlerFor(station, Way::kTunnel);
  PULLPROOF_ASSIGN_OR_RETURN(
      std::unique_ptr<wire::Server> server,
      wire::Server::Start(is_literal ? name : "127.0.0.1", port, HandlerFor(station, Way::kDirect),
                          clock, &last_connection_));
  station.listens_at = fmt::format("{}:{}", is_v6 ? "[::1]" : name, server->port());
  servers_.push_back(std::move(server));
  return {};
}

Result<void> Network::StartProxy(Clock& clock) {
  wire::Handler handler;
  handler.exchange = [this](api::Request request) {
    request.host = script::kProxyHost;
    return callbacks_.exchange(std::move(request), Way::kDirect);
  };
  handler.complete = callbacks_.complete;
  handler.is_quick = true;
  handler.admits = [this](std::uint64_t /*connection*/) {
    is_open_.wait(false);
    return true;
  };
  handler.tunnel = [this](std::string_view authority) -> const wire::Handler* {
    const Host* host = Find(authority);
    return host == nullptr ? nullptr : &FindStation(host->id)->tunnel;
  };
  PULLPROOF_ASSIGN_OR_RETURN(
      std::unique_ptr<wire::Server> server,
      wire::Server::Start("127.0.0.1", 0, std::move(handler), clock, &last_connection_));
  proxy_url_ = fmt::format("http://127.0.0.1:{}", server->port());
  servers_.push_back(std::move(server));
  return {};
}

wire::Handler Network::HandlerFor(const Station& station, Way way) {
  const Host& host = station.host;
  wire::Handler handler;
  handler.exchange = [this, &host, way](api::Request request) {
    request.host = host.id;
    return callbacks_.exchange(std::move(request), way);
  };
  handler.complete = callbacks_.complete;
  handler.is_quick = true;
  // The proxy has seen to it that a tunnel is let in.
  if (way == Way::kDirect) {
    handler.admits = [this, &host, way](std::uint64_t connection) {
      is_open_.wait(false);
      const std::optional<ScriptedOpening> scripted =
          callbacks_.opening(script::Engine::Moment::kConnect, host.id, connection);
      if (!scripted) return true;
      callbacks_.opened(host.id, connection, scripted->rule, wire::kRefused, way);
      return false;
    };
  }
  if (!host.tls) return handler;
  handler.greets = [this, &station](std::uint64_t connection) {
    callbacks_.greets();
    return Greet(station, connection);
  };
  handler.greeted = [this, &host, way](const wire::Greeting& greeting, std::string_view ending) {
    // Of one that is complete and that no rule was for, its requests will tell.
    if (!greeting.rule.empty() || ending != wire::kTlsComplete) {
      callbacks_.opened(host.id, greeting.connection, greeting.rule, ending, way);
    }
    callbacks_.greeted();
  };
  return handler;
}

wire::Greeting Network::Greet(const Station& station, std::uint64_t connection) const {
  wire::Greeting greeting{.identity = station.good, .connection = connection, .rule = {}};
  const std::optional<ScriptedOpening> scripted =
      callbacks_.opening(script::Engine::Moment::kHandshake, station.host.id, connection);
  if (!scripted) return greeting;
  greeting.rule = scripted->rule;
  switch (scripted->opening) {
    case Opening::kRefuse:
    case Opening::kTlsAlert:
      greeting.identity = nullptr;
      break;
    case Opening::kTlsExpired:
      greeting.identity = station.expired;
      break;
    case Opening::kTlsWrongName:
      greeting.identity = station.wrong_name;
      break;
  }
  return greeting;
}

std::string Network::Authority(std::string_view host) const {
  const Station* station = FindStation(host);
  if (station == nullptr) return {};
  return station->host.names.empty() ? station->listens_at : station->host.names.front();
}

std::string Network::Origin(std::string_view host) const {
  const Station* station = FindStation(host);
  if (station == nullptr) return {};
  return fmt::format("{}://{}", station->host.tls ? "https" : "http", Authority(host));
}

const Host* Network::Find(std::string_view authority) const {
  const std::string wanted = ToLowerAscii(authority);
  const std::string_view name = WithoutPort(wanted);
  for (const Station& station : stations_) {
    const std::vector<std::string>& names = station.host.names;
    if (station.listens_at == wanted || std::ranges::find(names, name) != names.end()) {
      return &station.host;
    }
  }
  return nullptr;
}

std::string Network::CaPem() const {
  return authority_ == nullptr ? std::string() : authority_->pem();
}

const Network::Station* Network::FindStation(std::string_view host) const {
  const auto found = std::ranges::find_if(
      stations_, [host](const Station& station) { return station.host.id == host; });
  return found == stations_.end() ? nullptr : &*found;
}

}  // namespace pullproof::mockregistry
