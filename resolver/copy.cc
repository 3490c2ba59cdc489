#include "resolver/copy.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "base/document.h"
#include "oci/manifest.h"
#include "oci/media_type.h"
#include "resolver/artifact/index.h"
#include "resolver/lock/json_writer.h"
#include "resolver/registry_client/referrers.h"
#include "resolver/time_limit.h"

namespace pullproof::resolver {
namespace {

using registry_client::FetchedManifest;

// Spec: image-spec, layer.md, "Non-Distributable Layers"; Docker's types for the same.
bool IsForeign(const oci::Descriptor& blob) {
  return !blob.urls.empty() || blob.media_type.contains(".nondistributable.") ||
         blob.media_type.contains(".rootfs.foreign.");
}

class Copying {
 public:
  Copying(const oci::Reference& from, const oci::Reference& to, const Environment& environment)
      : from_(from),
        to_(to),
        transport_(*environment.transport, *environment.clock, kMaxRunTime),
        client_(transport_, *environment.clock, environment.registries) {}

  Result<oci::Digest> Run() {
    PULLPROOF_ASSIGN_OR_RETURN(const FetchedManifest top, client_.GetManifest(from_));
    PULLPROOF_RETURN_IF_ERROR(CopyContents(top, 0));
    PULLPROOF_RETURN_IF_ERROR(Push(to_, top));
    return top.digest;
  }

 private:
  // Everything that a manifest names; not itself.
  Result<void> CopyContents(const FetchedManifest& fetched, int depth) {
    if (const auto* manifest = std::get_if<oci::Manifest>(&fetched.manifest)) {
      PULLPROOF_RETURN_IF_ERROR(CopyBlob(manifest->config));
      for (const oci::Descriptor& layer : manifest->layers) {
        PULLPROOF_RETURN_IF_ERROR(CopyBlob(layer));
      }
      return {};
    }
    if (depth >= artifact::kMaxIndexDepth) return artifact::FailTooDeep(from_.ToString());
    for (const oci::Descriptor& entry : std::get<oci::Index>(fetched.manifest).manifests) {
      if (!seen_.insert(entry.digest).second) continue;
      if (++manifests_ > kMaxCopiedManifests) {
        return Fail("limit.manifests", fmt::format("more than {} manifests", kMaxCopiedManifests),
                    from_.ToString());
      }
      PULLPROOF_ASSIGN_OR_RETURN(const FetchedManifest child, client_.GetManifest(from_, entry));
      PULLPROOF_RETURN_IF_ERROR(CopyContents(child, depth + 1));
      PULLPROOF_RETURN_IF_ERROR(Push(to_.WithDigest(entry.digest), child));
    }
    return {};
  }

  Result<void> CopyBlob(const oci::Descriptor& blob) {
    if (IsForeign(blob) || !seen_.insert(blob.digest).second) return {};
    const bool neighbours = from_.domain() == to_.domain() && from_.path() != to_.path();
    PULLPROOF_ASSIGN_OR_RETURN(const std::string bytes,
                               client_.GetBlobBytes(from_, blob, kMaxCopiedBlob));
    PULLPROOF_RETURN_IF_ERROR(
        client_.PushBlob(to_, blob, bytes, neighbours ? from_.path() : std::string()));
    return {};
  }

  Result<void> Push(const oci::Reference& to, const FetchedManifest& fetched) {
    PULLPROOF_ASSIGN_OR_RETURN(const auto pushed,
                               client_.PushManifest(to, fetched.bytes, fetched.media_type));
    const std::optional<oci::Descriptor>& subject =
        std::visit([](const auto& any) -> const auto& { return any.subject; }, fetched.manifest);
    if (!subject || pushed.subject_is_listed) return {};
    return NoteReferrer(subject->digest, fetched);
  }

  // Spec: distribution-spec, "Pushing Manifests with Subject": what a client does for a registry
  // that does not answer with OCI-Subject.
  Result<void> NoteReferrer(const oci::Digest& subject, const FetchedManifest& referrer) {
    PULLPROOF_ASSIGN_OR_RETURN(
        const oci::Reference tag,
        oci::Reference::Parse(fmt::format("{}/{}:{}", to_.domain(), to_.path(),
                                          registry_client::ReferrersTag(subject))));
    PULLPROOF_ASSIGN_OR_RETURN(Node::Array entries, ListedUnder(tag));
    const std::string digest = referrer.digest.ToString();
    const bool is_known = std::ranges::any_of(entries, [&](const Node& entry) {
      const Node* const other = entry.Find("digest");
      return other != nullptr && other->string() != nullptr && *other->string() == digest;
    });
    if (is_known) return {};
    entries.push_back(EntryFor(referrer));
    Node::Table index;
    index.push_back({"schemaVersion", {}, Node(std::int64_t{2})});
    index.push_back({"mediaType", {}, Node(std::string(oci::media::kImageIndex))});
    index.push_back({"manifests", {}, Node(std::move(entries))});
    PULLPROOF_ASSIGN_OR_RETURN(const std::string text,
                               lock::WriteJson(Node(std::move(index)), lock::Style::kCompact));
    PULLPROOF_RETURN_IF_ERROR(client_.PushManifest(tag, text, oci::media::kImageIndex));
    return {};
  }

  // What is listed there is kept as it is; what is no list is replaced by one.
  Result<Node::Array> ListedUnder(const oci::Reference& tag) {
    const auto fetched = client_.GetManifest(tag);
    if (!fetched) {
      const std::string& id = fetched.error().id;
      const bool is_none =
          id == "registry.not-found" || id.starts_with("manifest.") || id.starts_with("json.");
      if (is_none) return Node::Array();
      return std::unexpected(fetched.error());
    }
    if (!std::holds_alternative<oci::Index>(fetched->manifest)) return Node::Array();
    PULLPROOF_ASSIGN_OR_RETURN(Node index, ParseJson(fetched->bytes, tag.ToString()));
    Node* const manifests = index.Find("manifests");
    if (manifests == nullptr || manifests->array() == nullptr) return Node::Array();
    return std::move(*manifests->array());
  }

  static Node EntryFor(const FetchedManifest& referrer) {
    std::string type;
    if (const auto* manifest = std::get_if<oci::Manifest>(&referrer.manifest)) {
      type =
          manifest->artifact_type.empty() ? manifest->config.media_type : manifest->artifact_type;
    } else {
      type = std::get<oci::Index>(referrer.manifest).artifact_type;
    }
    const auto& annotations = std::visit(
        [](const auto& any) -> const auto& { return any.annotations; }, referrer.manifest);
    Node::Table entry;
    entry.push_back({"mediaType", {}, Node(referrer.media_type)});
    entry.push_back({"digest", {}, Node(referrer.digest.ToString())});
    entry.push_back({"size", {}, Node(static_cast<std::int64_t>(referrer.bytes.size()))});
    if (!type.empty()) entry.push_back({"artifactType", {}, Node(std::move(type))});
    if (!annotations.empty()) {
      Node::Table table;
      for (const auto& [name, value] : annotations) table.push_back({name, {}, Node(value)});
      entry.push_back({"annotations", {}, Node(std::move(table))});
    }
    return Node(std::move(entry));
  }

  const oci::Reference& from_;
  const oci::Reference& to_;
  TimeLimitTransport transport_;
  registry_client::RegistryClient client_;
  std::set<oci::Digest> seen_;
  int manifests_ = 0;
};

}  // namespace

Result<oci::Digest> Copy(const oci::Reference& from, const oci::Reference& to,
                         const Environment& environment) {
  return Copying(from, to, environment).Run();
}

}  // namespace pullproof::resolver
