#include "tests/conformance/report/sample.h"

namespace pullproof::conformance::report {
namespace {

CaseReport Passed() {
  CaseReport report;
  report.id = "digest.honest";
  report.title = "An honest image is pulled whole";
  report.level = Level::kMust;
  report.file = "digest/honest.toml";
  report.verdict = Verdict::kPass;
  report.notes = {"resumed (1 requests: range from>0)"};
  report.steps = {{.verb = "pull",
                   .reference = "127.0.0.1:5000/lib/app:1.0",
                   .outcome = "ok",
                   .exit_status = 0,
                   .error_class = {},
                   .took_us = 12'000,
                   .peak_memory = std::nullopt,
                   .command = {},
                   .out = {},
                   .err = {}}};
  report.exchanges_seen = 3;
  report.took_us = 12'345;
  return report;
}

CaseReport Failed() {
  CaseReport report;
  report.id = "digest.blob-mismatch";
  report.title = "A layer whose bytes do not match is refused & <kept> out\x1b[31m";
  report.level = Level::kMust;
  report.spec = {"oci-dist#pulling-blobs", "oci-image#descriptor"};
  report.why = "One bit is turned over.\nOnly the digest tells.";
  report.file = "digest/blob-mismatch.toml";
  report.twin = "digest.honest";
  report.verdict = Verdict::kFail;
  report.findings = {{.verdict = Verdict::kFail,
                      .level = Level::kMust,
                      .id = "result",
                      .expected = "the client fails",
                      .seen = "it says that it succeeded",
                      .step = 1},
                     {.verdict = Verdict::kFail,
                      .level = Level::kShould,
                      .id = "never",
                      .expected = "there is no request: op token",
                      .seen = "1 of them",
                      .why = "nobody asked",
                      .exchanges = {2}}};
  report.steps = {{.verb = "pull",
                   .reference = "127.0.0.1:5000/lib/app:1.0",
                   .outcome = "ok",
                   .exit_status = 0,
                   .error_class = {},
                   .took_us = 1'500'000,
                   .peak_memory = 1 << 20,
                   .command = {"careless", "pull", "127.0.0.1:5000/lib/app:1.0"},
                   .out = "done\n",
                   .err = {}}};
  report.exchanges = {{.number = 1,
                       .connection = 1,
                       .received_us = 0,
                       .took_us = 100,
                       .host = "registry",
                       .method = "GET",
                       .target = "/v2/lib/app/blobs/sha256:00",
                       .request_headers = {{"Accept", "*/*"}},
                       .operation = "blob.get",
                       .name = "layer",
                       .rule = "flip",
                       .status = 200,
                       .response_headers = {{"Content-Type", "text/plain"}},
                       .body_size = 2560,
                       .body_sent = 2560,
                       .ending = "complete"},
                      {.number = 2,
                       .connection = 1,
                       .received_us = 500,
                       .took_us = 90,
                       .host = "registry",
                       .method = "GET",
                       .target = "/token",
                       .request_headers = {},
                       .operation = "token",
                       .name = {},
                       .rule = {},
                       .status = 404,
                       .response_headers = {},
                       .body_size = 0,
                       .body_sent = 0,
                       .ending = "complete"}};
  report.exchanges_seen = 2;
  report.took_us = 1'600'000;
  report.again = "pullproof test --client careless --run digest.blob-mismatch";
  report.kept = "/kept/here";
  return report;
}

CaseReport WithVerdict(std::string id, Verdict verdict, std::string reason) {
  CaseReport report;
  report.id = std::move(id);
  report.title = "Another case";
  report.level = Level::kShould;
  report.verdict = verdict;
  report.reason = std::move(reason);
  return report;
}

}  // namespace

Run SampleRun() {
  Run run;
  run.header = {.harness = "pullproof 0.1.0",
                .client = "careless",
                .client_version = "1.9",
                .started = "2026-01-01T00:00:00Z",
                .run = {"digest.*"},
                .skip = {},
                .options = {"--strict"},
                .cases = 5};
  CaseReport errored = WithVerdict("retry.limit", Verdict::kError, "");
  errored.findings = {{.verdict = Verdict::kError,
                       .level = Level::kShould,
                       .id = "fired",
                       .expected = "rule `limit` fires this often: exactly 1",
                       .seen = "never, so the client was not put to the test"}};
  run.cases = {Failed(), Passed(),
               WithVerdict("resolve.app", Verdict::kUnsupported, "careless cannot do `resolve`"),
               errored,
               WithVerdict("tags.loop", Verdict::kSkipped,
                           "does not count: its benign twin `tags.pages` is fail")};
  run.summary.counts = {{Verdict::kPass, 1},
                        {Verdict::kSkipped, 1},
                        {Verdict::kFail, 1},
                        {Verdict::kError, 1},
                        {Verdict::kUnsupported, 1}};
  run.summary.took_us = 1'700'000;
  return run;
}

}  // namespace pullproof::conformance::report
