// Rules: which requests they mean, how often they fire, and what they do to the answer.
// Format: docs/fixtures.md "Script".
#ifndef PULLPROOF_MOCKREGISTRY_SCRIPT_RULE_H_
#define PULLPROOF_MOCKREGISTRY_SCRIPT_RULE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <regex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/table_reader.h"
#include "mockregistry/api/handle.h"
#include "mockregistry/auth/auth.h"
#include "mockregistry/content/content.h"
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
  struct Exact {
    std::string text;
  };
  struct Glob {
    std::string pattern;
  };
  struct Expression {
    std::shared_ptr<const std::regex> compiled;
  };
  struct Present {
    bool present;
  };
  explicit TextMatcher(std::variant<Exact, Glob, Expression, Present> kind)
      : kind_(std::move(kind)) {}
  std::variant<Exact, Glob, Expression, Present> kind_;
};

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

// How often a rule fires among the requests that it matches, counted from 1.
struct Pick {
  enum class Kind { kAlways, kFirst, kNth, kEvery, kFrom, kChance };
  enum class Per { kRule, kContent, kConnection };
  Kind kind = Kind::kAlways;
  std::uint64_t n = 0;   // of kFirst, kNth, kEvery, kFrom
  double chance = 0;     // of kChance: decided by (seed, rule, n-th match), never by order
  Per per = Per::kRule;  // what has a counter of its own
};

struct Redirect {
  std::string host;  // the fixture's id
  int status = 307;
  std::vector<std::pair<std::string, std::string>> query;  // values are sent as written
  bool keep_path = true;
};

// What a manifest is made to say about one of its children: the bytes change, the digest under
// which it is served does not.
struct DescriptorLie {
  std::string of;  // the name of the child
  std::optional<std::int64_t> size;
  std::optional<std::string> digest;
  std::optional<std::string> type;
};

// A place in a body: bytes, or a part of the whole.
struct BodyPlace {
  std::uint64_t bytes = 0;
  std::optional<unsigned> percent;  // then `bytes` means nothing
  [[nodiscard]] std::uint64_t In(std::uint64_t size) const;
};

struct Cut {
  BodyPlace at;
  enum class Ending { kFin, kRst, kHang, kTidy } ending = Ending::kFin;
};

struct BodyFault {
  std::optional<std::uint64_t> flip_bit;
  std::optional<Cut> cut;
  std::optional<std::string> swap;  // the name of other content
  std::optional<std::string> append;
  std::uint64_t bytes_per_s = 0;
  std::uint64_t slice = 0;
  std::optional<std::uint64_t> length;  // a Content-Length that is not the body's
  std::optional<Framing> framing;       // `omit` is kUntilClose, `chunked` is kChunked
  bool chunk_error = false;
};

// The table `do`, in the order in which its phases are laid over the honest answer.
struct Effect {
  Duration wait{};
  std::optional<End> connection;  // conn: no answer at all; `close` is kFin
  std::optional<int> status;
  std::optional<std::string> error;  // an OCI code becomes the body
  std::vector<std::pair<std::string, std::string>> headers;
  std::vector<std::string> drop_headers;
  std::string status_line;
  std::optional<Redirect> redirect;
  std::optional<api::ListShape> list;
  std::optional<std::string> list_host;  // of `next = { absolute = host }`
  std::optional<auth::TokenShape> token;
  std::optional<DescriptorLie> descriptor;
  std::optional<BodyFault> body;
};

struct Rule {
  std::string id;
  bool enabled = true;
  Matcher on;
  Pick pick;
  std::vector<std::pair<std::string, std::string>> when;  // the state that it needs
  std::vector<std::pair<std::string, std::string>> then;  // the state that it leaves
  Effect effect;
  std::string why;
  Position at;
};

// Reads the array `rules` (null: none). Checks every name of content and host that a rule mentions,
// and reports rules that an earlier one makes unreachable (script.unreachable, a warning).
std::vector<Rule> ReadRules(const Node& node, const content::Content& content,
                            std::span<const std::string> hosts, Diagnostics& problems);

}  // namespace pullproof::mockregistry::script

#endif  // PULLPROOF_MOCKREGISTRY_SCRIPT_RULE_H_
