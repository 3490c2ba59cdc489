// Manifests changed at random: always the same way, always bounded, always something.
#include "mockregistry/script/mutation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "base/document.h"
#include "mockregistry/script/apply.h"
#include "mockregistry/script/engine.h"
#include "tests/mockregistry/script/script_fixture.h"

namespace pullproof::mockregistry::script {
namespace {

using testing::HasSubstr;

// Of nested brackets; none stands in a text of these manifests.
std::size_t DepthOf(std::string_view json) {
  std::size_t depth = 0;
  std::size_t deepest = 0;
  for (const char c : json) {
    if (c == '{' || c == '[') deepest = std::max(deepest, ++depth);
    if (c == '}' || c == ']') --depth;
  }
  return deepest;
}

constexpr std::string_view kManifest =
    R"({"config":{"digest":"sha256:0123","mediaType":"a/b","size":7},"layers":[{"digest":"sha256:4567","mediaType":"c/d","size":9},{"digest":"sha256:89ab","mediaType":"c/d","size":11}],"mediaType":"application/vnd.oci.image.manifest.v1+json","schemaVersion":2})";

TEST(Mutation, IsTheSameForTheSameKey) {
  const auto first = Mutate(kManifest, 42, 5);
  const auto second = Mutate(kManifest, 42, 5);
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->bytes, second->bytes);
  EXPECT_EQ(first->changes, second->changes);
}

// The key is part of the format: whoever knows seed, rule and number makes the manifest again.
TEST(Mutation, KeyFollowsFromSeedRuleAndNumber) {
  // printf '1\0r\0001\0mutate' | sha256sum | head -c 16, bytes in reverse
  EXPECT_EQ(MutationKey(1, "r", 1), 0x0C319C7CD462EED7ULL);
  EXPECT_NE(MutationKey(1, "r", 1), MutationKey(2, "r", 1));
  EXPECT_NE(MutationKey(1, "r", 1), MutationKey(1, "s", 1));
  EXPECT_NE(MutationKey(1, "r", 1), MutationKey(1, "r", 2));
}

TEST(Mutation, DoesEveryKindOfChange) {
  std::set<std::string> kinds;
  std::set<std::string> results;
  for (std::uint64_t key = 0; key < 2'000; ++key) {
    const auto mutated = Mutate(kManifest, key, 1);
    ASSERT_TRUE(mutated);
    kinds.insert(mutated->changes.substr(0, mutated->changes.find(' ')));
    results.insert(mutated->bytes);
  }
  EXPECT_THAT(kinds, testing::ElementsAre("digest", "drop", "nest", "rename", "repeat", "retype",
                                          "size", "swap", "text", "type"));
  EXPECT_GT(results.size(), 300U);
}

TEST(Mutation, SaysWhatItDidAndWhere) {
  const auto mutated = Mutate(kManifest, 7, 3);
  ASSERT_TRUE(mutated);
  EXPECT_EQ(std::ranges::count(mutated->changes, ';'), 2);
}

TEST(Mutation, StaysBounded) {
  // Escapes make six bytes of one; signs between the values are few.
  constexpr std::size_t kMost = 6 * kMaxMutatedBytes + 16 * kMaxMutatedValues;
  const std::string long_text =
      R"({"annotations":{"a":")" + std::string(std::size_t{1} << 20, 'x') + R"("},"layers":[1]})";
  for (const std::string_view manifest : {kManifest, std::string_view(long_text)}) {
    for (std::uint64_t key = 0; key < 2; ++key) {
      const auto mutated = Mutate(manifest, key, 200);
      ASSERT_TRUE(mutated);
      EXPECT_LT(mutated->bytes.size(), kMost);
      EXPECT_LE(DepthOf(mutated->bytes), kMaxMutatedDepth + 1);
      EXPECT_LE(std::ranges::count(mutated->changes, ';'), std::ptrdiff_t{kToldChanges});
    }
  }
}

// Only what grows is bounded: what is large already is still changed.
TEST(Mutation, ChangesALargeManifest) {
  std::string large = R"({"layers":[0)";
  for (std::size_t i = 0; i < kMaxMutatedValues + 10; ++i) large += ",0";
  large += "]}";
  for (std::uint64_t key = 0; key < 10; ++key) {
    const auto mutated = Mutate(large, key, 3);
    ASSERT_TRUE(mutated);
    EXPECT_NE(mutated->changes, "");
  }
}

TEST(Mutation, LeavesAloneWhatIsNoJson) {
  EXPECT_FALSE(Mutate("<html>", 1, 1));
  EXPECT_EQ(Mutate("7", 1, 1)->bytes, "7");
  EXPECT_EQ(Mutate("7", 1, 1)->changes, "");
}

TEST(Mutation, OfARuleIsAnotherOneEachTime) {
  const std::vector<Rule> rules = {
      ReadOne("on = { op = \"manifest.get\" }, do = { mutate = { seed = 3, rounds = 2 } }")};
  Engine engine(rules, 99);
  const Subject subject{.operation = "manifest.get",
                        .host = "registry",
                        .repository = "r",
                        .reference = "v",
                        .name = "app",
                        .method = "GET",
                        .target = "/v2/r/manifests/v",
                        .headers = nullptr};
  std::set<std::string> bodies;
  for (std::uint64_t n = 1; n <= 5; ++n) {
    Surroundings surroundings{.content = &SomeContent(), .origin = {}, .seed = 99, .firing = 0};
    const Rule* rule = engine.Choose(subject, 1, &surroundings.firing);
    ASSERT_NE(rule, nullptr);
    EXPECT_EQ(surroundings.firing, n);
    api::Response answer;
    answer.body = content::FromString(std::string(kManifest));
    answer.headers.Set("Docker-Content-Digest", "sha256:old");
    answer.headers.Set("ETag", "\"sha256:old\"");
    const Plan plan = Apply(rule, {}, answer, surroundings);
    const std::string body = content::ReadAll(*plan.response.body);
    EXPECT_EQ(plan.response.headers.Find("Docker-Content-Digest"),
              oci::Digest::Of(body).ToString());
    EXPECT_EQ(plan.response.headers.Find("ETag"), '"' + oci::Digest::Of(body).ToString() + '"');
    EXPECT_NE(plan.mutation, "");
    EXPECT_EQ(body, Mutate(kManifest, MutationKey(3, "r", n), 2)->bytes);
    bodies.insert(body);
  }
  EXPECT_EQ(bodies.size(), 5U);
}

TEST(Mutation, LeavesErrorsAlone) {
  const std::vector<Rule> rules = {
      ReadOne("on = { op = \"manifest.get\" }, do = { mutate = { rounds = 9 } }")};
  const Surroundings surroundings{.content = &SomeContent(), .origin = {}, .seed = 1, .firing = 1};
  const api::Response error = api::ErrorResponse("MANIFEST_UNKNOWN", "there is none");
  const Plan plan = Apply(rules.data(), {}, error, surroundings);
  EXPECT_EQ(content::ReadAll(*plan.response.body), content::ReadAll(*error.body));
  EXPECT_EQ(plan.mutation, "");
}

TEST(Mutation, IsOnlyForManifests) {
  EXPECT_THAT(
      ReadScript("[[rules]]\nid = \"r\"\non = { op = \"blob.get\" }\ndo = { mutate = {} }\n")
          .complaints,
      testing::Contains(HasSubstr("`mutate` of rule `r` changes nothing")));
  EXPECT_THAT(ReadScript("[[rules]]\nid = \"r\"\non = { op = \"manifest.get\", name = \"layer\" }\n"
                         "do = { mutate = {} }\n")
                  .complaints,
              testing::Contains(HasSubstr("no manifest that the rule matches by name is JSON")));
  EXPECT_THAT(ReadScript("[[rules]]\nid = \"r\"\non = { op = \"manifest.get\" }\n"
                         "do = { error = \"DENIED\", mutate = {} }\n")
                  .complaints,
              testing::Contains(HasSubstr("[script.conflict]")));
  EXPECT_THAT(ReadScript("[[rules]]\nid = \"r\"\non = { op = \"manifest.get\" }\n"
                         "do = { mutate = { round = 2 } }\n")
                  .complaints,
              testing::Contains(HasSubstr("did you mean `rounds`?")));
  EXPECT_THAT(ReadScript("[[rules]]\nid = \"r\"\non = { op = \"manifest.get\" }\n"
                         "do = { mutate = { rounds = 0 } }\n")
                  .complaints,
              testing::Contains(HasSubstr("[model.range]")));
}

}  // namespace
}  // namespace pullproof::mockregistry::script
