#include "mockregistry/script/descriptor_lie.h"

#include <utility>

#include "base/document.h"

namespace pullproof::mockregistry::script {
namespace {

void Set(Node& table, std::string_view name, Node value) {
  if (Node* member = table.Find(name)) {
    *member = std::move(value);
  } else {
    table.table()->push_back({std::string(name), {}, std::move(value)});
  }
}

bool ChangeDescriptor(Node* descriptor, std::string_view child, const DescriptorLie& lie) {
  if (descriptor == nullptr) return false;
  const Node* digest = descriptor->Find("digest");
  if (digest == nullptr || digest->string() == nullptr || *digest->string() != child) return false;
  if (lie.size) Set(*descriptor, "size", Node(*lie.size));
  if (lie.digest) Set(*descriptor, "digest", Node(*lie.digest));
  if (lie.type) Set(*descriptor, "mediaType", Node(*lie.type));
  return true;
}

bool ChangeAll(Node* descriptors, std::string_view child, const DescriptorLie& lie) {
  Node::Array* items = descriptors == nullptr ? nullptr : descriptors->array();
  if (items == nullptr) return false;
  bool changed = false;
  for (Node& item : *items) changed = ChangeDescriptor(&item, child, lie) || changed;
  return changed;
}

}  // namespace

std::optional<std::string> TellLie(std::string_view manifest, std::string_view child,
                                   const DescriptorLie& lie) {
  Result<Node> document = ParseJson(manifest, "the manifest");
  if (!document) return std::nullopt;
  bool changed = false;
  for (const std::string_view member : {"config", "subject"}) {
    changed = ChangeDescriptor(document->Find(member), child, lie) || changed;
  }
  for (const std::string_view member : {"layers", "manifests"}) {
    changed = ChangeAll(document->Find(member), child, lie) || changed;
  }
  if (!changed) return std::nullopt;
  Result<std::string> text = CanonicalJson(*document);
  if (!text) return std::nullopt;
  return *std::move(text);
}

}  // namespace pullproof::mockregistry::script
