// The private world of a client during one case: its home, its environment, its credentials.
#ifndef PULLPROOF_CONFORMANCE_CLIENT_HOME_H_
#define PULLPROOF_CONFORMANCE_CLIENT_HOME_H_

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "conformance/client/client.h"

namespace pullproof::conformance::client {

using Environment = std::vector<std::pair<std::string, std::string>>;

// The variables that every client gets: a HOME, DOCKER_CONFIG, XDG and cache directories and TMPDIR
// below `home`, the caller's PATH, a neutral locale and time zone, and nothing else: no proxy, no
// token and no configuration of whoever runs the suite.
Environment BaseEnvironment(const std::filesystem::path& home);

// The variables that tell a client of the task's certificate authority and proxy: SSL_CERT_FILE and
// {HTTP,HTTPS,NO}_PROXY in both cases; none when it has neither. Loopback hosts are asked directly.
Environment NetworkEnvironment(const Task& task);

// Makes the directories that BaseEnvironment names, for their owner only. Errors: file.*.
Result<void> PrepareHome(const std::filesystem::path& home);

// Writes a file that only its owner can read, directories included. Errors: file.*.
Result<void> WritePrivateFile(const std::filesystem::path& path, std::string_view bytes);

// docker's configuration file in that home, which docker, crane, oras and regctl read, and the
// containers tools where REGISTRY_AUTH_FILE points to it.
std::filesystem::path LoginFileOf(const std::filesystem::path& home);

// Makes sure that the login file is there, and puts the credentials for `authority` into it beside
// those that it has; Docker Hub's have a key of their own there. Errors: file.*.
Result<void> WriteLogin(const std::filesystem::path& home, std::string_view authority,
                        const std::optional<Login>& login);

}  // namespace pullproof::conformance::client

#endif  // PULLPROOF_CONFORMANCE_CLIENT_HOME_H_
