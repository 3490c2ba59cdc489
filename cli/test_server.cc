#include "cli/test_server.h"

#include <random>

#include <fmt/format.h>

#include "base/clock.h"
#include "cli/command.h"
#include "conformance/server/server_run.h"
#include "resolver/transport/curl_transport.h"

namespace pullproof::cli {

namespace server = conformance::server;

Result<conformance::report::Summary> TestServer(const ServerTestOptions& options,
                                                conformance::report::Sink& sink) {
  PULLPROOF_ASSIGN_OR_RETURN(std::string origin, server::ParseOrigin(options.url));
  std::vector<Diagnostics> problems;
  const auto cases = server::LoadServerCases(problems);
  for (const Diagnostics& of_file : problems) PrintDiagnostics(of_file);
  if (!cases) return std::unexpected(cases.error());
  std::random_device random;
  resolver::transport::CurlTransport transport;
  const SystemClock clock;
  return server::TestServer(*cases,
                            {.origin = std::move(origin),
                             .prefix = fmt::format("pullproof/{:08x}", random()),
                             .run = options.run,
                             .skip = options.skip,
                             .level = options.level,
                             .harness = "pullproof " PULLPROOF_VERSION,
                             .again = "pullproof test --server " + options.url + " --run"},
                            transport, clock, sink);
}

}  // namespace pullproof::cli
