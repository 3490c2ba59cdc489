#include "mockregistry/content/graph.h"

#include <algorithm>
#include <cstddef>
#include <iterator>

namespace pullproof::mockregistry::content {
namespace {

class Grouping {
 public:
  explicit Grouping(const Edges& edges) : edges_(edges), nodes_(edges.size()) {}

  std::vector<std::vector<std::size_t>> Run() {
    for (std::size_t node = 0; node < edges_.size(); ++node) {
      if (nodes_[node].number == 0) VisitFrom(node);
    }
    return std::move(groups_);
  }

 private:
  struct State {
    std::size_t number = 0;  // in order of discovery; 0: not seen yet
    std::size_t low = 0;     // the smallest number that is known to be reachable
    bool open = false;       // not yet in a group
  };
  struct Frame {
    std::size_t node;
    std::size_t next_edge;
  };

  void VisitFrom(std::size_t root) {
    Enter(root);
    while (!path_.empty()) {
      Frame& frame = path_.back();
      const std::vector<std::size_t>& targets = edges_[frame.node];
      if (frame.next_edge == targets.size()) {
        Leave();
        continue;
      }
      const std::size_t target = targets[frame.next_edge++];
      if (nodes_[target].number == 0) {
        Enter(target);
      } else if (nodes_[target].open) {
        Lower(frame.node, nodes_[target].number);
      }
    }
  }

  void Enter(std::size_t node) {
    nodes_[node] = {++count_, count_, true};
    open_.push_back(node);
    path_.push_back({node, 0});
  }

  void Leave() {
    const std::size_t node = path_.back().node;
    path_.pop_back();
    if (!path_.empty()) Lower(path_.back().node, nodes_[node].low);
    if (nodes_[node].low != nodes_[node].number) return;
    // Everything that was opened since belongs together.
    std::vector<std::size_t> group;
    while (nodes_[node].open) {
      group.push_back(open_.back());
      nodes_[open_.back()].open = false;
      open_.pop_back();
    }
    std::ranges::sort(group);
    groups_.push_back(std::move(group));
  }

  void Lower(std::size_t node, std::size_t number) {
    nodes_[node].low = std::min(nodes_[node].low, number);
  }

  const Edges& edges_;
  std::vector<State> nodes_;
  std::vector<std::size_t> open_;
  std::vector<Frame> path_;
  std::vector<std::vector<std::size_t>> groups_;
  std::size_t count_ = 0;
};

}  // namespace

std::vector<std::vector<std::size_t>> DependencyGroups(const Edges& edges) {
  return Grouping(edges).Run();
}

std::vector<std::size_t> CycleIn(std::span<const std::size_t> group, const Edges& edges) {
  const auto inside = [&](std::size_t node) { return std::ranges::binary_search(group, node); };
  std::vector<std::size_t> way{group.front()};
  while (true) {
    // In a group of several, every member depends on another one of it.
    const auto next = std::ranges::find_if(edges[way.back()], inside);
    if (next == edges[way.back()].end()) return {};
    // An iterator would not outlive the growth of `way`.
    const std::ptrdiff_t seen = std::ranges::find(way, *next) - way.begin();
    way.push_back(*next);
    if (seen == std::ssize(way) - 1) continue;
    way.erase(way.begin(), way.begin() + seen);
    return way;
  }
}

}  // namespace pullproof::mockregistry::content
