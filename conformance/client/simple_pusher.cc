#include "conformance/client/simple_pusher.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "conformance/client/simple_lister.h"
#include "oci/media_type.h"
#include "oci/range.h"

namespace pullproof::conformance::client {
namespace {

constexpr std::size_t kOneRequest = std::size_t{256} << 10;  // larger blobs go in chunks
constexpr std::size_t kChunk = std::size_t{128} << 10;
constexpr int kUploads = 2;  // a second, when the first came to nothing
constexpr std::size_t kMaxChunks = 1'000;

constexpr int kUnavailable = 500;

bool IsDistributable(const Node& descriptor) {
  const Result<std::string> type = TextOf(descriptor, "mediaType");
  return !type || (!type->contains("nondistributable") && !type->contains(".foreign."));
}

// "0-99" of an upload's Range: how much is there. nullopt when it does not say.
std::optional<std::uint64_t> StoredOf(const HttpAnswer& answer) {
  const std::string range = answer.headers.Find("Range").value_or("");
  const std::size_t dash = range.find('-');
  if (dash == std::string::npos) return std::nullopt;
  const auto last = oci::ParseOffset(std::string_view(range).substr(dash + 1));
  if (!last) return std::nullopt;
  return *last == 0 ? 0 : *last + 1;
}

}  // namespace

HttpRequest SimplePusher::Request(std::string method, std::string url, const Place& to,
                                  std::string body) const {
  HttpRequest request;
  request.method = std::move(method);
  request.url = std::move(url);
  request.scope = to.Scope("pull,push");
  if (OriginOf(request.url) != OriginOf(to.Url(""))) request.identity = to.Url("");
  request.body = std::move(body);
  return request;
}

Result<void> SimplePusher::Follow(const HttpAnswer& answer, Upload& upload) const {
  if (misbehaviours_.keeps_first_location && !upload.url.empty()) return {};
  const std::string location = answer.headers.Find("Location").value_or("");
  if (misbehaviours_.resolves_locations_naively) {
    // Its writer had seen one form of it.
    upload.url = fmt::format("{}{}", OriginOf(answer.url), location);
  } else {
    PULLPROOF_ASSIGN_OR_RETURN(upload.url, ResolveUrl(answer.url, location));
  }
  if (misbehaviours_.uploads_to_origin_only && OriginOf(upload.url) != OriginOf(answer.url)) {
    return Fail("registry.upload", "the upload is to go to another host", upload.url);
  }
  const std::size_t query = upload.url.find('?');
  if (query == std::string::npos) return {};
  if (misbehaviours_.drops_location_query) upload.url.resize(query);
  if (misbehaviours_.rewrites_location_query) {
    upload.url = upload.url.substr(0, query) +
                 PercentDecode(upload.url.substr(query)).value_or(upload.url.substr(query));
  }
  return {};
}

Result<bool> SimplePusher::IsThere(const Place& to, const SimplePuller::Wanted& wanted) {
  if (misbehaviours_.uploads_always) return false;
  PULLPROOF_ASSIGN_OR_RETURN(
      const HttpAnswer answer,
      http_.Do(Request("HEAD", to.Url("blobs/" + wanted.identifier), to, "")));
  if (answer.status == kOk) {
    const auto length = oci::ParseOffset(answer.headers.Find("Content-Length").value_or(""));
    return !length || !wanted.size || *length == *wanted.size || misbehaviours_.ignores_sizes;
  }
  if (answer.status == kNotFound || misbehaviours_.takes_refusal_for_absence) return false;
  return std::unexpected(StatusError(answer));
}

Result<bool> SimplePusher::Begin(const Place& from, const Place& to, const std::string& digest,
                                 Upload& upload) {
  const bool may_mount = from.domain == to.domain && from.repository != to.repository;
  HttpRequest post = Request("POST", to.Url("blobs/uploads/"), to, "");
  HttpAnswer answer;
  if (may_mount) {
    HttpRequest mount = post;
    mount.url +=
        fmt::format("?mount={}&from={}", PercentEncode(digest), PercentEncode(from.repository));
    PULLPROOF_ASSIGN_OR_RETURN(answer, http_.Do(mount));
    if (answer.status == kCreated) return false;
    if (answer.status != kAccepted && misbehaviours_.insists_on_mount) {
      return std::unexpected(StatusError(answer));
    }
  }
  if (answer.status != kAccepted) {
    PULLPROOF_ASSIGN_OR_RETURN(answer, http_.Do(post));
  }
  if (answer.status != kAccepted) return std::unexpected(StatusError(answer));
  upload.minimum =
      oci::ParseOffset(answer.headers.Find("OCI-Chunk-Min-Length").value_or("")).value_or(0);
  const Result<void> followed = Follow(answer, upload);
  if (!followed && misbehaviours_.ignores_push_status) return false;
  if (!followed) return std::unexpected(followed.error());
  return true;
}

Result<void> SimplePusher::SendChunks(const Place& to, const std::string& bytes, std::size_t& sent,
                                      Upload& upload) {
  const std::size_t least = misbehaviours_.ignores_chunk_minimum ? 0 : upload.minimum;
  const std::size_t size = std::max(kChunk, least);
  for (std::size_t i = 0; bytes.size() - sent > size && i < kMaxChunks; ++i) {
    HttpRequest patch = Request("PATCH", upload.url, to, bytes.substr(sent, size));
    patch.headers.Add("Content-Type", "application/octet-stream");
    patch.headers.Add("Content-Range",
                      fmt::format("{}{}-{}", misbehaviours_.writes_http_ranges ? "bytes " : "",
                                  sent, sent + size - 1));
    patch.is_repeatable = false;
    PULLPROOF_ASSIGN_OR_RETURN(HttpAnswer answer, http_.Do(patch));
    const bool is_behind = answer.status == kRangeRefused || answer.status >= kUnavailable;
    if (is_behind && !misbehaviours_.ignores_stored_range) {
      PULLPROOF_ASSIGN_OR_RETURN(answer, http_.Do(Request("GET", upload.url, to, "")));
      if (answer.status != 204) return std::unexpected(StatusError(answer));
    } else if (answer.status != kAccepted) {
      return std::unexpected(StatusError(answer));
    }
    const std::optional<std::uint64_t> stored = StoredOf(answer);
    sent += size;
    if (stored && !misbehaviours_.ignores_stored_range) {
      sent = std::min<std::uint64_t>(*stored, bytes.size());
    }
    PULLPROOF_RETURN_IF_ERROR(Follow(answer, upload));
  }
  return {};
}

Result<void> SimplePusher::Send(const Place& to, const std::string& digest,
                                const std::string& bytes, Upload upload) {
  std::size_t sent = 0;
  const auto give_up = [&](const Error& error) -> Result<void> {
    // Spec: "Canceling a blob upload": whether that works is no matter.
    if (!misbehaviours_.leaves_uploads) {
      (void)http_.Do(Request("DELETE", upload.url, to, ""));
    }
    return std::unexpected(error);
  };
  if (bytes.size() > kOneRequest) {
    if (Result<void> chunks = SendChunks(to, bytes, sent, upload); !chunks) {
      return give_up(chunks.error());
    }
  }
  HttpRequest put = Request("PUT", upload.url, to, bytes.substr(sent));
  put.url += fmt::format("{}digest={}", put.url.contains('?') ? '&' : '?', PercentEncode(digest));
  put.headers.Add("Content-Type", "application/octet-stream");
  if (sent > 0) {
    put.headers.Add("Content-Range",
                    fmt::format("{}{}-{}", misbehaviours_.writes_http_ranges ? "bytes " : "", sent,
                                bytes.size() - 1));
  }
  put.is_repeatable = false;
  const Result<HttpAnswer> answer = http_.Do(put);
  if (!answer && misbehaviours_.ignores_push_status) return {};
  if (!answer) return give_up(answer.error());
  if (answer->status != kCreated && !misbehaviours_.ignores_push_status) {
    return give_up(StatusError(*answer));
  }
  return {};
}

Result<void> SimplePusher::CopyBlob(const Place& from, const Place& to, const Node& descriptor) {
  PULLPROOF_ASSIGN_OR_RETURN(const SimplePuller::Wanted wanted, puller_.WantedOf(descriptor));
  PULLPROOF_ASSIGN_OR_RETURN(const bool is_there, IsThere(to, wanted));
  if (is_there) return {};
  Result<void> sent;
  for (int i = 0; i < kUploads; ++i) {
    Upload upload;
    PULLPROOF_ASSIGN_OR_RETURN(const bool is_open, Begin(from, to, wanted.identifier, upload));
    if (!is_open) return {};
    PULLPROOF_ASSIGN_OR_RETURN(const std::optional<std::string> bytes,
                               puller_.GetBlob(from, descriptor));
    if (!bytes) return {};
    sent = Send(to, wanted.identifier, *bytes, upload);
    const bool may_pass = !sent && (sent.error().id == "registry.server-error" ||
                                    sent.error().id.starts_with("transport."));
    if (!may_pass || misbehaviours_.never_retries) break;
  }
  return sent;
}

Result<void> SimplePusher::CopyBlobs(const Place& from, const Place& to, const Node& manifest) {
  std::vector<const Node*> blobs;
  if (const Node* config = manifest.Find("config")) blobs.push_back(config);
  if (const Node* layers = manifest.Find("layers"); layers != nullptr && layers->array()) {
    for (const Node& layer : *layers->array()) blobs.push_back(&layer);
  }
  for (const Node* blob : blobs) {
    if (!IsDistributable(*blob) && !misbehaviours_.pushes_foreign_layers) continue;
    PULLPROOF_RETURN_IF_ERROR(CopyBlob(from, to, *blob));
  }
  return {};
}

Result<void> SimplePusher::PutManifest(const Place& to, const SimplePuller::Fetched& manifest) {
  const std::string url = to.Url("manifests/" + to.identifier);
  if (const Node* subject = manifest.document.Find("subject");
      subject != nullptr && misbehaviours_.needs_subject) {
    PULLPROOF_ASSIGN_OR_RETURN(const std::string digest, TextOf(*subject, "digest"));
    PULLPROOF_ASSIGN_OR_RETURN(const HttpAnswer there,
                               http_.Do(Request("HEAD", to.Url("manifests/" + digest), to, "")));
    if (there.status != kOk) return std::unexpected(StatusError(there));
  }
  HttpRequest put = Request("PUT", url, to, manifest.bytes);
  if (misbehaviours_.reencodes_manifests) put.body += "\n";
  const Result<std::string> own = TextOf(manifest.document, "mediaType");
  put.headers.Add("Content-Type", misbehaviours_.types_manifests_as_json ? "application/json"
                                  : own                                  ? *own
                                                                         : manifest.media_type);
  PULLPROOF_ASSIGN_OR_RETURN(const HttpAnswer answer, http_.Do(put));
  if (answer.status != kCreated && !misbehaviours_.ignores_push_status) {
    return std::unexpected(StatusError(answer));
  }
  const std::string stated = answer.headers.Find("Docker-Content-Digest").value_or("");
  if (stated.empty() && misbehaviours_.needs_content_digest) {
    return Fail("digest.syntax", "the registry does not say the digest", url);
  }
  const bool is_other = !stated.empty() && stated != manifest.digest;
  if (is_other && !misbehaviours_.ignores_pushed_digest && !misbehaviours_.reencodes_manifests) {
    return Fail("digest.mismatch", "the registry took it under another digest", stated);
  }
  const bool is_refused = answer.status != kCreated;
  if (manifest.document.Find("subject") == nullptr || is_refused) return {};
  const bool is_known = answer.headers.Has("OCI-Subject");
  if (is_known ? !misbehaviours_.writes_needless_tag : misbehaviours_.forgets_referrers_tag) {
    return {};
  }
  return KeepReferrersTag(to, manifest);
}

// Spec: distribution-spec, "Pushing Manifests with Subject".
Result<void> SimplePusher::KeepReferrersTag(const Place& to,
                                            const SimplePuller::Fetched& manifest) {
  PULLPROOF_ASSIGN_OR_RETURN(const std::string subject,
                             TextOf(*manifest.document.Find("subject"), "digest"));
  Place tagged = to;
  tagged.identifier = ReferrersTag(subject);
  Node::Array entries;
  const Result<SimplePuller::Fetched> old = puller_.GetManifest(tagged, {});
  if (old && !misbehaviours_.replaces_referrers_tag) {
    const Node* manifests = old->document.Find("manifests");
    if (manifests != nullptr && manifests->array() != nullptr) entries = *manifests->array();
  }
  const auto member = [](std::string_view name, Node value) {
    return Node::Member{std::string(name), {}, std::move(value)};
  };
  Node::Table entry;
  entry.push_back(member("mediaType", Node(manifest.media_type)));
  entry.push_back(member("digest", Node(manifest.digest)));
  entry.push_back(member("size", Node(static_cast<std::int64_t>(manifest.bytes.size()))));
  entries.emplace_back(std::move(entry));
  Node::Table index;
  index.push_back(member("schemaVersion", Node(std::int64_t{2})));
  index.push_back(member("mediaType", Node(std::string(oci::media::kImageIndex))));
  index.push_back(member("manifests", Node(std::move(entries))));
  PULLPROOF_ASSIGN_OR_RETURN(std::string text, CanonicalJson(Node(std::move(index))));
  HttpRequest put = Request("PUT", to.Url("manifests/" + tagged.identifier), to, std::move(text));
  put.headers.Add("Content-Type", std::string(oci::media::kImageIndex));
  PULLPROOF_ASSIGN_OR_RETURN(const HttpAnswer answer, http_.Do(put));
  if (answer.status != kCreated) return std::unexpected(StatusError(answer));
  return {};
}

Result<void> SimplePusher::CopyManifest(const Place& from, const SimplePuller::Wanted& wanted,
                                        const Place& to) {
  PULLPROOF_ASSIGN_OR_RETURN(const SimplePuller::Fetched fetched,
                             puller_.GetManifest(from, wanted));
  if (misbehaviours_.pushes_manifest_first) PULLPROOF_RETURN_IF_ERROR(PutManifest(to, fetched));
  if (const Node* children = fetched.document.Find("manifests");
      children != nullptr && children->array() != nullptr) {
    for (const Node& child : *children->array()) {
      PULLPROOF_ASSIGN_OR_RETURN(const SimplePuller::Wanted described, puller_.WantedOf(child));
      Place at = to;
      at.identifier = described.identifier;
      PULLPROOF_RETURN_IF_ERROR(CopyManifest(from, described, at));
    }
  }
  PULLPROOF_RETURN_IF_ERROR(CopyBlobs(from, to, fetched.document));
  return misbehaviours_.pushes_manifest_first ? Result<void>() : PutManifest(to, fetched);
}

Result<void> SimplePusher::Copy(const Place& from, const Place& to) {
  return CopyManifest(from, {}, to);
}

Result<void> SimplePusher::Delete(const Place& place) {
  PULLPROOF_ASSIGN_OR_RETURN(const SimplePuller::Fetched fetched, puller_.GetManifest(place, {}));
  const std::string tag = place.identifier.contains(':') ? "latest" : place.identifier;
  const std::string what = misbehaviours_.deletes_by_tag ? tag : fetched.digest;
  HttpRequest request = Request("DELETE", place.Url("manifests/" + what), place, "");
  request.scope = place.Scope("delete");
  PULLPROOF_ASSIGN_OR_RETURN(const HttpAnswer answer, http_.Do(request));
  const bool is_done = answer.status == kAccepted || misbehaviours_.ignores_push_status;
  if (!is_done) return std::unexpected(StatusError(answer));
  return {};
}

}  // namespace pullproof::conformance::client
