// Several runs: merged, compared, withheld, and side by side.
#include "conformance/report/matrix.h"

#include <array>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/document.h"
#include "conformance/report/baseline.h"
#include "conformance/report/combine.h"
#include "conformance/report/json_lines.h"
#include "conformance/report/write.h"
#include "tests/conformance/report/sample.h"

namespace pullproof::conformance::report {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

CaseReport CaseOf(std::string id, Verdict verdict) {
  CaseReport report;
  report.id = std::move(id);
  report.title = "About " + report.id;
  report.verdict = verdict;
  return report;
}

Run RunOf(std::string client, std::vector<CaseReport> cases) {
  Run run;
  run.header.client = std::move(client);
  run.header.harness = "pullproof 0.1.0";
  run.header.started = "2026-01-02T00:00:00Z";
  run.header.cases = cases.size();
  run.summary = SummaryOf(cases, 1'000);
  run.cases = std::move(cases);
  return run;
}

std::vector<std::string> IdsOf(const std::vector<Change>& changes) {
  std::vector<std::string> ids;
  for (const Change& change : changes) ids.push_back(change.id);
  return ids;
}

// --- Merge ---

TEST(Merge, PutsShardsTogetherAndForgetsThem) {
  report::Run first = RunOf("c", {CaseOf("b.two", Verdict::kPass)});
  first.header.options = {"--strict", "--shard 1/2"};
  report::Run second =
      RunOf("c", {CaseOf("a.one", Verdict::kFail), CaseOf("c.three", Verdict::kPass)});
  second.header.options = {"--strict", "--shard 2/2"};
  second.header.started = "2026-01-01T00:00:00Z";
  const Result<report::Run> merged = Merge(std::array{first, second});
  ASSERT_TRUE(merged) << Describe(merged.error());
  EXPECT_EQ(merged->cases.size(), 3U);
  EXPECT_EQ(merged->cases[0].id, "a.one");
  EXPECT_EQ(merged->header.cases, 3U);
  EXPECT_EQ(merged->header.started, "2026-01-01T00:00:00Z");
  EXPECT_THAT(merged->header.options, ElementsAre("--strict"));
  EXPECT_EQ(merged->summary.Count(Verdict::kPass), 2U);
  EXPECT_EQ(merged->summary.took_us, 2'000U);
}

TEST(Merge, RefusesOtherClientsAndTheSameCaseTwice) {
  const report::Run run = RunOf("c", {CaseOf("a.one", Verdict::kPass)});
  EXPECT_EQ(Merge(std::array{run, RunOf("d", {})}).error().id, "report.other-client");
  const Result<report::Run> twice = Merge(std::array{run, run});
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().id, "report.duplicate-case");
  EXPECT_EQ(twice.error().where, "a.one");
}

// --- Withhold ---

TEST(Withhold, LeavesNothingOfWhatWasFound) {
  report::Run run = SampleRun();
  const Withheld rule = *Withheld::Parse("careless:digest.blob-*");
  run = Withhold(std::move(run), std::array{rule});
  const CaseReport& report = run.cases[0];
  EXPECT_EQ(report.verdict, Verdict::kWithheld);
  EXPECT_THAT(report.findings, IsEmpty());
  EXPECT_THAT(report.steps, IsEmpty());
  EXPECT_THAT(report.exchanges, IsEmpty());
  EXPECT_THAT(JsonLine(report), AllOf(Not(HasSubstr("careless")), Not(HasSubstr("flip"))));
  EXPECT_EQ(run.cases[1].verdict, Verdict::kPass);
  EXPECT_EQ(run.summary.Count(Verdict::kWithheld), 1U);
  EXPECT_EQ(run.summary.Count(Verdict::kFail), 0U);
}

TEST(Withhold, KeepsOtherClientsAsTheyAre) {
  EXPECT_EQ(Withhold(SampleRun(), std::array{*Withheld::Parse("other:*")}), SampleRun());
}

TEST(Withhold, WantsAClientAndAnId) {
  for (const std::string_view text : {"", "skopeo", ":digest.*", "skopeo:"}) {
    EXPECT_EQ(Withheld::Parse(text).error().id, "report.withhold-syntax") << text;
  }
}

// --- Baseline ---

TEST(Compare, SortsEveryKindOfChange) {
  const report::Run before =
      RunOf("c", {CaseOf("a.broken", Verdict::kPass), CaseOf("a.fixed", Verdict::kHang),
                  CaseOf("a.flaky", Verdict::kPass), CaseOf("a.gone", Verdict::kPass),
                  CaseOf("a.same", Verdict::kFail), CaseOf("a.supported", Verdict::kUnsupported)});
  const report::Run now =
      RunOf("c", {CaseOf("a.broken", Verdict::kFail), CaseOf("a.fixed", Verdict::kPass),
                  CaseOf("a.flaky", Verdict::kFlaky), CaseOf("a.new", Verdict::kLeak),
                  CaseOf("a.new-good", Verdict::kPass), CaseOf("a.same", Verdict::kFail),
                  CaseOf("a.supported", Verdict::kPass)});
  const Comparison comparison = Compare(before, now);
  EXPECT_THAT(IdsOf(comparison.broken), ElementsAre("a.broken"));
  EXPECT_THAT(IdsOf(comparison.fixed), ElementsAre("a.fixed"));
  EXPECT_THAT(IdsOf(comparison.flaky), ElementsAre("a.flaky"));
  EXPECT_THAT(IdsOf(comparison.other), ElementsAre("a.supported"));
  EXPECT_THAT(comparison.added, ElementsAre("a.new"));
  EXPECT_THAT(comparison.gone, ElementsAre("a.gone"));
  EXPECT_EQ(comparison.as_before, 1U);
  EXPECT_EQ(ExitStatus(comparison), 1);
  EXPECT_EQ(
      RenderComparison({.before = before.header, .comparison = comparison}),
      "broken  a.broken: pass -> fail  About a.broken\n"
      "flaky   a.flaky: pass -> flaky  About a.flaky\n"
      "new     a.new\n"
      "fixed   a.fixed: hang -> pass  About a.fixed\n"
      "changed a.supported: unsupported -> pass  About a.supported\n"
      "gone    a.gone\n"
      "compared with c of 2026-01-02T00:00:00Z: 1 broken, 1 flaky, 1 new and failing, 1 fixed, "
      "1 as before\n");
}

TEST(Compare, WhatFailedBeforeDoesNotFailTheRun) {
  const report::Run run = RunOf("c", {CaseOf("a.same", Verdict::kFail)});
  EXPECT_EQ(ExitStatus(Compare(run, run)), 0);
}

// --- Side by side ---

std::vector<Run> TwoClients() {
  return {RunOf("one", {CaseOf("digest.a", Verdict::kPass), CaseOf("tags.b", Verdict::kPass)}),
          RunOf("two", {CaseOf("digest.a", Verdict::kFail), CaseOf("digest.c", Verdict::kPass)})};
}

TEST(Rows, HoldACellForEachClient) {
  const std::vector<report::Run> runs = TwoClients();
  const std::vector<MatrixRow> rows = RowsOf(runs);
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[1].id, "digest.c");
  EXPECT_EQ(rows[1].cells[0], nullptr);
  EXPECT_EQ(rows[1].any().title, "About digest.c");
}

TEST(Markdown, CountsByAreaAndNamesWhatNotAllPass) {
  EXPECT_EQ(RenderMarkdown(TwoClients()),
            "* one: 2 cases, 2026-01-02T00:00:00Z, with pullproof 0.1.0\n"
            "* two: 2 cases, 2026-01-02T00:00:00Z, with pullproof 0.1.0\n"
            "\n"
            "| passed, of those judged | one | two |\n"
            "| --- | --- | --- |\n"
            "| digest | 1 of 1 | 1 of 2 |\n"
            "| tags | 1 of 1 | – |\n"
            "| **all** | 2 of 2 | 1 of 2 |\n"
            "\n"
            "Cases that not every client passes; a dash is a case that was not run.\n"
            "\n"
            "| case | level | one | two |\n"
            "| --- | --- | --- | --- |\n"
            "| `digest.a`<br>About digest.a | MUST | pass | **fail** |\n");
}

TEST(Markdown, NothingBreaksOutOfACell) {
  report::Run run = RunOf("a|b <script>", {CaseOf("digest.a", Verdict::kFail)});
  run.cases[0].title = "x | y\n[z](javascript:1)";
  EXPECT_THAT(RenderMarkdown(std::array{run}, "not yet examined"),
              testing::HasSubstr("\n\nnot yet examined\n\n"));
  const std::string text = RenderMarkdown(std::array{run});
  EXPECT_THAT(
      text, AllOf(HasSubstr("a\\|b \\<script\\>"), HasSubstr("x \\| y\\\\n\\[z\\](javascript:1)")));
}

TEST(Html, HoldsTheTableAndTheData) {
  const std::string page = RenderHtml(TwoClients());
  EXPECT_THAT(page, HasSubstr("<title>Pullproof: one, two</title>"));
  EXPECT_THAT(page, HasSubstr(R"(<tr data-id="digest.c" data-level="MUST" )"));
  EXPECT_THAT(page,
              HasSubstr(R"(data-run="1" data-case="0" aria-label="two, digest.a: fail">fail<)"));
  EXPECT_THAT(page, HasSubstr("<strong>two</strong>: 1 of 2 passed"));
  EXPECT_THAT(page, Not(testing::ContainsRegex("@[A-Z]+@"))) << "every part is filled in";
  EXPECT_THAT(page, Not(HasSubstr("http://"))) << "nothing is fetched from anywhere";
}

TEST(Html, HoldsWhatTheCasesRestOnAndNoMore) {
  report::Run run = SampleRun();
  run.cases[0].spec = {"oci-dist#pulling-blobs", "no-such#section"};
  run.cases[1].spec = {};
  const std::string page = RenderHtml(std::array{run});
  const std::size_t start = page.find(R"(<script type="application/json" id="anchors">)");
  ASSERT_NE(start, std::string::npos);
  const std::string anchors = page.substr(start, page.find("</script>", start) - start);
  EXPECT_THAT(anchors, HasSubstr(R"("oci-dist#pulling-blobs":{"says":")"));
  EXPECT_THAT(anchors, HasSubstr(R"("url":"https://)"));
  EXPECT_THAT(anchors, Not(HasSubstr("no-such#section")));
  EXPECT_THAT(anchors, Not(HasSubstr("oci-dist#listing-tags")));
}

TEST(Html, HostileTextStaysText) {
  report::Run run = SampleRun();
  run.header.client = "<b>@DATA@";
  run.cases[0].title = "</script><script>alert(1)</script>";
  run.cases[0].steps[0].err = "<!-- </script>";
  const std::string page = RenderHtml(std::array{run});
  EXPECT_THAT(page, Not(HasSubstr("<script>alert")));
  EXPECT_THAT(page, Not(HasSubstr("<!-- </script>")));
  EXPECT_THAT(page, HasSubstr("&lt;b&gt;@DATA@"));
  EXPECT_THAT(page, HasSubstr(R"(\u003c!-- \u003c/script>)"));
}

// What a script reads is JSON, cut for passes and whole for failures.
TEST(Html, DataIsJson) {
  const std::string page = RenderHtml(std::array{SampleRun()});
  constexpr std::string_view kStart = R"(<script type="application/json" id="data">)";
  const std::size_t start = page.find(kStart) + kStart.size();
  const Result<Node> data =
      ParseJson(page.substr(start, page.find("</script>", start) - start), "data");
  ASSERT_TRUE(data) << Describe(data.error());
  const Node& run = data->array()->front();
  EXPECT_EQ(*run.Find("run")->Find("client")->string(), "careless");
  EXPECT_EQ(run.Find("cases")->array()->size(), 5U);
  EXPECT_NE(run.Find("cases")->array()->front().Find("exchanges"), nullptr);
}

TEST(Html, TellsWhatChangedSinceABaseline) {
  const report::Run before = RunOf("c", {CaseOf("a.one", Verdict::kPass)});
  const report::Run now = RunOf("c", {CaseOf("a.one", Verdict::kFail)});
  const Baseline baseline{.before = before.header, .comparison = Compare(before, now)};
  EXPECT_THAT(RenderHtml(std::array{now}, nullptr, "<not yet examined>"),
              testing::HasSubstr("<p>&lt;not yet examined&gt;</p>"));
  const std::string page = RenderHtml(std::array{now}, &baseline);
  EXPECT_THAT(page, HasSubstr("Since c of 2026-01-02T00:00:00Z: 1 broken, 0 flaky, 0 fixed"));
  EXPECT_THAT(page, HasSubstr("<li><code>a.one</code>: pass → fail</li>"));
}

TEST(Badge, SaysHowManyPassedAndWhetherThatIsGood) {
  const std::string good = RenderBadge(RunOf("c", {CaseOf("a.one", Verdict::kPass)}));
  EXPECT_THAT(good, AllOf(HasSubstr("1 of 1"), HasSubstr("#2a7a2a"), HasSubstr("<svg ")));
  const std::string bad = RenderBadge(
      RunOf("<c>", {CaseOf("a.one", Verdict::kFail), CaseOf("a.two", Verdict::kUnsupported)}));
  EXPECT_THAT(bad, AllOf(HasSubstr("0 of 1"), HasSubstr("#b32424"), HasSubstr("&lt;c&gt;")));
}

TEST(Render, OfOneRunWantsOne) {
  for (const Format format : {Format::kTable, Format::kJsonLines, Format::kJunit, Format::kBadge}) {
    EXPECT_EQ(Render(TwoClients(), format).error().id, "report.one-run");
    EXPECT_TRUE(Render(std::array{SampleRun()}, format));
  }
  for (const Format format : {Format::kMarkdown, Format::kHtml}) {
    EXPECT_TRUE(Render(TwoClients(), format));
  }
}

}  // namespace
}  // namespace pullproof::conformance::report
