#include "mockregistry/content/names.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"

namespace pullproof::mockregistry::content {
namespace {

constexpr std::array<std::pair<std::string_view, Use::Kind>, 3> kValues{{
    {"$digest", Use::Kind::kDigest},
    {"$size", Use::Kind::kSize},
    {"$base64", Use::Kind::kBytes},
}};
constexpr std::array<std::string_view, 3> kValueNames{"$digest", "$size", "$base64"};

template <typename... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};

void CollectUses(const Node& node, std::vector<Use>& uses) {
  if (auto use = AsUse(node)) {
    uses.push_back(*std::move(use));
  } else if (const Node::Table* members = node.table()) {
    for (const Node::Member& member : *members) CollectUses(member.value, uses);
  } else if (const Node::Array* items = node.array()) {
    for (const Node& item : *items) CollectUses(item, uses);
  }
}

void CollectUses(const SpinLockBlob::ContentRef& content, std::vector<Use>& uses) {
  uses.push_back({Use::Kind::kInline, content.blob.name, content.blob.at});
  CollectUses(content.stated, uses);
}

void CollectUses(const SpinLockBlob& lock, std::vector<Use>& uses) {
  for (const SpinLockBlob::Component& component : lock.components) {
    CollectUses(component.source, uses);
    for (const auto& dependency : component.dependencies) CollectUses(dependency.content, uses);
    for (const auto& file : component.files) CollectUses(file.content, uses);
    CollectUses(component.stated, uses);
  }
  CollectUses(lock.stated, uses);
}

void CollectUses(const BlobSpec& blob, std::vector<Use>& uses) {
  if (const auto* json = std::get_if<JsonBlob>(&blob.kind)) {
    CollectUses(json->value, uses);
  } else if (const auto* same = std::get_if<SameBlob>(&blob.kind)) {
    uses.push_back({Use::Kind::kSame, same->of.name, same->of.at});
  } else if (const auto* tar = std::get_if<TarBlob>(&blob.kind)) {
    for (const auto& [path, file] : tar->files) CollectUses(file, uses);
  } else if (const auto* lock = std::get_if<SpinLockBlob>(&blob.kind)) {
    CollectUses(*lock, uses);
  }
}

void CollectUses(const ImageSpec& image, std::vector<Use>& uses) {
  if (image.config) CollectUses(*image.config, uses);
  if (image.config_blob) {
    uses.push_back({Use::Kind::kDigest, image.config_blob->name, image.config_blob->at});
  }
  // Also for a layer whose digest is stated: the config lists the true one.
  for (const EntrySpec& layer : image.layers) {
    uses.push_back({Use::Kind::kDigest, layer.ref, layer.at});
  }
}

void CollectUses(const IndexSpec& index, std::vector<Use>& uses) {
  for (const EntrySpec& entry : index.manifests) {
    const auto kind = entry.digest ? Use::Kind::kSize : Use::Kind::kDigest;
    uses.push_back({kind, entry.ref, entry.at});
  }
}

Node ValueOf(const Use& use, const Known& known) {
  switch (use.kind) {
    case Use::Kind::kSize:
      return Node(known.size);
    case Use::Kind::kBytes: {
      if (known.bytes != nullptr) return Node(Base64Encode(ReadAll(*known.bytes)));
      const std::uint64_t groups = (known.size + 2) / 3;
      return Node(std::string(4 * groups, 'A'));
    }
    case Use::Kind::kDigest:
    case Use::Kind::kSame:
    case Use::Kind::kInline:
    case Use::Kind::kSubject:
      break;
  }
  return Node(known.digest);
}

// Where the first number with a fraction stands.
std::optional<Position> FindFraction(const Node& node) {
  if (node.real() != nullptr) return node.at();
  if (const Node::Table* members = node.table()) {
    for (const Node::Member& member : *members) {
      if (const auto at = FindFraction(member.value)) return at;
    }
  } else if (const Node::Array* items = node.array()) {
    for (const Node& item : *items) {
      if (const auto at = FindFraction(item)) return at;
    }
  }
  return std::nullopt;
}

void CheckMember(const Node::Member& member, std::size_t members, Diagnostics& problems) {
  if (std::ranges::find(kValueNames, member.name) != kValueNames.end()) {
    if (members != 1 || member.value.string() == nullptr) {
      problems.Report("content.value", member.at,
                      fmt::format("`{}` must be the only member of its table, and the name of a "
                                  "blob or manifest",
                                  member.name),
                      fmt::format("{{\"{}\": \"NAME\"}}", member.name));
    }
  } else if (members == 1 && member.name.starts_with('$')) {
    if (const auto closest = ClosestTo(member.name, kValueNames)) {
      problems.Warn("content.value", member.at,
                    fmt::format("`{}` is kept as it is written", member.name),
                    fmt::format("did you mean `{}`?", *closest));
    }
  }
}

}  // namespace

std::optional<Use> AsUse(const Node& node) {
  const Node::Table* members = node.table();
  if (members == nullptr || members->size() != 1) return std::nullopt;
  const Node::Member& member = members->front();
  const auto value = std::ranges::find(kValues, member.name, &decltype(kValues)::value_type::first);
  const std::string* name = member.value.string();
  if (value == kValues.end() || name == nullptr) return std::nullopt;
  return Use{value->second, *name, member.value.at()};
}

std::vector<Use> UsesOf(const BlobSpec& blob) {
  std::vector<Use> uses;
  CollectUses(blob, uses);
  return uses;
}

std::vector<Use> UsesOf(const ManifestSpec& manifest) {
  std::vector<Use> uses;
  std::visit(
      Overloaded{[&](const ImageSpec& image) { CollectUses(image, uses); },
                 [&](const IndexSpec& index) { CollectUses(index, uses); }, [](const RawSpec&) {}},
      manifest.kind);
  if (manifest.subject) {
    uses.push_back({Use::Kind::kSubject, manifest.subject->name, manifest.subject->at});
  }
  return uses;
}

Node Substitute(const Node& node, const Catalog& catalog) {
  if (const auto use = AsUse(node)) return ValueOf(*use, catalog.Of(use->name));
  if (const Node::Table* members = node.table()) {
    Node::Table table;
    table.reserve(members->size());
    for (const Node::Member& member : *members) {
      table.push_back({member.name, member.at, Substitute(member.value, catalog)});
    }
    return Node(std::move(table), node.at());
  }
  if (const Node::Array* items = node.array()) {
    Node::Array array;
    array.reserve(items->size());
    for (const Node& item : *items) array.push_back(Substitute(item, catalog));
    return Node(std::move(array), node.at());
  }
  return node;
}

std::optional<std::string> Canonical(const Node& node, Diagnostics& problems) {
  Result<std::string> text = CanonicalJson(node);
  if (text) return *std::move(text);
  problems.Report("content.fraction", FindFraction(node).value_or(node.at()),
                  "a number with a fraction has no canonical form",
                  "write it as a string, or the whole content as `text` or `raw`");
  return std::nullopt;
}

void CheckValues(const Node& node, Diagnostics& problems) {
  if (const Node::Table* members = node.table()) {
    for (const Node::Member& member : *members) {
      CheckMember(member, members->size(), problems);
      CheckValues(member.value, problems);
    }
  } else if (const Node::Array* items = node.array()) {
    for (const Node& item : *items) CheckValues(item, problems);
  }
}

std::string SuggestName(std::string_view word, std::span<const std::string_view> names) {
  constexpr std::size_t kShortList = 12;
  if (names.size() <= kShortList) return SuggestFrom(word, names);
  const auto closest = ClosestTo(word, names);
  return closest ? fmt::format("did you mean `{}`?", *closest) : std::string();
}

}  // namespace pullproof::mockregistry::content
