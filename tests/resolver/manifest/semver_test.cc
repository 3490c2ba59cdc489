#include "resolver/manifest/semver.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace pullproof::resolver::manifest {
namespace {

TEST(VersionTest, SortsByPrecedence) {
  // The chain of the specification, section 11, and its neighbours.
  const std::vector<std::string> sorted = {"0.0.1",       "0.1.0",         "1.0.0-0",
                                           "1.0.0-1",     "1.0.0-2",       "1.0.0-10",
                                           "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta",
                                           "1.0.0-beta",  "1.0.0-beta.2",  "1.0.0-beta.11",
                                           "1.0.0-rc.1",  "1.0.0",         "1.0.1",
                                           "1.1.0",       "2.0.0",         "10.0.0"};
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    for (std::size_t j = 0; j < sorted.size(); ++j) {
      const auto a = Version::Parse(sorted[i]);
      const auto b = Version::Parse(sorted[j]);
      ASSERT_TRUE(a && b) << sorted[i] << " " << sorted[j];
      EXPECT_EQ(*a <=> *b, i <=> j) << sorted[i] << " " << sorted[j];
    }
  }
}

TEST(VersionTest, DropsBuildMetadata) {
  const auto version = Version::Parse("1.2.3-rc.1+exp.sha-5114f85");
  ASSERT_TRUE(version.has_value());
  EXPECT_EQ(version->ToString(), "1.2.3-rc.1");
  EXPECT_EQ(*Version::Parse("1.2.3+a"), *Version::Parse("1.2.3+b"));
}

TEST(VersionTest, RefusesWhatIsNone) {
  for (const char* const text : {"", "1", "1.2", "1.2.3.4", "v1.2.3", "01.2.3", "1.02.3", "1.2.3-",
                                 "1.2.3-a..b", "1.2.3-01", "1.2.3+", "1.2.3 ", " 1.2.3", "1.2.3-ä",
                                 "18446744073709551616.0.0", "-1.0.0", "latest", "1.2.x"}) {
    const auto version = Version::Parse(text);
    ASSERT_FALSE(version.has_value()) << text;
    EXPECT_EQ(version.error().id, "semver.syntax");
  }
}

struct Case {
  const char* requirement;
  std::vector<const char*> matches;
  std::vector<const char*> refuses;
};

TEST(RequirementTest, MatchesAsCargoDoes) {
  for (const Case& row : {
           Case{"1.2.3", {"1.2.3", "1.9.0"}, {"1.2.2", "2.0.0", "1.3.0-rc.1", "0.9.9"}},
           Case{"^1.2", {"1.2.0", "1.9.9"}, {"1.1.9", "2.0.0"}},
           Case{"1", {"1.0.0", "1.99.0"}, {"0.9.0", "2.0.0"}},
           Case{"0.2.3", {"0.2.3", "0.2.9"}, {"0.2.2", "0.3.0", "1.2.3"}},
           Case{"0.0.3", {"0.0.3"}, {"0.0.2", "0.0.4", "0.1.3"}},
           Case{"0.0", {"0.0.1", "0.0.9"}, {"0.1.0"}},
           Case{"0", {"0.0.1", "0.9.0"}, {"1.0.0"}},
           Case{"~1.2.3", {"1.2.3", "1.2.9"}, {"1.2.2", "1.3.0"}},
           Case{"~1.2", {"1.2.0", "1.2.9"}, {"1.3.0"}},
           Case{"~1", {"1.0.0", "1.9.0"}, {"2.0.0"}},
           Case{"=1.2.3", {"1.2.3"}, {"1.2.4", "1.2.3-rc.1"}},
           Case{"=1.2", {"1.2.0", "1.2.9"}, {"1.3.0"}},
           Case{">1.2.3", {"1.2.4", "2.0.0"}, {"1.2.3", "1.3.0-rc.1"}},
           Case{">1.2", {"1.3.0"}, {"1.2.9"}},
           Case{">1", {"2.0.0"}, {"1.9.9"}},
           Case{">=1.2", {"1.2.0", "1.2.9", "2.0.0"}, {"1.1.9"}},
           Case{"<2", {"1.9.9"}, {"2.0.0", "2.0.1", "2.0.0-rc.1"}},
           Case{"<=1.2", {"1.2.9", "1.0.0"}, {"1.3.0"}},
           Case{">=1.2.0, <1.5", {"1.2.0", "1.4.9"}, {"1.5.0", "1.1.0"}},
           Case{"1.*", {"1.0.0", "1.9.0"}, {"2.0.0", "1.0.0-rc.1"}},
           Case{"1.2.x", {"1.2.0", "1.2.9"}, {"1.3.0"}},
           Case{"1.*.*", {"1.0.0"}, {"2.0.0"}},
           Case{"*", {"0.0.1", "9.9.9"}, {"1.0.0-rc.1"}},
           Case{"1.2.3-rc.1",
                {"1.2.3-rc.1", "1.2.3-rc.2", "1.2.3", "1.3.0"},
                {"1.2.3-alpha", "1.2.4-rc.1", "1.3.0-rc.1"}},
           Case{">=1.0.0-a, <2", {"1.0.0-b", "1.5.0"}, {"1.5.0-a", "2.0.0-a"}},
           Case{"  >= 1.2.3 ", {"1.2.3"}, {"1.2.2"}},
           Case{"=1.2.3+build", {"1.2.3"}, {"1.2.4"}},
       }) {
    const auto requirement = Requirement::Parse(row.requirement);
    ASSERT_TRUE(requirement.has_value()) << row.requirement;
    for (const char* const text : row.matches) {
      EXPECT_TRUE(requirement->Matches(*Version::Parse(text))) << row.requirement << " " << text;
    }
    for (const char* const text : row.refuses) {
      EXPECT_FALSE(requirement->Matches(*Version::Parse(text))) << row.requirement << " " << text;
    }
  }
}

TEST(RequirementTest, RefusesWhatIsNone) {
  std::string many = "1";
  for (std::size_t i = 0; i < kMaxComparators; ++i) many += ",1";
  for (const std::string& text :
       {std::string(""), std::string("a"), std::string("1.2.3.4"), std::string("*,1"),
        std::string("1.*.3"), std::string("1-rc"), std::string("1.2-rc"), std::string(">"),
        std::string("1,"), std::string("== 1"), std::string("01"), std::string("*.1"), many,
        std::string(kMaxVersionText + 1, '1')}) {
    const auto requirement = Requirement::Parse(text);
    ASSERT_FALSE(requirement.has_value()) << text;
    EXPECT_EQ(requirement.error().id, "semver.requirement");
  }
}

TEST(RequirementTest, ExactlyMatchesOneVersion) {
  const auto version = Version::Parse("1.2.3-rc.1");
  const Requirement exactly = Requirement::Exactly(*version);
  EXPECT_TRUE(exactly.Matches(*version));
  EXPECT_FALSE(exactly.Matches(*Version::Parse("1.2.3")));
}

}  // namespace
}  // namespace pullproof::resolver::manifest
