#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "base/text.h"
#include "mockregistry/journal/journal.h"
#include "oci/digest.h"
#include "oci/headers.h"

namespace pullproof::mockregistry::journal {
namespace {

// Enough to tell secrets apart, too little to try a guessed password against.
constexpr std::size_t kShownDigits = 8;

std::string Fingerprint(std::string_view secret) {
  return fmt::format("[sha256:{}]", oci::Digest::Of(secret).hex().substr(0, kShownDigits));
}

// Only these two begin with a scheme; the first word of a cookie is part of the secret.
bool HasScheme(std::string_view header) {
  return EqualsIgnoreCase(header, "Authorization") ||
         EqualsIgnoreCase(header, "Proxy-Authorization");
}

bool IsSecretField(std::string_view name) {
  static constexpr std::array<std::string_view, 6> kSecret = {
      "password", "refresh_token", "access_token", "client_secret", "code", "assertion"};
  return std::ranges::find(kSecret, name) != kSecret.end();
}

}  // namespace

std::string Redact(std::string_view header, std::string_view value) {
  if (!oci::IsSecretHeader(header)) return std::string(value);
  const std::size_t blank = value.find(' ');
  if (!HasScheme(header) || blank == std::string_view::npos) return Fingerprint(value);
  return fmt::format("{} {}", value.substr(0, blank), Fingerprint(Trim(value.substr(blank))));
}

std::string RedactForm(std::string_view form) {
  std::string shown;
  for (const std::string_view field : Split(form, '&')) {
    if (!shown.empty()) shown += '&';
    const std::size_t equals = field.find('=');
    const std::string_view name = field.substr(0, equals);
    if (equals == std::string_view::npos ||
        !IsSecretField(PercentDecode(name).value_or(std::string(name)))) {
      shown += field;
    } else {
      shown += fmt::format("{}={}", name, Fingerprint(field.substr(equals + 1)));
    }
  }
  return shown;
}

}  // namespace pullproof::mockregistry::journal
