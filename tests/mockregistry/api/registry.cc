#include "tests/mockregistry/api/registry.h"

#include <utility>

#include <fmt/format.h>

#include "base/text.h"

namespace pullproof::mockregistry::api {
namespace {

content::Blob BlobOf(std::string name, std::string_view bytes) {
  return {.name = std::move(name),
          .media_type = std::string(oci::media::kOctetStream),
          .digest = oci::Digest::Of(bytes),
          .bytes = content::FromString(std::string(bytes))};
}

content::StoredManifest ManifestOf(std::string name, std::string_view media_type,
                                   const std::string& bytes, std::vector<std::string> children) {
  return {.name = std::move(name),
          .media_type = std::string(media_type),
          .digest = oci::Digest::Of(bytes),
          .bytes = bytes,
          .hashes_to = oci::Digest::Of(bytes),
          .children = std::move(children),
          .subject = std::nullopt};
}

std::string ImageOf(std::string_view media_type) {
  return fmt::format(
      R"({{"config":{{"digest":"{}","mediaType":"application/vnd.oci.image.config.v1+json","size":{}}},)"
      R"("layers":[{{"digest":"{}","mediaType":"application/octet-stream","size":{}}}],)"
      R"("mediaType":"{}","schemaVersion":2}})",
      DigestText(kConfig), kConfig.size(), DigestText(kLayer), kLayer.size(), media_type);
}

}  // namespace

void PrintTo(const Response& response, std::ostream* out) {
  *out << "status " << response.status << '\n';
  for (const auto& [name, value] : response.headers.lines()) {
    *out << name << ": " << Printable(value) << '\n';
  }
  *out << Printable(BodyOf(response).substr(0, 500));
}

std::string BodyOf(const Response& response) {
  return response.body == nullptr ? std::string() : content::ReadAll(*response.body);
}

std::string DigestText(std::string_view bytes, oci::Algorithm algorithm) {
  return oci::Digest::Of(bytes, algorithm).ToString();
}

const std::string& AppManifest() {
  static const std::string manifest = ImageOf(oci::media::kImageManifest);
  return manifest;
}

const std::string& DockerManifest() {
  static const std::string manifest = ImageOf(oci::media::kDockerManifest);
  return manifest;
}

const std::string& AppIndex() {
  static const std::string index = fmt::format(
      R"({{"manifests":[{{"digest":"{}","mediaType":"{}","size":{}}}],"mediaType":"{}","schemaVersion":2}})",
      DigestText(AppManifest()), oci::media::kImageManifest, AppManifest().size(),
      oci::media::kImageIndex);
  return index;
}

RegistryTest::RegistryTest() : content_(MakeContent()), store_(content_) {
  context_.store = &store_;
}

content::Content RegistryTest::MakeContent() {
  content::Content content;
  content.blobs = {BlobOf("layer", kLayer), BlobOf("config", kConfig)};
  content.manifests = {
      ManifestOf("app", oci::media::kImageManifest, AppManifest(), {"config", "layer"}),
      ManifestOf("docker", oci::media::kDockerManifest, DockerManifest(), {"config", "layer"}),
      ManifestOf("index", oci::media::kImageIndex, AppIndex(), {"app"})};
  content.repositories = {
      {.name = "lib/app",
       .tags = {{"1.0", "app"}, {"docker", "docker"}, {"index", "index"}, {"latest", "app"}},
       .manifests = {"app", "docker", "index"},
       .blobs = {"layer", "config"}},
      {.name = "lib/empty", .tags = {}, .manifests = {}, .blobs = {}}};
  return content;
}

Response RegistryTest::Send(std::string_view method, std::string_view target, oci::Headers headers,
                            std::string body) {
  const Request request{.method = std::string(method),
                        .target = std::string(target),
                        .headers = std::move(headers),
                        .body = std::move(body),
                        .host = "registry",
                        .connection = 1};
  return Handle(request, RouteOf(method, target), context_);
}

void RegistryTest::PushBlob(std::string_view repository, std::string_view bytes) {
  EXPECT_THAT(
      Send("POST", fmt::format("/v2/{}/blobs/uploads/?digest={}", repository, DigestText(bytes)),
           {}, std::string(bytes)),
      HasStatus(201));
}

Response RegistryTest::PutImage(std::string_view target, std::string body) {
  return Send("PUT", target, {{"Content-Type", std::string(oci::media::kImageManifest)}},
              std::move(body));
}

}  // namespace pullproof::mockregistry::api
