#include "oci/digest.h"

#include <openssl/evp.h>

#include <array>
#include <new>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"

namespace pullproof::oci {
namespace {

struct AlgorithmFacts {
  std::string_view name;
  std::size_t hex_length;
};

// Each is looked up once: to name one to EVP_DigestInit_ex by EVP_sha256() looks it up anew, under
// a lock, at a price that small content does not cost. They live as long as the process.
const EVP_MD* ImplementationOf(Algorithm algorithm) {
  static const std::array<const EVP_MD*, 3> kImplementations = {
      EVP_MD_fetch(nullptr, "SHA2-256", nullptr), EVP_MD_fetch(nullptr, "SHA2-384", nullptr),
      EVP_MD_fetch(nullptr, "SHA2-512", nullptr)};
  return kImplementations.at(static_cast<std::size_t>(algorithm));
}

// Indexed by Algorithm.
constexpr std::array<AlgorithmFacts, 3> kAlgorithms = {{
    {"sha256", 64},
    {"sha384", 96},
    {"sha512", 128},
}};

const AlgorithmFacts& FactsOf(Algorithm algorithm) {
  return kAlgorithms.at(static_cast<std::size_t>(algorithm));
}

constexpr std::string_view kLowerAlphanumeric = "abcdefghijklmnopqrstuvwxyz0123456789";

// algorithm ::= component (separator component)*, component ::= [a-z0-9]+, separator ::= [+._-]
bool IsAlgorithmSyntax(std::string_view text) {
  bool after_separator = true;
  for (const char c : text) {
    if (kLowerAlphanumeric.find(c) != std::string_view::npos) {
      after_separator = false;
    } else if (std::string_view("+._-").find(c) != std::string_view::npos && !after_separator) {
      after_separator = true;
    } else {
      return false;
    }
  }
  return !after_separator;
}

// encoded ::= [a-zA-Z0-9=_-]+
bool IsEncodedSyntax(std::string_view text) {
  if (text.empty()) return false;
  for (const char c : text) {
    const bool fits = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '=' || c == '_' || c == '-';
    if (!fits) return false;
  }
  return true;
}

}  // namespace

std::string_view AlgorithmName(Algorithm algorithm) { return FactsOf(algorithm).name; }
std::size_t HexLength(Algorithm algorithm) { return FactsOf(algorithm).hex_length; }

Result<Digest> Digest::Parse(std::string_view text) {
  const std::string where(text.substr(0, 200));  // enough to recognise it by
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || !IsAlgorithmSyntax(text.substr(0, colon)) ||
      !IsEncodedSyntax(text.substr(colon + 1))) {
    return Fail(
        "digest.syntax", "not a digest", where,
        "a digest is an algorithm, a colon and lower-case hexadecimal digits: sha256:2cf2…");
  }
  const std::string_view name = text.substr(0, colon);
  const std::string_view hex = text.substr(colon + 1);
  for (std::size_t i = 0; i < kAlgorithms.size(); ++i) {
    const AlgorithmFacts& facts = kAlgorithms.at(i);
    if (facts.name != name) continue;
    if (hex.size() != facts.hex_length) {
      return Fail("digest.length",
                  fmt::format("a {} digest has {} hexadecimal digits, not {}", name,
                              facts.hex_length, hex.size()),
                  where);
    }
    if (hex.find_first_not_of("0123456789abcdef") != std::string_view::npos) {
      return Fail("digest.syntax", "the digits of a digest are lower-case hexadecimal", where);
    }
    return Digest(static_cast<Algorithm>(i), std::string(hex));
  }
  return Fail("digest.unsupported", fmt::format("the digest algorithm `{}` is not supported", name),
              where, "content under it cannot be verified; use sha256, sha384 or sha512");
}

Digest Digest::Of(std::string_view bytes, Algorithm algorithm) {
  Hasher hasher(algorithm);
  hasher.Update(bytes);
  return hasher.Finish();
}

std::string Digest::ToString() const {
  return fmt::format("{}:{}", AlgorithmName(algorithm_), hex_);
}

struct Hasher::Context {
  Context() : evp(EVP_MD_CTX_new()) {
    if (evp == nullptr) throw std::bad_alloc();
  }
  ~Context() { EVP_MD_CTX_free(evp); }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  void Start(Algorithm algorithm) const {
    const EVP_MD* const implementation = ImplementationOf(algorithm);
    if (implementation == nullptr || EVP_DigestInit_ex(evp, implementation, nullptr) != 1) {
      // Only a crypto library without SHA-2 (a broken provider configuration) gets here.
      throw std::runtime_error("the crypto library offers no SHA-2");
    }
  }

  EVP_MD_CTX* evp;
};

Hasher::Hasher(Algorithm algorithm) : algorithm_(algorithm), context_(std::make_unique<Context>()) {
  context_->Start(algorithm);
}
Hasher::~Hasher() = default;
Hasher::Hasher(Hasher&&) noexcept = default;
Hasher& Hasher::operator=(Hasher&&) noexcept = default;

void Hasher::Update(std::string_view bytes) {
  EVP_DigestUpdate(context_->evp, bytes.data(), bytes.size());
}

Digest Hasher::Finish() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> value{};
  unsigned length = 0;
  EVP_DigestFinal_ex(context_->evp, value.data(), &length);
  context_->Start(algorithm_);
  return {algorithm_, HexEncode({reinterpret_cast<const char*>(value.data()), length})};
}

Verifier::Verifier(Digest expected, std::optional<std::uint64_t> size)
    : expected_(std::move(expected)), size_(size), hasher_(expected_.algorithm()) {}

Result<void> Verifier::Update(std::string_view bytes) {
  if (too_long_ || (size_ && bytes.size() > *size_ - accepted_)) {
    too_long_ = true;
    return Fail("size.mismatch", fmt::format("more bytes than the promised {}", *size_),
                expected_.ToString(),
                "the registry served other content than the manifest describes");
  }
  hasher_.Update(bytes);
  accepted_ += bytes.size();
  return {};
}

Result<void> Verifier::Finish() {
  if (too_long_) return Update({});
  if (size_ && accepted_ != *size_) {
    return Fail("size.mismatch", fmt::format("{} bytes instead of {}", accepted_, *size_),
                expected_.ToString(), "the content is cut short, or the manifest lies about it");
  }
  const Digest actual = hasher_.Finish();
  if (actual != expected_) {
    return Fail("digest.mismatch", fmt::format("the content hashes to {}", actual.ToString()),
                expected_.ToString(),
                "the content was altered on the way or in the registry; it was not kept");
  }
  return {};
}

void Verifier::Restart() {
  hasher_ = Hasher(expected_.algorithm());
  accepted_ = 0;
  too_long_ = false;
}

}  // namespace pullproof::oci
