#include "resolver/credentials/docker_config.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/document.h"
#include "base/text.h"

namespace pullproof::resolver::credentials {
namespace {

std::unexpected<Error> Bad(std::string_view name, std::string message) {
  return Fail("credentials.syntax", std::move(message), std::string(name),
              "log in again, or correct the file");
}

const std::string* StringMember(const Node& table, std::string_view name) {
  const Node* const member = table.Find(name);
  return member == nullptr ? nullptr : member->string();
}

// "user:password" in base64. Some tools pad the password with NULs, as docker itself once did.
bool DecodeLogin(std::string_view encoded, Credential& credential) {
  const auto decoded = Base64Decode(Trim(encoded));
  if (!decoded) return false;
  const std::size_t colon = decoded->find(':');
  if (colon == std::string::npos) return false;
  credential.user = decoded->substr(0, colon);
  credential.password = decoded->substr(colon + 1);
  credential.password.resize(credential.password.find_last_not_of('\0') + 1);
  return true;
}

Result<Credential> ReadEntry(const std::string& key, const Node& value, std::string_view name) {
  const auto bad = [&](std::string_view what) {
    return Bad(name, fmt::format("the entry `{}` {}", Printable(key), what));
  };
  Credential credential;
  if (const std::string* const login = value.string()) {  // Spin's format
    if (!DecodeLogin(*login, credential)) return bad("is not the base64 of USER:PASSWORD");
    return credential;
  }
  if (value.table() == nullptr) return bad("is neither an object nor a string");
  const auto take = [&](std::string_view member, std::string& into) {
    if (const std::string* const text = StringMember(value, member)) into = *text;
  };
  take("username", credential.user);
  take("password", credential.password);
  take("identitytoken", credential.identity_token);
  take("registrytoken", credential.registry_token);
  const std::string* const auth = StringMember(value, "auth");
  if (auth != nullptr && !auth->empty() && !DecodeLogin(*auth, credential)) {
    return bad("has an `auth` that is not the base64 of USER:PASSWORD");
  }
  return credential;
}

bool IsEmpty(const Credential& credential) { return credential == Credential{}; }

bool IsHub(std::string_view registry) {
  constexpr std::array<std::string_view, 3> kNames = {"docker.io", "index.docker.io",
                                                      "registry-1.docker.io"};
  return std::ranges::find(kNames, registry) != kNames.end();
}

// A key without its scheme; whether it had one, or the path of docker's own API behind the host.
struct Key {
  std::string rest;
  bool is_url;
};

Key SplitKey(std::string_view text) {
  Key key{.rest = std::string(text), .is_url = false};
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (!text.starts_with(scheme)) continue;
    key = {.rest = std::string(text.substr(scheme.size())), .is_url = true};
  }
  while (key.rest.ends_with('/')) key.rest.pop_back();
  for (const std::string_view api : {"/v1", "/v2"}) {
    const bool is_api = key.rest.find('/') == key.rest.size() - api.size() &&
                        key.rest.size() > api.size() && key.rest.ends_with(api);
    if (is_api) key.is_url = true;
  }
  if (key.is_url) key.rest.resize(std::min(key.rest.find('/'), key.rest.size()));
  return key;
}

bool SameRegistry(std::string_view a, std::string_view b) {
  return EqualsIgnoreCase(a, b) || (IsHub(a) && IsHub(b));
}

// How well a key fits; 0: not at all.
std::size_t Fit(std::string_view text, std::string_view registry, std::string_view repository) {
  constexpr std::size_t kHostOfUrl = 1;
  constexpr std::size_t kHost = 2;
  const Key key = SplitKey(text);
  const std::string_view host = std::string_view(key.rest).substr(0, key.rest.find('/'));
  if (!SameRegistry(host, registry)) return 0;
  if (key.is_url) return kHostOfUrl;
  if (host.size() == key.rest.size()) return kHost;
  const std::string_view path = std::string_view(key.rest).substr(host.size() + 1);
  const bool is_below = repository == path || (repository.starts_with(path) &&
                                               repository.substr(path.size()).starts_with('/'));
  return is_below ? kHost + path.size() : 0;
}

}  // namespace

std::string DockerConfig::HelperFor(std::string_view registry) const {
  for (const auto& [key, helper] : helpers) {
    if (SameRegistry(SplitKey(key).rest, registry)) return helper;
  }
  return store;
}

std::optional<Credential> DockerConfig::Find(std::string_view registry,
                                             std::string_view repository) const {
  std::size_t best = 0;
  const Credential* found = nullptr;
  for (const auto& [key, credential] : auths) {
    const std::size_t fit = IsEmpty(credential) ? 0 : Fit(key, registry, repository);
    if (fit <= best) continue;
    best = fit;
    found = &credential;
  }
  return found == nullptr ? std::nullopt : std::optional(*found);
}

Result<DockerConfig> ParseDockerConfig(std::string_view text, std::string_view name) {
  DockerConfig config;
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) return config;
  if (text.size() > kMaxConfigBytes) {
    return Fail("limit.bytes", fmt::format("more than {} bytes", kMaxConfigBytes),
                std::string(name));
  }
  PULLPROOF_ASSIGN_OR_RETURN(const Node root, ParseJson(text, name));
  if (root.table() == nullptr) return Bad(name, "the file is no JSON object");
  if (const Node* const auths = root.Find("auths"); auths != nullptr && !auths->is_null()) {
    if (auths->table() == nullptr) return Bad(name, "`auths` is no object");
    for (const Node::Member& member : *auths->table()) {
      PULLPROOF_ASSIGN_OR_RETURN(config.auths[member.name],
                                 ReadEntry(member.name, member.value, name));
    }
  }
  if (const Node* const helpers = root.Find("credHelpers");
      helpers != nullptr && helpers->table() != nullptr) {
    for (const Node::Member& member : *helpers->table()) {
      if (member.value.string() == nullptr) return Bad(name, "`credHelpers` names no helper");
      config.helpers[member.name] = *member.value.string();
    }
  }
  if (const std::string* const store = StringMember(root, "credsStore")) config.store = *store;
  return config;
}

}  // namespace pullproof::resolver::credentials
