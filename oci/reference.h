// References to images and artifacts: "ghcr.io/acme/app:v1@sha256:…".
// Grammar and normalisation: github.com/distribution/reference (reference.go, regexp.go,
// normalize.go), which the distribution spec's <name> is a subset of.
#ifndef PULLPROOF_OCI_REFERENCE_H_
#define PULLPROOF_OCI_REFERENCE_H_

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "oci/digest.h"

namespace pullproof::oci {

class Reference {
 public:
  // Parses and normalises: "alpine" is docker.io/library/alpine:latest. A first component is a
  // host when it has a dot or a colon, is "localhost", or has an upper-case letter.
  // Errors: reference.syntax, reference.uppercase, reference.name-too-long (path over 255),
  // reference.identifier (64 bare hexadecimal digits), and those of Digest::Parse.
  static Result<Reference> Parse(std::string_view text);

  // "docker.io", "localhost:5000", "[::1]:5000"
  [[nodiscard]] const std::string& domain() const { return domain_; }
  // "library/alpine"
  [[nodiscard]] const std::string& path() const { return path_; }
  // "latest" when neither tag nor digest was written.
  [[nodiscard]] const std::optional<std::string>& tag() const { return tag_; }
  [[nodiscard]] const std::optional<Digest>& digest() const { return digest_; }

  // What stands behind /v2/<path>/manifests/: the digest if there is one (it decides), else the
  // tag.
  [[nodiscard]] std::string Identifier() const;
  // The normalised text; parsing it gives an equal reference.
  [[nodiscard]] std::string ToString() const;
  // The same repository, at this digest and no tag.
  [[nodiscard]] Reference WithDigest(Digest digest) const;

  bool operator==(const Reference&) const = default;

 private:
  Reference() = default;

  std::string domain_;
  std::string path_;
  std::optional<std::string> tag_;
  std::optional<Digest> digest_;
};

// Spec: distribution-spec, Pulling manifests: [a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}
bool IsTag(std::string_view text);
// Spec: distribution-spec, <name>: lower-case components between slashes.
bool IsRepositoryName(std::string_view text);

}  // namespace pullproof::oci

#endif  // PULLPROOF_OCI_REFERENCE_H_
