#include <unistd.h>

#include <array>
#include <filesystem>
#include <sstream>
#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "base/text.h"
#include "conformance/report/json_lines.h"
#include "conformance/report/junit.h"
#include "conformance/report/table.h"
#include "conformance/report/write.h"
#include "tests/conformance/report/sample.h"

namespace pullproof::conformance::report {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string Golden(std::string_view name) {
  SystemFileSystem files;
  const std::filesystem::path path =
      std::filesystem::path(PULLPROOF_SOURCE_DIR) / "tests/conformance/report/data" / name;
  return files.Read(path, 1 << 20).value_or("no golden file");
}

// --- The table ---

TEST(Table, IsAsItShouldBe) { EXPECT_EQ(RenderTable(SampleRun(), {}), Golden("table.txt")); }

TEST(Table, FitsTheTerminal) {
  std::istringstream lines(RenderTable(SampleRun(), {.colour = false, .width = 90}));
  std::string line;
  std::size_t rows = 0;
  while (std::getline(lines, line) && rows < 7) {
    if (line.starts_with("fail ")) {
      EXPECT_THAT(line, testing::EndsWith("…"));
    }
    EXPECT_LE(line.size(), 92U) << line;  // an ellipsis has three bytes
    ++rows;
  }
}

TEST(Table, ColoursOnlyWhenAsked) {
  EXPECT_THAT(RenderTable(SampleRun(), {}), Not(HasSubstr("\x1b")));
  const std::string coloured = RenderTable(SampleRun(), {.colour = true, .width = 0});
  EXPECT_THAT(coloured, HasSubstr("\x1b[32mpass"));
  EXPECT_THAT(coloured, HasSubstr("\x1b[1;31mfail"));
  EXPECT_THAT(coloured, Not(HasSubstr("\x1b[31m"))) << "the title's own escape is made harmless";
}

TEST(Table, TracesHeaderLinesWhenAsked) {
  std::ostringstream out;
  TableSink sink(out, {}, Detail::kTrace);
  sink.Add(SampleRun().cases[0]);
  EXPECT_THAT(out.str(), HasSubstr("\n  #1 GET registry /v2/lib/app/blobs/sha256:00"));
  EXPECT_THAT(out.str(), HasSubstr("\n    > Accept: */*\n    < Content-Type: text/plain\n"));
  EXPECT_THAT(RenderTable(SampleRun(), {}), Not(HasSubstr("> Accept")));
}

TEST(Style, OfWhatIsNoTerminalIsPlain) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const Style style = StyleFor(ends[1]);
  EXPECT_FALSE(style.colour);
  EXPECT_EQ(style.width, 0U);
  close(ends[0]);
  close(ends[1]);
}

// --- JSON lines ---

TEST(JsonLines, AreAsTheyShouldBe) {
  EXPECT_EQ(RenderJsonLines(SampleRun()), Golden("report.jsonl"));
}

TEST(JsonLines, AreReadBack) {
  const report::Run run = SampleRun();
  const Result<report::Run> read = ReadJsonLines(RenderJsonLines(run), "report.jsonl");
  ASSERT_TRUE(read.has_value()) << Describe(read.error());
  EXPECT_EQ(*read, run);
}

TEST(JsonLines, AreUtf8WhateverAClientSays) {
  report::Run run = SampleRun();
  run.cases[0].steps[0].err = "\xff\xfe";
  const std::string text = RenderJsonLines(run);
  EXPECT_TRUE(IsUtf8(text));
  EXPECT_EQ(ReadJsonLines(text, "r")->cases[0].steps[0].err, "\\xff\\xfe");
}

TEST(JsonLines, ComeOneByOneFromASink) {
  const report::Run run = SampleRun();
  std::ostringstream out;
  JsonLinesSink sink(out);
  sink.Begin(run.header);
  EXPECT_EQ(out.str(), JsonLine(run.header) + "\n");
  for (const CaseReport& report : run.cases) sink.Add(report);
  sink.End(run.summary);
  EXPECT_EQ(out.str(), RenderJsonLines(run));
}

struct BadReport {
  std::string_view name;
  std::string_view text;
  std::string_view error;
  std::string_view where;
};

class JsonLinesRefuse : public testing::TestWithParam<BadReport> {};

TEST_P(JsonLinesRefuse, AndNameTheLine) {
  const Result<report::Run> read = ReadJsonLines(GetParam().text, "r.jsonl");
  ASSERT_FALSE(read.has_value());
  EXPECT_EQ(read.error().id, GetParam().error);
  EXPECT_THAT(read.error().where, HasSubstr(std::string(GetParam().where)));
}

constexpr std::string_view kRunLine = R"({"type":"run","format":1})";

INSTANTIATE_TEST_SUITE_P(
    All, JsonLinesRefuse,
    testing::Values(
        BadReport{"Empty", "", "report.truncated", "r.jsonl"},
        BadReport{"NoJson", "hello", "json.syntax", "line 1"},
        BadReport{"OtherVersion", R"({"type":"run","format":2})", "report.version", "line 1"},
        BadReport{"NoVersion", R"({"type":"run"})", "report.version", "line 1"},
        BadReport{"CaseFirst", R"({"type":"case","id":"a"})", "report.line", "line 1"},
        BadReport{"UnknownType", "{\"type\":\"run\",\"format\":1}\n{\"type\":\"x\"}", "report.line",
                  "line 2"},
        BadReport{"TwoRuns", "{\"type\":\"run\",\"format\":1}\n\n{\"type\":\"run\",\"format\":1}",
                  "report.line", "line 3"},
        BadReport{"NoSummary", kRunLine, "report.truncated", "r.jsonl"},
        BadReport{"UnknownVerdict",
                  "{\"type\":\"run\",\"format\":1}\n{\"type\":\"case\",\"verdict\":\"good\"}",
                  "model.unknown-value", "line 2"},
        BadReport{"CountOfNoVerdict",
                  "{\"type\":\"run\",\"format\":1}\n"
                  "{\"type\":\"summary\",\"verdicts\":{\"good\":1}}",
                  "model.unknown-value", "line 2"},
        BadReport{"AfterTheEnd",
                  "{\"type\":\"run\",\"format\":1}\n{\"type\":\"summary\"}\n{\"type\":\"case\"}",
                  "report.line", "line 3"}),
    [](const auto& tested) { return std::string(tested.param.name); });

// --- JUnit ---

TEST(Junit, IsAsItShouldBe) { EXPECT_EQ(RenderJunit(SampleRun()), Golden("junit.xml")); }

// --- Files ---

TEST(WriteReport, IsReadBack) {
  SystemFileSystem files;
  const Result<TemporaryDirectory> directory = TemporaryDirectory::Create("report_test");
  ASSERT_TRUE(directory.has_value());
  const std::filesystem::path path = directory->path() / "r.jsonl";
  ASSERT_TRUE(WriteReport(files, path, std::array{SampleRun()}, Format::kJsonLines).has_value());
  const Result<report::Run> read = ReadReport(files, path);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(*read, SampleRun());
  EXPECT_EQ(ReadReport(files, directory->path() / "nothing").error().id, "file.not-found");
  EXPECT_EQ(
      WriteReport(files, directory->path() / "no/such/r", std::array{SampleRun()}, Format::kTable)
          .error()
          .id,
      "file.not-found");
}

// --- Counting ---

struct ExitCase {
  std::string_view name;
  std::map<Verdict, std::size_t> counts;
  int status;
};

class ExitStatusOf : public testing::TestWithParam<ExitCase> {};

TEST_P(ExitStatusOf, ARun) {
  EXPECT_EQ(ExitStatus({.counts = GetParam().counts, .took_us = 0}), GetParam().status);
}

INSTANTIATE_TEST_SUITE_P(
    All, ExitStatusOf,
    testing::Values(
        ExitCase{"AllPassed", {{Verdict::kPass, 9}}, 0},
        ExitCase{"Skipped", {{Verdict::kPass, 9}, {Verdict::kSkipped, 1}}, 0},
        ExitCase{"Unsupported", {{Verdict::kUnsupported, 1}}, 0},
        ExitCase{"Failed", {{Verdict::kPass, 9}, {Verdict::kFail, 1}}, 1},
        ExitCase{"Hung", {{Verdict::kHang, 1}}, 1}, ExitCase{"Crashed", {{Verdict::kCrash, 1}}, 1},
        ExitCase{"Leaked", {{Verdict::kLeak, 1}}, 1},
        ExitCase{"PassedUnexpectedly", {{Verdict::kXpass, 1}}, 1},
        ExitCase{"Flaky", {{Verdict::kFlaky, 1}}, 1},
        ExitCase{"Lenient",
                 {{Verdict::kPassNonstrict, 1}, {Verdict::kXfail, 1}, {Verdict::kWithheld, 1}},
                 0},
        ExitCase{"Error", {{Verdict::kPass, 9}, {Verdict::kError, 1}}, 3},
        ExitCase{"FailedAndError", {{Verdict::kFail, 1}, {Verdict::kError, 1}}, 1},
        ExitCase{"NoneFailed", {{Verdict::kPass, 1}, {Verdict::kFail, 0}}, 0}),
    [](const auto& tested) { return std::string(tested.param.name); });

TEST(Tee, HandsEverythingOn) {
  Collector first;
  Collector second;
  Tee tee({&first, &second});
  const report::Run run = SampleRun();
  tee.Begin(run.header);
  for (const CaseReport& report : run.cases) tee.Add(report);
  tee.End(run.summary);
  EXPECT_EQ(first.run(), run);
  EXPECT_EQ(second.run(), run);
}

}  // namespace
}  // namespace pullproof::conformance::report
