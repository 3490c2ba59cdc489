#include "mockregistry/api/paging.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"

namespace pullproof::mockregistry::api {
namespace {

using Next = ListShape::Next;
using Parameters = std::vector<std::pair<std::string, std::string>>;

Response RefusePage(std::string_view message, std::string_view detail) {
  return ErrorResponse("PAGINATION_NUMBER_INVALID", message, 0, detail.substr(0, 300));
}

// Digits only. What does not fit is as good as no limit.
std::optional<std::uint64_t> ParseCount(std::string_view text) {
  if (text.empty() || text.find_first_not_of("0123456789") != std::string_view::npos) {
    return std::nullopt;
  }
  std::uint64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  return error == std::errc{} ? count : UINT64_MAX;
}

std::optional<Next> ScriptedNext(const Exchange& exchange) {
  const auto& shape = exchange.context.list;
  return shape ? std::optional(shape->next) : std::nullopt;
}

std::string QueryText(const Parameters& parameters) {
  std::string text;
  for (const auto& [name, value] : parameters) {
    text +=
        fmt::format("{}{}={}", text.empty() ? '?' : '&', PercentEncode(name), PercentEncode(value));
  }
  return text;
}

// The path of the listing itself, which the route has already found well-formed.
std::string PathOf(const Exchange& exchange) {
  const std::string& target = exchange.request.target;
  return target.substr(0, target.find('?'));
}

// The parameters of a page, and whatever else the client asked for (a filter).
Parameters PageParameters(const Exchange& exchange, const PageRequest& page,
                          std::string_view cursor_name, std::string_view cursor) {
  Parameters parameters = {{"n", std::to_string(page.count)}};
  if (!cursor_name.empty()) parameters.emplace_back(cursor_name, cursor);
  for (const auto& parameter : exchange.route.query) {
    const std::string& name = parameter.first;
    if (name != "n" && name != "last" && name != "cursor") parameters.push_back(parameter);
  }
  return parameters;
}

std::string NextUrl(const Exchange& exchange, const PageRequest& page, std::string_view last) {
  const auto next = ScriptedNext(exchange);
  const std::string path = PathOf(exchange);
  if (next == Next::kSelf) return path + QueryText(exchange.route.query);
  if (next == Next::kAgain) return path + QueryText(PageParameters(exchange, page, {}, {}));
  if (next == Next::kCursor) {
    return path + QueryText(PageParameters(exchange, page, "cursor", HexEncode(last)));
  }
  const std::string query = QueryText(PageParameters(exchange, page, "last", last));
  if (next == Next::kRelative) return query;
  if (next == Next::kAbsolute) return exchange.context.list->origin + path + query;
  return path + query;
}

}  // namespace

Step<PageRequest> ReadPageRequest(const Exchange& exchange) {
  PageRequest page{.count = exchange.context.limits.max_page, .last = {}};
  if (const auto n = exchange.route.Query("n")) {
    const auto count = ParseCount(*n);
    if (!count) return std::unexpected(RefusePage("`n` is a number of entries, 0 or more", *n));
    page.count = std::min(page.count, *count);
  }
  if (const auto& shape = exchange.context.list; shape && shape->page) page.count = *shape->page;

  const auto last = exchange.route.Query("last");
  if (const auto cursor = exchange.route.Query("cursor")) {
    auto decoded = HexDecode(*cursor);
    if (!decoded) {
      return std::unexpected(RefusePage("`cursor` is not one that this registry gave", *cursor));
    }
    page.last = *std::move(decoded);
  } else if (last && ScriptedNext(exchange) == Next::kCursor) {
    return std::unexpected(RefusePage("pages are found by the Link header, not by `last`", *last));
  } else if (last) {
    page.last = *last;
  }
  return page;
}

void AddNextLink(const Exchange& exchange, const PageRequest& page, std::string_view last,
                 bool more, Response& response) {
  const auto next = ScriptedNext(exchange);
  const bool in_circles = next == Next::kSelf || next == Next::kAgain;
  if (next == Next::kNone || (!more && !in_circles)) return;
  response.headers.Add("Link", fmt::format("<{}>; rel=\"next\"", NextUrl(exchange, page, last)));
}

}  // namespace pullproof::mockregistry::api
