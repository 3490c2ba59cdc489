#include "resolver/merge/fold.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pullproof::resolver::merge {
namespace {

using testing::HasSubstr;

const std::map<std::string, lock::LockedVariable> kVariables = {
    {"name", {"", "world", false}},
    {"empty", {"", "", false}},
    {"required", {"", std::nullopt, false}},
    {"secret", {"", "hunter2", true}},
    {"brace", {"", "{", false}},
    {"template", {"", "{{ name }}", false}},
};

TEST(FoldTest, PutsDefaultsIn) {
  EXPECT_EQ(*Fold("hello {{ name }}{{empty}}!", kVariables), "hello world!");
  EXPECT_EQ(*Fold("no variable", kVariables), "no variable");
}

TEST(FoldTest, RefusesWhatTheImporterMustDecide) {
  for (const auto& [text, message] : {
           std::pair("{{ required }}", "`required` is required"),
           std::pair("{{ secret }}", "`secret` is secret"),
           std::pair("{{ other }}", "`other` is not declared"),
           std::pair("{{ template }}", "holds `{{`"),
           std::pair("{{ brace }}{{ brace }}", "holds `{{`"),
           std::pair("{{{ brace }}", "not declared"),
       }) {
    const auto folded = Fold(text, kVariables);
    ASSERT_FALSE(folded.has_value()) << text;
    EXPECT_EQ(folded.error().id, "merge.unfoldable-variable") << text;
    EXPECT_THAT(folded.error().message, HasSubstr(message)) << text;
    EXPECT_THAT(folded.error().message, Not(HasSubstr("hunter2")));
  }
  EXPECT_EQ(Fold("{{ open", kVariables).error().id, "spin.template");
}

TEST(FoldTest, AValueIsBounded) {
  const std::map<std::string, lock::LockedVariable> variables = {
      {"long", {"", std::string(1 << 10, 'x'), false}}};
  std::string text;
  for (int i = 0; i < 128; ++i) text += "{{ long }}";
  EXPECT_EQ(Fold(text, variables)->size(), kMaxFoldedBytes);
  const auto folded = Fold(text + "!", variables);
  ASSERT_FALSE(folded.has_value());
  EXPECT_EQ(folded.error().id, "merge.unfoldable-variable");
}

}  // namespace
}  // namespace pullproof::resolver::merge
