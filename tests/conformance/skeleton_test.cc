#include "conformance/skeleton.h"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/clock.h"
#include "conformance/client/mutant.h"
#include "conformance/runner.h"
#include "conformance/suite.h"

namespace pullproof::conformance {
namespace {

// How the small client of that name fares with the draft.
report::Verdict VerdictOf(const Suite& suite, std::string_view mutant) {
  const auto client = client::MakeMutantClient(mutant, client::Wire::kInProcess);
  RunOptions options;
  options.selection.run = {"area.some-name"};
  options.clock_of_case = [] { return std::make_unique<ManualClock>(); };
  report::Collector collector;
  EXPECT_TRUE(RunSuite(suite, options, **client, collector).has_value());
  return collector.run().cases.front().verdict;
}

TEST(Skeleton, IsACaseThatWorksAsItStands) {
  const Result<std::string> text = SkeletonOf("area.some-name");
  ASSERT_TRUE(text.has_value());
  const SuiteFile file{"area/some-name.toml", *text};
  std::vector<Diagnostics> problems;
  const Result<Suite> suite = ReadSuite(std::span(&file, 1), "", problems);
  ASSERT_TRUE(suite.has_value());
  EXPECT_THAT(problems, testing::IsEmpty());
  EXPECT_EQ(VerdictOf(*suite, "well-behaved"), report::Verdict::kPass);
  EXPECT_EQ(VerdictOf(*suite, "ignores-digests"), report::Verdict::kFail);
}

TEST(Skeleton, WantsAnId) {
  for (const char* id : {"", "name", "Area.name", "area.", ".name", "area.some name", "area.-x",
                         "area/name", "../area.name", "area.n\nme"}) {
    const Result<std::string> text = SkeletonOf(id);
    ASSERT_FALSE(text.has_value()) << id;
    EXPECT_EQ(text.error().id, "suite.id") << id;
  }
}

TEST(Skeleton, IsWrittenOnce) {
  SystemFileSystem files;
  const Result<TemporaryDirectory> directory = TemporaryDirectory::Create("skeleton_test");
  ASSERT_TRUE(directory.has_value());
  const auto path = WriteSkeleton(files, directory->path(), "area.some-name");
  ASSERT_TRUE(path.has_value());
  EXPECT_EQ(*path, directory->path() / "area/some-name.toml");
  EXPECT_EQ(*files.Read(*path, 1 << 20), *SkeletonOf("area.some-name"));
  const auto again = WriteSkeleton(files, directory->path(), "area.some-name");
  ASSERT_FALSE(again.has_value());
  EXPECT_EQ(again.error().id, "suite.exists");
}

}  // namespace
}  // namespace pullproof::conformance
