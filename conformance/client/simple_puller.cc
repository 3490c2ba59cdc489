#include "conformance/client/simple_puller.h"

#include <algorithm>
#include <array>
#include <sstream>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/text.h"
#include "conformance/client/home.h"
#include "oci/media_type.h"
#include "oci/reference.h"

namespace pullproof::conformance::client {
namespace {

namespace fs = std::filesystem;

constexpr int kMaxIndexDepth = 4;  // an index of indexes is already rare
// distribution-spec, "Pushing Manifests": registries should take 4 MB, so clients read as much.
constexpr std::uint64_t kMaxManifest = std::uint64_t{4} << 20;

constexpr std::string_view kOciAccept =
    "application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json";
constexpr std::string_view kAccept =
    "application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json, "
    "application/vnd.docker.distribution.manifest.v2+json, "
    "application/vnd.docker.distribution.manifest.list.v2+json";

bool IsKnownType(std::string_view type) {
  return std::ranges::any_of(Split(kAccept, ','),
                             [&](std::string_view known) { return Trim(known) == type; });
}

std::string TextOr(const Node& table, std::string_view name) {
  const Node* node = table.Find(name);
  return node != nullptr && node->string() != nullptr ? *node->string() : std::string();
}

bool HasArray(const Node& table, std::string_view name) {
  const Node* node = table.Find(name);
  return node != nullptr && node->array() != nullptr;
}

// As the writers of many clients do it, at the punctuation.
Place Cut(const std::string& reference) {
  Place place;
  const std::size_t slash = reference.find('/');
  place.domain = reference.substr(0, slash);
  std::string rest = slash == std::string::npos ? std::string() : reference.substr(slash + 1);
  const std::size_t at = rest.find('@');
  if (at != std::string::npos) {
    place.identifier = rest.substr(at + 1);
    rest.resize(at);
  }
  const std::size_t colon = rest.rfind(':');
  if (colon != std::string::npos) {
    if (place.identifier.empty()) place.identifier = rest.substr(colon + 1);
    rest.resize(colon);
  }
  place.repository = rest;
  if (place.identifier.empty()) place.identifier = "latest";
  return place;
}

// A name that can be a file's, whatever was asked for: even a careless client of ours makes no path
// of what is no digest, since it runs on real machines.
fs::path BlobPath(const fs::path& layout, std::string_view digest) {
  const Result<oci::Digest> parsed = oci::Digest::Parse(digest);
  if (!parsed) return layout / "odd" / oci::Digest::Of(digest).hex();
  return layout / "blobs" / oci::AlgorithmName(parsed->algorithm()) / parsed->hex();
}

// Gives members their usual names, as libraries do that do not look at case.
void FoldCase(nlohmann::json& value) {
  constexpr std::array<std::string_view, 8> kNames = {
      "schemaVersion", "mediaType", "config", "layers", "manifests", "digest", "size", "platform"};
  if (value.is_array()) {
    for (nlohmann::json& item : value) FoldCase(item);
  }
  if (!value.is_object()) return;
  nlohmann::json folded = nlohmann::json::object();
  for (auto& [name, member] : value.items()) {
    FoldCase(member);
    const auto usual = std::ranges::find_if(
        kNames, [&](std::string_view known) { return EqualsIgnoreCase(known, name); });
    folded[usual == kNames.end() ? name : std::string(*usual)] = member;
  }
  value = std::move(folded);
}

}  // namespace

Result<std::string> TextOf(const Node& table, std::string_view name) {
  const Node* node = table.Find(name);
  if (node != nullptr && node->string() != nullptr) return *node->string();
  return Fail("manifest.missing", fmt::format("a descriptor has no `{}`", name));
}

Result<Node> ReadJson(std::string_view text, const std::string& name, bool leniently) {
  if (!leniently) return ParseJson(text, name);
  std::string loose;
  try {
    std::string readable(text);
    // Bytes that are no text become something that is.
    if (!IsUtf8(readable)) {
      std::ranges::replace_if(readable, [](char c) { return (c & 0x80) != 0; }, '?');
    }
    std::istringstream stream(readable);
    nlohmann::json value;
    stream >> value;  // the first value; what follows is left alone
    FoldCase(value);
    loose = value.dump();
  } catch (const nlohmann::json::exception& thrown) {
    return Fail("json.syntax", thrown.what(), name);
  }
  return ParseJson(loose, name);
}

Result<void> Store(const fs::path& path, std::string_view bytes) {
  return WritePrivateFile(path, bytes);  // without a flush: nobody keeps it
}

std::string Place::Url(std::string_view what) const {
  return fmt::format("{}/v2/{}/{}", origin, repository, what);
}

std::string Place::Scope(std::string_view actions) const {
  return fmt::format("repository:{}:{}", repository, actions);
}

Result<Place> SimplePuller::PlaceOf(const std::string& reference, bool plain_http,
                                    const Misbehaviours& misbehaviours) {
  const bool in_clear =
      (plain_http && !misbehaviours.speaks_https_only) || misbehaviours.speaks_http_only;
  const std::string_view scheme = in_clear ? "http" : "https";
  if (misbehaviours.cuts_references_blindly) {
    Place place = Cut(reference);
    place.origin = fmt::format("{}://{}", scheme, place.domain);
    return place;
  }
  const std::string text = misbehaviours.lowers_references ? ToLowerAscii(reference) : reference;
  PULLPROOF_ASSIGN_OR_RETURN(const oci::Reference parsed, oci::Reference::Parse(text));
  Place place{.domain = parsed.domain(),
              .origin = {},
              .repository = parsed.path(),
              .identifier = parsed.Identifier()};
  const bool is_hub = place.domain == "docker.io";
  place.origin =
      fmt::format("{}://{}", scheme,
                  is_hub && !misbehaviours.asks_docker_io ? "registry-1.docker.io" : place.domain);
  constexpr std::string_view kLibrary = "library/";
  if (is_hub && misbehaviours.adds_no_library && place.repository.starts_with(kLibrary)) {
    place.repository.erase(0, kLibrary.size());
  }
  const bool has_identifier = parsed.digest() || (parsed.tag() && text.ends_with(*parsed.tag()));
  if (misbehaviours.needs_tags && !has_identifier) {
    return Fail("reference.syntax", "there is neither tag nor digest", reference);
  }
  if (misbehaviours.prefers_tags && parsed.tag()) place.identifier = *parsed.tag();
  constexpr std::size_t kPlainTag = 32;
  const bool is_plain =
      std::ranges::count(place.repository, '/') <= 1 &&
      place.repository.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789/-") ==
          std::string::npos &&
      !place.repository.contains("--") &&
      (parsed.digest() || place.identifier.size() <= kPlainTag) && !place.domain.starts_with('[');
  if (misbehaviours.knows_plain_names_only && !is_plain) {
    return Fail("reference.syntax", "this client knows plain names only", reference);
  }
  return place;
}

Result<SimplePuller::Wanted> SimplePuller::WantedOf(const Node& descriptor) const {
  Wanted wanted;
  PULLPROOF_ASSIGN_OR_RETURN(wanted.identifier, TextOf(descriptor, "digest"));
  wanted.media_type = TextOr(descriptor, "mediaType");
  Result<oci::Digest> digest = oci::Digest::Parse(wanted.identifier);
  if (digest) {
    wanted.digest = *std::move(digest);
  } else if (!misbehaviours_.takes_any_digest) {
    return std::unexpected(digest.error());
  }
  if (misbehaviours_.knows_sha256_only && wanted.digest &&
      wanted.digest->algorithm() != oci::Algorithm::kSha256) {
    return Fail("digest.unsupported", "this client knows SHA-256 only", wanted.identifier);
  }
  const Node* size = descriptor.Find("size");
  if (size != nullptr && size->integer() != nullptr && *size->integer() >= 0) {
    wanted.size = static_cast<std::uint64_t>(*size->integer());
  } else if (!misbehaviours_.ignores_sizes) {
    return Fail("manifest.descriptor", "a descriptor has no size, or one that is none",
                wanted.identifier);
  }
  return wanted;
}

Result<void> SimplePuller::CheckDescribed(const std::string& bytes, const Wanted& wanted) const {
  if (misbehaviours_.trusts_content_length) return {};
  if (wanted.size && *wanted.size != bytes.size() && !misbehaviours_.ignores_sizes) {
    return Fail("size.mismatch", fmt::format("{} bytes instead of {}", bytes.size(), *wanted.size));
  }
  if (!wanted.digest || misbehaviours_.ignores_digests) return {};
  if (oci::Digest::Of(bytes, wanted.digest->algorithm()) != *wanted.digest) {
    return Fail("digest.mismatch", "the bytes are not those of the digest",
                wanted.digest->ToString());
  }
  return {};
}

// By tag nothing is promised but what the header says of it (distribution-spec, "if the header is
// used it MUST be verified").
Result<void> SimplePuller::CheckHeader(const HttpAnswer& answer, const Wanted& wanted) const {
  const std::string stated = answer.headers.Find("Docker-Content-Digest").value_or("");
  if (stated.empty() && misbehaviours_.needs_content_digest) {
    return Fail("digest.syntax", "the registry does not say the digest", answer.url);
  }
  if (misbehaviours_.trusts_content_digest && !stated.empty() &&
      (wanted.identifier.empty() || wanted.identifier == stated)) {
    return {};
  }
  PULLPROOF_RETURN_IF_ERROR(CheckDescribed(answer.body, wanted));
  if (stated.empty()) return {};
  if (misbehaviours_.crashes_on_odd_digests && !oci::Digest::Parse(stated)) {
    throw std::runtime_error("a digest that is none");  // what a careless slice does elsewhere
  }
  PULLPROOF_ASSIGN_OR_RETURN(const oci::Digest digest, oci::Digest::Parse(stated));
  return CheckDescribed(
      answer.body,
      {.identifier = stated, .digest = digest, .size = std::nullopt, .media_type = {}});
}

// What a manifest is must be said once, and said alike. Spec: distribution-spec, "Pulling
// manifests"; image-spec, manifest.md and image-index.md; CVE-2021-41190.
Result<void> SimplePuller::CheckKind(const Node& manifest, const std::string& content_type,
                                     const Wanted& wanted) const {
  const Node* version = manifest.Find("schemaVersion");
  const bool is_second =
      version != nullptr && version->integer() != nullptr && *version->integer() == 2;
  if (!is_second && !misbehaviours_.ignores_schema_version) {
    return Fail("manifest.schema", "the schema version is not 2");
  }
  if (misbehaviours_.compares_types_literally && !IsKnownType(content_type)) {
    return Fail("manifest.media-type", "the type is none that this client knows", content_type);
  }
  const std::string own = TextOr(manifest, "mediaType");
  const Result<oci::MediaType> type = oci::MediaType::Parse(content_type);
  if (misbehaviours_.needs_all_types && (own.empty() || !type || !IsKnownType(type->name()))) {
    return Fail("manifest.media-type", "the registry or the manifest does not say its type");
  }
  if (misbehaviours_.ignores_types) return {};
  const bool is_index = HasArray(manifest, "manifests");
  if (is_index && HasArray(manifest, "layers")) {
    return Fail("manifest.media-type", "an image and an index in one");
  }
  const std::string outer = type && IsKnownType(type->name()) ? std::string(type->name()) : "";
  for (const std::string& said : {own, outer, wanted.media_type}) {
    if (is_index ? oci::IsImageManifestType(said) : oci::IsIndexType(said)) {
      return Fail("manifest.media-type", "what it says it is and what it is differ", said);
    }
  }
  if (!own.empty() && !outer.empty() && own != outer) {
    return Fail("manifest.media-type", "the header and the body say different types", own);
  }
  if (!own.empty() && !wanted.media_type.empty() && own != wanted.media_type) {
    return Fail("manifest.media-type", "the descriptor and the body say different types", own);
  }
  return {};
}

Result<void> SimplePuller::Ping(const Place& place) {
  HttpRequest request;
  request.url = place.origin + "/v2/";
  PULLPROOF_ASSIGN_OR_RETURN(const HttpAnswer answer, http_.Do(request));
  if (answer.headers.Has("Docker-Distribution-API-Version")) return {};
  return Fail("registry.status", "this is no registry of Docker's", request.url);
}

Result<SimplePuller::Fetched> SimplePuller::GetManifest(const Place& place, const Wanted& wanted) {
  const std::string identifier = wanted.identifier.empty() ? place.identifier : wanted.identifier;
  HttpRequest request;
  request.url = place.Url(fmt::format(
      "manifests/{}{}", identifier, misbehaviours_.sends_namespace ? "?ns=registry.example" : ""));
  request.scope = place.Scope("pull");
  request.max_body = kMaxManifest;
  if (!misbehaviours_.sends_no_accept) {
    request.headers.Add("Accept",
                        std::string(misbehaviours_.accepts_oci_only ? kOciAccept : kAccept));
  }
  if (misbehaviours_.needs_api_version) PULLPROOF_RETURN_IF_ERROR(Ping(place));
  std::string head_digest;
  if (misbehaviours_.insists_on_head || misbehaviours_.trusts_head) {
    HttpRequest head = request;
    head.method = "HEAD";
    PULLPROOF_ASSIGN_OR_RETURN(const HttpAnswer answer, http_.Do(head));
    head_digest = answer.headers.Find("Docker-Content-Digest").value_or("");
    if (misbehaviours_.insists_on_head) {
      if (answer.status != 200) return std::unexpected(StatusError(answer));
      if (!answer.headers.Has("Content-Length")) {
        return Fail("registry.status", "HEAD does not say the length", answer.url);
      }
    }
  }
  PULLPROOF_ASSIGN_OR_RETURN(const HttpAnswer answer, http_.Get(request));
  if (misbehaviours_.follows_warnings) {
    const std::string warning = answer.headers.Find("Warning").value_or("");
    if (const std::size_t at = warning.find("http://"); at != std::string::npos) {
      HttpRequest visit;
      visit.url = warning.substr(at, warning.find_first_of("\" ", at) - at);
      (void)http_.Do(visit);
    }
  }
  if (!misbehaviours_.trusts_head) PULLPROOF_RETURN_IF_ERROR(CheckHeader(answer, wanted));
  PULLPROOF_ASSIGN_OR_RETURN(Node document,
                             ReadJson(answer.body, identifier, misbehaviours_.parses_leniently));
  const std::string type = answer.headers.Find("Content-Type").value_or("");
  PULLPROOF_RETURN_IF_ERROR(CheckKind(document, type, wanted));
  Fetched fetched{.bytes = answer.body,
                  .media_type = type,
                  .digest = wanted.identifier,
                  .document = std::move(document)};
  // A client that does not check files content under the name that it asked for, or was told.
  if (fetched.digest.empty() && misbehaviours_.trusts_content_digest) {
    fetched.digest = answer.headers.Find("Docker-Content-Digest").value_or("");
  }
  if (fetched.digest.empty()) fetched.digest = head_digest;
  if (fetched.digest.empty()) {
    // A pull by digest has its digest in the reference.
    const Result<oci::Digest> asked = oci::Digest::Parse(identifier);
    fetched.digest = asked ? identifier : oci::Digest::Of(answer.body).ToString();
  }
  return fetched;
}

bool SimplePuller::Fits(const Node& entry, const oci::Platform& platform) const {
  const Node* offered = entry.Find("platform");
  if (offered == nullptr) return !misbehaviours_.needs_platforms;
  if (TextOr(*offered, "os") != platform.os ||
      TextOr(*offered, "architecture") != platform.architecture) {
    return false;
  }
  if (platform.variant.empty() || misbehaviours_.ignores_variants) return true;
  std::string variant = TextOr(*offered, "variant");
  // The first 64-bit ARM is meant where nothing is said. Spec: image-spec, Platform Variants.
  const bool is_literal = misbehaviours_.compares_variants_literally;
  if (variant.empty() && !is_literal && platform.architecture == "arm64") variant = "v8";
  return variant == platform.variant;
}

const Node* SimplePuller::EntryFor(const Node& index, const oci::Platform& platform) const {
  const Node* found = nullptr;
  for (const Node& entry : *index.Find("manifests")->array()) {
    if (misbehaviours_.takes_first_entry) return &entry;
    if (!Fits(entry, platform)) continue;
    found = &entry;
    if (!misbehaviours_.takes_last_match) return found;
  }
  return found;
}

Result<SimplePuller::Fetched> SimplePuller::GetImage(const Place& place,
                                                     const oci::Platform& platform) {
  Wanted wanted;
  if (Result<oci::Digest> digest = oci::Digest::Parse(place.identifier)) {
    wanted.identifier = place.identifier;
    wanted.digest = *std::move(digest);
  }
  for (int depth = 0; depth <= kMaxIndexDepth || misbehaviours_.nests_forever; ++depth) {
    PULLPROOF_ASSIGN_OR_RETURN(Fetched fetched, GetManifest(place, wanted));
    const bool is_taken_for_image =
        misbehaviours_.ignores_types && HasArray(fetched.document, "layers");
    if (!HasArray(fetched.document, "manifests") || is_taken_for_image) return fetched;
    if (depth > 0 && misbehaviours_.refuses_nesting) break;
    if (misbehaviours_.refuses_indexes) {
      return Fail("manifest.media-type", "an index is no image", fetched.digest);
    }
    const Node* entry = EntryFor(fetched.document, platform);
    if (entry == nullptr) {
      return Fail("registry.not-found", "the index has nothing for " + platform.ToString(),
                  fetched.digest);
    }
    PULLPROOF_ASSIGN_OR_RETURN(wanted, WantedOf(*entry));
  }
  return Fail("manifest.depth", "indexes within indexes", place.identifier);
}

Result<std::optional<std::string>> SimplePuller::GetBlob(const Place& place,
                                                         const Node& descriptor) {
  PULLPROOF_ASSIGN_OR_RETURN(const Wanted wanted, WantedOf(descriptor));
  if (misbehaviours_.trusts_embedded_data) {
    if (Result<std::string> data = Base64Decode(TextOr(descriptor, "data"));
        data && !data->empty()) {
      return *std::move(data);
    }
  }
  HttpRequest request;
  request.url = place.Url("blobs/" + wanted.identifier);
  request.scope = place.Scope("pull");
  // No more than promised; one byte more is enough to see that there is more.
  if (wanted.size && !misbehaviours_.ignores_sizes && !misbehaviours_.trusts_content_length &&
      !misbehaviours_.keeps_encoded) {
    constexpr std::uint64_t kMost = std::uint64_t{1} << 40;
    request.max_body = std::min(*wanted.size, kMost) + 1;
  }
  if (misbehaviours_.sends_accept_for_blobs) request.headers.Add("Accept", std::string(kAccept));
  Result<HttpAnswer> fetched = http_.Do(request);
  if (!fetched && fetched.error().id == "limit.bytes") {
    return Fail("size.mismatch", "there are more bytes than promised", wanted.identifier);
  }
  if (!fetched) return std::unexpected(fetched.error());
  HttpAnswer answer = *std::move(fetched);
  if (answer.status == 404 && misbehaviours_.skips_what_is_missing) return std::nullopt;
  if (answer.status != 200 && !misbehaviours_.ignores_status) {
    return std::unexpected(StatusError(answer));
  }
  if (answer.body.empty() && misbehaviours_.refuses_empty) {
    return Fail("size.mismatch", "there are no bytes", wanted.identifier);
  }
  PULLPROOF_RETURN_IF_ERROR(answer.is_trusted || misbehaviours_.joins_blindly ||
                                    misbehaviours_.keeps_encoded
                                ? Result<void>()
                                : CheckDescribed(answer.body, wanted));
  return std::move(answer.body);
}

Result<void> SimplePuller::StoreBlob(const Place& place, const Node& descriptor,
                                     const fs::path& layout) {
  PULLPROOF_ASSIGN_OR_RETURN(const std::string digest, TextOf(descriptor, "digest"));
  if (fs::exists(BlobPath(layout, digest)) && !misbehaviours_.fetches_again) return {};
  PULLPROOF_ASSIGN_OR_RETURN(const std::optional<std::string> bytes, GetBlob(place, descriptor));
  if (!bytes) return {};
  return Store(BlobPath(layout, digest), *bytes);
}

Result<void> SimplePuller::CheckImage(const Node& manifest) const {
  const Node* config = manifest.Find("config");
  const bool has_config = config != nullptr && config->table() != nullptr;
  if ((!has_config && !misbehaviours_.takes_images_without_config) ||
      !HasArray(manifest, "layers")) {
    return Fail("manifest.missing", "no config or no layers");
  }
  const Node::Array& layers = *manifest.Find("layers")->array();
  if (misbehaviours_.needs_layers && layers.empty()) {
    return Fail("manifest.missing", "there are no layers");
  }
  constexpr std::array<std::string_view, 8> kMembers = {"schemaVersion", "mediaType", "config",
                                                        "layers",        "subject",   "annotations",
                                                        "artifactType",  "manifests"};
  for (const Node::Member& member : *manifest.table()) {
    if (misbehaviours_.refuses_unknown_members &&
        std::ranges::find(kMembers, member.name) == kMembers.end()) {
      return Fail("manifest.missing", fmt::format("`{}` is not known", member.name));
    }
  }
  if (!misbehaviours_.refuses_unknown_types || !has_config) return {};
  const bool is_image = TextOr(*config, "mediaType").contains("image.config") ||
                        TextOr(*config, "mediaType").contains("container.image");
  const bool are_tars = std::ranges::all_of(
      layers, [](const Node& layer) { return TextOr(layer, "mediaType").contains(".tar"); });
  if (is_image && are_tars) return {};
  return Fail("manifest.media-type", "a config or a layer of a type that is not known");
}

Result<void> SimplePuller::Pull(const Place& place, const oci::Platform& platform,
                                const fs::path& layout) {
  Result<Fetched> image = GetImage(place, platform);
  const bool is_missing = !image && image.error().id == "registry.not-found";
  if (is_missing && misbehaviours_.skips_what_is_missing) return {};
  const bool is_unreadable = !image && image.error().id.starts_with("json.");
  if (is_unreadable &&
      (misbehaviours_.takes_errors_for_empty || misbehaviours_.accepts_truncated)) {
    return {};
  }
  if (!image) return std::unexpected(image.error());
  PULLPROOF_RETURN_IF_ERROR(CheckImage(image->document));
  if (const Node* config = image->document.Find("config")) {
    PULLPROOF_RETURN_IF_ERROR(StoreBlob(place, *config, layout));
  }
  for (const Node& layer : *image->document.Find("layers")->array()) {
    PULLPROOF_RETURN_IF_ERROR(StoreBlob(place, layer, layout));
  }
  if (misbehaviours_.reencodes_manifests) {
    image->bytes = CanonicalJson(image->document).value_or("") + "\n";
    image->digest = oci::Digest::Of(image->bytes).ToString();
  }
  PULLPROOF_RETURN_IF_ERROR(Store(BlobPath(layout, image->digest), image->bytes));
  // Last, so that a layout names only what it has. Spec: image-spec, image-layout.md.
  PULLPROOF_RETURN_IF_ERROR(Store(layout / "oci-layout", R"({"imageLayoutVersion":"1.0.0"})"));
  return Store(layout / "index.json",
               fmt::format(R"({{"manifests":[{{"digest":{},"mediaType":{},"size":{}}}],)"
                           R"("schemaVersion":2}})",
                           CanonicalJsonString(image->digest),
                           CanonicalJsonString(image->media_type), image->bytes.size()));
}

}  // namespace pullproof::conformance::client
