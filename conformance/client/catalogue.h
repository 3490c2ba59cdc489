// Every client by its name: what `--client NAME` means.
#ifndef PULLPROOF_CONFORMANCE_CLIENT_CATALOGUE_H_
#define PULLPROOF_CONFORMANCE_CLIENT_CATALOGUE_H_

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/embedded_file.h"
#include "base/error.h"
#include "conformance/client/client.h"

namespace pullproof::conformance::client {

// The profiles of conformance/clients/, by file name.
std::span<const EmbeddedFile> ShippedProfiles();

// "builtin", the shipped profiles without ".toml", and "mutant:NAME", in that order.
std::vector<std::string> ClientNames();

// One of ClientNames(), the path of a profile (with a slash, or ending in ".toml"), or
// "adapter:PROGRAM" (docs/adapter-protocol.md), which is started here. `wire` is
// for the clients that run in this process; any other always uses sockets. Errors: client.unknown
// (with a suggestion), file.*, adapter.*, process.*, and those of a profile.
Result<std::unique_ptr<Client>> OpenClient(const std::string& name, Wire wire);

}  // namespace pullproof::conformance::client

#endif  // PULLPROOF_CONFORMANCE_CLIENT_CATALOGUE_H_
