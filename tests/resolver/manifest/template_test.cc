#include "resolver/manifest/template.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pullproof::resolver::manifest {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<Template::Part> PartsOf(std::string_view text) {
  const auto parsed = Template::Parse(text);
  EXPECT_TRUE(parsed.has_value());
  return parsed ? parsed->parts() : std::vector<Template::Part>{};
}

TEST(TemplateTest, SplitsLiteralsAndVariables) {
  EXPECT_THAT(PartsOf("postgres://{{ user }}@{{host}}:5432"),
              ElementsAre(Template::Part{false, "postgres://"}, Template::Part{true, "user"},
                          Template::Part{false, "@"}, Template::Part{true, "host"},
                          Template::Part{false, ":5432"}));
}

TEST(TemplateTest, EmptyTextHasNoParts) { EXPECT_THAT(PartsOf(""), IsEmpty()); }

TEST(TemplateTest, ClosingBracesAloneAreText) {
  EXPECT_THAT(PartsOf("a}}b"), ElementsAre(Template::Part{false, "a}}b"}));
}

TEST(TemplateTest, RefusesAnOpenBraceWithoutItsEnd) {
  const auto parsed = Template::Parse("a {{ b");
  ASSERT_FALSE(parsed.has_value());
  EXPECT_EQ(parsed.error().id, "spin.template");
  EXPECT_EQ(parsed.error().message, "the `{{` in \"a {{ b\" has no `}}`");
}

}  // namespace
}  // namespace pullproof::resolver::manifest
