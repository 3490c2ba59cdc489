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

// What a parameter's name has in it, in lower case, when its value lets somebody in.
constexpr std::array<std::string_view, 6> kSecretWords = {"password",   "token",     "secret",
                                                          "credential", "signature", "assertion"};
// Whole names: those of OAuth, of signed URLs (Azure's `sig`, CloudFront's `Key-Pair-Id` and
// `Policy`, Cloudflare's `verify`), and of the older AWS scheme.
constexpr std::array<std::string_view, 7> kSecretNames = {
    "code", "sig", "policy", "key-pair-id", "verify", "awsaccesskeyid", "googleaccessid"};

// Headers whose value is a URL, or has one in it.
bool HoldsUrl(std::string_view header) {
  static constexpr std::array<std::string_view, 4> kHeaders = {"Location", "Content-Location",
                                                               "Referer", "Link"};
  return std::ranges::any_of(
      kHeaders, [header](std::string_view name) { return EqualsIgnoreCase(name, header); });
}

}  // namespace

std::string Redact(std::string_view header, std::string_view value) {
  if (HoldsUrl(header)) return RedactTarget(value);
  if (!oci::IsSecretHeader(header)) return std::string(value);
  const std::size_t blank = value.find(' ');
  if (!HasScheme(header) || blank == std::string_view::npos) return Fingerprint(value);
  return fmt::format("{} {}", value.substr(0, blank), Fingerprint(Trim(value.substr(blank))));
}

bool IsSecretParameter(std::string_view name) {
  const std::string lower = ToLowerAscii(name);
  // The request for a token, not one: `offline_token=true`.
  if (lower == "offline_token") return false;
  return std::ranges::find(kSecretNames, lower) != kSecretNames.end() ||
         std::ranges::any_of(kSecretWords, [&lower](std::string_view word) {
           return lower.find(word) != std::string::npos;
         });
}

std::string RedactParameter(std::string_view name, std::string_view value) {
  return IsSecretParameter(name) ? Fingerprint(value) : std::string(value);
}

std::string RedactTarget(std::string_view target) {
  const std::size_t mark = target.find('?');
  if (mark == std::string_view::npos) return std::string(target);
  // What a URL stands in may go on behind it: `<URL>; rel="next"`, or a fragment.
  const std::size_t end = std::min(target.find_first_of("#>", mark), target.size());
  return std::string(target.substr(0, mark + 1)) +
         RedactForm(target.substr(mark + 1, end - mark - 1)) + std::string(target.substr(end));
}

std::string RedactForm(std::string_view form) {
  std::string shown;
  bool is_first = true;
  for (const std::string_view field : Split(form, '&')) {
    if (!is_first) shown += '&';
    is_first = false;
    const std::size_t equals = field.find('=');
    const std::string_view name = field.substr(0, equals);
    if (equals == std::string_view::npos) {
      shown += field;
    } else {
      const std::string meant = PercentDecode(name).value_or(std::string(name));
      shown += fmt::format("{}={}", name, RedactParameter(meant, field.substr(equals + 1)));
    }
  }
  return shown;
}

}  // namespace pullproof::mockregistry::journal
