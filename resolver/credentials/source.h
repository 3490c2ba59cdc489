// Who a client is to a registry: the one interface through which credentials come in.
#ifndef PULLPROOF_RESOLVER_CREDENTIALS_SOURCE_H_
#define PULLPROOF_RESOLVER_CREDENTIALS_SOURCE_H_

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"

namespace pullproof::resolver::credentials {

// At least one of: user and password, identity token, registry token.
struct Credential {
  std::string user = {};
  std::string password = {};
  // A refresh token of OAuth2: exchanged for tokens at the token service, and sent nowhere else.
  std::string identity_token = {};
  // A bearer token that the registry takes as it is.
  std::string registry_token = {};

  bool operator==(const Credential&) const = default;
};

// Asked at most once for a repository, and only after its registry has challenged: a lookup may
// start a program or ask a person. Implementations must be thread-safe: several repositories may
// be asked for at a time.
class Source {
 public:
  virtual ~Source() = default;
  // `registry` is a reference's domain ("docker.io", "127.0.0.1:5000"); `repository` a path below
  // it. nullopt: none, so be anonymous. Errors: credentials.*, file.*: the credential that was
  // configured cannot be had, and being somebody else instead would only hide that.
  virtual Result<std::optional<Credential>> Find(std::string_view registry,
                                                 std::string_view repository) = 0;
};

// From a table by registry. Thread-safe.
class FixedSource final : public Source {
 public:
  explicit FixedSource(std::map<std::string, Credential> by_registry)
      : by_registry_(std::move(by_registry)) {}
  Result<std::optional<Credential>> Find(std::string_view registry,
                                         std::string_view repository) override;

 private:
  const std::map<std::string, Credential> by_registry_;
};

// The first source that has one. Thread-safe if they are. Not owned.
class SourceChain final : public Source {
 public:
  explicit SourceChain(std::vector<Source*> sources) : sources_(std::move(sources)) {}
  Result<std::optional<Credential>> Find(std::string_view registry,
                                         std::string_view repository) override;

 private:
  const std::vector<Source*> sources_;
};

// The address under which docker keeps a registry's credentials, and by which helpers are asked:
// the registry itself, but for Docker Hub "https://index.docker.io/v1/". Pure.
std::string ServerAddress(std::string_view registry);

}  // namespace pullproof::resolver::credentials

#endif  // PULLPROOF_RESOLVER_CREDENTIALS_SOURCE_H_
