// A descriptor: what a manifest says about content that is stored elsewhere.
// Spec: image-spec, descriptor.md.
#ifndef PULLPROOF_OCI_DESCRIPTOR_H_
#define PULLPROOF_OCI_DESCRIPTOR_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/document.h"
#include "base/error.h"
#include "oci/digest.h"

namespace pullproof::oci {

// Spec: image-spec, image-index.md "platform".
struct Platform {
  std::string architecture;
  std::string os;
  std::string variant;     // empty when absent
  std::string os_version;  // empty when absent

  // "linux/amd64", "linux/arm/v7". Error: platform.syntax.
  static Result<Platform> Parse(std::string_view text);
  [[nodiscard]] std::string ToString() const;
  // True if content for `this` is what was asked for: os and architecture equal, and the variant
  // equal where both have one. arm64 without a variant is arm64/v8.
  [[nodiscard]] bool Satisfies(const Platform& wanted) const;

  bool operator==(const Platform&) const = default;
};

struct Descriptor {
  std::string media_type;  // as written: an unknown one is no error
  Digest digest;
  std::uint64_t size = 0;  // bytes; a negative or fractional one is refused when parsing
  std::vector<std::string> urls;
  std::map<std::string, std::string> annotations;
  std::optional<std::string> data;  // decoded, and checked against size and digest
  std::optional<Platform> platform;
  std::string artifact_type;  // empty when absent

  // Reads and checks one. `where` names it in errors: "layers[2]". Errors: manifest.descriptor,
  // those of Digest::Parse, and digest.mismatch or size.mismatch for embedded data that lies.
  // Unknown members are ignored (image-spec, considerations.md "Extensibility").
  static Result<Descriptor> FromNode(const Node& node, std::string_view where);
};

}  // namespace pullproof::oci

#endif  // PULLPROOF_OCI_DESCRIPTOR_H_
