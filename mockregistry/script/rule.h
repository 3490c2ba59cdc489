// Rules: which requests they mean, how often they fire, and what they do to the answer.
// Format: docs/fixtures.md "Script".
#ifndef PULLPROOF_MOCKREGISTRY_SCRIPT_RULE_H_
#define PULLPROOF_MOCKREGISTRY_SCRIPT_RULE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <regex>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/table_reader.h"
#include "mockregistry/script/plan.h"
#include "oci/headers.h"

namespace pullproof::mockregistry::script {

// "exact" · { glob } · { re } · { present }
class TextMatcher {
 public:
  static std::optional<TextMatcher> Read(const Node& node, std::string_view what,
                                         Diagnostics& problems);
  // `value` is nullopt when the header or parameter is absent.
  [[nodiscard]] bool Matches(const std::optional<std::string>& value) const;

 private:
  struct Exact { std::string text; };
  struct Glob { std::string pattern; };
  struct Expression { std::shared_ptr<const std::regex> compiled; };
  struct Present { bool present; };
  explicit TextMatcher(std::variant<Exact, Glob, Expression, Present> kind)
      : kind_(std::move(kind)) {}
  std::variant<Exact, Glob, Expression, Present> kind_;
};

// What a matcher looks at: one request, taken apart. journal::Entry converts to it, so that
// expectations ask the same questions of the journal as rules ask of requests.
struct Subject {
  std::string operation;       // "blob.get"; empty when unknown
  std::string host;
  std::string repository;
  std::string reference;
  std::string name;            // of the content; empty when unknown
  std::string method;
  std::string target;          // raw
  const oci::Headers* headers = nullptr;
};

// The table `on` of a rule or of an expectation: all stated members must match.
class Matcher {
 public:
  static std::optional<Matcher> Read(const Node& node, const std::string& what,
                                     Diagnostics& problems);
  [[nodiscard]] bool Matches(const Subject& subject) const;
  // The names of content and hosts that it mentions, for `check`.
  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }
  [[nodiscard]] const std::optional<std::string>& host() const { return host_; }

 private:
  enum class RangeKind { kNone, kAny, kFromAboveZero, kSuffix, kMulti };
  enum class AuthKind { kNone, kBasic, kBearer };
  std::vector<std::string> operations_;  // patterns: "blob.get", "manifest.*", "*"
  std::optional<std::string> host_;
  std::optional<TextMatcher> repository_;
  std::optional<TextMatcher> reference_;
  std::vector<std::string> names_;
  std::vector<std::pair<std::string, TextMatcher>> headers_;
  std::vector<std::pair<std::string, TextMatcher>> query_;
  std::optional<RangeKind> range_;
  std::optional<AuthKind> auth_;
  std::optional<std::string> method_;
  std::optional<TextMatcher> path_;
};

}  // namespace pullproof::mockregistry::script

#endif  // PULLPROOF_MOCKREGISTRY_SCRIPT_RULE_H_
