#include "oci/media_type.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"

namespace pullproof::oci {
namespace {

// restricted-name of RFC 6838: starts with a letter or digit, at most 127 characters.
bool IsRestrictedName(std::string_view text) {
  constexpr std::size_t kMaxName = 127;
  const auto is_alphanumeric = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  return !text.empty() && text.size() <= kMaxName && is_alphanumeric(text.front()) &&
         std::ranges::all_of(text, [&](char c) {
           return is_alphanumeric(c) ||
                  std::string_view("!#$&-^_.+").find(c) != std::string_view::npos;
         });
}

}  // namespace

Result<MediaType> MediaType::Parse(std::string_view text) {
  const std::string_view essence = Trim(text.substr(0, text.find(';')));
  const std::size_t slash = essence.find('/');
  if (slash == std::string_view::npos || !IsRestrictedName(essence.substr(0, slash)) ||
      !IsRestrictedName(essence.substr(slash + 1))) {
    return Fail("media-type.syntax", fmt::format("`{}` is not a media type", text.substr(0, 300)));
  }
  return MediaType(ToLowerAscii(essence));
}

bool IsImageManifestType(std::string_view type) {
  return type == media::kImageManifest || type == media::kDockerManifest;
}

bool IsIndexType(std::string_view type) {
  return type == media::kImageIndex || type == media::kDockerManifestList;
}

}  // namespace pullproof::oci
