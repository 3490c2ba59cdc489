// The tokens that were issued, and what each is good for.
#ifndef PULLPROOF_MOCKREGISTRY_AUTH_TOKEN_TABLE_H_
#define PULLPROOF_MOCKREGISTRY_AUTH_TOKEN_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mockregistry/auth/policy.h"
#include "mockregistry/auth/scope.h"

namespace pullproof::mockregistry::auth {

struct Grant {
  const Policy* policy = nullptr;  // of the host that the token is for
  std::string user;                // empty: anonymous
  std::vector<Scope> scopes;
  std::optional<std::uint64_t> uses_left;  // absent: any number
};

// Tokens are 256 bits in hexadecimal: the SHA-256 of SEED NUL KIND NUL HOST NUL NUMBER, numbers in
// decimal, NUMBER counting from 1 what this table has issued. So they are the same in every run of
// a fixture, different for every fixture, host and request, and long enough to be searched for.
// Not thread-safe.
class TokenTable {
 public:
  // A case asks for some dozens; a client that loops must not eat the machine. The oldest go first.
  static constexpr std::size_t kCapacity = 10'000;

  // `kind` keeps the tokens of two tables with one seed apart.
  TokenTable(std::uint64_t seed, std::string_view kind) : seed_(seed), kind_(kind) {}

  std::string Issue(Grant grant);
  // Null for a token that was not issued here, or was let go.
  [[nodiscard]] Grant* Find(std::string_view token);
  // In the order of issue.
  void ForEach(const std::function<void(const std::string& token, const Grant&)>& visit) const;
  // Forgets everything, the count included.
  void Clear();

 private:
  std::uint64_t seed_;
  std::string kind_;
  std::uint64_t issued_ = 0;
  std::map<std::string, Grant, std::less<>> grants_;
  std::deque<std::string> order_;
};

}  // namespace pullproof::mockregistry::auth

#endif  // PULLPROOF_MOCKREGISTRY_AUTH_TOKEN_TABLE_H_
