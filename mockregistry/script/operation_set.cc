#include "mockregistry/script/operation_set.h"

#include <algorithm>
#include <array>

namespace pullproof::mockregistry::script {
namespace {

constexpr std::array<std::string_view, 4> kFamilies{"manifest.*", "blob.*", "upload.*", "*"};

// api:: makes the list anew at each call; requests ask for it all the time.
const std::vector<std::string_view>& Names() {
  static const std::vector<std::string_view> names = api::OperationNames();
  return names;
}

}  // namespace

api::Operation OperationOf(std::string_view name) {
  const std::vector<std::string_view>& names = Names();
  const auto found = std::ranges::find(names, name);
  // The list has every operation in order, without the unknown one that comes first.
  return found == names.end() ? api::Operation::kUnknown
                              : static_cast<api::Operation>(found - names.begin() + 1);
}

std::optional<OperationSet> OperationSet::Parse(std::string_view pattern) {
  if (pattern == "*") return All();
  if (const api::Operation operation = OperationOf(pattern);
      operation != api::Operation::kUnknown) {
    return OperationSet{operation};
  }
  if (std::ranges::find(kFamilies, pattern) == kFamilies.end()) return std::nullopt;
  const std::string_view family = pattern.substr(0, pattern.size() - 1);
  OperationSet operations;
  for (const std::string_view name : Names()) {
    if (name.starts_with(family)) operations.Add({OperationOf(name)});
  }
  return operations;
}

std::vector<std::string_view> OperationSet::Patterns() {
  std::vector<std::string_view> patterns = Names();
  patterns.insert(patterns.end(), kFamilies.begin(), kFamilies.end());
  return patterns;
}

}  // namespace pullproof::mockregistry::script
