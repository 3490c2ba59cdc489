#include "resolver/registry_client/tag_listing.h"

#include <optional>
#include <set>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>

#include "base/document.h"
#include "base/text.h"
#include "oci/reference.h"
#include "resolver/registry_client/link.h"

namespace pullproof::resolver::registry_client {
namespace {

struct Page {
  std::string body;
  std::optional<std::string> link;  // all Link lines
  Url url;                          // that served it
};

Result<Page> FetchPage(Fetcher& fetcher, const Endpoint& endpoint, const Url& url) {
  std::string body;
  std::optional<std::string> link;
  const Content content{
      .ranged = false,
      .on_response = [&](const transport::Response& response) -> Result<void> {
        body.clear();
        link = response.headers.Joined("Link");
        return {};
      },
      .on_body = [&](std::string_view bytes) -> Result<void> {
        if (bytes.size() > kMaxTagPageBytes - body.size()) {
          return Fail("limit.bytes",
                      fmt::format("a list of tags of more than {} MiB", kMaxTagPageBytes >> 20));
        }
        body += bytes;
        return {};
      }};
  PULLPROOF_ASSIGN_OR_RETURN(Url served_by,
                             fetcher.Get(endpoint, url, {{"Accept", "application/json"}}, content));
  return Page{.body = std::move(body), .link = std::move(link), .url = std::move(served_by)};
}

// Where the next page is; nullopt after the last one.
Result<std::optional<Url>> NextPage(const Page& page, const Endpoint& endpoint) {
  if (!page.link) return std::nullopt;
  PULLPROOF_ASSIGN_OR_RETURN(const auto target, NextLink(*page.link));
  if (!target) return std::nullopt;
  PULLPROOF_ASSIGN_OR_RETURN(Url next, page.url.Resolve(*target));
  if (!next.SameOrigin(endpoint.base)) {
    return Fail("registry.link",
                fmt::format("the next page of tags is said to be at another host, {}", next.host()),
                {}, "tags of one registry are not taken from another");
  }
  return next;
}

}  // namespace

Result<std::vector<std::string>> ParseTagPage(std::string_view body, std::string_view name) {
  PULLPROOF_ASSIGN_OR_RETURN(const Node root, ParseJson(body, name));
  const Node* list = root.Find("tags");
  if (list != nullptr && list->is_null()) return std::vector<std::string>();
  if (list == nullptr || list->array() == nullptr) {
    return Fail("registry.tags", "the answer has no list `tags`", std::string(name));
  }
  std::vector<std::string> tags;
  tags.reserve(list->array()->size());
  for (const Node& item : *list->array()) {
    const std::string* tag = item.string();
    if (tag == nullptr || !oci::IsTag(*tag)) {
      return Fail("registry.tags",
                  tag == nullptr ? fmt::format("{} in a list of tags", item.KindName())
                                 : fmt::format("`{}` in a list of tags is none", Printable(*tag)),
                  std::string(name));
    }
    tags.push_back(*tag);
  }
  return tags;
}

Result<std::vector<std::string>> ListAllTags(Fetcher& fetcher, const Endpoint& endpoint,
                                             std::string_view name) {
  std::vector<std::string> tags;
  std::unordered_set<std::string> known;
  std::set<std::string> asked;
  std::optional<Url> url = endpoint.At("tags/list");
  while (url) {
    if (!asked.insert(url->target()).second) {
      return Fail("registry.link", "the pages of tags lead back to one that was read already");
    }
    if (asked.size() > kMaxTagPages) {
      return Fail("registry.link", fmt::format("more than {} pages of tags", kMaxTagPages));
    }
    PULLPROOF_ASSIGN_OR_RETURN(const Page page, FetchPage(fetcher, endpoint, *url));
    PULLPROOF_ASSIGN_OR_RETURN(const auto names, ParseTagPage(page.body, name));
    for (const std::string& tag : names) {
      if (known.insert(tag).second) tags.push_back(tag);
    }
    if (tags.size() > kMaxTags) {
      return Fail("limit.tags", fmt::format("more than {} tags", kMaxTags));
    }
    PULLPROOF_ASSIGN_OR_RETURN(url, NextPage(page, endpoint));
  }
  return tags;
}

}  // namespace pullproof::resolver::registry_client
