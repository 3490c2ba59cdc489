#include "oci/reference.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <string_view>

#include "base/document.h"

namespace pullproof::oci {
namespace {

struct Vector {
  std::string id;
  std::string input;
  bool accept;
  std::string domain, path, tag, digest, why;
};

// tests/oci/data/references.jsonl: one vector a line.
std::vector<Vector> Vectors() {
  std::ifstream file(PULLPROOF_SOURCE_DIR "/tests/oci/data/references.jsonl");
  std::vector<Vector> vectors;
  for (std::string line; std::getline(file, line);) {
    const auto node = ParseJson(line, "references.jsonl");
    EXPECT_TRUE(node) << line;
    if (!node) continue;
    const auto text = [&](std::string_view name) {
      const Node* member = node->Find(name);
      return member != nullptr && member->string() != nullptr ? *member->string() : std::string();
    };
    vectors.push_back({text("id"), text("input"), text("expect") == "accept", text("domain"),
                       text("path"), text("tag"), text("digest"), text("why")});
  }
  return vectors;
}

TEST(Reference, PassesEveryVector) {
  const auto vectors = Vectors();
  ASSERT_EQ(vectors.size(), 111U);
  for (const Vector& vector : vectors) {
    SCOPED_TRACE(vector.id + " `" + vector.input + "`: " + vector.why);
    const auto reference = Reference::Parse(vector.input);
    ASSERT_EQ(reference.has_value(), vector.accept);
    if (!reference) continue;
    EXPECT_EQ(reference->domain(), vector.domain);
    EXPECT_EQ(reference->path(), vector.path);
    EXPECT_EQ(reference->tag().value_or(""), vector.tag);
    EXPECT_EQ(reference->digest() ? reference->digest()->ToString() : "", vector.digest);
  }
}

TEST(Reference, PrintsWhatParsesToTheSame) {
  for (const Vector& vector : Vectors()) {
    const auto reference = Reference::Parse(vector.input);
    if (!reference) continue;
    const auto again = Reference::Parse(reference->ToString());
    ASSERT_TRUE(again) << reference->ToString();
    EXPECT_EQ(*again, *reference);
  }
}

TEST(Reference, SaysWhatIsWrongAndWhatToWrite) {
  struct Row {
    std::string input;
    std::string id;
    std::string hint;
  };
  const std::string hex(64, 'a');
  for (const Row& row : std::vector<Row>{
           {"", "reference.syntax", "a reference is"},
           {"Alpine", "reference.uppercase", "did you mean `alpine`?"},
           {"host.example/Team/app", "reference.uppercase", "did you mean `team/app`?"},
           {"app:", "reference.syntax", "a reference is"},
           {"app:" + std::string(129, 't'), "reference.syntax", "a reference is"},
           {"app@sha256:" + std::string(63, 'a'), "digest.length", ""},
           {"app@md5:" + std::string(32, 'a'), "digest.unsupported", "cannot be verified"},
           {hex, "reference.identifier", "REPOSITORY@sha256:DIGITS"},
           {"host.example/" + std::string(256, 'a'), "reference.name-too-long", ""},
           {"host.example/a/../b", "reference.syntax", "a reference is"},
           {std::string("alpine\0", 7), "reference.syntax", "a reference is"},
       }) {
    SCOPED_TRACE(row.input);
    const auto reference = Reference::Parse(row.input);
    ASSERT_FALSE(reference);
    EXPECT_EQ(reference.error().id, row.id);
    EXPECT_THAT(reference.error().hint, testing::HasSubstr(row.hint));
  }
}

TEST(Reference, DigestDecidesWhatIsFetched) {
  const std::string digest = "sha256:" + std::string(64, 'b');
  const auto both = Reference::Parse("localhost:5000/app:v1@" + digest);
  ASSERT_TRUE(both);
  EXPECT_EQ(both->tag(), "v1");
  EXPECT_EQ(both->Identifier(), digest);
  const auto tagged = Reference::Parse("localhost:5000/app:v1");
  ASSERT_TRUE(tagged);
  EXPECT_EQ(tagged->Identifier(), "v1");
  EXPECT_EQ(tagged->WithDigest(*Digest::Parse(digest)).ToString(), "localhost:5000/app@" + digest);
}

TEST(IsTag, FollowsTheGrammarOfTheSpec) {
  EXPECT_TRUE(IsTag("v1.2-3_x"));
  EXPECT_TRUE(IsTag("_"));
  EXPECT_TRUE(IsTag(std::string(128, 'a')));
  EXPECT_FALSE(IsTag(std::string(129, 'a')));
  EXPECT_FALSE(IsTag(""));
  EXPECT_FALSE(IsTag(".a"));
  EXPECT_FALSE(IsTag("-a"));
  EXPECT_FALSE(IsTag("a/b"));
  EXPECT_FALSE(IsTag("\xC3\xA9"));
}

TEST(IsRepositoryName, FollowsTheGrammarOfTheSpec) {
  for (const std::string_view good : {"a", "a/b", "a.b", "a_b", "a__b", "a---b", "0/1/2"}) {
    EXPECT_TRUE(IsRepositoryName(good)) << good;
  }
  for (const std::string_view bad :
       {"", "/", "a/", "/a", "a//b", "a..b", "a___b", "a.-b", "A", "a b", "..", "a/../b"}) {
    EXPECT_FALSE(IsRepositoryName(bad)) << bad;
  }
}

}  // namespace
}  // namespace pullproof::oci
