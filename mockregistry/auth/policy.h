// What a fixture says about authentication: the table `auth`.
// Format: docs/fixtures.md "auth".
#ifndef PULLPROOF_MOCKREGISTRY_AUTH_POLICY_H_
#define PULLPROOF_MOCKREGISTRY_AUTH_POLICY_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/table_reader.h"

namespace pullproof::mockregistry::auth {

// How a token answer looks, and how long its token lives. Uses are counted, time is not watched:
// a fixture says "good for two requests", never "good for two seconds".
struct TokenShape {
  // Which member of the answer to a GET carries the token. OAuth2 (POST) knows only `access_token`,
  // so there kToken and kAccessToken are the same.
  enum class Field { kToken, kAccessToken, kBoth, kNone };
  Field field = Field::kToken;
  std::optional<std::uint64_t> valid_uses;         // absent: for ever; 0: never accepted
  std::optional<std::uint64_t> claims_expires_in;  // seconds, as `expires_in`; absent: not claimed
};

// The table `auth.<host>` of a fixture.
struct Policy {
  enum class Scheme { kBasic, kBearer };
  std::string host;  // that asks for authentication
  Scheme scheme = Scheme::kBearer;
  std::string realm;    // Bearer: the host with the token service; itself unless stated
  std::string service;  // may be empty
  std::vector<std::pair<std::string, std::string>> users;  // user, password
  // Actions allowed without credentials: pull, push, delete. With Bearer a token is still needed,
  // but anyone gets one for these.
  std::vector<std::string> anonymous;
  TokenShape token;
  // The lines of WWW-Authenticate in place of the usual one: registries word it in many ways.
  // `{realm}`, `{service}` and `{scope}` stand for what the usual one would say there.
  std::vector<std::string> challenges;
};

// Reads the table `auth`. `hosts` are the ids of the fixture's hosts; a null node gives none.
// Reports model.* and auth.unknown-host, auth.user, auth.password, auth.not-for-basic,
// auth.challenge (no header value), auth.same-service (two hosts whose tokens could not be told
// apart), auth.nobody (a warning), and those of ReadTokenShape.
std::vector<Policy> ReadPolicies(const Node& node, std::span<const std::string> hosts,
                                 Diagnostics& problems);

// Whether `field = "none"`, an answer without any token, may be said: a rule may, a policy not.
enum class AllowNoField { kNo, kYes };

// Reads a table `token`. Reports model.* and auth.expires-in (no whole number of seconds).
TokenShape ReadTokenShape(const Node& node, std::string what, AllowNoField allow_no_field,
                          Diagnostics& problems);

}  // namespace pullproof::mockregistry::auth

#endif  // PULLPROOF_MOCKREGISTRY_AUTH_POLICY_H_
