#include "base/toml_string.h"

#include <gtest/gtest.h>

namespace pullproof {
namespace {

TEST(TomlString, EscapesQuotesBackslashesAndControls) {
  EXPECT_EQ(TomlString("plain \xC3\xBC"), "\"plain \xC3\xBC\"");
  EXPECT_EQ(TomlString("a\"b\\c"), R"("a\"b\\c")");
  EXPECT_EQ(TomlString("line\n"), R"("line\n")");
}

TEST(TomlString, EscapesDelAsJsonDoesNot) { EXPECT_EQ(TomlString("\x7F"), R"("\u007f")"); }

}  // namespace
}  // namespace pullproof
