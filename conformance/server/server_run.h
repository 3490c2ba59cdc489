// Asks a registry what the cases of the registry side ask, and judges its answers. The registry is
// any on loopback; what is pushed to it lies below a prefix of its own.
#ifndef PULLPROOF_CONFORMANCE_SERVER_SERVER_RUN_H_
#define PULLPROOF_CONFORMANCE_SERVER_SERVER_RUN_H_

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "conformance/report/run.h"
#include "conformance/server/server_case.h"
#include "resolver/transport/transport.h"

namespace pullproof::conformance::server {

struct ServerOptions {
  std::string origin;            // "http://127.0.0.1:5000", of ParseOrigin
  std::string prefix;            // of every repository: "pullproof/4f2c"
  std::vector<std::string> run;  // globs of ids; empty: all
  std::vector<std::string> skip;
  Level level = Level::kInfo;  // and nothing below it
  std::string harness;         // name and version, for reports
  std::string again;           // the command that an id is added to
};

// Scheme, host and port of a registry on loopback; whatever stands behind them is refused. Errors:
// server.url (no http URL, or one with a path), server.not-loopback. Pure.
Result<std::string> ParseOrigin(std::string_view url);

// Runs the selected cases one after the other, each in a repository of its own. The sink gets them
// in the order of their ids. Error: suite.nothing-selected.
Result<report::Summary> TestServer(std::span<const ServerCase> cases, const ServerOptions& options,
                                   resolver::transport::Transport& transport, const Clock& clock,
                                   report::Sink& sink);

}  // namespace pullproof::conformance::server

#endif  // PULLPROOF_CONFORMANCE_SERVER_SERVER_RUN_H_
