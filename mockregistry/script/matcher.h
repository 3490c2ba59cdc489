// The table `on`: which requests a rule or an expectation means.
// Format: docs/fixtures.md "on".
#ifndef PULLPROOF_MOCKREGISTRY_SCRIPT_MATCHER_H_
#define PULLPROOF_MOCKREGISTRY_SCRIPT_MATCHER_H_

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/table_reader.h"
#include "mockregistry/script/operation_set.h"
#include "mockregistry/script/text_matcher.h"
#include "oci/headers.h"

namespace pullproof::mockregistry::script {

// What a matcher looks at: one request, taken apart. Rules ask it of a request, expectations ask it
// of the journal. Nothing is owned: it lives as long as the request or the entry.
struct Subject {
  std::string_view operation;  // "blob.get"; empty when unknown
  std::string_view host;
  std::string_view repository;
  std::string_view reference;
  std::string_view name;  // of the content; empty when unknown
  std::string_view method;
  std::string_view target;  // raw
  const oci::Headers* headers = nullptr;
};

// A member of a matcher that a request does not have as it is wanted.
struct Mismatch {
  std::string member;               // "repo"
  std::string argument;             // the name of a header or query parameter
  std::string wanted;               // as it is written: "`lib/app`", "glob `lib/*`", "absent"
  std::optional<std::string> seen;  // in clear text, secrets too; nullopt when it is absent
};

// All stated members must match; an empty table matches every request. Immutable and thread-safe.
//  * op      one pattern or several
//  * name    one or several; content without a name has none
//  * repo, ref, path   path is the raw target without its query; an empty text is absent
//  * header  by name (any case); of repeated lines any one will do
//  * query   by name; a value matches as it is written or decoded, and of repeated parameters any
//            one will do
//  * range   none: no Range header; any: one, good or bad; from>0: one range that starts behind the
//            first byte; suffix: the last n bytes; multi: several ranges
//  * auth    the scheme of Authorization, or none without that header
class Matcher {
 public:
  // `what` names the table in messages: "`on` of rule `cut`". nullopt when anything was wrong with
  // it, which is reported: script.operation, script.matcher, script.expression, model.*.
  static std::optional<Matcher> Read(const Node& node, const std::string& what,
                                     Diagnostics& problems);

  [[nodiscard]] bool Matches(const Subject& subject) const {
    return operations_.Has(OperationOf(subject.operation)) && MatchesBesideOperation(subject);
  }
  // The same for a caller who has seen to the operation.
  [[nodiscard]] bool MatchesBesideOperation(const Subject& subject) const;
  // Every member that does not match, in the order of the list above; empty when all do.
  [[nodiscard]] std::vector<Mismatch> Explain(const Subject& subject) const;
  // True if it certainly matches every request that `other` matches; false says nothing.
  [[nodiscard]] bool Includes(const Matcher& other) const;

  // Whether nothing but `host` is asked for: what is known of a connection before its first
  // request.
  [[nodiscard]] bool AsksOnlyHost() const;

  [[nodiscard]] OperationSet operations() const { return operations_; }
  // The names of content and hosts that it mentions, for `check`.
  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }
  [[nodiscard]] const std::optional<std::string>& host() const { return host_; }
  [[nodiscard]] const std::optional<TextMatcher>& repository() const { return repository_; }
  [[nodiscard]] const std::optional<TextMatcher>& reference() const { return reference_; }

 private:
  enum class RangeKind { kNone, kAny, kFromAboveZero, kSuffix, kMulti };
  enum class AuthKind { kNone, kBasic, kBearer };
  using NamedMatcher = std::pair<std::string, TextMatcher>;

  void ReadOperations(TableReader& reader);
  void ReadRest(TableReader& reader);
  [[nodiscard]] std::string Written(std::string_view member, std::string_view argument = {}) const;
  static bool MatchesRange(RangeKind kind, const Subject& subject);
  static bool MatchesAuth(AuthKind kind, const Subject& subject);

  OperationSet operations_ = OperationSet::All();
  std::optional<std::string> host_;
  std::optional<TextMatcher> repository_;
  std::optional<TextMatcher> reference_;
  std::vector<std::string> names_;
  std::vector<NamedMatcher> headers_;
  std::vector<NamedMatcher> query_;
  std::optional<RangeKind> range_;
  std::optional<AuthKind> auth_;
  std::optional<std::string> method_;
  std::optional<TextMatcher> path_;
  std::vector<std::pair<std::string, std::string>> written_;  // member, value; for Explain
};

}  // namespace pullproof::mockregistry::script

#endif  // PULLPROOF_MOCKREGISTRY_SCRIPT_MATCHER_H_
