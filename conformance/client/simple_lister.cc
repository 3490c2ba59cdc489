#include "conformance/client/simple_lister.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "oci/media_type.h"

namespace pullproof::conformance::client {
namespace {

constexpr std::size_t kMaxPages = 1000;
constexpr std::size_t kAskedFor = 100;  // entries of a page, where this client says how many

struct Link {
  std::string target;
  std::string relation;
};

// The parameters behind a target, up to the comma that ends the link; `at` is moved there.
std::string ReadRelation(std::string_view text, std::size_t& at) {
  std::string relation;
  std::string parameter;
  bool is_quoted = false;
  const auto finish = [&] {
    const std::size_t equals = parameter.find('=');
    if (equals != std::string::npos && EqualsIgnoreCase(Trim(parameter.substr(0, equals)), "rel")) {
      relation = std::string(Trim(parameter.substr(equals + 1)));
    }
    parameter.clear();
  };
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '"') {
      is_quoted = !is_quoted;
    } else if (!is_quoted && (c == ';' || c == ',')) {
      finish();
      if (c == ',') break;
    } else {
      parameter += c;
    }
  }
  finish();
  return relation;
}

std::vector<Link> ReadLinks(std::string_view text) {
  std::vector<Link> links;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const std::size_t open = text.find('<', at);
    const std::size_t close = text.find('>', at);
    if (open == std::string_view::npos || close == std::string_view::npos || close < open) break;
    at = close + 1;
    Link link{.target = std::string(text.substr(open + 1, close - open - 1)), .relation = {}};
    link.relation = ReadRelation(text, at);
    links.push_back(std::move(link));
  }
  return links;
}

std::vector<std::string> DigestsOf(const Node& index) {
  std::vector<std::string> digests;
  const Node* manifests = index.Find("manifests");
  if (manifests == nullptr || manifests->array() == nullptr) return digests;
  for (const Node& entry : *manifests->array()) {
    if (Result<std::string> digest = TextOf(entry, "digest")) digests.push_back(*digest);
  }
  return digests;
}

}  // namespace

std::string ReferrersTag(std::string_view digest) {
  constexpr std::size_t kAlgorithm = 32;
  constexpr std::size_t kEncoded = 64;
  const std::size_t colon = digest.find(':');
  std::string tag = fmt::format(
      "{}-{}", digest.substr(0, std::min(colon, kAlgorithm)),
      colon == std::string_view::npos ? std::string_view() : digest.substr(colon + 1, kEncoded));
  const auto may_stay = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("._-").contains(c);
  };
  std::ranges::replace_if(tag, [&](char c) { return !may_stay(c); }, '-');
  return tag;
}

std::optional<std::string> SimpleLister::NextLink(const oci::Headers& headers) const {
  const std::optional<std::string> joined = headers.Joined("Link");
  if (!joined) return std::nullopt;
  if (misbehaviours_.reads_links_naively) {
    constexpr std::string_view kEnd = ">; rel=\"next\"";
    if (!joined->starts_with("</") || !joined->ends_with(kEnd)) return std::nullopt;
    return joined->substr(1, joined->size() - kEnd.size() - 1);
  }
  for (const Link& link : ReadLinks(*joined)) {
    const std::vector<std::string_view> relations = Split(link.relation, ' ');
    if (misbehaviours_.ignores_relations ||
        std::ranges::find(relations, "next") != relations.end()) {
      return link.target;
    }
  }
  return std::nullopt;
}

Result<void> SimpleLister::ReadPages(HttpRequest request, HttpAnswer answer, const TakePage& take) {
  const std::string first = request.url;
  std::set<std::string> seen = {first};
  for (bool is_new = true;;) {
    std::string last;
    if (is_new) {
      PULLPROOF_ASSIGN_OR_RETURN(last, take(answer));
    }
    const std::optional<std::string> next = NextLink(answer.headers);
    if (!next || misbehaviours_.reads_one_page) return {};
    PULLPROOF_ASSIGN_OR_RETURN(request.url, ResolveUrl(request.url, *next));
    if (misbehaviours_.makes_up_next_page) {
      request.url = fmt::format("{}?n={}&last={}", first, kAskedFor, last);
    }
    const bool is_elsewhere = OriginOf(request.url) != OriginOf(first);
    if (is_elsewhere && !misbehaviours_.follows_links_anywhere) {
      return Fail("redirect.listing", "the next page is on another host", request.url);
    }
    is_new = seen.insert(request.url).second;
    if (!is_new && !misbehaviours_.loops_on_links) {
      return Fail("limit.pages", "the listing leads back to a page that was already read",
                  request.url);
    }
    if (seen.size() > kMaxPages) return Fail("limit.pages", "the listing does not end", first);
    HttpRequest page = request;
    // Only a client that goes there at all; it takes what it has along.
    if (is_elsewhere) page.identity = first;
    PULLPROOF_ASSIGN_OR_RETURN(answer, http_.Get(page));
  }
}

Result<std::vector<std::string>> SimpleLister::Tags(const Place& place) {
  HttpRequest request;
  request.url = place.Url("tags/list");
  if (misbehaviours_.stops_at_short_page) request.url += fmt::format("?n={}", kAskedFor);
  request.scope = place.Scope("pull");
  PULLPROOF_ASSIGN_OR_RETURN(HttpAnswer first, http_.Do(request));
  std::vector<std::string> tags;
  if (first.status != 200) {
    if (misbehaviours_.takes_errors_for_empty) return tags;
    return std::unexpected(StatusError(first));
  }
  bool is_over = false;
  const auto take = [&](const HttpAnswer& answer) -> Result<std::string> {
    const Result<Node> page = ParseJson(answer.body, answer.url);
    if (!page && misbehaviours_.takes_errors_for_empty) return std::string();
    if (!page) return std::unexpected(page.error());
    const Node* listed = page->Find("tags");
    const bool is_null = listed != nullptr && listed->is_null();
    if (is_null && !misbehaviours_.refuses_null) return std::string();
    const bool is_list = listed != nullptr && listed->array() != nullptr;
    if (!is_list && misbehaviours_.takes_errors_for_empty) return std::string();
    if (!is_list) {
      return Fail("registry.tags", "the answer is no list of tags", answer.url);
    }
    for (const Node& tag : *listed->array()) {
      if (tag.string() == nullptr) return Fail("registry.tags", "a tag is no text", answer.url);
      if (misbehaviours_.expects_sorted_names && !tags.empty() && *tag.string() < tags.back()) {
        is_over = true;
      }
      if (!is_over) tags.push_back(*tag.string());
    }
    if (misbehaviours_.stops_at_short_page && listed->array()->size() < kAskedFor) is_over = true;
    return tags.empty() ? std::string() : tags.back();
  };
  PULLPROOF_RETURN_IF_ERROR(ReadPages(request, std::move(first), take));
  if (!tags.empty() && misbehaviours_.loses_last_name) tags.pop_back();
  if (tags.empty() && misbehaviours_.refuses_empty) {
    return Fail("registry.tags", "there are no tags", request.url);
  }
  return tags;
}

Result<std::vector<std::string>> SimpleLister::ReferrersByTag(const Place& place,
                                                              const std::string& digest) {
  Place tagged = place;
  tagged.identifier = ReferrersTag(digest);
  const Result<SimplePuller::Fetched> fetched = puller_.GetManifest(tagged, {});
  if (!fetched && fetched.error().id == "registry.not-found") return std::vector<std::string>();
  const bool is_index = fetched && oci::IsIndexType(fetched->media_type);
  if (is_index) return DigestsOf(fetched->document);
  // What is no index lists nothing. Spec: distribution-spec, "Unavailable Referrers API".
  const bool is_answered = fetched || fetched.error().id.starts_with("json.") ||
                           fetched.error().id.starts_with("manifest.");
  if (!is_answered) return std::unexpected(fetched.error());
  if (misbehaviours_.needs_referrers_index) {
    return Fail("manifest.media-type", "the referrers tag holds no index", tagged.identifier);
  }
  return std::vector<std::string>();
}

Result<std::vector<std::string>> SimpleLister::ReferrersOf(const Place& place,
                                                           const std::string& digest) {
  if (misbehaviours_.knows_referrers_tag_only) return ReferrersByTag(place, digest);
  HttpRequest request;
  request.url = place.Url("referrers/" + digest);
  request.scope = place.Scope("pull");
  PULLPROOF_ASSIGN_OR_RETURN(HttpAnswer first, http_.Do(request));
  if (first.status == 404 && !misbehaviours_.knows_referrers_api_only) {
    return ReferrersByTag(place, digest);
  }
  std::vector<std::string> digests;
  if (first.status != 200) {
    if (misbehaviours_.takes_errors_for_empty) return digests;
    return std::unexpected(StatusError(first));
  }
  const auto take = [&](const HttpAnswer& answer) -> Result<std::string> {
    const Result<oci::MediaType> type =
        oci::MediaType::Parse(answer.headers.Find("Content-Type").value_or(""));
    const bool is_index =
        misbehaviours_.compares_types_literally
            ? answer.headers.Find("Content-Type") == std::string(oci::media::kImageIndex)
            : type && oci::IsIndexType(type->name());
    Result<Node> page = ParseJson(answer.body, answer.url);
    if (!is_index || !page) {
      if (misbehaviours_.takes_errors_for_empty) return std::string();
      return Fail("manifest.media-type", "the answer is no index of referrers", answer.url);
    }
    for (std::string& each : DigestsOf(*page)) digests.push_back(std::move(each));
    return digests.empty() ? std::string() : digests.back();
  };
  PULLPROOF_RETURN_IF_ERROR(ReadPages(request, std::move(first), take));
  if (digests.empty() && misbehaviours_.refuses_empty) {
    return Fail("registry.tags", "there are no referrers", request.url);
  }
  return digests;
}

Result<std::vector<std::string>> SimpleLister::Referrers(const Place& place, bool recursive) {
  PULLPROOF_ASSIGN_OR_RETURN(const SimplePuller::Fetched subject, puller_.GetManifest(place, {}));
  std::vector<std::string> all;
  std::vector<std::string> open = {subject.digest};
  std::set<std::string> asked;
  while (!open.empty()) {
    const std::string digest = open.back();
    open.pop_back();
    if (!asked.insert(digest).second && !misbehaviours_.recurses_forever) continue;
    PULLPROOF_ASSIGN_OR_RETURN(const std::vector<std::string> found, ReferrersOf(place, digest));
    all.insert(all.end(), found.begin(), found.end());
    if (recursive) open.insert(open.end(), found.begin(), found.end());
  }
  return all;
}

}  // namespace pullproof::conformance::client
