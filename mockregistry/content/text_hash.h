// Hashed containers that are keyed by strings and asked with string_views, without a copy.
#ifndef PULLPROOF_MOCKREGISTRY_CONTENT_TEXT_HASH_H_
#define PULLPROOF_MOCKREGISTRY_CONTENT_TEXT_HASH_H_

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace pullproof::mockregistry::content {

struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const {
    return std::hash<std::string_view>{}(text);
  }
};

template <typename T>
using TextMap = std::unordered_map<std::string, T, TextHash, std::equal_to<>>;

}  // namespace pullproof::mockregistry::content

#endif  // PULLPROOF_MOCKREGISTRY_CONTENT_TEXT_HASH_H_
