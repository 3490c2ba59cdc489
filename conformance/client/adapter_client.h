// A client behind an adapter: a long-lived process that is told what to do in JSON lines, for
// clients that are a library, or that start too slowly to be started for every step.
// Protocol: docs/adapter-protocol.md.
#ifndef PULLPROOF_CONFORMANCE_CLIENT_ADAPTER_CLIENT_H_
#define PULLPROOF_CONFORMANCE_CLIENT_ADAPTER_CLIENT_H_

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/table_reader.h"
#include "conformance/client/client.h"

namespace pullproof::conformance::client {

struct AdapterCommand {
  std::vector<std::string> argv;
  std::filesystem::path directory;  // to work in; empty: the caller's own
  std::string install;              // what to do when the program is not there
};

// Starts the adapter and asks it who it is; starts more of it when more runs are wanted at a time
// than it takes. Errors: those of AdapterSession::Start.
Result<std::unique_ptr<Client>> StartAdapter(AdapterCommand command);

// The profile of an adapter: `adapter = { command = […] }` instead of verbs. `directory` is where
// the profile lies, and where the command is run. Errors: client.*, model.*, and those of
// StartAdapter.
Result<std::unique_ptr<Client>> LoadAdapter(const Node& document, const std::string& name,
                                            const std::filesystem::path& directory);

}  // namespace pullproof::conformance::client

#endif  // PULLPROOF_CONFORMANCE_CLIENT_ADAPTER_CLIENT_H_
