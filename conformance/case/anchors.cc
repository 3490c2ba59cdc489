#include "conformance/case/anchors.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/document.h"
#include "base/text.h"

namespace pullproof::conformance {
namespace {

std::string TextOf(const Node& entry, std::string_view member) {
  const Node* node = entry.Find(member);
  return node != nullptr && node->string() != nullptr ? *node->string() : std::string();
}

// Within the repository, or where everybody can look it up.
bool IsAddress(std::string_view url) {
  return url.starts_with("https://") || url.starts_with("docs/");
}

// Where the anchor stands in the text of its case, for people.
Position PositionIn(std::string_view text, std::string_view anchor) {
  const std::size_t at = text.find(fmt::format("\"{}\"", anchor));
  if (at == std::string_view::npos) return {};
  const std::string_view before = text.substr(0, at);
  const std::size_t line_start = before.rfind('\n') + 1;  // 0 after npos
  Position position;
  position.line = static_cast<decltype(position.line)>(std::ranges::count(before, '\n') + 1);
  position.column = static_cast<decltype(position.column)>(at - line_start + 1);
  return position;
}

}  // namespace

Result<std::vector<Anchor>> ReadAnchors(std::string_view json, const std::string& name) {
  PULLPROOF_ASSIGN_OR_RETURN(const Node document, ParseJson(json, name));
  const Node::Table* entries = document.table();
  if (entries == nullptr) return Fail("anchor.invalid", "the anchors are no object", name);
  std::vector<Anchor> anchors;
  for (const Node::Member& entry : *entries) {
    Anchor anchor{.id = entry.name,
                  .title = TextOf(entry.value, "title"),
                  .url = TextOf(entry.value, "url"),
                  .says = TextOf(entry.value, "says")};
    if (anchor.title.empty() || anchor.says.empty() || !IsAddress(anchor.url)) {
      return Fail("anchor.invalid",
                  fmt::format("`{}` lacks its title, its url or what it says", anchor.id), name);
    }
    anchors.push_back(std::move(anchor));
  }
  std::ranges::sort(anchors, {}, &Anchor::id);
  return anchors;
}

std::span<const Anchor> Anchors() {
  static const std::vector<Anchor> anchors = [] {
    const EmbeddedFile& file = EmbeddedAnchors().front();
    Result<std::vector<Anchor>> read = ReadAnchors(file.text, std::string(file.name));
    return read ? *std::move(read) : std::vector<Anchor>();
  }();
  return anchors;
}

const Anchor* FindAnchor(std::string_view id) {
  const std::span<const Anchor> anchors = Anchors();
  const auto found = std::ranges::lower_bound(anchors, id, {}, &Anchor::id);
  return found != anchors.end() && found->id == id ? &*found : nullptr;
}

void CheckAnchors(std::span<const std::string> spec, std::string_view text, Diagnostics& problems) {
  for (const std::string& id : spec) {
    if (FindAnchor(id) != nullptr) continue;
    std::vector<std::string_view> known;
    for (const Anchor& anchor : Anchors()) known.push_back(anchor.id);
    const std::optional<std::string> closest = ClosestTo(id, known);
    problems.Report(
        "case.unknown-anchor", PositionIn(text, id),
        fmt::format("`spec` names `{}`, which docs/spec-anchors.json does not have", id),
        closest ? fmt::format("did you mean `{}`?", *closest)
                : "add it there, with its title, its address and its gist");
  }
}

}  // namespace pullproof::conformance
