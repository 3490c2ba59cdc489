// Media types, as they stand in headers and descriptors.
// Spec: RFC 6838 section 4.2 (names), RFC 9110 section 8.3.1 (parameters, case).
#ifndef PULLPROOF_OCI_MEDIA_TYPE_H_
#define PULLPROOF_OCI_MEDIA_TYPE_H_

#include <string>
#include <string_view>

#include "base/error.h"

namespace pullproof::oci {

// A type and a subtype, in lower case, without parameters: clients SHOULD ignore those
// (distribution-spec, Pulling manifests).
class MediaType {
 public:
  // "Application/JSON; charset=utf-8" is application/json. Error: media-type.syntax.
  static Result<MediaType> Parse(std::string_view text);

  [[nodiscard]] const std::string& name() const { return name_; }
  bool operator==(const MediaType&) const = default;
  bool operator==(std::string_view name) const { return name_ == name; }

 private:
  explicit MediaType(std::string name) : name_(std::move(name)) {}
  std::string name_;
};

namespace media {
// image-spec, media-types.md
inline constexpr std::string_view kImageManifest = "application/vnd.oci.image.manifest.v1+json";
inline constexpr std::string_view kImageIndex = "application/vnd.oci.image.index.v1+json";
inline constexpr std::string_view kImageConfig = "application/vnd.oci.image.config.v1+json";
inline constexpr std::string_view kImageLayer = "application/vnd.oci.image.layer.v1.tar";
inline constexpr std::string_view kImageLayerGzip = "application/vnd.oci.image.layer.v1.tar+gzip";
inline constexpr std::string_view kEmpty = "application/vnd.oci.empty.v1+json";
inline constexpr std::string_view kOctetStream = "application/octet-stream";
// Docker image manifest version 2, schema 2
inline constexpr std::string_view kDockerManifest =
    "application/vnd.docker.distribution.manifest.v2+json";
inline constexpr std::string_view kDockerManifestList =
    "application/vnd.docker.distribution.manifest.list.v2+json";
inline constexpr std::string_view kDockerConfig = "application/vnd.docker.container.image.v1+json";
inline constexpr std::string_view kDockerLayer = "application/vnd.docker.image.rootfs.diff.tar";
// Spin applications (SIP 008)
inline constexpr std::string_view kSpinLock = "application/vnd.fermyon.spin.application.v1+config";
inline constexpr std::string_view kWasmLayer = "application/vnd.wasm.content.layer.v1+wasm";
inline constexpr std::string_view kWasmData = "application/vnd.wasm.content.layer.v1+data";
inline constexpr std::string_view kWasmBundle = "application/vnd.wasm.content.bundle.v1.tar+gzip";
// CNCF TAG Runtime, Wasm OCI artifact layout
inline constexpr std::string_view kWasmConfig = "application/vnd.wasm.config.v0+json";
inline constexpr std::string_view kWasm = "application/wasm";
}  // namespace media

// True for the OCI and Docker types of one image.
bool IsImageManifestType(std::string_view type);
// True for the OCI index and the Docker manifest list.
bool IsIndexType(std::string_view type);

}  // namespace pullproof::oci

#endif  // PULLPROOF_OCI_MEDIA_TYPE_H_
