// Lists for messages: what a package holds may be long, a sentence is not.
#ifndef PULLPROOF_RESOLVER_ARTIFACT_LIST_SOME_H_
#define PULLPROOF_RESOLVER_ARTIFACT_LIST_SOME_H_

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>

#include <fmt/format.h>

namespace pullproof::resolver::artifact {

// "a, b, c", the first twenty, then how many more there are; "nothing" for an empty list.
inline std::string ListSome(std::span<const std::string> items) {
  constexpr std::size_t kMost = 20;
  if (items.empty()) return "nothing";
  std::string list = fmt::format("{}", fmt::join(items.first(std::min(items.size(), kMost)), ", "));
  if (items.size() > kMost) list += fmt::format(" and {} more", items.size() - kMost);
  return list;
}

}  // namespace pullproof::resolver::artifact

#endif  // PULLPROOF_RESOLVER_ARTIFACT_LIST_SOME_H_
