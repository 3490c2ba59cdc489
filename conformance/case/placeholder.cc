#include "conformance/case/placeholder.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"

namespace pullproof::conformance {
namespace {

using mockregistry::content::Content;

constexpr std::array<std::string_view, 3> kWords{"registry", "host", "digest"};

// Whether what stands between two braces means to be a placeholder: WORD or WORD:NAME.
bool LooksLikePlaceholder(std::string_view inside) {
  return !inside.empty() && std::ranges::all_of(inside, [](unsigned char c) {
    return std::isalnum(c) != 0 ||
           std::string_view(":._/-").find(static_cast<char>(c)) != std::string_view::npos;
  });
}

Result<std::string> ValueOf(std::string_view inside, const Content& content,
                            const AuthorityOf& authority_of) {
  const std::size_t colon = inside.find(':');
  const std::string_view word = inside.substr(0, colon);
  const std::string_view name =
      colon == std::string_view::npos ? std::string_view() : inside.substr(colon + 1);
  if (word == "digest") {
    const std::optional<oci::Digest> digest = content.DigestOfName(name);
    if (digest) return digest->ToString();
    std::vector<std::string_view> names;
    for (const auto& blob : content.blobs) names.push_back(blob.name);
    for (const auto& manifest : content.manifests) names.push_back(manifest.name);
    return Fail("placeholder.content", fmt::format("there is no content named `{}`", name), {},
                SuggestFrom(name, names));
  }
  if (inside == "registry" || word == "host") {
    std::string authority = authority_of(inside == "registry" ? inside : name);
    if (!authority.empty()) return authority;
    return Fail("placeholder.host", fmt::format("there is no host `{}`", name), {},
                "declare it under `hosts`");
  }
  return Fail("placeholder.unknown", fmt::format("`{{{}}}` is no placeholder", inside), {},
              SuggestFrom(word, kWords));
}

}  // namespace

Result<std::string> FillPlaceholders(std::string_view text, const Content& content,
                                     const AuthorityOf& authority_of) {
  std::string filled;
  filled.reserve(text.size());
  while (!text.empty()) {
    const std::size_t open = text.find('{');
    filled += text.substr(0, open);
    if (open == std::string_view::npos) break;
    text.remove_prefix(open);
    if (text.starts_with("{{")) {
      filled += "{{";
      text.remove_prefix(2);
      continue;
    }
    const std::size_t close = text.find('}');
    const std::string_view inside =
        close == std::string_view::npos ? std::string_view() : text.substr(1, close - 1);
    if (!LooksLikePlaceholder(inside)) {
      filled += '{';
      text.remove_prefix(1);
      continue;
    }
    PULLPROOF_ASSIGN_OR_RETURN(const std::string value, ValueOf(inside, content, authority_of));
    filled += value;
    text.remove_prefix(close + 1);
  }
  return filled;
}

}  // namespace pullproof::conformance
