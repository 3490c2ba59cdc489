// The registry side of `pullproof test`: --server URL.
#ifndef PULLPROOF_CLI_TEST_SERVER_H_
#define PULLPROOF_CLI_TEST_SERVER_H_

#include <string>
#include <vector>

#include "base/error.h"
#include "conformance/report/run.h"
#include "mockregistry/content/fixture.h"

namespace pullproof::cli {

struct ServerTestOptions {
  std::string url;
  std::vector<std::string> run;
  std::vector<std::string> skip;
  mockregistry::content::Level level = mockregistry::content::Level::kInfo;
};

// Asks the registry at `url`, in repositories whose names nobody else has. Errors: server.*,
// suite.*; of the cases' own slips, after printing them.
Result<conformance::report::Summary> TestServer(const ServerTestOptions& options,
                                                conformance::report::Sink& sink);

}  // namespace pullproof::cli

#endif  // PULLPROOF_CLI_TEST_SERVER_H_
