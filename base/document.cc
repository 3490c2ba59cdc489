#include "base/document.h"

#include <utility>

#include <fmt/format.h>

namespace pullproof {

// All of these are here and not in the header: a table can only be made, moved or destroyed where
// its members are a complete type, and one copy of that code is enough.
Node::Node() : value_(nullptr) {}
Node::Node(std::nullptr_t, Position at) : value_(nullptr), at_(at) {}
Node::Node(bool value, Position at) : value_(value), at_(at) {}
Node::Node(std::int64_t value, Position at) : value_(value), at_(at) {}
Node::Node(std::uint64_t value, Position at) : value_(value), at_(at) {}
Node::Node(double value, Position at) : value_(value), at_(at) {}
Node::Node(std::string value, Position at) : value_(std::move(value)), at_(at) {}
Node::Node(Array value, Position at) : value_(std::move(value)), at_(at) {}
Node::Node(Table value, Position at) : value_(std::move(value)), at_(at) {}
Node::Node(const Node&) = default;
Node::Node(Node&&) noexcept = default;
Node& Node::operator=(const Node&) = default;
Node& Node::operator=(Node&&) noexcept = default;
Node::~Node() = default;

const Node* Node::Find(std::string_view name) const {
  const Table* members = table();
  if (members == nullptr) return nullptr;
  for (const Member& member : *members) {
    if (member.name == name) return &member.value;
  }
  return nullptr;
}

Node* Node::Find(std::string_view name) {
  return const_cast<Node*>(static_cast<const Node*>(this)->Find(name));
}

std::string_view Node::KindName() const {
  struct Visitor {
    std::string_view operator()(std::nullptr_t) const { return "null"; }
    std::string_view operator()(bool) const { return "a boolean"; }
    std::string_view operator()(std::int64_t) const { return "an integer"; }
    std::string_view operator()(std::uint64_t) const { return "an integer"; }
    std::string_view operator()(double) const { return "a fraction"; }
    std::string_view operator()(const std::string&) const { return "a string"; }
    std::string_view operator()(const Array&) const { return "an array"; }
    std::string_view operator()(const Table&) const { return "a table"; }
  };
  return std::visit(Visitor{}, value_);
}

std::string FormatPosition(std::string_view name, Position at) {
  if (at.line == 0) return std::string(name);
  return fmt::format("{}:{}:{}", name, at.line, at.column);
}

}  // namespace pullproof
