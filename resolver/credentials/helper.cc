#include "resolver/credentials/helper.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include <fmt/format.h>

#include "base/document.h"
#include "base/text.h"

namespace pullproof::resolver::credentials {
namespace {

std::unexpected<Error> HelperFailed(const std::string& name, std::string_view what) {
  return Fail("credentials.helper", fmt::format("the credential helper `{}` {}", name, what), {},
              fmt::format("try: docker-credential-{} list", name));
}

// What every implementation says of a server that it has nothing for.
bool SaysNotFound(std::string_view output) {
  return output.find("credentials not found in native keychain") != std::string_view::npos;
}

std::string FirstLine(std::string_view output) {
  constexpr std::size_t kShown = 200;
  const std::string_view line = Trim(output.substr(0, output.find('\n')));
  return Printable(line.substr(0, kShown));
}

Result<HelperRunner::Answer> RunChecked(HelperRunner& runner, const std::string& name,
                                        const std::string& verb, std::string_view input) {
  if (!IsHelperName(name)) {
    return Fail("credentials.helper-name",
                fmt::format("`{}` is no name of a credential helper", Printable(name)), {},
                "look at credsStore and credHelpers of docker's config.json");
  }
  return runner.Run(name, verb, input);
}

}  // namespace

bool IsHelperName(std::string_view name) {
  constexpr std::size_t kLongest = 100;
  return !name.empty() && name.size() <= kLongest && name.front() != '.' &&
         std::ranges::all_of(name, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '_' || c == '.';
         });
}

Result<std::optional<Credential>> HelperGet(HelperRunner& runner, const std::string& name,
                                            const std::string& server) {
  PULLPROOF_ASSIGN_OR_RETURN(const auto answer, RunChecked(runner, name, "get", server));
  if (answer.status != 0) {
    if (SaysNotFound(answer.output)) return std::nullopt;
    return HelperFailed(name, fmt::format("failed: {}", FirstLine(answer.output)));
  }
  const auto root = ParseJson(answer.output, name);
  const auto text = [&](std::string_view member) -> const std::string* {
    const Node* const node = root ? root->Find(member) : nullptr;
    return node == nullptr ? nullptr : node->string();
  };
  const std::string* const user = text("Username");
  const std::string* const secret = text("Secret");
  // Not a word of the output: it may be a secret.
  if (user == nullptr || secret == nullptr) return HelperFailed(name, "answered no credential");
  if (user->empty() && secret->empty()) return std::nullopt;
  Credential credential;
  if (*user == "<token>") {
    credential.identity_token = *secret;
  } else {
    credential.user = *user;
    credential.password = *secret;
  }
  return credential;
}

Result<void> HelperStore(HelperRunner& runner, const std::string& name, const std::string& server,
                         const Credential& credential) {
  const bool is_token = !credential.identity_token.empty();
  const nlohmann::json request = {
      {"ServerURL", server},
      {"Username", is_token ? "<token>" : credential.user},
      {"Secret", is_token ? credential.identity_token : credential.password}};
  const std::string input = request.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  PULLPROOF_ASSIGN_OR_RETURN(const auto answer, RunChecked(runner, name, "store", input));
  if (answer.status == 0) return {};
  return HelperFailed(name, fmt::format("did not store: {}", FirstLine(answer.output)));
}

Result<void> HelperErase(HelperRunner& runner, const std::string& name, const std::string& server) {
  PULLPROOF_ASSIGN_OR_RETURN(const auto answer, RunChecked(runner, name, "erase", server));
  if (answer.status == 0 || SaysNotFound(answer.output)) return {};
  return HelperFailed(name, fmt::format("did not erase: {}", FirstLine(answer.output)));
}

Result<std::vector<std::string>> HelperList(HelperRunner& runner, const std::string& name) {
  PULLPROOF_ASSIGN_OR_RETURN(const auto answer, RunChecked(runner, name, "list", ""));
  const auto root = ParseJson(answer.output, name);
  if (answer.status != 0 || !root || root->table() == nullptr) {
    return HelperFailed(name, "answered no list");
  }
  std::vector<std::string> servers;
  for (const Node::Member& member : *root->table()) servers.push_back(member.name);
  return servers;
}

}  // namespace pullproof::resolver::credentials
