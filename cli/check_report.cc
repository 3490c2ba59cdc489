#include "cli/check_report.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include "base/document.h"
#include "base/text.h"

namespace pullproof::cli {
namespace {

constexpr std::string_view kSarifSchema =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

// A file may have any name, also one that is no text.
Node Text(std::string_view text) {
  return Node(IsUtf8(text) ? std::string(text) : Printable(text, KeepLines::kYes));
}
Node Number(std::size_t number) { return Node(static_cast<std::uint64_t>(number)); }

class Table {
 public:
  Table& Add(std::string_view name, Node value) {
    members_.push_back({std::string(name), {}, std::move(value)});
    return *this;
  }
  Node Take() { return Node(std::move(members_)); }

 private:
  Node::Table members_;
};

// Nothing in here has a fraction, which alone has no canonical form.
std::string Line(Node document) { return *CanonicalJson(document) + '\n'; }

std::string_view LevelOf(const Diagnostic& diagnostic) {
  return diagnostic.severity == Severity::kError ? "error" : "warning";
}

std::size_t Count(std::span<const Diagnostics> files, Severity severity) {
  std::size_t count = 0;
  for (const Diagnostics& file : files) {
    count +=
        static_cast<std::size_t>(std::ranges::count(file.all(), severity, &Diagnostic::severity));
  }
  return count;
}

// A path as a URI, relative where the path is: what is no plain character of one is escaped,
// slashes stay. Spec: RFC 8089, RFC 3986 section 4.2.
std::string UriOf(std::string_view path) {
  std::string uri = path.starts_with('/') ? "file://" : "";
  while (true) {
    const std::size_t slash = path.find('/');
    uri += PercentEncode(path.substr(0, slash));
    if (slash == std::string_view::npos) return uri;
    uri += '/';
    path.remove_prefix(slash + 1);
  }
}

Node SarifLocation(const Diagnostics& file, const Diagnostic& diagnostic) {
  Table physical;
  physical.Add("artifactLocation", Table().Add("uri", Text(UriOf(file.name()))).Take());
  if (diagnostic.at.line != 0) {
    physical.Add("region", Table()
                               .Add("startLine", Number(diagnostic.at.line))
                               .Add("startColumn", Number(diagnostic.at.column))
                               .Take());
  }
  return Table().Add("physicalLocation", physical.Take()).Take();
}

Node SarifResult(const Diagnostics& file, const Diagnostic& diagnostic, std::size_t rule) {
  std::string message = diagnostic.message;
  if (!diagnostic.hint.empty()) message += "\n" + diagnostic.hint;
  return Table()
      .Add("ruleId", Text(diagnostic.id))
      .Add("ruleIndex", Number(rule))
      .Add("level", Text(LevelOf(diagnostic)))
      .Add("message", Table().Add("text", Text(message)).Take())
      .Add("locations", Node(Node::Array{SarifLocation(file, diagnostic)}))
      .Take();
}

}  // namespace

std::string CheckJson(std::span<const Diagnostics> files) {
  Node::Array list;
  for (const Diagnostics& file : files) {
    Node::Array diagnostics;
    for (const Diagnostic& diagnostic : file.all()) {
      diagnostics.push_back(Table()
                                .Add("severity", Text(LevelOf(diagnostic)))
                                .Add("id", Text(diagnostic.id))
                                .Add("message", Text(diagnostic.message))
                                .Add("hint", Text(diagnostic.hint))
                                .Add("line", Number(diagnostic.at.line))
                                .Add("column", Number(diagnostic.at.column))
                                .Take());
    }
    list.push_back(Table()
                       .Add("file", Text(file.name()))
                       .Add("diagnostics", Node(std::move(diagnostics)))
                       .Take());
  }
  return Line(Table()
                  .Add("files", Node(std::move(list)))
                  .Add("errors", Number(Count(files, Severity::kError)))
                  .Add("warnings", Number(Count(files, Severity::kWarning)))
                  .Take());
}

std::string CheckSarif(std::span<const Diagnostics> files) {
  std::set<std::string> ids;
  for (const Diagnostics& file : files) {
    for (const Diagnostic& diagnostic : file.all()) ids.insert(diagnostic.id);
  }
  Node::Array rules;
  for (const std::string& id : ids) rules.push_back(Table().Add("id", Text(id)).Take());
  Node::Array results;
  for (const Diagnostics& file : files) {
    for (const Diagnostic& diagnostic : file.all()) {
      const auto rule = std::distance(ids.begin(), ids.find(diagnostic.id));
      results.push_back(SarifResult(file, diagnostic, static_cast<std::size_t>(rule)));
    }
  }
  Node driver = Table()
                    .Add("name", Text("pullproof"))
                    .Add("version", Text(PULLPROOF_VERSION))
                    .Add("rules", Node(std::move(rules)))
                    .Take();
  Node run = Table()
                 .Add("columnKind", Text("unicodeCodePoints"))
                 .Add("tool", Table().Add("driver", std::move(driver)).Take())
                 .Add("results", Node(std::move(results)))
                 .Take();
  return Line(Table()
                  .Add("$schema", Text(kSarifSchema))
                  .Add("version", Text("2.1.0"))
                  .Add("runs", Node(Node::Array{std::move(run)}))
                  .Take());
}

}  // namespace pullproof::cli
