#include "base/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

namespace pullproof {
namespace {

using testing::ElementsAre;

TEST(Printable, EscapesControlsAndBrokenUtf8) {
  EXPECT_EQ(Printable("caf\xC3\xA9 \xF0\x9F\x8E\x89"), "caf\xC3\xA9 \xF0\x9F\x8E\x89");
  EXPECT_EQ(Printable("\x1b]0;x\x07"), "\\x1b]0;x\\x07");
  EXPECT_EQ(Printable("a\x7f"), "a\\x7f");
  EXPECT_EQ(Printable("\xC2\x9B"), "\\xc2\\x9b");  // C1: CSI
  EXPECT_EQ(Printable("\xFF\xC3"), "\\xff\\xc3");
  EXPECT_EQ(Printable("a\nb"), "a\\nb");
  EXPECT_EQ(Printable("a\nb", KeepLines::kYes), "a\nb");
}

TEST(IsUtf8, FollowsRfc3629) {
  EXPECT_TRUE(IsUtf8("\xEF\xBF\xBF\xF4\x8F\xBF\xBF"));
  for (const std::string_view bad : {"\x80", "\xC0\x80", "\xC1\xBF", "\xE0\x80\x80", "\xED\xA0\x80",
                                     "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xE2\x82"}) {
    EXPECT_FALSE(IsUtf8(bad));
  }
}

TEST(SuggestFrom, FindsASlipOfThePen) {
  const std::array<std::string_view, 3> words = {"flip_bit", "cut", "swap"};
  EXPECT_EQ(SuggestFrom("flip_bt", words), "did you mean `flip_bit`?");
  EXPECT_EQ(SuggestFrom("elephant", words), "expected one of: flip_bit, cut, swap");
  EXPECT_EQ(SuggestFrom("x", {}), "");
  EXPECT_EQ(ClosestTo("", words), std::nullopt);
  EXPECT_EQ(ClosestTo(std::string(1000, 'x'), words), std::nullopt);
}

TEST(GlobMatch, MatchesWholeTexts) {
  struct Row {
    std::string_view pattern, text;
    bool matches;
  };
  for (const Row& row : std::vector<Row>{
           {"", "", true},
           {"*", "", true},
           {"*", "a/b", true},
           {"a*c", "abbbc", true},
           {"a*c", "abbb", false},
           {"a?c", "abc", true},
           {"a?c", "ac", false},
           {"repository:*:*pull*", "repository:a/b:push,pull", true},
           {"*a*b*", "xxbxxa", false},
           {"[a]", "[a]", true},
           {"[a]", "a", false},
       }) {
    EXPECT_EQ(GlobMatch(row.pattern, row.text), row.matches) << row.pattern << " " << row.text;
  }
  // The worst case of naive back-tracking.
  EXPECT_FALSE(GlobMatch("*a*a*a*a*a*a*a*a*a*b", std::string(2000, 'a')));
}

TEST(ParseSize, ReadsUnits) {
  EXPECT_EQ(ParseSize("0"), 0U);
  EXPECT_EQ(ParseSize("7B"), 7U);
  EXPECT_EQ(ParseSize("64KiB"), 65'536U);
  EXPECT_EQ(ParseSize("1MiB"), 1'048'576U);
  EXPECT_EQ(ParseSize("100GiB"), 107'374'182'400U);
  for (const std::string_view bad : {"", "KiB", "-1", "1KB", "1 KiB", "1.5MiB", "1kib", "0x10",
                                     "18446744073709551616", "17179869184GiB"}) {
    const auto size = ParseSize(bad);
    ASSERT_FALSE(size) << bad;
    EXPECT_EQ(size.error().id, "size.syntax");
  }
}

TEST(Split, KeepsEmptyParts) {
  EXPECT_THAT(Split("", ','), ElementsAre(""));
  EXPECT_THAT(Split(",a,,b", ','), ElementsAre("", "a", "", "b"));
}

TEST(Text, ComparesAndTrims) {
  EXPECT_TRUE(EqualsIgnoreCase("Content-Type", "content-TYPE"));
  EXPECT_FALSE(EqualsIgnoreCase("a", "ab"));
  EXPECT_EQ(ToLowerAscii("A\xC3\x89z"), "a\xC3\x89z");
  EXPECT_EQ(Trim(" \ta b\t "), "a b");
  EXPECT_EQ(Trim(" \t"), "");
}

// RFC 4648 section 10.
TEST(Base64, PassesTheVectorsOfTheRfc) {
  const std::vector<std::pair<std::string_view, std::string_view>> vectors = {
      {"", ""},
      {"f", "Zg=="},
      {"fo", "Zm8="},
      {"foo", "Zm9v"},
      {"foob", "Zm9vYg=="},
      {"fooba", "Zm9vYmE="},
      {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, encoded] : vectors) {
    EXPECT_EQ(Base64Encode(plain), encoded);
    EXPECT_EQ(Base64Decode(encoded), plain);
    const std::string bare(encoded.substr(0, encoded.find('=')));
    EXPECT_EQ(Base64Encode(plain, Padding::kNone), bare);
    EXPECT_EQ(Base64Decode(bare), plain);
  }
  EXPECT_EQ(Base64Decode("////"), "\xFF\xFF\xFF");
}

TEST(Base64, RefusesWhatItWouldNotWrite) {
  for (const std::string_view bad :
       {"Z", "Zg=", "Zg===", "=", "Z===", "Zh==", "Zm9=", "Zm 8=", "Zm9v\n", "__--", "Zg==Zg=="}) {
    const auto decoded = Base64Decode(bad);
    ASSERT_FALSE(decoded) << bad;
    EXPECT_EQ(decoded.error().id, "base64.syntax");
  }
}

TEST(Hex, GoesBothWays) {
  EXPECT_EQ(HexEncode(std::string_view("\x00\xAB", 2)), "00ab");
  EXPECT_EQ(HexDecode("00aB"), std::string("\x00\xAB", 2));
  EXPECT_FALSE(HexDecode("0"));
  EXPECT_FALSE(HexDecode("0g"));
}

TEST(Percent, GoesBothWays) {
  EXPECT_EQ(PercentEncode("a b/c+d~e&f="), "a%20b%2Fc%2Bd~e%26f%3D");
  EXPECT_EQ(PercentDecode("a%20b%2Fc+d"), "a b/c+d");
  EXPECT_EQ(PercentDecode("%"), std::nullopt);
  EXPECT_EQ(PercentDecode("%2"), std::nullopt);
  EXPECT_EQ(PercentDecode("%zz"), std::nullopt);
}

}  // namespace
}  // namespace pullproof
