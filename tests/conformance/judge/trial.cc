#include "tests/conformance/judge/trial.h"

#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "mockregistry/content/byte_source.h"

namespace pullproof::conformance::judge {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kPull = "do = \"pull\"\nref = \"{registry}/lib/app:1.0\"\n";

Case Load(std::string_view client, std::string_view expect, std::string_view level) {
  const std::string text = fmt::format(R"(
fixture = 1
id      = "a.b"
title   = "A case"
level   = "{}"
twin    = "a.benign"
hosts.registry  = {{}}
hosts.cdn       = {{ name = "localhost" }}
blobs.layer     = {{ layer = "1KiB" }}
manifests.app   = {{ image = {{ layers = ["layer"] }} }}
repos."lib/app" = {{ tags = {{ "1.0" = "app" }} }}
[[rules]]
id = "flip"
on = {{ op = "blob.get", name = "layer" }}
do = {{ body = {{ flip_bit = 9 }} }}
[[rules]]
id = "limit"
on = {{ op = "manifest.get" }}
do = {{ status = 429 }}
[[client]]
{}
[expect]
{}
)",
                                       level, client, expect);
  Diagnostics problems("case.toml");
  std::optional<Case> read = ReadCase(text, "case.toml", "", problems);
  if (!read) throw std::invalid_argument(Describe(problems.FirstError()));
  return *std::move(read);
}

StoredFile FileWith(std::string_view path, std::string_view bytes) {
  StoredFile file{.path = std::string(path), .size = bytes.size()};
  file.sha256 = oci::Digest::Of(bytes);
  file.named = DigestNamedBy(path);
  file.is_as_named = !file.named || oci::Digest::Of(bytes, file.named->algorithm()) == *file.named;
  return file;
}

}  // namespace

Trial::Trial(std::string_view expect, std::string_view level) : Trial(kPull, expect, level) {}

Trial Trial::WithClient(std::string_view client, std::string_view expect) {
  return {client, expect, "MUST"};
}

Trial::Trial(std::string_view client, std::string_view expect, std::string_view level)
    : case_(Load(client, expect, level)) {
  evidence_.authorities = {{"registry", "127.0.0.1:5000"}, {"cdn", "localhost:6000"}};
  for (std::size_t i = 0; i < case_.steps.size(); ++i) {
    evidence_.steps.emplace_back().attempt.outcome = client::Outcome::kOk;
  }
}

Trial& Trial::Ask(const Asked& asked) {
  now_ += 10ms;
  mockregistry::journal::Entry entry;
  entry.number = evidence_.journal.size() + 1;
  entry.received = now_;
  entry.answered = now_ + 1ms;
  entry.host = asked.host;
  entry.method = "GET";
  entry.target = asked.target;
  entry.request_headers = asked.headers;
  entry.request_body = asked.body;
  entry.operation = asked.operation;
  entry.name = asked.name;
  entry.rule = asked.rule;
  entry.status = 200;
  entry.body_sent = asked.sent;
  entry.ending = "complete";
  evidence_.journal.push_back(std::move(entry));
  evidence_.steps.back().end_entry = evidence_.journal.size();
  return *this;
}

Trial& Trial::Wait(Duration duration) {
  now_ += duration;
  return *this;
}

Trial& Trial::Unanswered() {
  evidence_.journal.back().answered = {};
  return *this;
}

Trial& Trial::Comes(client::Outcome outcome, std::string_view error_class, std::string_view err) {
  client::Attempt& attempt = evidence_.steps.back().attempt;
  attempt.outcome = outcome;
  attempt.exit_status = outcome == client::Outcome::kOk ? 0 : 1;
  attempt.error_class = error_class;
  attempt.err = err;
  return *this;
}

Trial& Trial::Stores(std::string_view path, std::string_view bytes) {
  evidence_.steps.back().output.push_back(FileWith(path, bytes));
  return *this;
}

Trial& Trial::StoresInHome(std::string_view path, std::string_view bytes) {
  evidence_.steps.back().home.push_back(FileWith(path, bytes));
  return *this;
}

std::string Trial::BytesOf(std::string_view name) const {
  const auto& content = case_.scenario->content;
  if (const auto* blob = content.FindBlob(name)) {
    return mockregistry::content::ReadAll(*blob->bytes);
  }
  return content.FindManifest(name)->bytes;
}

std::string Trial::DigestOf(std::string_view name) const {
  return case_.scenario->content.DigestOfName(name)->ToString();
}

Judgement Trial::Judge() const { return judge::Judge(case_, evidence_); }

std::vector<std::string> Ids(const Judgement& judgement) {
  std::vector<std::string> ids;
  for (const Finding& finding : judgement.findings) ids.push_back(finding.id);
  return ids;
}

}  // namespace pullproof::conformance::judge
