// The disk as evidence.
#include <string>
#include <string_view>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "conformance/judge/judge.h"
#include "tests/conformance/judge/trial.h"

namespace pullproof::conformance::judge {
namespace {

using client::Outcome;
using testing::ElementsAre;
using testing::IsEmpty;

std::string Expecting(std::string_view more) {
  return "fired = { flip = \"0..\", limit = \"0..\" }\n" + std::string(more);
}

std::string LayoutPath(const Trial& trial, std::string_view name) {
  std::string digest = trial.DigestOf(name);
  digest.replace(digest.find(':'), 1, "/");
  return "blobs/" + digest;
}

TEST(Whole, IsFoundByItsBytesUnderAnyName) {
  const std::string expect = Expecting("stored = { whole = [\"layer\", \"app\"] }");
  Trial layout(expect);
  layout.Stores(LayoutPath(layout, "layer"), layout.BytesOf("layer"))
      .Stores(LayoutPath(layout, "app"), layout.BytesOf("app"));
  EXPECT_THAT(Ids(layout.Judge()), IsEmpty());
  Trial plain(expect);
  plain.Stores("data.bin", plain.BytesOf("layer")).Stores("manifest.json", plain.BytesOf("app"));
  EXPECT_THAT(Ids(plain.Judge()), IsEmpty());
}

TEST(Whole, IsMissedWhenOneByteIs) {
  Trial trial(Expecting("stored = { whole = [\"layer\"] }"));
  std::string bytes = trial.BytesOf("layer");
  bytes.pop_back();
  const Judgement judgement = trial.Stores("layer.tar", bytes).Judge();
  ASSERT_THAT(Ids(judgement), ElementsAre("stored.whole"));
  EXPECT_EQ(judgement.findings[0].expected,
            fmt::format("`layer` ({}) is in the output, bit for bit", trial.DigestOf("layer")));
}

TEST(Whole, InTheHomeIsNotInTheOutput) {
  Trial trial(Expecting("stored = { whole = [\"layer\"] }"));
  trial.StoresInHome("cache/layer", trial.BytesOf("layer"));
  EXPECT_THAT(Ids(trial.Judge()), ElementsAre("stored.whole"));
}

TEST(Whole, IsNotAskedOfAClientThatFailed) {
  Trial trial(Expecting("result = \"any\"\nstored = { whole = [\"layer\"] }"));
  EXPECT_THAT(Ids(trial.Comes(Outcome::kFailed).Judge()), IsEmpty());
}

TEST(Absent, IsBrokenByTheContentItself) {
  const std::string expect = Expecting("result = \"any\"\nstored = { absent = [\"layer\"] }");
  EXPECT_THAT(Ids(Trial(expect).Judge()), IsEmpty());
  Trial output(expect);
  const Judgement in_output = output.Stores("x", output.BytesOf("layer")).Judge();
  ASSERT_THAT(Ids(in_output), ElementsAre("stored.absent"));
  EXPECT_EQ(in_output.findings[0].seen, "in the output, `x` holds it");
  Trial home(expect);
  const Judgement in_home = home.StoresInHome("c", home.BytesOf("layer")).Judge();
  EXPECT_EQ(in_home.findings[0].seen, "in the home, `c` holds it");
}

TEST(Absent, IsBrokenByWhateverHasItsName) {
  Trial trial(Expecting("result = \"any\"\nstored = { absent = [\"layer\"] }"));
  const std::string path = LayoutPath(trial, "layer");
  const Judgement judgement = trial.Stores(path, "other bytes").Judge();
  EXPECT_THAT(Ids(judgement), ElementsAre("stored.absent", "stored.misnamed"));
  EXPECT_EQ(judgement.findings[0].seen, fmt::format("in the output, `{}` has its name", path));
}

TEST(Absent, IsBrokenByTheContentAsARuleAlteredIt) {
  const std::string expect = Expecting("result = \"any\"\nstored = { absent = [\"layer\"] }");
  Trial trial(expect);
  std::string altered = trial.BytesOf("layer");
  altered[1] = static_cast<char>(altered[1] ^ 2);  // bit 9
  trial.Stores("layer.tar", altered);
  EXPECT_THAT(Ids(trial.Judge()), IsEmpty()) << "the rule has not fired";
  const Judgement judgement = trial.Ask({.rule = "flip"}).Judge();
  ASSERT_THAT(Ids(judgement), ElementsAre("stored.absent"));
  EXPECT_EQ(judgement.findings[0].seen,
            "in the output, `layer.tar` holds it as rule `flip` altered it");
}

TEST(Absent, IsNotBrokenByAPartThatWasKeptToResume) {
  Trial trial(Expecting("result = \"any\"\nstored = { absent = [\"layer\"] }"));
  trial.StoresInHome("partial", trial.BytesOf("layer").substr(0, 100));
  EXPECT_THAT(Ids(trial.Judge()), IsEmpty());
}

TEST(Names, MustKeepTheirPromiseWhateverTheCaseSays) {
  Trial trial(Expecting("result = \"any\""));
  trial.Stores(LayoutPath(trial, "app"), trial.BytesOf("app"));
  EXPECT_THAT(Ids(trial.Judge()), IsEmpty());
  trial.StoresInHome("wasm/" + trial.DigestOf("app"), "not the manifest");
  const Judgement judgement = trial.Judge();
  EXPECT_EQ(judgement.verdict, Verdict::kFail);
  EXPECT_THAT(Ids(judgement), ElementsAre("stored.misnamed"));
}

TEST(Outside, NothingMayBeWritten) {
  Trial trial(Expecting("result = \"any\""));
  trial.evidence().outside = {"`sentinel/keep.txt` was changed"};
  const Judgement judgement = trial.Judge();
  EXPECT_EQ(judgement.verdict, Verdict::kFail);
  ASSERT_THAT(Ids(judgement), ElementsAre("stored.outside"));
  EXPECT_EQ(judgement.findings[0].seen, "`sentinel/keep.txt` was changed");
}

// --- What a resolve step leaves -----------------------------------------------------------------

constexpr std::string_view kResolve = R"(do = "resolve"
files = { "spin.toml" = "" }
[client.expect]
assets = { "site/a.css" = "a {}", "site/img/layer" = { name = "layer" } }
[[client.expect.lock.components]]
id       = "site"
source   = { digest = "{digest:layer}" }
metadata = { source_reference = "{registry}/a:1" }
)";

class Resolved : public testing::Test {
 protected:
  Resolved() : trial_(Trial::WithClient(kResolve, Expecting(""))) {
    trial_.Stores("assets/site/a.css", "a {}")
        .Stores("assets/site/img/layer", trial_.BytesOf("layer"))
        .Stores("assets/_wasm/x.wasm", "not asked about");
    trial_.step().lock = Lock("127.0.0.1:5000/a:1");
  }

  std::string Lock(std::string_view reference) const {
    return fmt::format(
        R"({{"components":[{{"id":"site","more":true,"source":{{"digest":"{}","content_type":"x"}},)"
        R"("metadata":{{"source_reference":"{}"}}}}],"spin_lock_version":0}})",
        trial_.DigestOf("layer"), reference);
  }

  Trial trial_;
};

TEST_F(Resolved, PassesWhenLockAndAssetsAreRight) { EXPECT_THAT(Ids(trial_.Judge()), IsEmpty()); }

TEST_F(Resolved, NamesThePlaceWhereTheLockDiffers) {
  trial_.step().lock = Lock("127.0.0.1:5000/b:1");
  const Judgement judgement = trial_.Judge();
  ASSERT_THAT(Ids(judgement), ElementsAre("lock"));
  EXPECT_EQ(judgement.findings[0].seen,
            "`lock.components[0].metadata.source_reference` is \"127.0.0.1:5000/b:1\", not "
            "\"127.0.0.1:5000/a:1\"");
}

TEST_F(Resolved, WantsListsOfTheSameLength) {
  trial_.step().lock = R"({"components":[]})";
  const Judgement judgement = trial_.Judge();
  ASSERT_THAT(Ids(judgement), ElementsAre("lock"));
  EXPECT_EQ(judgement.findings[0].seen, "`lock.components` has 0 items, not 1");
}

TEST_F(Resolved, WantsALockAtAllAndInJson) {
  trial_.step().lock.reset();
  EXPECT_EQ(trial_.Judge().findings.at(0).seen, "there is no lock");
  trial_.step().lock = "{";
  EXPECT_THAT(Ids(trial_.Judge()), ElementsAre("lock"));
  trial_.step().lock = "[]";
  EXPECT_EQ(trial_.Judge().findings.at(0).seen, "`lock` is an array, not a table");
  trial_.step().lock = "{}";
  EXPECT_EQ(trial_.Judge().findings.at(0).seen, "`lock.components` is missing");
}

TEST_F(Resolved, FindsMissingWrongAndSurplusAssets) {
  trial_.step().output.clear();
  trial_.Stores("assets/site/a.css", "b {}").Stores("assets/site/evil.svg", "x");
  const Judgement judgement = trial_.Judge();
  EXPECT_THAT(Ids(judgement), ElementsAre("assets", "assets", "assets"));
  EXPECT_EQ(judgement.findings[0].expected, "asset `site/a.css` holds the text of the case");
  EXPECT_EQ(judgement.findings[1].expected, "there is an asset `site/img/layer`");
  EXPECT_EQ(judgement.findings[2].seen, "`site/evil.svg`");
}

}  // namespace
}  // namespace pullproof::conformance::judge
