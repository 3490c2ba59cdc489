// Contract: every method and target means one operation or none, whose parts are pieces of the
// target; what is an operation is among the methods that the target is said to have.
#include <algorithm>
#include <string_view>

#include "fuzz/contract.h"
#include "mockregistry/api/route.h"

namespace api = pullproof::mockregistry::api;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = pullproof::fuzz::AsText(data, size);
  const std::size_t blank = std::min(text.find(' '), text.size());
  const std::string_view method = text.substr(0, blank);
  const std::string_view target = text.substr(std::min(blank + 1, text.size()));
  const api::Route route = api::RouteOf(method, target);
  PULLPROOF_CONTRACT(target.find(route.repository) != std::string_view::npos);
  PULLPROOF_CONTRACT(target.find(route.reference) != std::string_view::npos);
  for (const auto& [name, value] : route.query) {
    PULLPROOF_CONTRACT(name.size() + value.size() <= target.size());
    PULLPROOF_CONTRACT(route.Query(name).has_value());
  }
  if (route.operation == api::Operation::kUnknown) {
    PULLPROOF_CONTRACT(route.repository.empty() && route.reference.empty());
    return 0;
  }
  PULLPROOF_CONTRACT(!api::OperationName(route.operation).empty());
  const auto methods = api::MethodsOf(target);
  PULLPROOF_CONTRACT(std::ranges::find(methods, method) != methods.end());
  return 0;
}
