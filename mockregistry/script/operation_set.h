// Operations by pattern: "blob.get", "manifest.*", "*", compiled to one bit each.
#ifndef PULLPROOF_MOCKREGISTRY_SCRIPT_OPERATION_SET_H_
#define PULLPROOF_MOCKREGISTRY_SCRIPT_OPERATION_SET_H_

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <vector>

#include "mockregistry/api/route.h"

namespace pullproof::mockregistry::script {

inline constexpr std::size_t kOperations = static_cast<std::size_t>(api::Operation::kToken) + 1;

// The operation of that name; kUnknown for any other text.
api::Operation OperationOf(std::string_view name);

class OperationSet {
 public:
  constexpr OperationSet() = default;
  constexpr OperationSet(std::initializer_list<api::Operation> operations) {
    for (const api::Operation operation : operations) bits_ |= Bit(operation);
  }
  // Every operation, the unknown one included.
  static constexpr OperationSet All() {
    OperationSet all;
    all.bits_ = (std::uint32_t{1} << kOperations) - 1;
    return all;
  }
  // The name of one, "manifest.*", "blob.*", "upload.*" or "*"; nullopt for anything else.
  static std::optional<OperationSet> Parse(std::string_view pattern);
  // What Parse takes: for suggestions.
  static std::vector<std::string_view> Patterns();

  [[nodiscard]] constexpr bool Has(api::Operation operation) const {
    return (bits_ & Bit(operation)) != 0;
  }
  [[nodiscard]] constexpr bool Includes(OperationSet other) const {
    return (other.bits_ & ~bits_) == 0;
  }
  [[nodiscard]] constexpr bool Overlaps(OperationSet other) const {
    return (other.bits_ & bits_) != 0;
  }
  constexpr void Add(OperationSet other) { bits_ |= other.bits_; }
  bool operator==(const OperationSet&) const = default;

 private:
  static constexpr std::uint32_t Bit(api::Operation operation) {
    return std::uint32_t{1} << static_cast<unsigned>(operation);
  }
  std::uint32_t bits_ = 0;
};

}  // namespace pullproof::mockregistry::script

#endif  // PULLPROOF_MOCKREGISTRY_SCRIPT_OPERATION_SET_H_
