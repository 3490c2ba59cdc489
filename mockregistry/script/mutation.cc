#include "mockregistry/script/mutation.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/document.h"
#include "base/text.h"
#include "mockregistry/script/chance.h"

namespace pullproof::mockregistry::script {
namespace {

// SplitMix64: small, and the same everywhere.
class Dice {
 public:
  explicit Dice(std::uint64_t state) : state_(state) {}

  std::uint64_t Next() {
    state_ += 0x9E3779B97F4A7C15ULL;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31U);
  }
  // 0 … n - 1; n must not be 0. The bias of the remainder does not matter here.
  std::size_t Below(std::size_t n) { return static_cast<std::size_t>(Next() % n); }
  template <typename T, std::size_t kSize>
  const T& OneOf(const std::array<T, kSize>& things) {
    return things[Below(kSize)];
  }

 private:
  std::uint64_t state_;
};

constexpr std::size_t kNone = SIZE_MAX;

// How much a value is.
struct Extent {
  std::size_t values = 0;
  std::size_t bytes = 0;  // of names and texts
  std::size_t height = 0;
};

// A value somewhere in the manifest, and what holds it.
struct Place {
  Node* value;
  Node* parent;
  std::size_t index;   // in the parent
  std::size_t holder;  // the parent's own place; kNone for the whole manifest
  std::size_t depth;
  Extent extent = {};  // of the value, with everything below it
};

// Fills `places`; returns the extent of everything below the node.
Extent Collect(Node& node, std::size_t holder, std::size_t depth, std::vector<Place>& places) {
  Extent below;
  const auto add = [&](Node& value, std::size_t index, std::size_t name) {
    const std::size_t place = places.size();
    places.push_back({&value, &node, index, holder, depth});
    const Extent inner = Collect(value, place, depth + 1, places);
    const std::string* text = value.string();
    const std::size_t bytes = name + (text != nullptr ? text->size() : 0);
    const Extent extent{1 + inner.values, bytes + inner.bytes, 1 + inner.height};
    places[place].extent = extent;
    below.values += extent.values;
    below.bytes += extent.bytes;
    below.height = std::max(below.height, extent.height);
  };
  if (Node::Table* members = node.table()) {
    for (std::size_t i = 0; i < members->size(); ++i) {
      add((*members)[i].value, i, (*members)[i].name.size());
    }
  } else if (Node::Array* items = node.array()) {
    for (std::size_t i = 0; i < items->size(); ++i) add((*items)[i], i, 0);
  }
  return below;
}

std::string_view NameOf(const Place& place) {
  const Node::Table* members = place.parent->table();
  return members != nullptr ? std::string_view((*members)[place.index].name) : std::string_view();
}

// "layers[0].size"
std::string PathOf(const std::vector<Place>& places, std::size_t number) {
  // A deep nest has a long path that says little.
  constexpr std::size_t kShownSteps = 12;
  std::string path;
  for (std::size_t steps = 0; number != kNone; number = places[number].holder, ++steps) {
    if (steps == kShownSteps) return "…" + path;
    const Place& place = places[number];
    if (place.parent->table() == nullptr) {
      path = fmt::format("[{}]{}", place.index, path);
    } else if (place.holder == kNone) {
      path = fmt::format("{}{}", NameOf(place), path);
    } else {
      path = fmt::format(".{}{}", NameOf(place), path);
    }
  }
  return path;
}

// Each does one change at the place, and says what it did; empty when it does not fit there.
using Change = std::string_view (*)(Place& place, Dice& dice);

std::string_view Drop(Place& place, Dice& /*dice*/) {
  const auto at = static_cast<std::ptrdiff_t>(place.index);
  if (Node::Table* members = place.parent->table()) {
    members->erase(members->begin() + at);
  } else {
    place.parent->array()->erase(place.parent->array()->begin() + at);
  }
  return "drop";
}

constexpr std::array<std::size_t, 4> kRepetitions{1, 2, 16, 64};

// Also of a member: a JSON object with one name twice.
std::string_view Repeat(Place& place, Dice& dice) {
  if (Node::Table* members = place.parent->table()) {
    Node::Member copy = (*members)[place.index];
    members->push_back(std::move(copy));
  } else {
    const Node copy = *place.value;
    Node::Array& items = *place.parent->array();
    items.insert(items.end(), dice.OneOf(kRepetitions), copy);
  }
  return "repeat";
}

std::string_view Rename(Place& place, Dice& dice) {
  Node::Table* members = place.parent->table();
  if (members == nullptr) return {};
  std::string& name = (*members)[place.index].name;
  switch (dice.Below(4)) {
    case 0:
      std::ranges::transform(name, name.begin(), [](char c) {
        return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
      });
      break;
    case 1:
      name += ' ';
      break;
    case 2:
      name.clear();
      break;
    default:
      name += "x";
  }
  return "rename";
}

std::string_view Swap(Place& place, Dice& dice) {
  Node::Array* items = place.parent->array();
  if (items == nullptr || items->size() < 2) return {};
  std::swap((*items)[place.index], (*items)[dice.Below(items->size())]);
  return "swap";
}

std::string_view Retype(Place& place, Dice& dice) {
  constexpr std::size_t kKinds = 7;
  switch (dice.Below(kKinds)) {
    case 0:
      *place.value = Node(nullptr);
      break;
    case 1:
      *place.value = Node(true);
      break;
    case 2:
      *place.value = Node(std::int64_t{0});
      break;
    case 3:
      *place.value = Node(std::string());
      break;
    case 4:
      *place.value = Node(Node::Array{});
      break;
    case 5:
      *place.value = Node(Node::Table{});
      break;
    default:
      // A number becomes its digits, anything else stands in an array of one.
      if (const std::int64_t* number = place.value->integer()) {
        *place.value = Node(std::to_string(*number));
      } else {
        if (place.depth + 1 + place.extent.height > kMaxMutatedDepth) return {};
        Node::Array outer;
        outer.push_back(std::move(*place.value));
        *place.value = Node(std::move(outer));
      }
  }
  return "retype";
}

std::string_view AlterDigest(Place& place, Dice& dice) {
  const std::string* text = place.value->string();
  if (text == nullptr || !text->contains(':') || NameOf(place) != "digest") return {};
  std::string digest = *text;
  constexpr std::size_t kWays = 8;
  switch (dice.Below(kWays)) {
    case 0:  // another digit
      digest.back() = digest.back() == '0' ? '1' : '0';
      break;
    case 1:
      std::ranges::transform(digest, digest.begin(), [](char c) {
        return c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c;
      });
      break;
    case 2:
      digest.pop_back();
      break;
    case 3:
      digest += '0';
      break;
    case 4:
      digest.replace(0, digest.find(':'), "sha512");
      break;
    case 5:
      digest.replace(0, digest.find(':'), "md5");
      break;
    case 6:
      digest = "sha256:../../../../etc/passwd";
      break;
    default:
      digest.erase(digest.find(':') + 1);
  }
  *place.value = Node(std::move(digest));
  return "digest";
}

std::string_view AlterSize(Place& place, Dice& dice) {
  const std::int64_t* number = place.value->integer();
  if (number == nullptr) return {};
  const std::int64_t before = *number;
  constexpr std::size_t kWays = 7;
  switch (dice.Below(kWays)) {
    case 0:
      *place.value = Node(std::int64_t{0});
      break;
    case 1:
      *place.value = Node(std::int64_t{-1});
      break;
    case 2:
      *place.value = Node(INT64_MAX);
      break;
    case 3:
      *place.value = Node(INT64_MIN);
      break;
    case 4:
      *place.value = Node(UINT64_MAX);
      break;
    case 5:
      *place.value = Node(before < INT64_MAX ? before + 1 : before);
      break;
    default:
      *place.value = Node(before > INT64_MIN ? before - 1 : before);
  }
  return "size";
}

std::string_view AlterType(Place& place, Dice& dice) {
  const std::string_view name = NameOf(place);
  if (place.value->string() == nullptr || (name != "mediaType" && name != "artifactType"))
    return {};
  constexpr std::array<std::string_view, 7> kTypes{
      "application/vnd.oci.image.index.v1+json",
      "application/vnd.oci.image.manifest.v1+json",
      "application/vnd.docker.distribution.manifest.v2+json",
      "application/vnd.oci.image.layer.v1.tar+zstd",
      "application/vnd.oci.image.layer.nondistributable.v1.tar",
      "text/html; charset=utf-8",
      "no type at all",
  };
  *place.value = Node(std::string(dice.OneOf(kTypes)));
  return "type";
}

constexpr std::array<std::size_t, 3> kLevels{1, 10, 100};

std::string_view Nest(Place& place, Dice& dice) {
  const std::size_t levels = dice.OneOf(kLevels);
  if (place.depth + levels + place.extent.height > kMaxMutatedDepth) return {};
  const bool tables = dice.Below(2) == 0;
  for (std::size_t i = 0; i < levels; ++i) {
    // Not from a braced list, which would copy what it holds.
    if (tables) {
      Node::Table outer;
      outer.push_back({"a", {}, std::move(*place.value)});
      *place.value = Node(std::move(outer));
    } else {
      Node::Array outer;
      outer.push_back(std::move(*place.value));
      *place.value = Node(std::move(outer));
    }
  }
  return "nest";
}

std::string_view Garble(Place& place, Dice& dice) {
  const std::string* text = place.value->string();
  if (text == nullptr) return {};
  // A right-to-left override, an invisible joiner, a combining letter, the highest character, NUL,
  // an escape sequence of terminals, a line break.
  constexpr std::array<std::string_view, 7> kTexts{
      "\u202E", "\u200D", "e\u0301", "\U0010FFFF", std::string_view("\0", 1), "\x1B[2J", "\r\n"};
  std::string garbled = *text;
  garbled.insert(dice.Below(2) == 0 ? 0 : garbled.size(), dice.OneOf(kTexts));
  *place.value = Node(std::move(garbled));
  return "text";
}

constexpr std::array<Change, 9> kChanges{&Drop,        &Repeat,    &Rename, &Swap,  &Retype,
                                         &AlterDigest, &AlterSize, &Nest,   &Garble};

// The most that the change can add at the place, beside a few bytes.
Extent GrowthOf(Change change, const Place& place) {
  const std::size_t most = kRepetitions.back();
  if (change == &Repeat) return {place.extent.values * most, place.extent.bytes * most, 0};
  if (change == &Nest) return {kLevels.back(), kLevels.back(), 0};
  return {};
}

// One change somewhere; empty when the manifest has nothing left to change.
std::string ChangeOnce(Node& manifest, Dice& dice) {
  // Enough tries to meet one that fits: dropping and retyping always do.
  constexpr int kTries = 100;
  std::vector<Place> places;
  const Extent whole = Collect(manifest, kNone, 1, places);
  if (places.empty()) return {};
  for (int i = 0; i < kTries; ++i) {
    const std::size_t number = dice.Below(places.size());
    Place& place = places[number];
    // The interesting ones are few among many members: a digest or type that was met is altered in
    // one of two cases.
    const std::string_view name = NameOf(place);
    Change change = kChanges[dice.Below(kChanges.size())];
    const bool by_name = dice.Below(2) == 0;
    if (by_name && name == "digest") change = &AlterDigest;
    if (by_name && (name == "mediaType" || name == "artifactType")) change = &AlterType;
    if (by_name && name == "size") change = &AlterSize;
    const Extent growth = GrowthOf(change, place);
    const bool grows = growth.values != 0;
    if (grows && whole.values + growth.values > kMaxMutatedValues) continue;
    if (grows && whole.bytes + growth.bytes > kMaxMutatedBytes) continue;
    const std::string path = PathOf(places, number);  // before anything moves
    const std::string_view done = change(place, dice);
    if (!done.empty()) return fmt::format("{} {}", done, Printable(path));
  }
  return {};
}

}  // namespace

std::uint64_t MutationKey(std::uint64_t seed, std::string_view rule, std::uint64_t n) {
  return KeyedBits(seed, rule, n, "mutate");
}

std::optional<Mutated> Mutate(std::string_view manifest, std::uint64_t key, std::size_t rounds) {
  Result<Node> document = ParseJson(manifest, "the manifest");
  if (!document) return std::nullopt;
  Dice dice(key);
  Mutated mutated;
  for (std::size_t i = 0; i < std::min(rounds, kMaxMutationRounds); ++i) {
    const std::string change = ChangeOnce(*document, dice);
    if (change.empty()) break;
    if (i > kToldChanges) continue;
    if (i > 0) mutated.changes += "; ";
    mutated.changes += i < kToldChanges ? change : "…";
  }
  Result<std::string> text = CanonicalJson(*document);
  if (!text) return std::nullopt;
  mutated.bytes = *std::move(text);
  return mutated;
}

}  // namespace pullproof::mockregistry::script
