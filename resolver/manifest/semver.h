// Versions and requirements as Cargo has them, which is what Spin and wasm-pkg use.
// Spec: https://semver.org/spec/v2.0.0.html; requirements: The Cargo Book, "Specifying
// Dependencies". All functions are pure.
#ifndef PULLPROOF_RESOLVER_MANIFEST_SEMVER_H_
#define PULLPROOF_RESOLVER_MANIFEST_SEMVER_H_

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace pullproof::resolver::manifest {

// A tag has at most 128 characters, and no requirement is longer than a few of them.
inline constexpr std::size_t kMaxVersionText = 1024;
// Comparators in one requirement; Cargo takes as many.
inline constexpr std::size_t kMaxComparators = 32;

class Version {
 public:
  // "1.2.3", "1.2.3-rc.1+build". Error: semver.syntax.
  static Result<Version> Parse(std::string_view text);

  [[nodiscard]] std::uint64_t major() const { return major_; }
  [[nodiscard]] std::uint64_t minor() const { return minor_; }
  [[nodiscard]] std::uint64_t patch() const { return patch_; }
  [[nodiscard]] bool IsPreRelease() const { return !pre_.empty(); }
  // What stands behind the hyphen, dots included; empty for a release.
  [[nodiscard]] const std::string& pre() const { return pre_; }

  // Without build metadata, which no tag can hold.
  [[nodiscard]] std::string ToString() const;

  // Precedence (section 11 of the specification): build metadata is not looked at.
  std::strong_ordering operator<=>(const Version& other) const;
  bool operator==(const Version& other) const { return (*this <=> other) == 0; }

 private:
  friend class Requirement;
  Version() = default;

  std::uint64_t major_ = 0;
  std::uint64_t minor_ = 0;
  std::uint64_t patch_ = 0;
  std::string pre_;
};

class Requirement {
 public:
  // "1.2" (caret), "^1", "~1.2.3", ">=1, <2", "=1.2.3", "1.*", "*". Error: semver.requirement.
  static Result<Requirement> Parse(std::string_view text);
  // "=VERSION".
  static Requirement Exactly(const Version& version);

  // A pre-release matches only where a comparator names a pre-release of the same three numbers.
  [[nodiscard]] bool Matches(const Version& version) const;

 private:
  enum class Operator : std::uint8_t {
    kExact,
    kGreater,
    kGreaterEqual,
    kLess,
    kLessEqual,
    kTilde,
    kCaret,
    kWildcard,
  };
  struct Comparator {
    Operator op = Operator::kCaret;
    std::uint64_t major = 0;
    std::optional<std::uint64_t> minor;
    std::optional<std::uint64_t> patch;  // only beside `minor`
    std::string pre;                     // only beside `patch`
  };

  static Result<Comparator> ParseComparator(std::string_view text);
  static bool Exact(const Comparator& wanted, const Version& version);
  static bool Greater(const Comparator& wanted, const Version& version);
  static bool Less(const Comparator& wanted, const Version& version);
  static bool Tilde(const Comparator& wanted, const Version& version);
  static bool Caret(const Comparator& wanted, const Version& version);
  static bool MatchesOne(const Comparator& wanted, const Version& version);

  std::vector<Comparator> comparators_;  // none: any release
};

}  // namespace pullproof::resolver::manifest

#endif  // PULLPROOF_RESOLVER_MANIFEST_SEMVER_H_
