#include "resolver/manifest/identifier.h"

#include <string>

#include <gtest/gtest.h>

namespace pullproof::resolver::manifest {
namespace {

using Check = Result<void> (*)(std::string_view);

struct Case {
  const char* name;
  Check check;
  const char* text;
  const char* message;  // null: accepted
};

class IdentifierTest : public testing::TestWithParam<Case> {};

TEST_P(IdentifierTest, IsAcceptedOrRefusedInSpinsWords) {
  const auto result = GetParam().check(GetParam().text);
  if (GetParam().message == nullptr) {
    EXPECT_TRUE(result.has_value()) << result.error().message;
    return;
  }
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().id, "spin.id");
  EXPECT_EQ(result.error().message, GetParam().message);
}

const Case kCases[] = {
    {"Kebab", CheckKebabId, "static-files", nullptr},
    {"KebabOneWord", CheckKebabId, "a", nullptr},
    {"KebabDigits", CheckKebabId, "kv2-x9", nullptr},
    {"KebabUpperWord", CheckKebabId, "KV-explorer", nullptr},
    {"KebabEmpty", CheckKebabId, "", "empty"},
    {"KebabUnderscore", CheckKebabId, "a_b", "words must be separated with '-', not '_'"},
    {"KebabEmptyWord", CheckKebabId, "a--b", "'-'-separated words must not be empty"},
    {"KebabTrailingHyphen", CheckKebabId, "a-", "'-'-separated words must not be empty"},
    {"KebabDigitFirst", CheckKebabId, "a-1b",
     "'-'-separated words must start with an ASCII letter; got '1'"},
    {"KebabPlus", CheckKebabId, "a+b",
     "'-'-separated words may only contain alphanumeric ASCII; got '+'"},
    {"KebabUmlautIsNotCutInHalf", CheckKebabId, "a\xC3\xA4",
     "'-'-separated words may only contain alphanumeric ASCII; got '\xC3\xA4'"},
    {"KebabMixedCase", CheckKebabId, "aB",
     "'-'-separated words must be all lowercase or all UPPERCASE; got \"aB\""},
    {"KebabDots", CheckKebabId, "..",
     "'-'-separated words must start with an ASCII letter; got '.'"},
    {"Snake", CheckLowerSnakeId, "db_user", nullptr},
    {"SnakeHyphen", CheckLowerSnakeId, "db-user", "words must be separated with '_', not '-'"},
    {"SnakeUpper", CheckLowerSnakeId, "DB_user",
     "Lower-case identifiers must be all lowercase; got \"DB_user\""},
    {"StoreKebab", CheckStoreLabel, "my-store", nullptr},
    {"StoreSnake", CheckStoreLabel, "my_store", nullptr},
    {"StoreBoth", CheckStoreLabel, "my_own-store",
     "expected kebab-case or snake_case; got \"my_own-store\""},
    {"Package", CheckPackageName, "acme:static-files", nullptr},
    {"PackageWithoutNamespace", CheckPackageName, "acme",
     "a package is NAMESPACE:NAME; got \"acme\""},
    {"PackageUpper", CheckPackageName, "ACME:x",
     "Lower-case identifiers must be all lowercase; got \"ACME\""},
};

INSTANTIATE_TEST_SUITE_P(Grammar, IdentifierTest, testing::ValuesIn(kCases),
                         [](const auto& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace pullproof::resolver::manifest
