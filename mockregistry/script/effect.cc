#include "mockregistry/script/effect.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <variant>

#include <fmt/format.h>

#include "base/text.h"
#include "mockregistry/script/read_body_fault.h"
#include "oci/headers.h"

namespace pullproof::mockregistry::script {
namespace {

using Conn = std::variant<End, Opening>;
constexpr std::array<std::pair<std::string_view, Conn>, 7> kConns{{
    {"reset", End::kRst},
    {"close", End::kFin},
    {"hang", End::kHang},
    {"refuse", Opening::kRefuse},
    {"tls-alert", Opening::kTlsAlert},
    {"tls-expired", Opening::kTlsExpired},
    {"tls-wrong-name", Opening::kTlsWrongName},
}};

using Next = api::ListShape::Next;
constexpr std::array<std::pair<std::string_view, Next>, 5> kNexts{{
    {"cursor", Next::kCursor},
    {"relative", Next::kRelative},
    {"self", Next::kSelf},
    {"again", Next::kAgain},
    {"none", Next::kNone},
}};

// distribution-spec, "Error Codes", and what registries add to them: only for suggestions.
constexpr std::array<std::string_view, 17> kErrorCodes{"BLOB_UNKNOWN",
                                                       "BLOB_UPLOAD_INVALID",
                                                       "BLOB_UPLOAD_UNKNOWN",
                                                       "DIGEST_INVALID",
                                                       "MANIFEST_INVALID",
                                                       "MANIFEST_UNKNOWN",
                                                       "MANIFEST_BLOB_UNKNOWN",
                                                       "NAME_INVALID",
                                                       "NAME_UNKNOWN",
                                                       "SIZE_INVALID",
                                                       "TAG_INVALID",
                                                       "RANGE_INVALID",
                                                       "UNAUTHORIZED",
                                                       "DENIED",
                                                       "UNSUPPORTED",
                                                       "TOOMANYREQUESTS",
                                                       "UNAVAILABLE"};

// A final status; whatever else a client may see on a status line goes through `status_line`.
constexpr std::int64_t kLowestStatus = 200;
constexpr std::int64_t kHighestStatus = 599;
constexpr std::array<std::int64_t, 5> kRedirectStatuses{301, 302, 303, 307, 308};
// More entries than any registry holds.
constexpr std::int64_t kMaxPage = 1'000'000;

class EffectReader {
 public:
  EffectReader(const Node& node, const std::string& rule, const Vocabulary& vocabulary,
               Diagnostics& problems)
      : node_(node),
        reader_(node, fmt::format("`do` of {}", rule), problems),
        rule_(rule),
        vocabulary_(vocabulary),
        problems_(problems) {}

  Effect Read() {
    ReadWait();
    ReadConnection();
    ReadStatus();
    ReadHeaders();
    ReadStatusLine();
    if (const Node* node = reader_.Get("redirect")) ReadRedirect(*node);
    if (const Node* node = reader_.Get("list")) ReadList(*node);
    if (const Node* node = reader_.Get("token")) {
      effect_.token = auth::ReadTokenShape(*node, Of("token"), auth::AllowNoField::kYes, problems_);
    }
    if (const Node* node = reader_.Get("descriptor")) ReadDescriptor(*node);
    if (const Node* node = reader_.Get("mutate")) ReadMutate(*node);
    if (const Node* node = reader_.Get("body")) {
      effect_.body = ReadBodyFault(*node, Of("body"), vocabulary_, problems_);
    }
    CheckWhole();
    reader_.Finish();
    return std::move(effect_);
  }

 private:
  [[nodiscard]] std::string Of(std::string_view member) const {
    return fmt::format("`{}` of {}", member, rule_);
  }

  void Report(std::string_view id, Position at, std::string message, std::string hint = {}) {
    problems_.Report(std::string(id), at, std::move(message), std::move(hint));
  }

  void ReadWait() {
    const std::optional<std::string> text = reader_.OptionalString("wait");
    if (!text) return;
    const Result<Duration> wait = ParseDuration(*text);
    if (wait) {
      effect_.wait = *wait;
    } else {
      const Error& error = wait.error();
      Report(error.id, reader_.PositionOf("wait"), fmt::format("{}: {}", Of("wait"), error.message),
             error.hint);
    }
  }

  void ReadConnection() {
    const std::optional<Conn> conn = reader_.OptionalEnum<Conn>("conn", kConns);
    if (!conn) return;
    if (const End* end = std::get_if<End>(&*conn)) effect_.connection = *end;
    if (const Opening* opening = std::get_if<Opening>(&*conn)) effect_.opening = *opening;
  }

  void ReadStatus() {
    if (const auto status = reader_.OptionalInteger("status", kLowestStatus, kHighestStatus)) {
      effect_.status = static_cast<int>(*status);
    }
    effect_.error = reader_.OptionalString("error");
    if (!effect_.error || api::StatusOfCode(*effect_.error) != 0) return;
    // An invented code may be meant, but then its status cannot be known.
    if (!effect_.status) {
      Report("script.error-code", reader_.PositionOf("error"),
             fmt::format("{} is `{}`, no code of the distribution spec, and there is no `status`",
                         Of("error"), *effect_.error),
             SuggestFrom(*effect_.error, kErrorCodes));
    } else if (const auto closest = ClosestTo(*effect_.error, kErrorCodes)) {
      problems_.Warn(
          "script.error-code", reader_.PositionOf("error"),
          fmt::format("{} is `{}`, no code of the distribution spec", Of("error"), *effect_.error),
          fmt::format("did you mean `{}`?", *closest));
    }
  }

  void ReadHeaders() {
    effect_.headers = reader_.StringMap("headers");
    for (const auto& [name, value] : effect_.headers) {
      const Position at = reader_.Get("headers")->Find(name)->at();
      CheckHeaderName(name, at);
      CheckOrigins(value, at);
      if (!oci::IsHeaderValue(value)) {
        Report("script.header", at,
               fmt::format("the value of header `{}` of {} has control characters", name, rule_));
      }
    }
    effect_.drop_headers = reader_.Strings("drop_headers");
    for (const std::string& name : effect_.drop_headers) {
      CheckHeaderName(name, reader_.PositionOf("drop_headers"));
    }
  }

  void CheckOrigins(std::string_view value, Position at) {
    for (std::size_t from = value.find(kOriginPlaceholder); from != std::string_view::npos;
         from = value.find(kOriginPlaceholder, from + 1)) {
      const std::string_view name = value.substr(from + kOriginPlaceholder.size());
      vocabulary_.CheckHost(name.substr(0, name.find('}')), at, Of("headers"), problems_);
    }
  }

  // RFC 9110 section 5.6.2, and no header that the wire makes from the body: a second one beside it
  // would not be the fault that was meant.
  void CheckHeaderName(std::string_view name, Position at) {
    constexpr std::string_view kTokenSigns = "!#$%&'*+-.^_`|~";
    const bool is_token = !name.empty() && std::ranges::all_of(name, [&](char c) {
      return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
             kTokenSigns.contains(c);
    });
    if (!is_token) {
      Report("script.header", at, fmt::format("`{}` of {} is no header name", name, rule_));
    } else if (EqualsIgnoreCase(name, "Content-Length") ||
               EqualsIgnoreCase(name, "Transfer-Encoding")) {
      Report("script.header", at,
             fmt::format("`{}` of {} frames the message and is made from the body", name, rule_),
             "use body.length: a number, \"omit\" or \"chunked\"");
    }
  }

  void ReadStatusLine() {
    effect_.status_line = reader_.String("status_line");
    if (!reader_.Has("status_line")) return;
    if (effect_.status_line.empty() || !oci::IsHeaderValue(effect_.status_line)) {
      Report("script.status-line", reader_.PositionOf("status_line"),
             fmt::format("{} is empty or has control characters", Of("status_line")),
             "write the whole line without its end, as in \"HTTP/1.1 999 Odd\"");
    }
  }

  void ReadRedirect(const Node& node) {
    Redirect redirect;
    TableReader reader(node, Of("redirect"), problems_);
    redirect.host = reader.RequiredString("host");
    if (reader.Has("host")) {
      vocabulary_.CheckHost(redirect.host, reader.PositionOf("host"),
                            fmt::format("`host` of {}", reader.what()), problems_);
    }
    const std::int64_t status = reader.Integer("status", redirect.status);
    if (std::ranges::find(kRedirectStatuses, status) == kRedirectStatuses.end()) {
      Report("model.range", reader.PositionOf("status"),
             fmt::format("`status` of {} is {}, no redirect", reader.what(), status),
             "use 301, 302, 303, 307 or 308");
    } else {
      redirect.status = static_cast<int>(status);
    }
    redirect.query = reader.StringMap("query");
    for (const auto& [name, value] : redirect.query) {
      if (IsQueryText(name) && IsQueryText(value)) continue;
      Report("script.query", reader.Get("query")->Find(name)->at(),
             fmt::format("`{}` of {} cannot stand in a URL as it is written", name, reader.what()),
             "percent-encode it: values are sent byte for byte");
    }
    redirect.keep_path = reader.Bool("keep_path", redirect.keep_path);
    reader.Finish();
    effect_.redirect = std::move(redirect);
  }

  // What would break the header line or begin another parameter, if sent as it is.
  static bool IsQueryText(std::string_view text) {
    return std::ranges::all_of(text,
                               [](char c) { return c > ' ' && c <= '~' && c != '&' && c != '#'; });
  }

  void ReadList(const Node& node) {
    api::ListShape shape;
    TableReader reader(node, Of("list"), problems_);
    if (const auto page = reader.OptionalInteger("page", 0, kMaxPage)) {
      shape.page = static_cast<std::uint64_t>(*page);
    }
    if (const Node* next = reader.Get("next")) {
      if (next->table() != nullptr) {
        TableReader absolute(*next, fmt::format("`next` of {}", reader.what()), problems_);
        effect_.list_host = absolute.RequiredString("absolute");
        if (absolute.Has("absolute")) {
          vocabulary_.CheckHost(*effect_.list_host, absolute.PositionOf("absolute"),
                                fmt::format("`absolute` of {}", absolute.what()), problems_);
        }
        absolute.Finish();
        shape.next = Next::kAbsolute;
      } else {
        shape.next = reader.EnumValue<Next>(*next, "next", kNexts).value_or(shape.next);
      }
    }
    reader.Finish();
    effect_.list = std::move(shape);
  }

  void ReadDescriptor(const Node& node) {
    DescriptorLie lie;
    TableReader reader(node, Of("descriptor"), problems_);
    lie.of = reader.RequiredString("of");
    if (reader.Has("of")) {
      vocabulary_.CheckContent(lie.of, reader.PositionOf("of"),
                               fmt::format("`of` of {}", reader.what()), problems_);
    }
    lie.size = reader.OptionalInteger("size");
    lie.digest = reader.OptionalString("digest");
    lie.type = reader.OptionalString("type");
    if (!lie.size && !lie.digest && !lie.type) {
      Report("script.no-effect", node.at(),
             fmt::format("{} states neither `size` nor `digest` nor `type`", reader.what()));
    }
    reader.Finish();
    effect_.descriptor = std::move(lie);
  }

  void ReadMutate(const Node& node) {
    Mutation mutation;
    TableReader reader(node, Of("mutate"), problems_);
    if (const auto seed = reader.OptionalInteger("seed", 0)) {
      mutation.seed = static_cast<std::uint64_t>(*seed);
    }
    mutation.rounds =
        static_cast<std::size_t>(reader.Integer("rounds", 1, 1, std::int64_t{kMaxMutationRounds}));
    reader.Finish();
    effect_.mutate = mutation;
  }

  // --- Members that do not go together ---

  void CheckWhole() {
    const Node::Table* members = node_.table();
    if (members == nullptr) return;
    if (members->empty()) {
      Report("script.no-effect", node_.at(), fmt::format("{} is empty", reader_.what()),
             "a rule must do something: leave it out, or state a fault");
    }
    CheckMisplaced(*members);
    CheckConnection(*members);
    CheckRedirect();
    CheckMutate(*members);
  }

  // Whatever takes the place of the answer leaves no manifest.
  void CheckMutate(const Node::Table& members) {
    if (!effect_.mutate) return;
    constexpr std::array<std::string_view, 3> kReplacing{"error", "redirect", "token"};
    for (const Node::Member& member : members) {
      if (std::ranges::find(kReplacing, member.name) == kReplacing.end()) continue;
      Report("script.conflict", member.at,
             fmt::format("`{}` of {} leaves no manifest that `mutate` could change", member.name,
                         rule_));
    }
  }

  void CheckMisplaced(const Node::Table& members) {
    for (const Node::Member& member : members) {
      const auto names = BodyFaultNames();
      if (std::ranges::find(names, member.name) == names.end()) continue;
      reader_.Get(member.name);  // known, though wrong: one complaint is enough
      Report("script.misplaced", member.at,
             fmt::format("`{}` stands in {} itself", member.name, reader_.what()),
             fmt::format("write do = {{ body = {{ {} = … }} }}", member.name));
    }
  }

  void CheckConnection(const Node::Table& members) {
    if (!effect_.connection && !effect_.opening) return;
    for (const Node::Member& member : members) {
      if (member.name == "conn" || (member.name == "wait" && !effect_.opening)) continue;
      Report(
          "script.conflict", member.at,
          fmt::format("`conn` of {} leaves no answer that `{}` could change", rule_, member.name));
    }
  }

  void CheckRedirect() {
    if (!effect_.redirect) return;
    if (effect_.status) {
      Report("script.conflict", reader_.PositionOf("status"),
             fmt::format("{} and `redirect` both set the status", Of("status")),
             "write it as redirect.status");
    }
    for (const auto& [name, value] : effect_.headers) {
      if (!EqualsIgnoreCase(name, "Location")) continue;
      Report("script.conflict", reader_.Get("headers")->Find(name)->at(),
             fmt::format("header `{}` of {} would be replaced by `redirect`", name, rule_),
             "to send any Location, use `status` and `headers` without `redirect`");
    }
  }

  const Node& node_;
  TableReader reader_;
  const std::string& rule_;
  const Vocabulary& vocabulary_;
  Diagnostics& problems_;
  Effect effect_;
};

}  // namespace

std::uint64_t BodyPlace::In(std::uint64_t size) const {
  if (!percent) return std::min(bytes, size);
  constexpr std::uint64_t kWhole = 100;
  // In two steps, so that no size overflows.
  return size / kWhole * *percent + size % kWhole * *percent / kWhole;
}

Effect ReadEffect(const Node& node, const std::string& rule, const Vocabulary& vocabulary,
                  Diagnostics& problems) {
  return EffectReader(node, rule, vocabulary, problems).Read();
}

}  // namespace pullproof::mockregistry::script
