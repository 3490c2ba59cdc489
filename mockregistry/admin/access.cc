#include "mockregistry/admin/access.h"

#include <array>
#include <vector>

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "base/text.h"
#include "mockregistry/auth/authorization.h"
#include "oci/digest.h"

namespace pullproof::mockregistry::admin {
namespace {

// 128 bits cannot be guessed.
constexpr std::size_t kTokenBytes = 16;

bool IsPort(std::string_view text) {
  return !text.empty() && text.size() <= 5 &&
         text.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

bool IsLoopbackAuthority(std::string_view authority) {
  // In brackets the colons are not the port's.
  const std::size_t bracket = authority.starts_with('[') ? authority.find(']') : 0;
  if (bracket == std::string_view::npos) return false;
  const std::size_t colon = authority.find(':', bracket);
  if (colon != std::string_view::npos && !IsPort(authority.substr(colon + 1))) return false;
  const std::string name = ToLowerAscii(authority.substr(0, colon));
  if (name == "localhost" || name == "[::1]" || name.ends_with(".localhost")) return true;
  if (!name.starts_with("127.")) return false;
  const std::vector<std::string_view> parts = Split(name, '.');
  if (parts.size() != 4) return false;
  for (const std::string_view part : parts) {
    if (part.empty() || part.size() > 3 ||
        part.find_first_not_of("0123456789") != std::string_view::npos) {
      return false;
    }
  }
  return true;
}

bool SameSecret(std::string_view given, std::string_view wanted) {
  // Digests have one length, so that not even the length of the secret shows.
  const oci::Digest a = oci::Digest::Of(given);
  const oci::Digest b = oci::Digest::Of(wanted);
  return CRYPTO_memcmp(a.hex().data(), b.hex().data(), a.hex().size()) == 0;
}

Result<void> Access::Check(const oci::Headers& headers) const {
  const std::vector<std::string> hosts = headers.All("Host");
  if (hosts.size() != 1 || !IsLoopbackAuthority(hosts.front())) {
    return Fail("admin.host", "the Host header is not a name of this machine", {},
                "use the URL that was printed at the start");
  }
  for (const std::string& origin : headers.All("Origin")) {
    const std::size_t scheme = origin.find("://");
    if (scheme == std::string::npos ||
        !IsLoopbackAuthority(std::string_view(origin).substr(scheme + 3))) {
      return Fail("admin.origin", "web pages of other machines may not use this");
    }
  }
  if (!token_) return {};
  const std::string header = headers.Find("Authorization").value_or("");
  const auth::Authorization authorization = auth::ParseAuthorization(header);
  if (!authorization.Is("Bearer") || !SameSecret(authorization.credential, *token_)) {
    return Fail("admin.unauthorized", "the token is missing or wrong", {},
                "send Authorization: Bearer with the token that was printed at the start");
  }
  return {};
}

Result<std::string> RandomToken() {
  std::array<unsigned char, kTokenBytes> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) {
    return Fail("admin.random", "the system gives no random numbers");
  }
  return HexEncode({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

}  // namespace pullproof::mockregistry::admin
