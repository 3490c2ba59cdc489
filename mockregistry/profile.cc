#include "mockregistry/profile.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"

namespace pullproof::mockregistry {
namespace {

constexpr std::string_view kEnding = ".toml";

std::string_view NameOf(const EmbeddedFile& file) {
  return file.name.substr(0, file.name.size() - kEnding.size());
}

// A test loads each file that is built in.
Node Parsed(const EmbeddedFile& file) { return *ParseToml(file.text, file.name); }

// The same value without positions: it does not stand in the fixture's file.
Node WithoutPositions(const Node& node) {
  if (const Node::Table* members = node.table()) {
    Node::Table table;
    for (const Node::Member& member : *members) {
      table.push_back({member.name, {}, WithoutPositions(member.value)});
    }
    return Node(std::move(table));
  }
  if (const Node::Array* items = node.array()) {
    Node::Array array;
    for (const Node& item : *items) array.push_back(WithoutPositions(item));
    return Node(std::move(array));
  }
  if (const std::string* text = node.string()) return Node(*text);
  if (const bool* flag = node.boolean()) return Node(*flag);
  if (const std::int64_t* number = node.integer()) return Node(*number);
  return node;
}

// The member of the table, made when it is not there.
Node& Ensure(Node& table, std::string_view name, Node value) {
  if (Node* member = table.Find(name)) return *member;
  table.table()->push_back({std::string(name), {}, std::move(value)});
  return table.table()->back().value;
}

// A member of the wrong kind is left for the reader of the fixture to report.
void AddAbsent(Node& document, std::string_view name, const Node& stated) {
  Node& existing = Ensure(document, name, Node(Node::Table{}));
  if (existing.table() == nullptr) return;
  for (const Node::Member& member : *stated.table()) {
    Ensure(existing, member.name, WithoutPositions(member.value));
  }
}

void LayEntryUnder(const Node& entry, Node& document) {
  if (const Node* rules = entry.Find("rules")) {
    Node& existing = Ensure(document, "rules", Node(Node::Array{}));
    if (existing.array() != nullptr) {
      for (const Node& rule : *rules->array()) existing.array()->push_back(WithoutPositions(rule));
    }
  }
  for (const std::string_view name : {"limits", "hosts"}) {
    if (const Node* stated = entry.Find(name)) AddAbsent(document, name, *stated);
  }
  if (const Node* auth = entry.Find("auth")) {
    AddAbsent(document, "auth", Node(Node::Table{{"registry", {}, *auth}}));
  }
}

std::string TextOf(const Node& node, std::string_view name) { return *node.Find(name)->string(); }

}  // namespace

std::vector<Profile> Profiles() {
  std::vector<Profile> profiles;
  for (const EmbeddedFile& file : ProfileFiles()) {
    const Node document = Parsed(file);
    Profile profile{TextOf(document, "profile"), TextOf(document, "title"), {}};
    for (const Node& entry : *document.Find("entries")->array()) {
      profile.quirks.push_back({TextOf(entry, "what"), TextOf(entry, "link")});
    }
    profiles.push_back(std::move(profile));
  }
  std::ranges::sort(profiles, {}, &Profile::name);
  return profiles;
}

void LayProfileUnder(Node& document, Diagnostics& problems) {
  if (document.table() == nullptr) return;
  const Node* stated = document.Find("profile");
  if (stated == nullptr || stated->string() == nullptr) return;
  const std::string name = *stated->string();
  const auto files = ProfileFiles();
  const auto file = std::ranges::find(files, name, &NameOf);
  if (file == files.end()) {
    std::vector<std::string_view> names;
    for (const EmbeddedFile& known : files) names.push_back(NameOf(known));
    problems.Report("profile.unknown", stated->at(), fmt::format("there is no profile `{}`", name),
                    SuggestFrom(name, names));
    return;
  }
  const Node profile = Parsed(*file);
  for (const Node& entry : *profile.Find("entries")->array()) LayEntryUnder(entry, document);
}

}  // namespace pullproof::mockregistry
