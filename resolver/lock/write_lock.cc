#include <utility>

#include "base/text.h"
#include "resolver/lock/locked_app.h"

namespace pullproof::resolver::lock {
namespace {

// Builds one object member by member; what is empty is left out, as Spin does.
class Members {
 public:
  void Add(std::string name, Node value) {
    table_.push_back({std::move(name), {}, std::move(value)});
  }
  void AddTable(std::string name, Node::Table value) {
    if (!value.empty()) Add(std::move(name), Node(std::move(value)));
  }
  void AddArray(std::string name, Node::Array value) {
    if (!value.empty()) Add(std::move(name), Node(std::move(value)));
  }
  void AddStrings(std::string name, const std::map<std::string, std::string>& strings) {
    Members members;
    for (const auto& [key, value] : strings) members.Add(key, Node(value));
    AddTable(std::move(name), std::move(members).Take());
  }
  void AddRequirements(const std::set<std::string>& features) {
    Members members;
    for (const std::string& feature : features) members.Add(feature, Node(std::string("required")));
    AddTable("host_requirements", std::move(members).Take());
  }
  void AddContent(const ContentReference& content) {
    if (content.source) Add("source", Node(*content.source));
    if (content.inline_bytes) {
      Add("inline", Node(Base64Encode(*content.inline_bytes, Padding::kNone)));
    }
    if (content.digest) Add("digest", Node(content.digest->ToString()));
  }
  Node::Table Take() && { return std::move(table_); }

 private:
  Node::Table table_;
};

Node::Table SortedTable(const Node::Table& table) { return *Sorted(Node(table)).table(); }

Node::Array MustUnderstand(const LockedApp& app) {
  Node::Array must_understand;
  if (!app.host_requirements.empty())
    must_understand.emplace_back(std::string("host_requirements"));
  for (const LockedComponent& component : app.components) {
    if (component.host_requirements.empty()) continue;
    must_understand.emplace_back(std::string("component_host_requirements"));
    break;
  }
  return must_understand;
}

Node VariableNode(const LockedVariable& variable) {
  Members members;
  if (!variable.description.empty()) members.Add("description", Node(variable.description));
  if (variable.default_value) members.Add("default", Node(*variable.default_value));
  if (variable.secret) members.Add("secret", Node(true));
  return Node(std::move(members).Take());
}

Node TriggerNode(const LockedTrigger& trigger) {
  Members members;
  members.Add("id", Node(trigger.id));
  members.Add("trigger_type", Node(trigger.type));
  members.Add("trigger_config", Sorted(trigger.config));
  return Node(std::move(members).Take());
}

Node SourceNode(const LockedSource& source) {
  Members members;
  members.Add("content_type", Node(source.content_type));
  members.AddContent(source.content);
  return Node(std::move(members).Take());
}

// `export` is always there, and nothing inherited is left out.
Node DependencyNode(const LockedDependency& dependency) {
  Members members;
  members.Add("source", SourceNode(dependency.source));
  members.Add("export", dependency.export_name ? Node(*dependency.export_name) : Node());
  if (dependency.inherits.all) {
    members.Add("inherit", Node(std::string("All")));
  } else if (!dependency.inherits.kinds.empty()) {
    Node::Array kinds;
    for (const std::string& kind : dependency.inherits.kinds) kinds.emplace_back(kind);
    Members some;
    some.Add("Some", Node(std::move(kinds)));
    members.Add("inherit", Node(std::move(some).Take()));
  }
  return Node(std::move(members).Take());
}

Node::Table DependencyNodes(const std::map<std::string, LockedDependency>& dependencies) {
  Members members;
  for (const auto& [name, dependency] : dependencies) {
    members.Add(name, DependencyNode(dependency));
  }
  return std::move(members).Take();
}

Node::Table TriggerDependencyNodes(
    const std::map<std::string, std::vector<LockedDependency>>& roles) {
  Members members;
  for (const auto& [role, dependencies] : roles) {
    Node::Array nodes;
    for (const LockedDependency& dependency : dependencies) {
      nodes.push_back(DependencyNode(dependency));
    }
    members.Add(role, Node(std::move(nodes)));
  }
  return std::move(members).Take();
}

Node ComponentNode(const LockedComponent& component) {
  Node::Array files;
  for (const LockedFile& file : component.files) {
    Members entry;
    entry.AddContent(file.content);
    entry.Add("path", Node(file.path));
    files.emplace_back(std::move(entry).Take());
  }
  Members members;
  members.Add("id", Node(component.id));
  members.AddTable("metadata", SortedTable(component.metadata));
  members.Add("source", SourceNode(component.source));
  members.AddStrings("env", component.environment);
  members.AddArray("files", std::move(files));
  members.AddStrings("config", component.config);
  members.AddTable("dependencies", DependencyNodes(component.dependencies));
  members.AddTable("trigger_dependencies", TriggerDependencyNodes(component.trigger_dependencies));
  members.AddRequirements(component.host_requirements);
  return Node(std::move(members).Take());
}

}  // namespace

Result<std::string> WriteLock(const LockedApp& app, Style style) {
  Node::Array must_understand = MustUnderstand(app);
  Members variables;
  for (const auto& [name, variable] : app.variables) variables.Add(name, VariableNode(variable));
  Node::Array triggers;
  for (const LockedTrigger& trigger : app.triggers) triggers.push_back(TriggerNode(trigger));
  Node::Array components;
  for (const LockedComponent& component : app.components) {
    components.push_back(ComponentNode(component));
  }
  Members members;
  members.Add("spin_lock_version", Node(std::int64_t{must_understand.empty() ? 0 : 1}));
  members.AddArray("must_understand", std::move(must_understand));
  members.AddTable("metadata", SortedTable(app.metadata));
  members.AddRequirements(app.host_requirements);
  members.AddTable("variables", std::move(variables).Take());
  members.Add("triggers", Node(std::move(triggers)));
  members.Add("components", Node(std::move(components)));
  return WriteJson(Node(std::move(members).Take()), style);
}

}  // namespace pullproof::resolver::lock
