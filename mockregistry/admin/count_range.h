// How often something may happen: 2, "2", "1..", "0..3".
// Format: docs/cases.md, `count`.
#ifndef PULLPROOF_MOCKREGISTRY_ADMIN_COUNT_RANGE_H_
#define PULLPROOF_MOCKREGISTRY_ADMIN_COUNT_RANGE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/document.h"
#include "base/error.h"

namespace pullproof::mockregistry::admin {

struct CountRange {
  std::uint64_t low = 0;
  std::optional<std::uint64_t> high;  // inclusive; nullopt: no bound

  // Error: admin.count.
  static Result<CountRange> Read(const Node& node);

  [[nodiscard]] bool Holds(std::uint64_t count) const {
    return count >= low && (!high || count <= *high);
  }
  // "exactly 2", "at least 1", "0 to 3".
  [[nodiscard]] std::string Describe() const;
  bool operator==(const CountRange&) const = default;
};

}  // namespace pullproof::mockregistry::admin

#endif  // PULLPROOF_MOCKREGISTRY_ADMIN_COUNT_RANGE_H_
