// Whether a registry takes a login, before it is kept.
#ifndef PULLPROOF_RESOLVER_REGISTRY_CLIENT_CHECK_LOGIN_H_
#define PULLPROOF_RESOLVER_REGISTRY_CLIENT_CHECK_LOGIN_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "resolver/credentials/source.h"
#include "resolver/transport/transport.h"

namespace pullproof::resolver::registry_client {

enum class LoginCheck : std::uint8_t {
  kAccepted,
  kNotAsked,  // it lets everybody in, and so said nothing about the login
};

// The registry of "registry.test:5000" or of a whole reference, as references spell it
// ("index.docker.io" is "docker.io"). A URL is no registry. Error: reference.syntax. Pure.
Result<std::string> ParseRegistry(std::string_view text);

// Asks `registry` for /v2/ (distribution-spec, "Determining Support"), answering its challenge by
// the credential. Neither transport nor clock is owned. Errors: as RegistryClient; above all
// registry.unauthorized.
Result<LoginCheck> CheckLogin(transport::Transport& transport, Clock& clock,
                              std::string_view registry, const credentials::Credential& credential,
                              std::span<const std::string> plain_http);

}  // namespace pullproof::resolver::registry_client

#endif  // PULLPROOF_RESOLVER_REGISTRY_CLIENT_CHECK_LOGIN_H_
