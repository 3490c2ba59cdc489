// The files in which container tools keep credentials: docker's config.json, the auth.json of
// podman and its kin, and Spin's registry-auth.json.
// Formats: docker's cli, "docker login" ("Credential stores"); containers-auth.json(5); for Spin,
// {"auths": {"<registry>": "<base64 of user:password>"}}.
#ifndef PULLPROOF_RESOLVER_CREDENTIALS_DOCKER_CONFIG_H_
#define PULLPROOF_RESOLVER_CREDENTIALS_DOCKER_CONFIG_H_

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "resolver/credentials/source.h"

namespace pullproof::resolver::credentials {

// A login is some hundred bytes, an identity token some KiB: room for hundreds of registries.
inline constexpr std::size_t kMaxConfigBytes = std::size_t{1} << 20;

struct DockerConfig {
  std::map<std::string, Credential> auths;     // by key, as written
  std::map<std::string, std::string> helpers;  // credHelpers: registry -> helper
  std::string store;                           // credsStore; empty: none

  // The name of the helper that keeps this registry's credentials; empty: none, the file does.
  // credHelpers goes before credsStore, as for docker.
  [[nodiscard]] std::string HelperFor(std::string_view registry) const;
  // What the file itself holds. The most specific key wins: "host/namespace" (as podman has them,
  // at the boundary of a segment), then "host[:port]" exactly, then a URL of that host
  // ("https://host/v1/"), which older dockers wrote. Docker Hub is docker.io, index.docker.io and
  // registry-1.docker.io. An entry without content (docker leaves them beside a credsStore) is
  // none. Pure.
  [[nodiscard]] std::optional<Credential> Find(std::string_view registry,
                                               std::string_view repository) const;
};

// Reads either format. Members that are not about credentials are ignored. `name` is for errors,
// which never show content: credentials.syntax, json.*, limit.*. Pure.
Result<DockerConfig> ParseDockerConfig(std::string_view text, std::string_view name);

}  // namespace pullproof::resolver::credentials

#endif  // PULLPROOF_RESOLVER_CREDENTIALS_DOCKER_CONFIG_H_
