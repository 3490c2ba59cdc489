// Which pieces of content depend on each other, and in which order they can be made.
#ifndef PULLPROOF_MOCKREGISTRY_CONTENT_GRAPH_H_
#define PULLPROOF_MOCKREGISTRY_CONTENT_GRAPH_H_

#include <cstddef>
#include <span>
#include <vector>

namespace pullproof::mockregistry::content {

// Per node, the nodes that it depends on.
using Edges = std::vector<std::vector<std::size_t>>;

// The nodes in groups that depend on each other (most groups have one member), each group after all
// that it depends on. Linear in nodes and edges; does not recurse, since chains may be long.
// Source: R. Tarjan, "Depth-first search and linear graph algorithms", 1972.
std::vector<std::vector<std::size_t>> DependencyGroups(const Edges& edges);

// A way through `group` that ends where it begins (a, b, a); empty when nothing in the group
// depends on anything in it. `group` is one of DependencyGroups(edges).
std::vector<std::size_t> CycleIn(std::span<const std::size_t> group, const Edges& edges);

}  // namespace pullproof::mockregistry::content

#endif  // PULLPROOF_MOCKREGISTRY_CONTENT_GRAPH_H_
