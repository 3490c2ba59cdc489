// Who may use the admin API: whoever has the token, from a program on this machine. A web page that
// a browser of this machine shows is neither: it may send requests to loopback, and by DNS
// rebinding even read the answers, but not under a loopback name or without an Origin.
#ifndef PULLPROOF_MOCKREGISTRY_ADMIN_ACCESS_H_
#define PULLPROOF_MOCKREGISTRY_ADMIN_ACCESS_H_

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "oci/headers.h"

namespace pullproof::mockregistry::admin {

// True for "localhost:1", "a.localhost", "127.0.0.1:40123", "[::1]:1": an authority that no
// resolver sends off this machine. Pure.
bool IsLoopbackAuthority(std::string_view authority);

// True if both are the same, in a time that does not depend on where they differ.
bool SameSecret(std::string_view given, std::string_view wanted);

// Immutable and thread-safe.
class Access {
 public:
  // nullopt: anybody on this machine.
  explicit Access(std::optional<std::string> token) : token_(std::move(token)) {}

  // Errors: admin.host (a Host that is not loopback, or none), admin.origin (a web page),
  // admin.unauthorized.
  [[nodiscard]] Result<void> Check(const oci::Headers& headers) const;

 private:
  std::optional<std::string> token_;
};

// 32 hexadecimal digits from the system's generator. Error: admin.random.
Result<std::string> RandomToken();

}  // namespace pullproof::mockregistry::admin

#endif  // PULLPROOF_MOCKREGISTRY_ADMIN_ACCESS_H_
