// pullproof login, logout: the password of a registry, kept where docker keeps it.
#include <cstddef>
#include <iostream>
#include <memory>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "base/clock.h"
#include "base/file.h"
#include "cli/command.h"
#include "cli/network_options.h"
#include "cli/user_credentials.h"
#include "resolver/credentials/store.h"
#include "resolver/registry_client/check_login.h"
#include "resolver/transport/curl_transport.h"

namespace pullproof::cli {
namespace {

using resolver::registry_client::LoginCheck;

// Tokens that stand for passwords reach some KiB.
constexpr std::size_t kMaxPassword = std::size_t{64} << 10;

struct Options {
  std::string registry;
  std::string user;
  bool from_stdin = false;
  NetworkOptions network;
};

int Misuse(const Error& error) {
  PrintError(error);
  return kMisuse;
}

// All of stdin, without the line end that echo adds.
Result<std::string> ReadPassword() {
  std::string password(kMaxPassword + 1, '\0');
  std::cin.read(password.data(), static_cast<std::streamsize>(password.size()));
  password.resize(static_cast<std::size_t>(std::cin.gcount()));
  if (password.ends_with('\n')) password.pop_back();
  if (password.ends_with('\r')) password.pop_back();
  if (password.size() > kMaxPassword) {
    return Fail("limit.bytes", fmt::format("a password of more than {} bytes", kMaxPassword));
  }
  if (password.empty()) {
    return Fail("credentials.syntax", "there is no password on stdin", {},
                "pullproof login HOST -u USER --password-stdin < FILE");
  }
  return password;
}

Error NoPlace() {
  return {
      "credentials.syntax", "there is no place to keep a login", {}, "set DOCKER_CONFIG or HOME"};
}

int Login(const Options& options) {
  if (!options.from_stdin) {
    return Misuse({"credentials.syntax",
                   "a password is taken from stdin only",
                   {},
                   "add --password-stdin: others can read a command line, and shells keep it"});
  }
  const auto registry = resolver::registry_client::ParseRegistry(options.registry);
  if (!registry) return Misuse(registry.error());
  auto transport_options = TransportOptions(options.network);
  if (!transport_options) return Misuse(transport_options.error());
  auto password = ReadPassword();
  if (!password) return Misuse(password.error());
  const resolver::credentials::Credential login{.user = options.user,
                                                .password = *std::move(password)};
  SystemClock clock;
  SystemFileSystem files;
  UserCredentials user(files);
  if (user.docker_config().empty()) return Misuse(NoPlace());
  resolver::transport::CurlTransport transport(*std::move(transport_options));
  const auto checked = resolver::registry_client::CheckLogin(transport, clock, *registry, login,
                                                             options.network.plain_http);
  if (!checked) {
    PrintError(checked.error());
    return kFailed;
  }
  const auto kept = resolver::credentials::SaveLogin(files, user.helpers(), user.docker_config(),
                                                     *registry, login);
  if (!kept) {
    PrintError(kept.error());
    return kFailed;
  }
  if (*checked == LoginCheck::kNotAsked) {
    fmt::print(stderr, "pullproof: {} lets everybody in, so the password was not checked\n",
               *registry);
  }
  if (kept->in_clear) {
    fmt::print(stderr,
               "pullproof: the password is kept unencrypted; a credential helper would keep it "
               "safe (credsStore in that file)\n");
  }
  fmt::print("logged in to {}; kept in {}\n", *registry, kept->where);
  return kAsExpected;
}

int Logout(const Options& options) {
  const auto registry = resolver::registry_client::ParseRegistry(options.registry);
  if (!registry) return Misuse(registry.error());
  SystemFileSystem files;
  UserCredentials user(files);
  if (user.docker_config().empty()) return Misuse(NoPlace());
  const auto erased =
      resolver::credentials::EraseLogin(files, user.helpers(), user.docker_config(), *registry);
  if (!erased) {
    PrintError(erased.error());
    return kFailed;
  }
  fmt::print("{} {}\n", *erased ? "logged out of" : "there was no login for", *registry);
  return kAsExpected;
}

}  // namespace

void AddLogin(CLI::App& app, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "login",
      "Check a password with a registry and keep it where docker keeps it: with the credential\n"
      "helper that $DOCKER_CONFIG/config.json names, else in that file, readable by you alone.");
  command->add_option("REGISTRY", options->registry, "HOST[:PORT], or a reference")->required();
  command->add_option("-u,--username", options->user, "Whose password it is")->required();
  command->add_flag("--password-stdin", options->from_stdin, "Take the password from stdin");
  AddNetworkOptions(*command, options->network);
  command->callback([&action, options] { action = [options] { return Login(*options); }; });
}

void AddLogout(CLI::App& app, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("logout", "Forget the password of a registry, in every spelling.");
  command->add_option("REGISTRY", options->registry, "HOST[:PORT], or a reference")->required();
  command->callback([&action, options] { action = [options] { return Logout(*options); }; });
}

}  // namespace pullproof::cli
