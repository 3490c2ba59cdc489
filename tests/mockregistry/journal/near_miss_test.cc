#include "mockregistry/journal/near_miss.h"

#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mockregistry/content/content.h"

namespace pullproof::mockregistry::journal {
namespace {

using ::testing::ElementsAre;

constexpr std::uint64_t kSeed = 1;

class NearMissTest : public ::testing::Test {
 protected:
  // The rules of a fixture with the contents `layer` and `app`.
  void SetUp() override {
    Load(R"(
[[rules]]
id = "gone"
on = { op = "manifest.get", ref = "1.0", name = "app" }
do = { status = 404 }
[[rules]]
id = "slow"
on = { op = ["blob.get", "blob.head"], name = "layer", range = "none" }
do = { wait = "1s" }
[[rules]]
id = "asks"
on = { op = "manifest.get", header = { Authorization = "Bearer abc" }, query = { sig = "letmein", n = { present = true } } }
do = { status = 500 }
[[rules]]
id = "other"
on = { op = "ping", host = "registry", repo = { glob = "lib/*" }, path = { re = "/v2/x" }, auth = "basic", method = "POST" }
do = { status = 500 }
)");
  }

  void Load(std::string_view toml) {
    const auto document = ParseToml(toml, "f.toml");
    ASSERT_TRUE(document) << Describe(document.error());
    content_.blobs.push_back({.name = "layer",
                              .media_type = "",
                              .digest = oci::Digest::Of("layer"),
                              .bytes = content::FromString("layer")});
    content_.blobs.push_back({.name = "app",
                              .media_type = "",
                              .digest = oci::Digest::Of("app"),
                              .bytes = content::FromString("app")});
    content_.BuildIndex();
    Diagnostics problems("f.toml");
    rules_ = script::ReadRules(*document->Find("rules"), content_,
                               std::vector<std::string>{"registry"}, problems);
    ASSERT_FALSE(problems.HasErrors()) << Describe(problems.FirstError());
    engine_.emplace(rules_, kSeed);
  }

  static Entry Manifest(std::string_view reference) {
    Entry entry;
    entry.number = 7;
    entry.method = "GET";
    entry.target = "/v2/lib/app/manifests/" + std::string(reference);
    entry.host = "registry";
    entry.operation = "manifest.get";
    entry.repository = "lib/app";
    entry.reference = reference;
    entry.name = "app";
    entry.status = 404;
    return entry;
  }

  std::string Explain(const Entry& entry, std::size_t count = kNearestRules) {
    return Describe({.entry = entry, .nearest = NearestRules(entry, engine_->Rules(), count)});
  }

  content::Content content_;
  std::vector<script::Rule> rules_;
  std::optional<script::Engine> engine_;
};

TEST_F(NearMissTest, NamesTheNearestRulesAndWhatFailed) {
  EXPECT_EQ(Explain(Manifest("2.0"), 2),
            "#7 GET /v2/lib/app/manifests/2.0 (manifest.get) was answered 404 by no rule\n"
            "  rule `gone` is nearest: `ref` is `2.0`, wanted `1.0`\n"
            "  rule `slow`: `op` is `manifest.get`, wanted `blob.get` or `blob.head`; `name` is "
            "`app`, wanted `layer`");
}

TEST_F(NearMissTest, HidesSecrets) {
  Entry entry = Manifest("2.0");
  entry.target += "?sig=hunter2";
  entry.request_headers = {{"Authorization", "Bearer letmein"}};
  const std::vector<NearMiss> misses = NearestRules(entry, engine_->Rules(), 4);
  ASSERT_EQ(misses.size(), 4U);
  EXPECT_THAT(misses[2].reasons,
              ElementsAre("`header authorization` is `Bearer [sha256:1c8bfe8f]`, wanted another",
                          "`query sig` is `[sha256:f52fbd32]`, wanted another",
                          "`query n` is absent, wanted present"));
  EXPECT_THAT(Explain(entry), ::testing::Not(::testing::HasSubstr("hunter2")));
}

TEST_F(NearMissTest, ShowsEveryMember) {
  Entry entry = Manifest("2.0");
  entry.host = "cdn";
  entry.request_headers = {{"Authorization", "Bearer letmein"}};
  entry.repository.clear();
  EXPECT_THAT(
      NearestRules(entry, engine_->Rules(), 4)[3].reasons,
      ElementsAre("`op` is `manifest.get`, wanted `ping`", "`host` is `cdn`, wanted `registry`",
                  "`repo` is absent, wanted glob `lib/*`",
                  "`path` is `/v2/lib/app/manifests/2.0`, wanted re `/v2/x`",
                  "`auth` is `Bearer`, wanted `basic`", "`method` is `GET`, wanted `POST`"));
}

TEST_F(NearMissTest, SaysWhyARuleThatMatchesDidNotFire) {
  const Entry entry = Manifest("1.0");
  EXPECT_EQ(NearestRules(entry, engine_->Rules(), 1)[0].reasons[0],
            "it matches now, and did not when the request came");
  engine_->Enable("gone", false);
  EXPECT_THAT(NearestRules(entry, engine_->Rules(), 1)[0].reasons, ElementsAre("it is disabled"));
  content_ = {};
  Load(R"(
[[rules]]
id = "second"
on = { op = "manifest.get" }
pick = { nth = 2 }
do = { status = 404 }
[[rules]]
id = "later"
on = { op = "manifest.get" }
when = { step = "two" }
then = { step = "two" }
do = { status = 404 }
)");
  const std::vector<NearMiss> misses = NearestRules(entry, engine_->Rules());
  EXPECT_THAT(misses[0].reasons, ElementsAre("it matches, and its `pick` passed the request over"));
  EXPECT_THAT(misses[1].reasons, ElementsAre("its `when` does not hold"));
}

TEST_F(NearMissTest, SaysWhenNoRuleWasAsked) {
  Entry entry = Manifest("1.0");
  entry.rules_asked = false;
  entry.status = 401;
  entry.operation.clear();
  EXPECT_EQ(Describe({.entry = entry, .nearest = {}}),
            "#7 GET /v2/lib/app/manifests/1.0 (no operation) was refused with 401 before any rule "
            "was asked");
}

}  // namespace
}  // namespace pullproof::mockregistry::journal
