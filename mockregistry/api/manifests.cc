#include <algorithm>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "base/document.h"
#include "mockregistry/api/negotiation.h"
#include "mockregistry/api/operations.h"
#include "oci/manifest.h"
#include "oci/media_type.h"
#include "oci/reference.h"

namespace pullproof::mockregistry::api {
namespace {

// The spec asks for ten or more; a request line of 8 KiB has room for about 60 of the longest.
constexpr std::size_t kMaxTagParameters = 64;

bool IsDigestReference(std::string_view reference) {
  return reference.find(':') != std::string_view::npos;
}

Response RefuseTag(std::string_view tag) {
  return ErrorResponse("TAG_INVALID",
                       "not a tag: a letter, digit or `_`, then up to 127 of these, `.` and `-`", 0,
                       tag.substr(0, 300));
}

// The digest under which the body will be kept: the one in the path, when the body has it.
Step<oci::Digest> DigestOfPush(const std::string& reference, const std::string& body) {
  if (!IsDigestReference(reference)) {
    if (!oci::IsTag(reference)) return std::unexpected(RefuseTag(reference));
    return oci::Digest::Of(body);
  }
  PULLPROOF_ASSIGN_OR_RETURN(oci::Digest digest, ReadDigest(reference));
  const oci::Digest actual = oci::Digest::Of(body, digest.algorithm());
  if (actual != digest) {
    return std::unexpected(
        ErrorResponse("DIGEST_INVALID", fmt::format("the manifest hashes to {}", actual.ToString()),
                      0, reference));
  }
  return digest;
}

// The `tag` parameters of a push by digest, without doubles, in their order. Spec: end-7b.
Step<std::vector<std::string>> TagParameters(const Exchange& exchange) {
  std::vector<std::string> tags;
  std::size_t parameters = 0;
  for (const auto& [name, value] : exchange.route.query) {
    if (name != "tag") continue;
    if (!IsDigestReference(exchange.reference())) {
      return std::unexpected(ErrorResponse(
          "TAG_INVALID", "`tag` parameters go with a push by digest, not by tag", 0, value));
    }
    if (++parameters > kMaxTagParameters) {
      return std::unexpected(ErrorResponse(
          "TAG_INVALID", fmt::format("more than {} `tag` parameters", kMaxTagParameters), 414));
    }
    if (!oci::IsTag(value)) return std::unexpected(RefuseTag(value));
    if (std::ranges::find(tags, value) == tags.end()) tags.push_back(value);
  }
  return tags;
}

Step<oci::AnyManifest> ReadManifest(const Exchange& exchange) {
  const std::string type = exchange.request.headers.Find("Content-Type").value_or("");
  if (!type.empty()) {
    const auto parsed = oci::MediaType::Parse(type);
    if (!parsed ||
        !(oci::IsImageManifestType(parsed->name()) || oci::IsIndexType(parsed->name()))) {
      return std::unexpected(
          ErrorResponse("MANIFEST_INVALID",
                        "the Content-Type is not the type of a manifest or an index", 0, type));
    }
  }
  auto manifest = oci::ParseManifest(exchange.request.body, type, exchange.reference());
  if (manifest) return *std::move(manifest);
  if (manifest.error().id == "manifest.too-large") {
    return std::unexpected(Refuse("SIZE_INVALID", manifest.error(), 413));
  }
  return std::unexpected(Refuse("MANIFEST_INVALID", manifest.error()));
}

// Layers that the image spec says should not be pushed: they come from their `urls`.
// Spec: image-spec, layer.md "Non-Distributable Layers".
bool IsDistributable(const oci::Descriptor& layer) {
  return !layer.media_type.starts_with("application/vnd.oci.image.layer.nondistributable.") &&
         !layer.media_type.starts_with("application/vnd.docker.image.rootfs.foreign.");
}

// What the referrers API says about a manifest. Spec: "Listing Referrers".
Result<std::string> DescriptorOf(const store::ManifestPush& push,
                                 const std::map<std::string, std::string>& annotations) {
  const auto member = [](std::string_view name, Node value) {
    return Node::Member{std::string(name), {}, std::move(value)};
  };
  Node::Table descriptor;
  descriptor.push_back(member("mediaType", Node(push.media_type)));
  descriptor.push_back(member("digest", Node(push.digest.ToString())));
  descriptor.push_back(member("size", Node(static_cast<std::int64_t>(push.bytes.size()))));
  if (!push.artifact_type.empty()) {
    descriptor.push_back(member("artifactType", Node(push.artifact_type)));
  }
  if (!annotations.empty()) {
    Node::Table table;
    for (const auto& [name, value] : annotations) table.push_back(member(name, Node(value)));
    descriptor.push_back(member("annotations", Node(std::move(table))));
  }
  return CanonicalJson(Node(std::move(descriptor)));
}

// Fills in what the store needs to know of the manifest's inside.
void Describe(const oci::Manifest& manifest, store::ManifestPush& push) {
  push.media_type = manifest.media_type;
  push.artifact_type =
      manifest.artifact_type.empty() ? manifest.config.media_type : manifest.artifact_type;
  push.blobs.push_back(manifest.config.digest.ToString());
  for (const oci::Descriptor& layer : manifest.layers) {
    if (IsDistributable(layer)) push.blobs.push_back(layer.digest.ToString());
  }
}

void Describe(const oci::Index& index, store::ManifestPush& push) {
  push.media_type = index.media_type;
  push.artifact_type = index.artifact_type;
  for (const oci::Descriptor& child : index.manifests) {
    push.manifests.push_back(child.digest.ToString());
  }
}

Step<store::ManifestPush> ReadPush(const Exchange& exchange) {
  const std::string& body = exchange.request.body;
  if (body.size() > exchange.context.limits.max_manifest) {
    return std::unexpected(
        ErrorResponse("SIZE_INVALID",
                      fmt::format("a manifest of {} bytes; this registry takes {} at most",
                                  body.size(), exchange.context.limits.max_manifest),
                      413));
  }
  PULLPROOF_ASSIGN_OR_RETURN(std::vector<std::string> tags, TagParameters(exchange));
  PULLPROOF_ASSIGN_OR_RETURN(oci::Digest digest, DigestOfPush(exchange.reference(), body));
  PULLPROOF_ASSIGN_OR_RETURN(const oci::AnyManifest manifest, ReadManifest(exchange));
  store::ManifestPush push{.digest = std::move(digest),
                           .media_type = {},
                           .bytes = body,
                           .blobs = {},
                           .manifests = {},
                           .subject = std::nullopt,
                           .descriptor = {},
                           .artifact_type = {},
                           .tags = std::move(tags)};
  if (!IsDigestReference(exchange.reference())) push.tags.push_back(exchange.reference());
  std::visit([&](const auto& kind) { Describe(kind, push); }, manifest);
  const auto& subject =
      std::visit([](const auto& kind) -> const auto& { return kind.subject; }, manifest);
  if (!subject) return push;
  push.subject = subject->digest.ToString();
  const auto& annotations =
      std::visit([](const auto& kind) -> const auto& { return kind.annotations; }, manifest);
  auto descriptor = DescriptorOf(push, annotations);
  if (!descriptor) return std::unexpected(Refuse("MANIFEST_INVALID", descriptor.error()));
  push.descriptor = *std::move(descriptor);
  return push;
}

Step<Response> TryPut(const Exchange& exchange) {
  if (auto refused = RefuseName(exchange.repository())) return *std::move(refused);
  PULLPROOF_ASSIGN_OR_RETURN(const store::ManifestPush push, ReadPush(exchange));
  const auto manifest = exchange.store().PutManifest(exchange.repository(), push);
  if (!manifest) return RefusedByStore(manifest.error());
  const std::string& digest = (*manifest)->digest_text;
  Response response = Empty(201);
  response.headers.Add("Location", LocationOf(exchange.repository(), "manifests", digest));
  response.headers.Add(std::string(kContentDigestHeader), digest);
  // The promise that the referrers API knows the manifest now.
  if (push.subject && exchange.context.referrers_api) {
    response.headers.Add("OCI-Subject", *push.subject);
  }
  if (IsDigestReference(exchange.reference())) {
    for (const std::string& tag : push.tags) response.headers.Add("OCI-Tag", tag);
  }
  return response;
}

}  // namespace

Response GetManifest(const Exchange& exchange) {
  const store::ManifestPtr manifest =
      exchange.store().FindManifest(exchange.repository(), exchange.reference());
  if (manifest == nullptr) return NotFound(exchange, "MANIFEST_UNKNOWN");
  const oci::Headers& asked = exchange.request.headers;
  if (!Accepts(asked, manifest->media_type)) {
    // As distribution does it: for a client that cannot read it, it is not there.
    return ErrorResponse("MANIFEST_UNKNOWN",
                         fmt::format("the manifest is a {}, which Accept does not let through",
                                     manifest->media_type),
                         0, exchange.reference());
  }
  Response response;
  response.headers.Add("Content-Type", manifest->media_type);
  response.headers.Add(std::string(kContentDigestHeader), manifest->digest_text);
  response.headers.Add("ETag", manifest->etag);
  if (IsFresh(asked, manifest->etag)) {
    response.status = 304;
  } else {
    response.body = manifest->bytes;
  }
  return response;
}

Response PutManifest(const Exchange& exchange) { return Settle(TryPut(exchange)); }

Response DeleteManifest(const Exchange& exchange) {
  if (!exchange.store().DeleteManifest(exchange.repository(), exchange.reference())) {
    return NotFound(exchange, "MANIFEST_UNKNOWN");
  }
  return Empty(202);
}

}  // namespace pullproof::mockregistry::api
