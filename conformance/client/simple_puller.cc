#include "conformance/client/simple_puller.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "base/file.h"
#include "base/text.h"
#include "oci/challenge.h"
#include "oci/digest.h"
#include "oci/media_type.h"

namespace pullproof::conformance::client {
namespace {

namespace transport = resolver::transport;
namespace fs = std::filesystem;

constexpr int kMaxAttempts = 5;
constexpr int kMaxRedirects = 10;
constexpr int kMaxIndexDepth = 4;             // an index of indexes is already rare
constexpr std::size_t kMaxPages = 1000;       // of a listing
constexpr std::size_t kMaxBody = 64UL << 20;  // more than the content of any case
constexpr Duration kFirstBackoff = std::chrono::seconds(1);
constexpr Duration kLongestWait = std::chrono::seconds(30);

constexpr std::string_view kAccept =
    "application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json, "
    "application/vnd.docker.distribution.manifest.v2+json, "
    "application/vnd.docker.distribution.manifest.list.v2+json";

// "http://host:port" of a URL.
std::string_view OriginOf(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return {};
  return url.substr(0, url.find_first_of("/?#", scheme + 3));
}

// A Location or a Link, which may be relative to its host or to its page. Error: redirect.location.
Result<std::string> Resolve(std::string_view base, std::string_view location) {
  if (location.starts_with("http://")) return std::string(location);
  if (location.starts_with('/') && !location.starts_with("//")) {
    return fmt::format("{}{}", OriginOf(base), location);
  }
  if (location.starts_with('?')) {
    return fmt::format("{}{}", base.substr(0, base.find('?')), location);
  }
  return Fail("redirect.location", "this client follows http URLs, absolute paths and queries only",
              std::string(location));
}

bool IsRedirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

bool MayRetry(int status) {
  return status == 429 || status == 500 || status == 502 || status == 503 || status == 504;
}

bool MayRetry(const Error& error) {
  return error.id == "transport.closed" || error.id == "transport.truncated";
}

Error StatusError(int status, const std::string& url) {
  std::string_view id = "registry.status";
  if (status == 401) id = "registry.unauthorized";
  if (status == 403) id = "registry.denied";
  if (status == 404) id = "registry.not-found";
  if (status == 429) id = "registry.too-many-requests";
  if (status >= 500) id = "registry.server-error";
  return {std::string(id),
          fmt::format("the registry answered {}", status),
          url.substr(0, url.find('?')),
          {}};
}

// Retry-After in its two forms. Spec: RFC 9110 section 10.2.3.
std::optional<Duration> RetryAfter(const oci::Headers& headers, const Clock& clock) {
  const std::optional<std::string> value = headers.Find("Retry-After");
  if (!value) return std::nullopt;
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(value->data(), value->data() + value->size(), seconds);
  if (error == std::errc{} && end == value->data() + value->size()) {
    constexpr std::int64_t kDay = 86'400;
    return std::chrono::seconds(std::clamp<std::int64_t>(seconds, 0, kDay));
  }
  std::tm date{};
  if (::strptime(value->c_str(), "%a, %d %b %Y %H:%M:%S GMT", &date) == nullptr) {
    return std::nullopt;
  }
  const auto when = std::chrono::system_clock::from_time_t(::timegm(&date));
  return std::max<Duration>(Duration::zero(), when - clock.Wall());
}

// The target of rel="next" in a Link header. Spec: RFC 8288; distribution-spec, Listing Tags.
std::optional<std::string> NextLink(const oci::Headers& headers) {
  const std::optional<std::string> link = headers.Find("Link");
  if (!link || !link->starts_with('<')) return std::nullopt;
  const std::size_t end = link->find('>');
  if (end == std::string::npos || !link->substr(end).contains("next")) return std::nullopt;
  return link->substr(1, end - 1);
}

Result<std::string> TextOf(const Node& table, std::string_view name) {
  const Node* node = table.Find(name);
  if (node != nullptr && node->string() != nullptr) return *node->string();
  return Fail("manifest.missing", fmt::format("a descriptor has no `{}`", name));
}

Result<std::uint64_t> SizeOf(const Node& descriptor) {
  const Node* size = descriptor.Find("size");
  if (size != nullptr && size->integer() != nullptr && *size->integer() >= 0) {
    return static_cast<std::uint64_t>(*size->integer());
  }
  return Fail("manifest.descriptor", "a descriptor has no size, or a negative one");
}

// What a manifest is must be said once, and said alike. Spec: image-spec, manifest.md and
// image-index.md ("schemaVersion", "mediaType"); CVE-2021-41190.
Result<void> CheckKind(const Node& manifest, std::string_view content_type) {
  const Node* version = manifest.Find("schemaVersion");
  if (version == nullptr || version->integer() == nullptr || *version->integer() != 2) {
    return Fail("manifest.schema", "the schema version is not 2");
  }
  const Result<oci::MediaType> type = oci::MediaType::Parse(content_type);
  if (!type) return {};  // then the body alone says
  const bool is_index = manifest.Find("manifests") != nullptr;
  if (is_index ? oci::IsImageManifestType(type->name()) : oci::IsIndexType(type->name())) {
    return Fail("manifest.media-type", "the header and the body are of different kinds");
  }
  return {};
}

// The first entry of an index for the platform, or the first without one.
const Node* EntryFor(const Node& index, const oci::Platform& platform) {
  for (const Node& entry : *index.Find("manifests")->array()) {
    const Node* offered = entry.Find("platform");
    if (offered == nullptr) return &entry;
    const Result<std::string> os = TextOf(*offered, "os");
    const Result<std::string> architecture = TextOf(*offered, "architecture");
    if (os && architecture && *os == platform.os && *architecture == platform.architecture) {
      return &entry;
    }
  }
  return nullptr;
}

fs::path BlobPath(const fs::path& layout, const oci::Digest& digest) {
  return layout / "blobs" / oci::AlgorithmName(digest.algorithm()) / digest.hex();
}

Result<void> Store(const fs::path& path, std::string_view bytes) {
  SystemFileSystem files;
  PULLPROOF_RETURN_IF_ERROR(files.CreateDirectories(path.parent_path()));
  return WriteFile(files, path, bytes);
}

}  // namespace

SimplePuller::SimplePuller(transport::Transport& transport, Clock& clock,
                           std::optional<Login> login, Misbehaviours misbehaviours)
    : transport_(transport),
      clock_(clock),
      login_(std::move(login)),
      misbehaviours_(misbehaviours) {}

Result<SimplePuller::Answer> SimplePuller::Ask(const std::string& url, bool with_credentials) {
  transport::Request request;
  request.url = url;
  request.headers.Add("Accept", std::string(kAccept));
  if (with_credentials && login_) {
    request.headers.Add("Authorization",
                        "Basic " + Base64Encode(login_->user + ":" + login_->password));
  }
  Answer answer;
  const transport::Receiver receiver{
      .on_response = [&](const transport::Response& response) -> Result<void> {
        answer.status = response.status;
        answer.headers = response.headers;
        return {};
      },
      .on_body = [&](std::string_view bytes) -> Result<void> {
        if (answer.body.size() + bytes.size() > kMaxBody) {
          return Fail("limit.bytes", "the answer is too large", url);
        }
        answer.body += bytes;
        return {};
      }};
  const Result<transport::Response> response = transport_.Exchange(request, receiver);
  if (response) return answer;
  if (misbehaviours_.accepts_truncated && response.error().id == "transport.truncated") {
    return answer;
  }
  return std::unexpected(response.error());
}

Result<SimplePuller::Answer> SimplePuller::AskThrough(const std::string& url) {
  std::string at = url;
  for (int i = 0; i <= kMaxRedirects; ++i) {
    const bool is_home = OriginOf(at) == OriginOf(url);
    const bool may_identify = challenged_ && (is_home || misbehaviours_.forwards_credentials);
    PULLPROOF_ASSIGN_OR_RETURN(Answer answer, Ask(at, may_identify));
    const bool is_new_challenge =
        answer.status == 401 && is_home && login_.has_value() && !challenged_;
    if (is_new_challenge) {
      challenged_ = true;
      continue;
    }
    if (!IsRedirect(answer.status)) return answer;
    PULLPROOF_ASSIGN_OR_RETURN(at, Resolve(at, answer.headers.Find("Location").value_or("")));
  }
  return Fail("redirect.too-many", fmt::format("more than {} redirects", kMaxRedirects), url);
}

Result<SimplePuller::Answer> SimplePuller::Get(const std::string& url) {
  Duration backoff = kFirstBackoff;
  for (int attempt = 1;; ++attempt) {
    Result<Answer> answer = AskThrough(url);
    if (answer && answer->status == 200) return answer;
    const Error error = answer ? StatusError(answer->status, url) : answer.error();
    const bool is_passing = answer ? MayRetry(answer->status) : MayRetry(error);
    const bool is_last = attempt == kMaxAttempts && !misbehaviours_.retries_forever;
    if (!is_passing || is_last || misbehaviours_.never_retries) return std::unexpected(error);
    const Duration wait =
        (answer ? RetryAfter(answer->headers, clock_) : std::nullopt).value_or(backoff);
    // A server that asks for more than anybody would wait is taken at its word: not now.
    if (wait > kLongestWait && !misbehaviours_.ignores_retry_after) return std::unexpected(error);
    if (!misbehaviours_.ignores_retry_after) clock_.Sleep(wait);
    backoff = std::min(2 * backoff, kLongestWait);
  }
}

Result<void> SimplePuller::Check(const Answer& answer, const Wanted& wanted) const {
  if (misbehaviours_.trusts_content_length) return {};
  if (wanted.size && *wanted.size != answer.body.size() && !misbehaviours_.ignores_sizes) {
    return Fail("size.mismatch",
                fmt::format("{} bytes instead of {}", answer.body.size(), *wanted.size));
  }
  if (!wanted.digest || misbehaviours_.ignores_digests) return {};
  if (oci::Digest::Of(answer.body, wanted.digest->algorithm()) != *wanted.digest) {
    return Fail("digest.mismatch", "the bytes are not those of the digest",
                wanted.digest->ToString());
  }
  return {};
}

Result<SimplePuller::Fetched> SimplePuller::GetManifest(const oci::Reference& repository,
                                                        const std::string& identifier,
                                                        const Wanted& wanted) {
  PULLPROOF_ASSIGN_OR_RETURN(const Answer answer,
                             Get(fmt::format("http://{}/v2/{}/manifests/{}", repository.domain(),
                                             repository.path(), identifier)));
  PULLPROOF_RETURN_IF_ERROR(Check(answer, wanted));
  // By tag nothing is promised but what the header says of it (distribution-spec, "if the header
  // is used it MUST be verified").
  if (const auto stated = answer.headers.Find("Docker-Content-Digest");
      stated && !stated->empty()) {
    PULLPROOF_ASSIGN_OR_RETURN(const oci::Digest digest, oci::Digest::Parse(*stated));
    PULLPROOF_RETURN_IF_ERROR(Check(answer, {.digest = digest, .size = std::nullopt}));
  }
  // A client that does not check files content under the name that it asked for.
  return Fetched{.bytes = answer.body,
                 .media_type = answer.headers.Find("Content-Type").value_or(""),
                 .digest = wanted.digest.value_or(oci::Digest::Of(answer.body))};
}

Result<SimplePuller::Fetched> SimplePuller::GetImage(const oci::Reference& reference,
                                                     const oci::Platform& platform) {
  std::string identifier = reference.Identifier();
  Wanted wanted{.digest = reference.digest(), .size = std::nullopt};
  for (int depth = 0; depth <= kMaxIndexDepth; ++depth) {
    PULLPROOF_ASSIGN_OR_RETURN(Fetched fetched, GetManifest(reference, identifier, wanted));
    PULLPROOF_ASSIGN_OR_RETURN(const Node document, ParseJson(fetched.bytes, identifier));
    PULLPROOF_RETURN_IF_ERROR(CheckKind(document, fetched.media_type));
    const Node* entries = document.Find("manifests");
    if (entries == nullptr || entries->array() == nullptr) return fetched;
    const Node* entry = EntryFor(document, platform);
    if (entry == nullptr) {
      return Fail("registry.not-found", "the index has nothing for " + platform.ToString(),
                  identifier);
    }
    PULLPROOF_ASSIGN_OR_RETURN(identifier, TextOf(*entry, "digest"));
    PULLPROOF_ASSIGN_OR_RETURN(wanted.digest, oci::Digest::Parse(identifier));
    PULLPROOF_ASSIGN_OR_RETURN(wanted.size, SizeOf(*entry));
  }
  return Fail("manifest.depth", "indexes within indexes", identifier);
}

Result<void> SimplePuller::StoreBlob(const oci::Reference& repository, const Node& descriptor,
                                     const fs::path& layout) {
  PULLPROOF_ASSIGN_OR_RETURN(const std::string identifier, TextOf(descriptor, "digest"));
  // Even a careless client of ours makes no path of what is no digest: it runs on real machines.
  PULLPROOF_ASSIGN_OR_RETURN(const oci::Digest digest, oci::Digest::Parse(identifier));
  PULLPROOF_ASSIGN_OR_RETURN(const std::uint64_t size, SizeOf(descriptor));
  PULLPROOF_ASSIGN_OR_RETURN(const Answer answer,
                             Get(fmt::format("http://{}/v2/{}/blobs/{}", repository.domain(),
                                             repository.path(), identifier)));
  PULLPROOF_RETURN_IF_ERROR(Check(answer, {.digest = digest, .size = size}));
  return Store(BlobPath(layout, digest), answer.body);
}

Result<void> SimplePuller::Pull(const oci::Reference& reference, const oci::Platform& platform,
                                const fs::path& layout) {
  PULLPROOF_ASSIGN_OR_RETURN(const Fetched image, GetImage(reference, platform));
  PULLPROOF_ASSIGN_OR_RETURN(const Node document, ParseJson(image.bytes, image.digest.ToString()));
  const Node* config = document.Find("config");
  const Node* layers = document.Find("layers");
  if (config == nullptr || layers == nullptr || layers->array() == nullptr) {
    return Fail("manifest.missing", "no config or no layers", image.digest.ToString());
  }
  PULLPROOF_RETURN_IF_ERROR(StoreBlob(reference, *config, layout));
  for (const Node& layer : *layers->array()) {
    PULLPROOF_RETURN_IF_ERROR(StoreBlob(reference, layer, layout));
  }
  PULLPROOF_RETURN_IF_ERROR(Store(BlobPath(layout, image.digest), image.bytes));
  // Last, so that a layout names only what it has. Spec: image-spec, image-layout.md.
  PULLPROOF_RETURN_IF_ERROR(Store(layout / "oci-layout", R"({"imageLayoutVersion":"1.0.0"})"));
  return Store(layout / "index.json",
               fmt::format(R"({{"manifests":[{{"digest":"{}","mediaType":{},"size":{}}}],)"
                           R"("schemaVersion":2}})",
                           image.digest.ToString(), CanonicalJsonString(image.media_type),
                           image.bytes.size()));
}

Result<std::vector<std::string>> SimplePuller::ListTags(const oci::Reference& reference) {
  const std::string first =
      fmt::format("http://{}/v2/{}/tags/list", reference.domain(), reference.path());
  std::vector<std::string> tags;
  std::set<std::string> seen = {first};
  std::string url = first;
  for (bool is_new = true;; is_new = seen.insert(url).second) {
    if (!is_new && !misbehaviours_.loops_on_links) {
      return Fail("limit.pages", "the listing leads back to a page that was already read", url);
    }
    if (seen.size() > kMaxPages) return Fail("limit.pages", "the listing does not end", first);
    PULLPROOF_ASSIGN_OR_RETURN(const Answer answer, Get(url));
    PULLPROOF_ASSIGN_OR_RETURN(const Node page, ParseJson(answer.body, url));
    const Node* listed = page.Find("tags");
    if (is_new && listed != nullptr && listed->array() != nullptr) {
      for (const Node& tag : *listed->array()) {
        if (tag.string() != nullptr) tags.push_back(*tag.string());
      }
    }
    const std::optional<std::string> next = NextLink(answer.headers);
    if (!next) return tags;
    PULLPROOF_ASSIGN_OR_RETURN(url, Resolve(url, *next));
    if (OriginOf(url) != OriginOf(first)) {
      return Fail("redirect.listing", "the next page is on another host", url);
    }
  }
}

}  // namespace pullproof::conformance::client
