#include "conformance/server/server_run.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/document.h"
#include "base/text.h"
#include "mockregistry/content/byte_source.h"
#include "resolver/transport/address.h"

namespace pullproof::conformance::server {
namespace {

namespace transport = resolver::transport;
using mockregistry::content::Content;
using report::CaseReport;
using report::Verdict;

// An answer to one request is small; a registry that sends more is not read to the end.
constexpr std::size_t kMaxAnswer = std::size_t{16} << 20;
// Real registries on loopback answer within milliseconds.
constexpr Duration kPatience = std::chrono::seconds(20);
constexpr std::string_view kHttp = "http://";

struct Answer {
  int status = 0;
  oci::Headers headers;
  std::string body;
};

std::uint64_t Microseconds(Duration duration) {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(duration).count());
}

// The value at "errors.0.code"; null when there is none.
const Node* At(const Node& root, std::string_view path) {
  const Node* node = &root;
  for (const std::string_view part : Split(path, '.')) {
    if (const Node::Array* items = node->array()) {
      std::size_t place = 0;
      const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), place);
      if (error != std::errc() || end != part.data() + part.size() || place >= items->size()) {
        return nullptr;
      }
      node = &(*items)[place];
    } else {
      node = node->Find(part);
    }
    if (node == nullptr) return nullptr;
  }
  return node;
}

std::string Short(std::string_view text) {
  constexpr std::size_t kShown = 200;
  return Printable(text.substr(0, kShown)) + (text.size() > kShown ? "…" : "");
}

class CaseRun {
 public:
  CaseRun(const ServerCase& subject, const ServerOptions& options, transport::Transport& transport,
          const Clock& clock)
      : subject_(subject),
        options_(options),
        transport_(transport),
        clock_(clock),
        content_(subject.scenario->content),
        // Its own repositories: what one case pushes, no other one sees.
        root_(options.prefix + "/" + Hyphenated(subject.id())) {}

  CaseReport Run() {
    const auto& fixture = subject_.scenario->fixture;
    report_.id = fixture.id;
    report_.title = fixture.title;
    report_.level = fixture.level;
    report_.spec = fixture.spec;
    report_.why = fixture.why;
    report_.file = subject_.file;
    if (!options_.again.empty()) report_.again = fmt::format("{} {}", options_.again, fixture.id);
    start_ = clock_.Now();
    if (const Result<void> run = PushAndAsk(); !run) {
      report_.verdict = Verdict::kError;
      report_.findings.push_back({.verdict = Verdict::kError,
                                  .level = report_.level,
                                  .id = "harness",
                                  .expected = "the registry can be asked",
                                  .seen = Describe(run.error())});
    }
    report_.took_us = Microseconds(clock_.Now() - start_);
    return std::move(report_);
  }

 private:
  static std::string Hyphenated(std::string id) {
    std::ranges::replace(id, '.', '-');
    return id;
  }

  Result<void> PushAndAsk() {
    for (const auto& repository : content_.repositories) {
      PULLPROOF_RETURN_IF_ERROR(Push(repository));
    }
    for (std::size_t i = 0; i < subject_.asks.size(); ++i) {
      PULLPROOF_ASSIGN_OR_RETURN(const bool goes_on, Do(subject_.asks[i], i + 1));
      if (!goes_on) break;
    }
    return {};
  }

  // --- Content ---------------------------------------------------------------------------------

  [[nodiscard]] std::string BaseOf(std::string_view repository) const {
    return fmt::format("/v2/{}/{}", root_, repository);
  }

  // A monolithic upload of each blob, then the manifests in the order of the fixture, then the
  // tags.
  Result<void> Push(const mockregistry::content::Repository& repository) {
    const std::string base = BaseOf(repository.name);
    for (const std::string& name : repository.blobs) {
      const auto* blob = content_.FindBlob(name);
      PULLPROOF_ASSIGN_OR_RETURN(const Answer opened, Exchange("POST", base + "/blobs/uploads/"));
      const std::string location =
          Resolve(base + "/blobs/uploads/", opened.headers.Find("Location").value_or(""));
      const std::string target =
          fmt::format("{}{}digest={}", location, location.contains('?') ? '&' : '?',
                      PercentEncode(blob->digest.ToString()));
      PULLPROOF_ASSIGN_OR_RETURN(
          const Answer closed,
          Exchange("PUT", target, {{"Content-Type", "application/octet-stream"}},
                   mockregistry::content::ReadAll(*blob->bytes)));
      if (closed.status != 201) return PushFailed(name, closed);
    }
    std::vector<std::pair<std::string, std::string>> manifests;  // reference, name
    for (const auto& manifest : content_.manifests) {
      if (std::ranges::find(repository.manifests, manifest.name) == repository.manifests.end()) {
        continue;
      }
      manifests.emplace_back(manifest.digest.ToString(), manifest.name);
    }
    for (const auto& [tag, name] : repository.tags) manifests.emplace_back(tag, name);
    for (const auto& [reference, name] : manifests) {
      const auto* manifest = content_.FindManifest(name);
      PULLPROOF_ASSIGN_OR_RETURN(
          const Answer put, Exchange("PUT", fmt::format("{}/manifests/{}", base, reference),
                                     {{"Content-Type", manifest->media_type}}, manifest->bytes));
      if (put.status != 201) return PushFailed(name, put);
    }
    return {};
  }

  static std::unexpected<Error> PushFailed(std::string_view name, const Answer& answer) {
    return Fail("server.push", fmt::format("`{}` could not be pushed: the registry answered {} {}",
                                           name, answer.status, Short(answer.body)));
  }

  // --- Requests --------------------------------------------------------------------------------

  // What a Location means; a registry may name its own host in it, and no other is asked.
  [[nodiscard]] std::string Resolve(std::string_view target, std::string_view location) const {
    if (location.starts_with(options_.origin)) location.remove_prefix(options_.origin.size());
    if (location.starts_with('/')) return std::string(location);
    const std::string_view path = target.substr(0, target.find('?'));
    if (location.starts_with('?')) return fmt::format("{}{}", path, location);
    return fmt::format("{}{}", path.substr(0, path.rfind('/') + 1), location);
  }

  Result<Answer> Exchange(const std::string& method, const std::string& target,
                          const std::vector<std::pair<std::string, std::string>>& headers = {},
                          std::string body = {}) {
    transport::Request request;
    request.method = method;
    request.url = options_.origin + target;
    for (const auto& [name, value] : headers) request.headers.Add(name, value);
    request.body = std::move(body);
    request.idle_timeout = kPatience;
    Answer answer;
    const transport::Receiver receiver{
        .on_response = [&](const transport::Response& response) -> Result<void> {
          answer.status = response.status;
          answer.headers = response.headers;
          return {};
        },
        .on_body = [&](std::string_view bytes) -> Result<void> {
          if (answer.body.size() + bytes.size() > kMaxAnswer) {
            return Fail("limit.bytes", "the answer is too large");
          }
          answer.body += bytes;
          return {};
        }};
    const Duration asked = clock_.Now();
    const Result<transport::Response> response = transport_.Exchange(request, receiver);
    Witness(request, target, answer, asked, response.has_value());
    if (!response) return std::unexpected(response.error());
    return answer;
  }

  void Witness(const transport::Request& request, const std::string& target, const Answer& answer,
               Duration asked, bool is_whole) {
    ++report_.exchanges_seen;
    if (report_.exchanges.size() >= report::kMaxKeptExchanges) return;
    judge::Exchange exchange;
    exchange.number = report_.exchanges_seen;
    exchange.received_us = Microseconds(asked - start_);
    exchange.took_us = Microseconds(clock_.Now() - asked);
    exchange.host = "registry";
    exchange.method = request.method;
    exchange.target = target;
    for (const auto& [name, value] : request.headers.lines()) {
      exchange.request_headers.emplace_back(name, value);
    }
    exchange.status = answer.status;
    for (const auto& [name, value] : answer.headers.lines()) {
      exchange.response_headers.emplace_back(name, Printable(value));
    }
    exchange.body_size = answer.body.size();
    exchange.body_sent = answer.body.size();
    exchange.ending = is_whole ? "complete" : "broken off";
    report_.exchanges.push_back(std::move(exchange));
  }

  // {repo}, {repo:NAME}, {name:NAME}, {digest:NAME}, {size:NAME}, {kept:NAME}, {more:NAME}
  [[nodiscard]] Result<std::string> Fill(std::string_view text) const {
    std::string filled;
    while (true) {
      const std::size_t open = text.find('{');
      filled += text.substr(0, open);
      if (open == std::string_view::npos) return filled;
      const std::size_t close = text.find('}', open);
      if (close == std::string_view::npos) {
        filled += text.substr(open);
        return filled;
      }
      PULLPROOF_ASSIGN_OR_RETURN(const std::string value,
                                 ValueOf(text.substr(open + 1, close - open - 1)));
      filled += value;
      text.remove_prefix(close + 1);
    }
  }

  [[nodiscard]] Result<std::string> ValueOf(std::string_view inside) const {
    const std::size_t colon = std::min(inside.find(':'), inside.size());
    const std::string_view word = inside.substr(0, colon);
    const std::string name(inside.substr(std::min(colon + 1, inside.size())));
    if (word == "repo") {
      const bool is_named = !name.empty() || content_.repositories.empty();
      return BaseOf(is_named ? (name.empty() ? "app" : name) : content_.repositories.front().name);
    }
    if (word == "name") return fmt::format("{}/{}", root_, name);
    if (word == "digest") {
      if (const auto digest = content_.DigestOfName(name)) return digest->ToString();
    }
    if (word == "size" && content_.DigestOfName(name)) {
      return std::to_string(BytesOf(name).size());
    }
    if (const auto kept = kept_.find(name); kept != kept_.end()) {
      if (word == "kept") return kept->second;
      if (word == "more") return kept->second + (kept->second.contains('?') ? '&' : '?');
    }
    return Fail("placeholder.unknown", fmt::format("nothing stands for `{{{}}}`", inside));
  }

  [[nodiscard]] std::string BytesOf(std::string_view name) const {
    if (const auto* blob = content_.FindBlob(name)) {
      return mockregistry::content::ReadAll(*blob->bytes);
    }
    const auto* manifest = content_.FindManifest(name);
    return manifest == nullptr ? std::string() : manifest->bytes;
  }

  [[nodiscard]] std::string SliceOf(
      std::string_view name,
      const std::optional<std::pair<std::size_t, std::size_t>>& slice) const {
    std::string bytes = BytesOf(name);
    if (!slice) return bytes;
    const std::size_t first = std::min(slice->first, bytes.size());
    return bytes.substr(first, slice->second - first + 1);
  }

  // False when there is nothing more to ask.
  Result<bool> Do(const Ask& ask, std::size_t number) {
    PULLPROOF_ASSIGN_OR_RETURN(const std::string target, Fill(ask.target));
    std::vector<std::pair<std::string, std::string>> headers;
    for (const auto& [name, value] : ask.headers) {
      PULLPROOF_ASSIGN_OR_RETURN(std::string filled, Fill(value));
      headers.emplace_back(name, std::move(filled));
    }
    PULLPROOF_ASSIGN_OR_RETURN(std::string body, Fill(ask.text));
    if (!ask.name.empty()) body = SliceOf(ask.name, ask.slice);
    const Result<Answer> asked = Exchange(ask.method, target, headers, std::move(body));
    if (!asked && asked.error().id == "transport.connect") {
      return std::unexpected(asked.error());
    }
    // Whoever takes connections owes them whole answers.
    if (!asked) {
      Add(ask, number, "the answer is whole and HTTP", Short(Describe(asked.error())));
      return false;
    }
    const Answer& answer = *asked;
    if (std::ranges::find(ask.unsupported, answer.status) != ask.unsupported.end()) {
      if (!report::IsFailure(report_.verdict)) report_.verdict = Verdict::kUnsupported;
      report_.reason =
          fmt::format("the registry answered {} to {} {}", answer.status, ask.method, target);
      return false;
    }
    Judge(ask, number, answer);
    for (const auto& [name, header] : ask.keep) {
      const std::optional<std::string> value = answer.headers.Find(header);
      // What was not as expected has been said; without the header nothing can be asked on.
      if (!value) {
        Add(ask, number, fmt::format("the answer has a header {}", header), "it has none");
        return false;
      }
      kept_[name] = EqualsIgnoreCase(header, "Location") ? Resolve(target, *value) : *value;
    }
    return true;
  }

  // --- Judging ---------------------------------------------------------------------------------

  void Judge(const Ask& ask, std::size_t number, const Answer& answer) {
    if (std::ranges::find(ask.statuses, answer.status) == ask.statuses.end()) {
      Add(ask, number, fmt::format("the answer's status is {}", fmt::join(ask.statuses, " or ")),
          fmt::format("{} {}", answer.status, Short(answer.body)));
      return;  // what else it says belongs to another answer
    }
    for (const auto& [name, matcher] : ask.header_expected) {
      const std::optional<std::string> value = answer.headers.Find(name);
      if (matcher.Matches(value)) continue;
      Add(ask, number, fmt::format("the header {} is as the case says", name),
          value ? fmt::format("`{}`", Short(*value)) : "it is not there");
    }
    if (!ask.json.empty()) JudgeJson(ask, number, answer.body);
    if (!ask.body_is.empty() && answer.body != SliceOf(ask.body_is, ask.body_slice)) {
      Add(ask, number, fmt::format("the body is `{}`, byte for byte", ask.body_is),
          fmt::format("{} bytes that are not", answer.body.size()));
    }
  }

  void JudgeJson(const Ask& ask, std::size_t number, const std::string& body) {
    const Result<Node> document = ParseJson(body, "the answer");
    if (!document) {
      Add(ask, number, "the body is JSON", Short(body));
      return;
    }
    for (const JsonExpected& expected : ask.json) {
      const Node* node = At(*document, expected.path);
      if (node != nullptr && IsAs(expected, *node)) continue;
      Add(ask, number, expected.description,
          node == nullptr ? fmt::format("there is none: {}", Short(body))
                          : Short(CanonicalJson(*node).value_or(std::string(node->KindName()))));
    }
  }

  static bool IsAs(const JsonExpected& expected, const Node& node) {
    switch (expected.kind) {
      case JsonExpected::Kind::kArray:
        return node.array() != nullptr;
      case JsonExpected::Kind::kCount:
        return node.array() != nullptr && node.array()->size() == *expected.count;
      case JsonExpected::Kind::kEqual:
        break;
    }
    return CanonicalJson(node) == CanonicalJson(expected.value);
  }

  void Add(const Ask& ask, std::size_t number, std::string expected, std::string seen) {
    const Level level = ask.level.value_or(report_.level);
    if (level == Level::kInfo || report_.level == Level::kInfo) {
      report_.notes.push_back(
          fmt::format("request {}: expected that {}; seen: {}", number, expected, seen));
      return;
    }
    const bool is_softer = level == Level::kShould && report_.level == Level::kMust;
    const Verdict verdict = is_softer ? Verdict::kPassNonstrict : Verdict::kFail;
    report_.verdict = std::max(report_.verdict, verdict);
    report_.findings.push_back({.verdict = verdict,
                                .level = level,
                                .id = "answer",
                                .expected = std::move(expected),
                                .seen = std::move(seen),
                                .step = number,
                                .exchanges = {report_.exchanges_seen}});
  }

  const ServerCase& subject_;
  const ServerOptions& options_;
  transport::Transport& transport_;
  const Clock& clock_;
  const Content& content_;
  const std::string root_;
  std::map<std::string, std::string, std::less<>> kept_;
  Duration start_{};
  CaseReport report_;
};

bool IsSelected(const ServerCase& subject, const ServerOptions& options) {
  const auto matches = [&](const std::string& glob) { return GlobMatch(glob, subject.id()); };
  return subject.scenario->fixture.level <= options.level &&
         (options.run.empty() || std::ranges::any_of(options.run, matches)) &&
         std::ranges::none_of(options.skip, matches);
}

}  // namespace

Result<std::string> ParseOrigin(std::string_view url) {
  const std::string text(url);
  if (!url.starts_with(kHttp)) {
    return Fail("server.url", "a registry under test is an http URL", text,
                "write --server http://127.0.0.1:5000");
  }
  std::string_view authority = url.substr(kHttp.size());
  if (authority.ends_with('/')) authority.remove_suffix(1);
  if (authority.empty() || authority.find_first_of("/?#@ ") != std::string_view::npos) {
    return Fail("server.url", "the URL of a registry under test is its host and its port", text,
                "write --server http://127.0.0.1:5000");
  }
  const std::size_t bracket = authority.find(']');
  const std::size_t colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
  if (!transport::IsLoopbackHost(authority.substr(0, colon))) {
    return Fail("server.not-loopback", "only registries on loopback are tested", text,
                "the cases push, break off and delete: start one of your own");
  }
  return fmt::format("{}{}", kHttp, authority);
}

Result<report::Summary> TestServer(std::span<const ServerCase> cases, const ServerOptions& options,
                                   transport::Transport& transport, const Clock& clock,
                                   report::Sink& sink) {
  std::vector<const ServerCase*> selected;
  for (const ServerCase& subject : cases) {
    if (IsSelected(subject, options)) selected.push_back(&subject);
  }
  if (selected.empty()) return Fail("suite.nothing-selected", "no case is selected");
  const auto now = std::chrono::system_clock::to_time_t(clock.Wall());
  sink.Begin({.harness = options.harness,
              .client = "registry " + options.origin.substr(kHttp.size()),
              .client_version = {},
              .started = fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(now)),
              .run = options.run,
              .skip = options.skip,
              .options = {"--server"},
              .cases = selected.size()});
  report::Summary summary;
  const Duration start = clock.Now();
  for (const ServerCase* subject : selected) {
    const CaseReport report = CaseRun(*subject, options, transport, clock).Run();
    ++summary.counts[report.verdict];
    sink.Add(report);
  }
  summary.took_us = Microseconds(clock.Now() - start);
  sink.End(summary);
  return summary;
}

}  // namespace pullproof::conformance::server
