// Every kind of blob, as bytes.
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "mockregistry/content/random.h"
#include "tests/mockregistry/content/archive_entries.h"
#include "tests/mockregistry/content/loaded.h"

namespace pullproof::mockregistry::content {
namespace {

using testing::ElementsAre;
using testing::Pair;

struct BlobCase {
  std::string name;
  std::string toml;   // the value of blobs.b
  std::string bytes;  // in hexadecimal
};

class EveryBlob : public testing::TestWithParam<BlobCase> {};

TEST_P(EveryBlob, HasTheseBytes) {
  const Loaded loaded = Load("blobs.b = " + GetParam().toml + "\nblobs.other = \"hello\"\n");
  ASSERT_TRUE(loaded.content.has_value()) << loaded.problems;
  EXPECT_EQ(loaded.problems, "");
  EXPECT_EQ(HexEncode(loaded.BytesOf("b")), GetParam().bytes);
}

std::string HexOf(std::string_view text) { return HexEncode(text); }

INSTANTIATE_TEST_SUITE_P(
    Blob, EveryBlob,
    testing::ValuesIn(std::vector<BlobCase>{
        {"String", R"("hi\n")", "68690a"},
        {"EmptyString", R"("")", ""},
        {"Text", R"({ text = "hé" })", "68c3a9"},
        {"Base64", R"({ base64 = "AP9/" })", "00ff7f"},
        {"Base64Padded", R"({ base64 = "AA==" })", "00"},
        {"Hex", R"({ hex = "00FfaB" })", "00ffab"},
        {"Zeros", R"({ zeros = 3 })", "000000"},
        {"ZerosWithUnit", R"({ zeros = "2B" })", "0000"},
        {"RandomOfASeed", R"({ random = 10, seed = 0 })", "afcd1d7b39a820e2f465"},
        {"RandomOfNothing", R"({ random = 0 })", ""},
        {"WasmCore", R"({ wasm = "empty-core" })", "0061736d01000000"},
        {"WasmComponent", R"({ wasm = "empty-component" })", "0061736d0d000100"},
        {"JsonSorted", R"({ json = { b = [1, true, "x"], a = {} } })",
         HexOf(R"({"a":{},"b":[1,true,"x"]})")},
        {"JsonString", R"({ json = "é\n" })", HexOf("\"é\\n\"")},
        {"JsonDigest", R"({ json = { d = { "$digest" = "other" } } })",
         HexOf(R"({"d":"sha256:)"
               R"(2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"})")},
        {"JsonSize", R"({ json = [ { "$size" = "other" } ] })", HexOf("[5]")},
        {"JsonBase64", R"({ json = { "$base64" = "other" } })", HexOf("\"aGVsbG8=\"")},
        {"JsonOtherDollar", R"({ json = { "$ref" = "other" } })", HexOf(R"({"$ref":"other"})")},
    }),
    [](const auto& test) { return test.param.name; });

TEST(Blob, JsonKeepsIntegersOfAllSixtyFourBits) {
  const Loaded loaded = LoadFile(
      R"({"fixture":1,"id":"t","blobs":{"b":{"json":[-9223372036854775808,18446744073709551615]}}})",
      "case.json");
  ASSERT_TRUE(loaded.content.has_value()) << loaded.problems;
  EXPECT_EQ(loaded.BytesOf("b"), "[-9223372036854775808,18446744073709551615]");
}

TEST(Blob, RandomIsSeededByFixtureAndName) {
  const Loaded loaded = Load("blobs.b = { random = 99 }\n");
  EXPECT_EQ(loaded.BytesOf("b"), ReadAll(*Random(99, SeedOf("t", "b"))));
  const Loaded seeded = Load("seed = 7\nblobs.b = { random = 99 }\n");
  EXPECT_EQ(seeded.BytesOf("b"), ReadAll(*Random(99, SeedOf("7", "b"))));
}

TEST(Blob, ASeedMayHaveSixtyFourBits) {
  const Loaded loaded =
      LoadFile(R"({"fixture":1,"id":"t","blobs":{"b":{"random":8,"seed":18446744073709551615}}})",
               "case.json");
  ASSERT_TRUE(loaded.content.has_value()) << loaded.problems;
  EXPECT_EQ(HexEncode(loaded.BytesOf("b")), "202c651b7771d9e4");
}

TEST(Blob, ALayerIsATarWithOneRandomFile) {
  const Loaded loaded = Load("blobs.b = { layer = \"1KiB\" }\nblobs.c = { layer = 5, seed = 3 }\n");
  EXPECT_THAT(ArchiveEntries(loaded.BytesOf("b")),
              ElementsAre(Pair("data", ReadAll(*Random(1024, SeedOf("t", "b"))))));
  EXPECT_THAT(ArchiveEntries(loaded.BytesOf("c")),
              ElementsAre(Pair("data", ReadAll(*Random(5, 3)))));
}

TEST(Blob, ATarHoldsEveryKindOfFile) {
  const Loaded loaded = Load(R"(
blobs.other = "hello"
[blobs.b.tar.files]
"z.txt"   = "last"
"a/rand"  = { random = 20 }
"lock"    = { json = { size = { "$size" = "other" } } }
"in.tar"  = { tar = { files = { r = { random = 4 } } } }
)");
  ASSERT_TRUE(loaded.content.has_value()) << loaded.problems;
  const auto entries = ArchiveEntries(loaded.BytesOf("b"));
  ASSERT_EQ(entries.size(), 4U);
  EXPECT_THAT(entries[0], Pair("a/rand", ReadAll(*Random(20, SeedOf("t", "b/a/rand")))));
  EXPECT_THAT(ArchiveEntries(entries[1].second),
              ElementsAre(Pair("r", ReadAll(*Random(4, SeedOf("t", "b/in.tar/r"))))));
  EXPECT_THAT(entries[2], Pair("lock", R"({"size":5})"));
  EXPECT_THAT(entries[3], Pair("z.txt", "last"));
}

TEST(Blob, ATarMayBeCompressedAndMayLie) {
  const Loaded loaded = Load(R"(
[blobs.b]
gzip = true
tar  = { files = { a = "1" }, raw_entries = [ { name = "../up", content = "2" },
                                              { name = "l", type = "2", linkname = "/etc" } ] }
)");
  ASSERT_TRUE(loaded.content.has_value()) << loaded.problems;
  EXPECT_EQ(HexEncode(loaded.BytesOf("b").substr(0, 10)), "1f8b08000000000000ff");
  EXPECT_THAT(ArchiveEntries(loaded.BytesOf("b")),
              ElementsAre(Pair("a", "1"), Pair("../up", "2"), Pair("l", "")));
}

TEST(Blob, HundredGibibytesNeedNoMemoryToBeDeclared) {
  Diagnostics problems("case.toml");
  const Result<Node> document =
      ParseDocument("fixture = 1\nid = \"t\"\nblobs.b = { random = \"100GiB\" }\n", "case.toml");
  const Fixture fixture = ReadFixture(*document, problems);
  EXPECT_FALSE(problems.HasErrors());
  EXPECT_EQ(std::get<RandomBlob>(fixture.blobs.at(0).second.kind).size, std::uint64_t{100} << 30);
}

}  // namespace
}  // namespace pullproof::mockregistry::content
