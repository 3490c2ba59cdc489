#include "oci/reference.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"

namespace pullproof::oci {
namespace {

constexpr std::string_view kDefaultDomain = "docker.io";
constexpr std::string_view kLegacyDefaultDomain = "index.docker.io";
constexpr std::string_view kOfficialPrefix = "library/";
constexpr std::string_view kDefaultTag = "latest";
constexpr std::size_t kMaxPath = 255;  // distribution/reference: the path only, not the host
constexpr std::size_t kMaxTag = 128;
// Longer than any host with a path, a tag and a sha512 digest can be; bounds the work on junk.
constexpr std::size_t kMaxText = 4096;

bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsAlphanumeric(char c) { return IsLower(c) || IsUpper(c) || IsDigit(c); }
bool IsHexDigit(char c) { return IsDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

// path-component := [a-z0-9]+ (separator [a-z0-9]+)*, separator := "." | "_" | "__" | "-"+
bool IsPathComponent(std::string_view text) {
  const auto is_word = [](char c) { return IsLower(c) || IsDigit(c); };
  std::size_t i = 0;
  while (true) {
    const std::size_t word = i;
    while (i < text.size() && is_word(text[i])) ++i;
    if (i == word) return false;
    if (i == text.size()) return true;
    const std::size_t separator = i;
    while (i < text.size() && !is_word(text[i])) ++i;
    const std::string_view between = text.substr(separator, i - separator);
    const bool dashes = between.find_first_not_of('-') == std::string_view::npos;
    if (!dashes && between != "." && between != "_" && between != "__") return false;
  }
}

// label := alphanumeric, or alphanumeric (alphanumeric | "-")* alphanumeric
bool IsDomainLabel(std::string_view text) {
  return !text.empty() && IsAlphanumeric(text.front()) && IsAlphanumeric(text.back()) &&
         std::ranges::all_of(text, [](char c) { return IsAlphanumeric(c) || c == '-'; });
}

// host [":" digits], host := labels between dots, or hexadecimal digits and colons in brackets
bool IsDomain(std::string_view text) {
  std::string_view host = text;
  std::string_view port;
  bool has_port = false;
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos || close == 1) return false;
    const std::string_view address = text.substr(1, close - 1);
    if (!std::ranges::all_of(address, [](char c) { return IsHexDigit(c) || c == ':'; })) {
      return false;
    }
    host = {};
    const std::string_view rest = text.substr(close + 1);
    if (!rest.empty()) {
      if (rest.front() != ':') return false;
      has_port = true;
      port = rest.substr(1);
    }
  } else {
    if (const std::size_t colon = text.find(':'); colon != std::string_view::npos) {
      host = text.substr(0, colon);
      port = text.substr(colon + 1);
      has_port = true;
    }
    for (const std::string_view label : Split(host, '.')) {
      if (!IsDomainLabel(label)) return false;
    }
  }
  return !has_port || (!port.empty() && std::ranges::all_of(port, IsDigit));
}

bool LooksLikeDomain(std::string_view first) {
  return first.find_first_of(".:") != std::string_view::npos || first == "localhost" ||
         std::ranges::any_of(first, IsUpper);
}

// The grammar of a digest inside a reference: hexadecimal only, at least 32 digits.
bool IsReferenceDigest(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return false;
  const std::string_view hex = text.substr(colon + 1);
  constexpr std::size_t kMinHex = 32;
  return hex.size() >= kMinHex && std::ranges::all_of(hex, IsHexDigit);
}

std::unexpected<Error> FailSyntax(std::string_view text, std::string message) {
  return Fail(
      "reference.syntax", std::move(message), std::string(text.substr(0, kMaxText)),
      "a reference is [HOST[:PORT]/]REPOSITORY[:TAG][@DIGEST], the repository in lower case");
}

}  // namespace

bool IsTag(std::string_view text) {
  return !text.empty() && text.size() <= kMaxTag && (IsAlphanumeric(text[0]) || text[0] == '_') &&
         std::ranges::all_of(
             text, [](char c) { return IsAlphanumeric(c) || c == '_' || c == '.' || c == '-'; });
}

bool IsRepositoryName(std::string_view text) {
  if (text.empty() || text.size() > kMaxPath) return false;
  return std::ranges::all_of(Split(text, '/'), IsPathComponent);
}

Result<Reference> Reference::Parse(std::string_view text) {
  if (text.empty()) return FailSyntax(text, "an empty reference");
  if (text.size() > kMaxText) {
    return FailSyntax(text, fmt::format("a reference of {} characters", text.size()));
  }
  constexpr std::size_t kIdentifierLength = 64;
  if (text.size() == kIdentifierLength &&
      std::ranges::all_of(text, [](char c) { return IsHexDigit(c) && !IsUpper(c); })) {
    return Fail("reference.identifier", "64 hexadecimal digits are an identifier, not a repository",
                std::string(text), "to name content by digest write REPOSITORY@sha256:DIGITS");
  }

  Reference reference;
  std::string_view name = text;
  if (const std::size_t at = name.find('@'); at != std::string_view::npos) {
    const std::string_view digest = name.substr(at + 1);
    if (!IsReferenceDigest(digest)) return FailSyntax(text, "what follows the `@` is not a digest");
    PULLPROOF_ASSIGN_OR_RETURN(reference.digest_, Digest::Parse(digest));
    name = name.substr(0, at);
  }

  // A tag follows the last colon, unless that belongs to a port, which a slash follows.
  const std::size_t last_slash = name.rfind('/');
  const std::size_t after_slash = last_slash == std::string_view::npos ? 0 : last_slash + 1;
  if (const std::size_t colon = name.find(':', after_slash); colon != std::string_view::npos) {
    const std::string_view tag = name.substr(colon + 1);
    if (!IsTag(tag)) {
      return FailSyntax(text, "the tag is not 1 to 128 letters, digits, `_`, `.` or `-`");
    }
    reference.tag_ = tag;
    name = name.substr(0, colon);
  }

  std::string_view path = name;
  reference.domain_ = kDefaultDomain;
  const std::size_t slash = name.find('/');
  if (slash != std::string_view::npos && LooksLikeDomain(name.substr(0, slash))) {
    const std::string_view domain = name.substr(0, slash);
    if (!IsDomain(domain)) return FailSyntax(text, fmt::format("`{}` is not a host", domain));
    reference.domain_ = domain == kLegacyDefaultDomain ? kDefaultDomain : domain;
    path = name.substr(slash + 1);
  }
  reference.path_ = path;
  if (reference.domain_ == kDefaultDomain && path.find('/') == std::string_view::npos) {
    reference.path_ = std::string(kOfficialPrefix) + reference.path_;
  }

  if (!std::ranges::all_of(Split(path, '/'), IsPathComponent)) {
    const std::string lower = ToLowerAscii(path);
    if (std::ranges::all_of(Split(lower, '/'), IsPathComponent)) {
      return Fail("reference.uppercase", "a repository is written in lower case", std::string(text),
                  fmt::format("did you mean `{}`?", lower));
    }
    return FailSyntax(text, fmt::format("`{}` is not a repository", path));
  }
  if (reference.path_.size() > kMaxPath) {
    return Fail("reference.name-too-long",
                fmt::format("the repository has {} characters, more than {}",
                            reference.path_.size(), kMaxPath),
                std::string(text));
  }
  if (!reference.tag_ && !reference.digest_) reference.tag_ = kDefaultTag;
  return reference;
}

std::string Reference::Identifier() const {
  return digest_ ? digest_->ToString() : tag_.value_or(std::string(kDefaultTag));
}

std::string Reference::ToString() const {
  std::string text = domain_ + "/" + path_;
  if (tag_) text += ":" + *tag_;
  if (digest_) text += "@" + digest_->ToString();
  return text;
}

Reference Reference::WithDigest(Digest digest) const {
  Reference pinned = *this;
  pinned.tag_.reset();
  pinned.digest_ = std::move(digest);
  return pinned;
}

}  // namespace pullproof::oci
