#include "oci/digest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace pullproof::oci {
namespace {

// FIPS 180-4 example: the message "abc".
constexpr std::string_view kAbcSha256 =
    "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
constexpr std::string_view kAbcSha384 =
    "sha384:cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
    "8086072ba1e7cc2358baeca134c825a7";
constexpr std::string_view kAbcSha512 =
    "sha512:ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
    "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f";

TEST(Digest, ComputesTheStandardsVectors) {
  EXPECT_EQ(Digest::Of("abc").ToString(), kAbcSha256);
  EXPECT_EQ(Digest::Of("abc", Algorithm::kSha384).ToString(), kAbcSha384);
  EXPECT_EQ(Digest::Of("abc", Algorithm::kSha512).ToString(), kAbcSha512);
  EXPECT_EQ(Digest::Of("").hex(),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Digest, ParsesWhatItPrints) {
  for (const std::string_view text : {kAbcSha256, kAbcSha384, kAbcSha512}) {
    const auto digest = Digest::Parse(text);
    ASSERT_TRUE(digest) << text;
    EXPECT_EQ(digest->ToString(), text);
  }
}

TEST(Digest, RefusesEverythingElse) {
  struct Row {
    std::string input;
    std::string id;
  };
  const std::string hex(64, 'a');
  for (const Row& row : std::vector<Row>{
           {"", "digest.syntax"},
           {hex, "digest.syntax"},
           {"sha256", "digest.syntax"},
           {"sha256:", "digest.syntax"},
           {":" + hex, "digest.syntax"},
           {"sha256:" + std::string(63, 'a'), "digest.length"},
           {"sha256:" + std::string(65, 'a'), "digest.length"},
           {"sha512:" + hex, "digest.length"},
           {"sha256:" + std::string(64, 'A'), "digest.syntax"},
           {"sha256:" + std::string(64, 'g'), "digest.syntax"},
           {"SHA256:" + hex, "digest.syntax"},
           {"md5:" + std::string(32, 'a'), "digest.unsupported"},
           {"blake3:" + hex, "digest.unsupported"},
           {"sha256:../../../../etc/passwd", "digest.syntax"},
           {"sha256:" + hex + "\n", "digest.syntax"},
           {" sha256:" + hex, "digest.syntax"},
       }) {
    const auto digest = Digest::Parse(row.input);
    ASSERT_FALSE(digest) << row.input;
    EXPECT_EQ(digest.error().id, row.id) << row.input;
  }
}

TEST(Hasher, StartsAnewAfterFinish) {
  Hasher hasher;
  hasher.Update("a");
  hasher.Update("");
  hasher.Update("bc");
  EXPECT_EQ(hasher.Finish().ToString(), kAbcSha256);
  hasher.Update("abc");
  EXPECT_EQ(hasher.Finish().ToString(), kAbcSha256);
}

TEST(Verifier, AcceptsThePromisedBytesInAnyPieces) {
  for (const std::size_t piece : {1U, 2U, 3U}) {
    Verifier verifier(*Digest::Parse(kAbcSha256), 3);
    for (std::size_t at = 0; at < 3; at += piece) {
      EXPECT_TRUE(verifier.Update(std::string_view("abc").substr(at, piece)));
    }
    EXPECT_EQ(verifier.accepted(), 3U);
    EXPECT_TRUE(verifier.Finish());
  }
}

TEST(Verifier, NamesBothDigestsOfAMismatch) {
  Verifier verifier(*Digest::Parse(kAbcSha256), 3);
  ASSERT_TRUE(verifier.Update("abd"));
  const auto result = verifier.Finish();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().id, "digest.mismatch");
  EXPECT_THAT(result.error().message + result.error().where,
              testing::AllOf(testing::HasSubstr(std::string(kAbcSha256)),
                             testing::HasSubstr(Digest::Of("abd").hex())));
}

TEST(Verifier, StopsAtTheFirstByteTooMany) {
  Verifier verifier(*Digest::Parse(kAbcSha256), 3);
  ASSERT_TRUE(verifier.Update("ab"));
  const auto surplus = verifier.Update("cd");
  ASSERT_FALSE(surplus);
  EXPECT_EQ(surplus.error().id, "size.mismatch");
  EXPECT_FALSE(verifier.Update(""));
  const auto end = verifier.Finish();
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().id, "size.mismatch");
}

TEST(Verifier, SaysThatBytesAreMissing) {
  Verifier verifier(*Digest::Parse(kAbcSha256), 3);
  ASSERT_TRUE(verifier.Update("ab"));
  const auto end = verifier.Finish();
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().id, "size.mismatch");
}

TEST(Verifier, WithoutASizeChecksOnlyTheDigest) {
  Verifier verifier(*Digest::Parse(kAbcSha512));
  ASSERT_TRUE(verifier.Update("abc"));
  EXPECT_TRUE(verifier.Finish());
}

TEST(Verifier, RestartForgetsEverything) {
  Verifier verifier(*Digest::Parse(kAbcSha256), 3);
  ASSERT_TRUE(verifier.Update("xy"));
  EXPECT_FALSE(verifier.Update("zw"));
  verifier.Restart();
  EXPECT_EQ(verifier.accepted(), 0U);
  ASSERT_TRUE(verifier.Update("abc"));
  EXPECT_TRUE(verifier.Finish());
}

}  // namespace
}  // namespace pullproof::oci
