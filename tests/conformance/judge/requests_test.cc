// The journal as evidence: counts, never, order, gaps, rules that fired, budgets.
#include <chrono>
#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "conformance/judge/judge.h"
#include "tests/conformance/judge/trial.h"

namespace pullproof::conformance::judge {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

std::string Expecting(std::string_view more) {
  return "fired = { flip = \"0..\", limit = \"0..\" }\n" + std::string(more);
}

constexpr Trial::Asked kManifest{.operation = "manifest.get", .name = "app"};

TEST(Requests, AreCounted) {
  const std::string expect = Expecting(
      "requests = [ { on = { op = \"blob.get\", name = \"layer\" }, count = \"1..2\" } ]");
  EXPECT_THAT(Ids(Trial(expect).Ask({}).Ask(kManifest).Judge()), IsEmpty());
  const Judgement none = Trial(expect).Ask(kManifest).Judge();
  ASSERT_THAT(Ids(none), ElementsAre("requests"));
  EXPECT_EQ(none.verdict, Verdict::kFail);
  EXPECT_EQ(none.findings[0].expected, "there are 1 to 2 requests: op blob.get, name layer");
  EXPECT_EQ(none.findings[0].seen, "0 of them");
  const Judgement many = Trial(expect).Ask({}).Ask(kManifest).Ask({}).Ask({}).Judge();
  ASSERT_THAT(Ids(many), ElementsAre("requests"));
  EXPECT_THAT(many.findings[0].exchanges, ElementsAre(1, 3, 4));
}

TEST(Requests, AreNotedWhenTheyHappen) {
  const std::string expect = Expecting(
      "requests = [ { on = { range = \"from>0\" }, count = \"0..\", note = \"resumed\" } ]");
  EXPECT_THAT(Trial(expect).Ask({}).Judge().notes, IsEmpty());
  EXPECT_THAT(Trial(expect).Ask({.headers = {{"Range", "bytes=100-"}}}).Judge().notes,
              ElementsAre("resumed (1 requests: range from>0)"));
}

TEST(Requests, ThatMustNeverHappenAreFound) {
  const std::string expect = Expecting(
      "never = [ { on = { header = { Authorization = { present = true } } }, why = \"unasked\" } "
      "]");
  EXPECT_THAT(Ids(Trial(expect).Ask({}).Judge()), IsEmpty());
  const Judgement judgement =
      Trial(expect).Ask({}).Ask({.headers = {{"authorization", "Basic eA=="}}}).Judge();
  ASSERT_THAT(Ids(judgement), ElementsAre("never"));
  EXPECT_EQ(judgement.findings[0].why, "unasked");
  EXPECT_THAT(judgement.findings[0].exchanges, ElementsAre(2));
}

TEST(Fired, AsOftenAsStatedPasses) {
  const std::string expect = "fired = { flip = 2, limit = \"1..\" }";
  Trial trial(expect);
  trial.Ask({.rule = "flip"}).Ask({.rule = "flip"}).Ask({.rule = "limit"});
  EXPECT_EQ(trial.Judge().verdict, Verdict::kPass);
}

TEST(Fired, ARuleThatNeverFiredIsAnErrorAndNeverAPass) {
  const Judgement judgement =
      Trial("result = \"ok\"\nfired = { flip = 1, limit = \"0..\" }").Ask({}).Judge();
  EXPECT_EQ(judgement.verdict, Verdict::kError);
  ASSERT_THAT(Ids(judgement), ElementsAre("fired"));
  EXPECT_EQ(judgement.findings[0].seen, "never, so the client was not put to the test");
}

TEST(Fired, ARuleThatNeverFiredOutweighsAFailure) {
  const Judgement judgement =
      Trial("result = \"fail\"\nfired = { flip = 1, limit = \"0..\" }").Judge();
  EXPECT_THAT(Ids(judgement), ElementsAre("result", "fired"));
  EXPECT_EQ(judgement.verdict, Verdict::kError);
}

TEST(Fired, TooOftenIsAFailure) {
  const Judgement judgement = Trial("fired = { flip = 1, limit = \"0..\" }")
                                  .Ask({.rule = "flip"})
                                  .Ask({.rule = "flip"})
                                  .Judge();
  EXPECT_EQ(judgement.verdict, Verdict::kFail);
  ASSERT_THAT(Ids(judgement), ElementsAre("fired"));
  EXPECT_EQ(judgement.findings[0].expected, "rule `flip` fires this often: exactly 1");
}

TEST(Order, IsThatOfTheFirstOccurrences) {
  const std::string expect = Expecting(
      "requests = [ { id = \"layers\", on = { name = \"layer\" } } ]\n"
      "order = [\"manifest.*\", \"layers\"]");
  EXPECT_THAT(Ids(Trial(expect).Ask(kManifest).Ask({}).Ask(kManifest).Judge()), IsEmpty());
  const Judgement wrong = Trial(expect).Ask({}).Ask(kManifest).Judge();
  ASSERT_THAT(Ids(wrong), ElementsAre("order"));
  EXPECT_EQ(wrong.findings[0].expected, "`manifest.*` first happens before `layers`");
  EXPECT_EQ(wrong.findings[0].seen, "exchange 1 came before 2");
  const Judgement missing = Trial(expect).Ask({}).Judge();
  ASSERT_THAT(Ids(missing), ElementsAre("order"));
  EXPECT_EQ(missing.findings[0].seen, "it never did");
}

// From the end of the first answer, 9 ms before the next request unless the test waits.
TEST(Gap, LiesBetweenAnAnswerAndTheNextRequest) {
  const std::string expect = Expecting(
      "gap = [ { after = \"limit\", before = \"next:manifest.*\", min = \"950ms\", max = \"2s\" } "
      "]");
  const Trial::Asked limited{.operation = "manifest.get", .name = "app", .rule = "limit"};
  EXPECT_THAT(Ids(Trial(expect).Ask(limited).Wait(941ms).Ask(kManifest).Judge()), IsEmpty());
  const Judgement early = Trial(expect).Ask(limited).Wait(940ms).Ask(kManifest).Judge();
  ASSERT_THAT(Ids(early), ElementsAre("gap"));
  EXPECT_EQ(early.findings[0].expected,
            "950 ms to 2 s lie between `limit` and the next `manifest.*`");
  EXPECT_EQ(early.findings[0].seen, "949 ms");
  EXPECT_THAT(early.findings[0].exchanges, ElementsAre(1, 2));
  EXPECT_THAT(Ids(Trial(expect).Ask(limited).Wait(3s).Ask(kManifest).Judge()), ElementsAre("gap"));
}

TEST(Gap, IsJudgedForEachOccurrenceAndNotWithoutASecondEvent) {
  const std::string expect =
      Expecting("gap = [ { after = \"limit\", before = \"next:manifest.get\", min = \"1s\" } ]");
  const Trial::Asked limited{.operation = "manifest.get", .name = "app", .rule = "limit"};
  EXPECT_THAT(Ids(Trial(expect).Ask(limited).Judge()), IsEmpty());
  EXPECT_THAT(Ids(Trial(expect).Ask(limited).Ask(limited).Ask(kManifest).Judge()),
              ElementsAre("gap", "gap"));
}

TEST(Gap, OfAnAnswerThatNeverEndedBeginsWithItsRequest) {
  const std::string expect =
      Expecting("gap = [ { after = \"limit\", before = \"next:blob.get\", max = \"10ms\" } ]");
  const Trial::Asked limited{.operation = "manifest.get", .name = "app", .rule = "limit"};
  EXPECT_THAT(Ids(Trial(expect).Ask(limited).Unanswered().Ask({}).Judge()), IsEmpty());
}

TEST(Gap, WithoutNextMeansTheFirstOfAll) {
  const std::string expect =
      Expecting("gap = [ { after = \"limit\", before = \"blob.get\", min = \"1ms\" } ]");
  const Judgement judgement =
      Trial(expect).Ask({}).Ask({.operation = "manifest.get", .rule = "limit"}).Judge();
  ASSERT_THAT(Ids(judgement), ElementsAre("gap"));
  EXPECT_EQ(judgement.findings[0].seen, "the second came before the first was answered");
}

TEST(Budget, BoundsTheNumberOfRequests) {
  const std::string expect = Expecting("total_requests = \"<=2\"");
  EXPECT_THAT(Ids(Trial(expect).Ask({}).Ask({}).Judge()), IsEmpty());
  const Judgement judgement = Trial(expect).Ask({}).Ask({}).Ask({}).Judge();
  ASSERT_THAT(Ids(judgement), ElementsAre("total-requests"));
  EXPECT_EQ(judgement.findings[0].expected, "it makes at most 2 requests");
  EXPECT_EQ(judgement.findings[0].seen, "3 requests");
}

TEST(Budget, ARequestThatTheJournalLetGoCounts) {
  Trial trial(Expecting(""));
  trial.evidence().dropped = 5;
  const Judgement judgement = trial.Ask({}).Judge();
  EXPECT_EQ(judgement.verdict, Verdict::kFail);
  ASSERT_THAT(Ids(judgement), ElementsAre("total-requests"));
  EXPECT_EQ(judgement.findings[0].seen, "more requests than the journal holds: 6");
}

TEST(Budget, BoundsTime) {
  Trial trial(Expecting("time = \"<=5s\""));
  trial.step().attempt.took = 5s;
  EXPECT_THAT(Ids(trial.Judge()), IsEmpty());
  trial.step().attempt.took = 5s + 1ms;
  const Judgement judgement = trial.Judge();
  ASSERT_THAT(Ids(judgement), ElementsAre("time"));
  EXPECT_EQ(judgement.findings[0].seen, "5.001 s");
}

TEST(Budget, BoundsMemoryWhereItIsMeasured) {
  Trial trial(Expecting("rss = \"<=64MiB\""));
  EXPECT_THAT(trial.Judge().notes,
              ElementsAre("memory: not measured, since the client runs in process"));
  trial.step().attempt.peak_memory = std::uint64_t{64} << 20;
  EXPECT_THAT(Ids(trial.Judge()), IsEmpty());
  trial.step().attempt.peak_memory = std::uint64_t{65} << 20;
  const Judgement judgement = trial.Judge();
  ASSERT_THAT(Ids(judgement), ElementsAre("rss"));
  EXPECT_EQ(judgement.findings[0].seen, "65 MiB");
}

TEST(Budget, BoundsWhatIsSentOfABlob) {
  // The layer is 2,560 bytes: a tar of one file.
  const std::string expect = Expecting("sent_bytes = { layer = \"<=150%\" }");
  EXPECT_THAT(Ids(Trial(expect).Ask({.sent = 2560}).Ask({.sent = 1280}).Judge()), IsEmpty());
  const Judgement judgement =
      Trial(expect).Ask({.sent = 2560}).Ask(kManifest).Ask({.sent = 1281}).Judge();
  ASSERT_THAT(Ids(judgement), ElementsAre("sent-bytes"));
  EXPECT_EQ(judgement.findings[0].expected, "the registry sends at most 150 % of `layer`");
  EXPECT_EQ(judgement.findings[0].seen, "3841 bytes over 2 exchanges");
  EXPECT_THAT(judgement.findings[0].exchanges, ElementsAre(1, 3));
  EXPECT_THAT(
      Ids(Trial(Expecting("sent_bytes = { layer = \"<=1KiB\" }")).Ask({.sent = 1025}).Judge()),
      ElementsAre("sent-bytes"));
}

// A handshake that failed, a connection that was refused: no request, but the rule has fired.
TEST(Connections, ThatCameToNoRequestAreNone) {
  const std::string expect =
      "fired = { flip = 1, limit = \"0..\" }\nnever = [ { on = { host = \"registry\" } } ]\n"
      "requests = [ { on = { host = \"registry\" }, count = 0 } ]\ntotal_requests = \"<=0\"\n";
  Trial trial(expect);
  trial.Ask({.operation = "", .name = "", .rule = "flip", .target = ""});
  trial.evidence().journal.back().method.clear();
  trial.evidence().journal.back().status = 0;
  EXPECT_THAT(Ids(trial.Judge()), IsEmpty());
  trial.Ask({});
  EXPECT_THAT(Ids(trial.Judge()), ElementsAre("requests", "never", "total-requests"));
}

TEST(Proxy, WhatItIsAskedItselfIsMeantOnlyWhereItIsNamed) {
  Trial trial(Expecting("requests = [ { on = {}, count = 0 } ]"));
  trial.Ask({.operation = "", .name = "", .host = "proxy", .target = "registry.example:443"});
  EXPECT_THAT(Ids(trial.Judge()), IsEmpty());
}

}  // namespace
}  // namespace pullproof::conformance::judge
