#include "oci/manifest.h"

#include <fmt/format.h>

#include "oci/media_type.h"

namespace pullproof::oci {
namespace {

class ManifestReader {
 public:
  ManifestReader(const Node& root, std::string_view name) : root_(root), name_(name) {}

  [[nodiscard]] std::unexpected<Error> Refuse(std::string id, std::string message,
                                              std::string hint = {}) const {
    return Fail(std::move(id), std::move(message), std::string(name_), std::move(hint));
  }

  [[nodiscard]] Result<std::string> String(std::string_view member) const {
    const Node* node = root_.Find(member);
    if (node == nullptr || node->is_null()) return std::string();
    if (const std::string* text = node->string()) return *text;
    return Refuse("manifest.schema",
                  fmt::format("`{}` must be a string, not {}", member, node->KindName()));
  }

  [[nodiscard]] Result<std::vector<Descriptor>> Descriptors(std::string_view member) const {
    const Node* node = root_.Find(member);
    if (node == nullptr || node->array() == nullptr) {
      return Refuse("manifest.missing", fmt::format("`{}` must be an array, not {}", member,
                                                    node == nullptr ? "absent" : node->KindName()));
    }
    if (node->array()->size() > kMaxDescriptors) {
      return Refuse("limit.descriptors", fmt::format("`{}` has {} entries, more than {}", member,
                                                     node->array()->size(), kMaxDescriptors));
    }
    std::vector<Descriptor> descriptors;
    descriptors.reserve(node->array()->size());
    for (std::size_t i = 0; i < node->array()->size(); ++i) {
      auto descriptor = Read((*node->array())[i], fmt::format("{}[{}]", member, i));
      if (!descriptor) return std::unexpected(std::move(descriptor).error());
      descriptors.push_back(*std::move(descriptor));
    }
    return descriptors;
  }

  [[nodiscard]] Result<std::optional<Descriptor>> Optional(std::string_view member) const {
    const Node* node = root_.Find(member);
    if (node == nullptr || node->is_null()) return std::nullopt;
    PULLPROOF_ASSIGN_OR_RETURN(Descriptor descriptor, Read(*node, member));
    return descriptor;
  }

  [[nodiscard]] Result<std::map<std::string, std::string>> Annotations() const {
    std::map<std::string, std::string> annotations;
    const Node* node = root_.Find("annotations");
    if (node == nullptr || node->is_null()) return annotations;
    if (node->table() == nullptr) {
      return Refuse("manifest.schema", "`annotations` must be an object");
    }
    for (const Node::Member& member : *node->table()) {
      if (member.value.string() == nullptr) {
        return Refuse("manifest.schema",
                      fmt::format("the annotation `{}` is not a string", member.name));
      }
      annotations.emplace(member.name, *member.value.string());
    }
    return annotations;
  }

 private:
  [[nodiscard]] Result<Descriptor> Read(const Node& node, std::string_view place) const {
    auto descriptor = Descriptor::FromNode(node, place);
    if (descriptor) return descriptor;
    // The place inside the manifest belongs to the sentence; `where` names the manifest.
    Error error = std::move(descriptor).error();
    if (error.where == place) error.message = fmt::format("{}: {}", place, error.message);
    error.where = name_;
    return std::unexpected(std::move(error));
  }

  const Node& root_;
  std::string_view name_;
};

Result<AnyManifest> ReadImage(const ManifestReader& reader, const Node& root,
                              std::string media_type) {
  if (root.Find("manifests") != nullptr) {
    return reader.Refuse("manifest.ambiguous", "an image manifest that also lists `manifests`",
                         "one document must not be readable as two things (CVE-2021-41190)");
  }
  PULLPROOF_ASSIGN_OR_RETURN(auto config, reader.Optional("config"));
  if (!config) return reader.Refuse("manifest.missing", "an image manifest without `config`");
  Manifest manifest{.media_type = std::move(media_type),
                    .artifact_type = {},
                    .config = *std::move(config),
                    .layers = {},
                    .subject = std::nullopt,
                    .annotations = {}};
  PULLPROOF_ASSIGN_OR_RETURN(manifest.artifact_type, reader.String("artifactType"));
  PULLPROOF_ASSIGN_OR_RETURN(manifest.layers, reader.Descriptors("layers"));
  PULLPROOF_ASSIGN_OR_RETURN(manifest.subject, reader.Optional("subject"));
  PULLPROOF_ASSIGN_OR_RETURN(manifest.annotations, reader.Annotations());
  return manifest;
}

Result<AnyManifest> ReadIndex(const ManifestReader& reader, const Node& root,
                              std::string media_type) {
  if (root.Find("layers") != nullptr || root.Find("config") != nullptr) {
    return reader.Refuse("manifest.ambiguous", "an index that also has `layers` or `config`",
                         "one document must not be readable as two things (CVE-2021-41190)");
  }
  Index index{.media_type = std::move(media_type),
              .artifact_type = {},
              .manifests = {},
              .subject = std::nullopt,
              .annotations = {}};
  PULLPROOF_ASSIGN_OR_RETURN(index.artifact_type, reader.String("artifactType"));
  PULLPROOF_ASSIGN_OR_RETURN(index.manifests, reader.Descriptors("manifests"));
  PULLPROOF_ASSIGN_OR_RETURN(index.subject, reader.Optional("subject"));
  PULLPROOF_ASSIGN_OR_RETURN(index.annotations, reader.Annotations());
  return index;
}

}  // namespace

Result<AnyManifest> ParseManifest(std::string_view bytes, std::string_view content_type,
                                  std::string_view name) {
  if (bytes.size() > kMaxManifestBytes) {
    return Fail(
        "manifest.too-large",
        fmt::format("a manifest of {} bytes, more than {}", bytes.size(), kMaxManifestBytes),
        std::string(name));
  }
  // The header is looked at first: a web page with status 200 deserves a sentence about its type,
  // not one about JSON.
  std::string header_type;
  if (!content_type.empty()) {
    PULLPROOF_ASSIGN_OR_RETURN(const MediaType type, MediaType::Parse(content_type));
    if (type == "text/html") {
      return Fail("manifest.media-type", "the registry answered with a web page (text/html)",
                  std::string(name), "is there a proxy or a log-in page in between?");
    }
    header_type = type.name();
  }
  DocumentLimits limits;
  limits.max_bytes = kMaxManifestBytes;
  PULLPROOF_ASSIGN_OR_RETURN(const Node root, ParseJson(bytes, name, limits));
  const ManifestReader reader(root, name);
  if (root.table() == nullptr) {
    return reader.Refuse("manifest.schema",
                         fmt::format("a manifest must be an object, not {}", root.KindName()));
  }
  const Node* version = root.Find("schemaVersion");
  if (version == nullptr || version->integer() == nullptr || *version->integer() != 2) {
    return reader.Refuse("manifest.schema", "`schemaVersion` must be 2",
                         "schema 1 manifests are retired; push the image again");
  }
  PULLPROOF_ASSIGN_OR_RETURN(const std::string body_type, reader.String("mediaType"));
  const bool header_is_manifest = IsImageManifestType(header_type) || IsIndexType(header_type);
  if (!body_type.empty() && header_is_manifest && header_type != body_type) {
    return reader.Refuse("manifest.media-type",
                         fmt::format("served as {} but written as {}", header_type, body_type),
                         "header and body must name one type (CVE-2021-41190)");
  }
  std::string type = body_type.empty() && header_is_manifest ? header_type : body_type;
  if (type.empty()) {
    // Old manifests have no mediaType, and static hosts send a generic header; the form decides.
    const bool generic = header_type.empty() || header_type == "application/json" ||
                         header_type == "text/plain" || header_type == media::kOctetStream;
    if (generic && root.Find("layers") != nullptr) type = media::kImageManifest;
    if (generic && root.Find("manifests") != nullptr) type = media::kImageIndex;
  }
  if (IsImageManifestType(type)) return ReadImage(reader, root, std::move(type));
  if (IsIndexType(type)) return ReadIndex(reader, root, std::move(type));
  return reader.Refuse("manifest.media-type",
                       fmt::format("`{}` is not the type of a manifest or an index",
                                   type.empty() ? header_type : type));
}

}  // namespace pullproof::oci
