#include "resolver/registry_client/referrers.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "base/text.h"
#include "oci/manifest.h"
#include "oci/media_type.h"
#include "resolver/registry_client/link.h"
#include "resolver/registry_client/manifest_transfer.h"

namespace pullproof::resolver::registry_client {
namespace {

struct Page {
  std::string body;
  oci::Headers headers;
  Url url;  // that served it
};

Attempt<Page> TryPage(Fetcher& fetcher, const Endpoint& endpoint, const Url& url) {
  std::string body;
  oci::Headers headers;
  const Content content{.ranged = false,
                        .on_response = [&](const transport::Response& response) -> Result<void> {
                          body.clear();
                          headers = response.headers;
                          return {};
                        },
                        .on_body = [&](std::string_view bytes) -> Result<void> {
                          if (bytes.size() > oci::kMaxManifestBytes - body.size()) {
                            return Fail("limit.bytes",
                                        fmt::format("a list of referrers of more than {} MiB",
                                                    oci::kMaxManifestBytes >> 20));
                          }
                          body += bytes;
                          return {};
                        }};
  PULLPROOF_ASSIGN_OR_RETURN(
      Url served_by,
      fetcher.Try(endpoint, url, {{"Accept", std::string(oci::media::kImageIndex)}}, content));
  return Page{.body = std::move(body), .headers = std::move(headers), .url = std::move(served_by)};
}

// nullopt for 404: the registry has no such API, whatever else it says.
Result<std::optional<Page>> FetchPage(Fetcher& fetcher, const Endpoint& endpoint, const Url& url) {
  Retrier retrier = fetcher.NewRetrier(endpoint);
  while (true) {
    auto page = TryPage(fetcher, endpoint, url);
    if (page) return *std::move(page);
    if (page.error().status == 404) return std::nullopt;
    PULLPROOF_RETURN_IF_ERROR(retrier.WaitAfter(std::move(page).error()));
  }
}

Result<std::vector<oci::Descriptor>> EntriesOf(const Page& page, std::string_view name) {
  const std::string type = page.headers.Find("Content-Type").value_or("");
  const auto parsed = oci::ParseManifest(page.body, type, name);
  const auto* index = parsed ? std::get_if<oci::Index>(&*parsed) : nullptr;
  if (index != nullptr) return index->manifests;
  return Fail("registry.referrers",
              parsed ? std::string("the answer is no list of referrers but a manifest")
                     : fmt::format("the answer is no list of referrers: {}",
                                   Printable(parsed.error().message)),
              std::string(name), "it must not be taken for \"there are none\"");
}

// Where the next page is; nullopt after the last one.
Result<std::optional<Url>> NextPage(const Page& page, const Endpoint& endpoint) {
  const auto link = page.headers.Joined("Link");
  if (!link) return std::nullopt;
  PULLPROOF_ASSIGN_OR_RETURN(const auto target, NextLink(*link));
  if (!target) return std::nullopt;
  PULLPROOF_ASSIGN_OR_RETURN(Url next, page.url.Resolve(*target));
  if (!next.SameOrigin(endpoint.base)) {
    return Fail(
        "registry.link",
        fmt::format("the next page of referrers is said to be at another host, {}", next.host()),
        {}, "referrers of one registry are not taken from another");
  }
  return next;
}

class Listing {
 public:
  Listing(Fetcher& fetcher, const Endpoint& endpoint, const oci::Reference& repository,
          const oci::Digest& subject, const std::string& artifact_type)
      : fetcher_(fetcher),
        endpoint_(endpoint),
        repository_(repository),
        subject_(subject),
        artifact_type_(artifact_type) {}

  Result<std::vector<oci::Descriptor>> Run() {
    std::optional<Url> url = endpoint_.At("referrers/" + subject_.ToString());
    if (!artifact_type_.empty()) {
      url = url->WithQuery("artifactType=" + PercentEncode(artifact_type_));
    }
    std::set<std::string> asked;
    while (url) {
      if (!asked.insert(url->target()).second) {
        return Fail("registry.link", "the pages of referrers lead back to one that was read");
      }
      if (asked.size() > kMaxReferrerPages) {
        return Fail("registry.link", fmt::format("more than {} pages", kMaxReferrerPages));
      }
      PULLPROOF_ASSIGN_OR_RETURN(const auto page, FetchPage(fetcher_, endpoint_, *url));
      if (!page && asked.size() == 1) return FromTag();
      if (!page) return Fail("registry.not-found", "a page of referrers is not there");
      PULLPROOF_ASSIGN_OR_RETURN(auto entries, EntriesOf(*page, repository_.ToString()));
      const std::string applied = page->headers.Joined("OCI-Filters-Applied").value_or("");
      PULLPROOF_RETURN_IF_ERROR(Take(std::move(entries), IsApplied(applied)));
      PULLPROOF_ASSIGN_OR_RETURN(url, NextPage(*page, endpoint_));
    }
    return std::move(found_);
  }

 private:
  static bool IsApplied(std::string_view filters) {
    const auto names = Split(filters, ',');
    return std::ranges::any_of(names,
                               [](std::string_view name) { return Trim(name) == "artifactType"; });
  }

  // What clients of older registries keep by hand.
  Result<std::vector<oci::Descriptor>> FromTag() {
    auto page = FetchPage(fetcher_, endpoint_, endpoint_.At("manifests/" + ReferrersTag(subject_)));
    if (!page) return std::unexpected(std::move(page).error());
    if (!*page) return found_;
    auto entries = EntriesOf(**page, repository_.ToString());
    // "If the content is not a valid image index, the client SHOULD assume there are none."
    if (entries) PULLPROOF_RETURN_IF_ERROR(Take(*std::move(entries), false));
    return std::move(found_);
  }

  Result<void> Take(std::vector<oci::Descriptor> entries, bool filtered) {
    for (oci::Descriptor& entry : entries) {
      if (!seen_.insert(entry.digest).second) continue;
      if (!artifact_type_.empty() && !filtered) {
        PULLPROOF_ASSIGN_OR_RETURN(const std::string type, TypeOf(entry));
        if (type != artifact_type_) continue;
      }
      found_.push_back(std::move(entry));
      if (found_.size() > kMaxReferrers) {
        return Fail("limit.descriptors", fmt::format("more than {} referrers", kMaxReferrers));
      }
    }
    return {};
  }

  // Registries of 1.0 list descriptors without it; then the manifest itself says.
  Result<std::string> TypeOf(const oci::Descriptor& entry) {
    if (!entry.artifact_type.empty()) return entry.artifact_type;
    constexpr int kMaxLookedInto = 64;  // each costs a request
    if (++looked_into_ > kMaxLookedInto) return std::string();
    PULLPROOF_ASSIGN_OR_RETURN(
        const FetchedManifest fetched,
        FetchManifest(fetcher_, endpoint_, repository_.WithDigest(entry.digest), entry.size));
    if (const auto* manifest = std::get_if<oci::Manifest>(&fetched.manifest)) {
      return manifest->artifact_type.empty() ? manifest->config.media_type
                                             : manifest->artifact_type;
    }
    return std::get<oci::Index>(fetched.manifest).artifact_type;
  }

  Fetcher& fetcher_;
  const Endpoint& endpoint_;
  const oci::Reference& repository_;
  const oci::Digest& subject_;
  const std::string& artifact_type_;
  std::vector<oci::Descriptor> found_;
  std::set<oci::Digest> seen_;
  int looked_into_ = 0;
};

}  // namespace

std::string ReferrersTag(const oci::Digest& subject) {
  constexpr std::size_t kAlgorithm = 32;
  constexpr std::size_t kEncoded = 64;
  // Neither part of a Digest has a character that no tag has.
  return fmt::format("{}-{}", oci::AlgorithmName(subject.algorithm()).substr(0, kAlgorithm),
                     subject.hex().substr(0, kEncoded));
}

Result<std::vector<oci::Descriptor>> ListAllReferrers(Fetcher& fetcher, const Endpoint& endpoint,
                                                      const oci::Reference& repository,
                                                      const oci::Digest& subject,
                                                      const std::string& artifact_type) {
  return Listing(fetcher, endpoint, repository, subject, artifact_type).Run();
}

}  // namespace pullproof::resolver::registry_client
