#include <utility>

#include "base/text.h"
#include "mockregistry/content/make.h"

namespace pullproof::mockregistry::content {
namespace {

void Add(Node::Table& table, std::string_view name, Node value) {
  table.push_back({std::string(name), {}, std::move(value)});
}

// Adds the stated members, each in the place of one of the same name.
void LayOver(Node::Table& table, const Node& stated, const Catalog& catalog) {
  if (stated.table() == nullptr) return;
  const Node members = Substitute(stated, catalog);
  // A table of one `$…` member became what it stands for.
  if (members.table() == nullptr) return;
  Node whole(std::move(table));
  for (const Node::Member& member : *members.table()) {
    if (Node* existing = whole.Find(member.name)) {
      *existing = member.value;
    } else {
      whole.table()->push_back(member);
    }
  }
  table = std::move(*whole.table());
}

// The digest; and the content itself, in base64 without padding, when there is little of it.
void AddContent(Node::Table& table, const SpinLockBlob::ContentRef& content,
                const Catalog& catalog) {
  const Known& known = catalog.Of(content.blob.name);
  if (known.size <= kMaxSpinInline && known.bytes != nullptr) {
    Add(table, "inline", Node(Base64Encode(ReadAll(*known.bytes), Padding::kNone)));
  }
  Add(table, "digest", Node(known.digest));
}

Node Source(const SpinLockBlob::ContentRef& content, const Catalog& catalog) {
  Node::Table source;
  Add(source, "content_type", Node(std::string("application/wasm")));
  AddContent(source, content, catalog);
  LayOver(source, content.stated, catalog);
  return Node(std::move(source));
}

Node File(const SpinLockBlob::File& file, const Catalog& catalog) {
  Node::Table entry;
  Add(entry, "path", Node(file.path));
  AddContent(entry, file.content, catalog);
  LayOver(entry, file.content.stated, catalog);
  return Node(std::move(entry));
}

Node Component(const SpinLockBlob::Component& component, const Catalog& catalog) {
  Node::Table table = component.members;
  Add(table, "source", Source(component.source, catalog));
  if (!component.files.empty()) {
    Node::Array files;
    for (const SpinLockBlob::File& file : component.files) files.push_back(File(file, catalog));
    Add(table, "files", Node(std::move(files)));
  }
  if (!component.dependencies.empty()) {
    Node::Table dependencies;
    for (const SpinLockBlob::Dependency& dependency : component.dependencies) {
      Node::Table members = dependency.members;
      Add(members, "source", Source(dependency.content, catalog));
      Add(dependencies, dependency.name, Node(std::move(members)));
    }
    Add(table, "dependencies", Node(std::move(dependencies)));
  }
  LayOver(table, component.stated, catalog);
  return Node(std::move(table));
}

}  // namespace

Node MakeSpinLock(const SpinLockBlob& lock, const Catalog& catalog) {
  Node::Table table = lock.members;
  Node::Array components;
  for (const SpinLockBlob::Component& component : lock.components) {
    components.push_back(Component(component, catalog));
  }
  Add(table, "components", Node(std::move(components)));
  LayOver(table, lock.stated, catalog);
  return Node(std::move(table));
}

}  // namespace pullproof::mockregistry::content
