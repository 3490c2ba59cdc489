// Content digests: the names under which everything in OCI is stored.
// Spec: image-spec, descriptor.md "Digests".
#ifndef PULLPROOF_OCI_DIGEST_H_
#define PULLPROOF_OCI_DIGEST_H_

#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace pullproof::oci {

// The registered algorithms that every client here can compute. sha384 is not registered by the
// image spec, but real client libraries accept it.
enum class Algorithm : std::uint8_t { kSha256, kSha384, kSha512 };

// "sha256"
std::string_view AlgorithmName(Algorithm algorithm);
// Length of the encoded part in hexadecimal digits: 64, 96, 128.
std::size_t HexLength(Algorithm algorithm);

// An algorithm and a value of exactly its length, in lower-case hexadecimal. A Digest is safe as
// part of a path or a URL by construction.
class Digest {
 public:
  // "sha256:" and 64 lower-case hexadecimal digits, likewise for the others.
  // Errors: digest.syntax (not ALGORITHM:ENCODED at all, or not lower-case hexadecimal),
  // digest.length (wrong number of digits), digest.unsupported (another algorithm).
  static Result<Digest> Parse(std::string_view text);
  // The digest of the bytes.
  static Digest Of(std::string_view bytes, Algorithm algorithm = Algorithm::kSha256);

  [[nodiscard]] Algorithm algorithm() const { return algorithm_; }
  [[nodiscard]] const std::string& hex() const { return hex_; }
  // "sha256:…", the form that Parse reads.
  [[nodiscard]] std::string ToString() const;

  bool operator==(const Digest&) const = default;
  auto operator<=>(const Digest&) const = default;

 private:
  friend class Hasher;
  Digest(Algorithm algorithm, std::string hex) : algorithm_(algorithm), hex_(std::move(hex)) {}

  Algorithm algorithm_;
  std::string hex_;
};

// Computes a digest piece by piece. Not thread-safe.
class Hasher {
 public:
  explicit Hasher(Algorithm algorithm = Algorithm::kSha256);
  ~Hasher();
  Hasher(Hasher&&) noexcept;
  Hasher& operator=(Hasher&&) noexcept;

  void Update(std::string_view bytes);
  // The digest of everything so far, after which the hasher starts anew.
  Digest Finish();

 private:
  struct Context;
  Algorithm algorithm_;
  std::unique_ptr<Context> context_;
};

// Checks a stream against what a descriptor promised. The bytes themselves pass through the
// caller's hands (to a temporary file, say), but only Finish() says that they are the content:
// nothing may be given its final name before Finish() returned a value.
// Spec: image-spec, descriptor.md: size before digest, both before use. Not thread-safe.
class Verifier {
 public:
  // Without a size only the digest is checked (a manifest asked for by digest has no descriptor).
  explicit Verifier(Digest expected, std::optional<std::uint64_t> size = std::nullopt);

  // Accepts the next bytes. Error: size.mismatch as soon as there are more than promised; the
  // surplus is not hashed, and every later call repeats the error.
  Result<void> Update(std::string_view bytes);
  // Errors: size.mismatch (too short, or too long before), digest.mismatch. Call once.
  Result<void> Finish();

  // Bytes accepted so far: where a resumed transfer goes on.
  [[nodiscard]] std::uint64_t accepted() const { return accepted_; }
  [[nodiscard]] const Digest& expected() const { return expected_; }
  [[nodiscard]] std::optional<std::uint64_t> size() const { return size_; }
  // Forgets all bytes, for a transfer that starts again from zero.
  void Restart();

 private:
  Digest expected_;
  std::optional<std::uint64_t> size_;
  Hasher hasher_;
  std::uint64_t accepted_ = 0;
  bool too_long_ = false;
};

}  // namespace pullproof::oci

#endif  // PULLPROOF_OCI_DIGEST_H_
