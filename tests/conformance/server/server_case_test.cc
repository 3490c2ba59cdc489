#include "conformance/server/server_case.h"

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pullproof::conformance::server {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::string_view kHead = R"(
fixture = 1
id      = "server.a.b"
title   = "A case"
blobs.layer     = { layer = "1KiB" }
manifests.app   = { image = { layers = ["layer"] } }
repos."lib/app" = { tags = { "1.0" = "app" } }
)";

std::vector<std::string> ErrorsOf(const std::string& asks) {
  Diagnostics problems("case.toml");
  const auto read = ReadServerCase(std::string(kHead) + asks, "case.toml", problems);
  std::vector<std::string> errors;
  for (const Diagnostic& problem : problems.all()) errors.push_back(problem.id);
  EXPECT_EQ(read.has_value(), errors.empty());
  return errors;
}

TEST(ServerCase, SaysWhatIsWrong) {
  EXPECT_THAT(ErrorsOf("[[client]]\nsend = \"GET {repo}/x\"\nexpect = { status = [200] }\n"),
              IsEmpty());
  EXPECT_THAT(ErrorsOf(""), ElementsAre("case.no-steps"));
  EXPECT_THAT(ErrorsOf("[[client]]\nsend = \"FETCH {repo}/x\"\nexpect = { status = [200] }\n"),
              ElementsAre("server.request"));
  EXPECT_THAT(ErrorsOf("[[client]]\nsend = \"GET http://other/x\"\nexpect = { status = [200] }\n"),
              ElementsAre("server.request"));
  EXPECT_THAT(ErrorsOf("[[client]]\nsend = \"GET /v2/\"\nexpect = {}\n"),
              ElementsAre("case.cannot-fail"));
  EXPECT_THAT(ErrorsOf("[[client]]\nsend = \"GET /v2/\"\n"), ElementsAre("model.missing-member"));
  EXPECT_THAT(ErrorsOf("[[client]]\nsend = \"GET /v2/\"\nexpect = { status = [2000] }\n"),
              ElementsAre("model.range", "case.cannot-fail"));
  EXPECT_THAT(
      ErrorsOf("[[client]]\nsend = \"PUT /v2/\"\nname = \"layr\"\nexpect = { status = [200] }\n"),
      ElementsAre("case.unknown-content"));
}

TEST(ServerCase, TheSuiteIsWholeAndWithoutErrors) {
  std::vector<Diagnostics> problems;
  const auto cases = LoadServerCases(problems);
  for (const Diagnostics& of_file : problems) {
    for (const Diagnostic& problem : of_file.all()) {
      ADD_FAILURE() << FormatDiagnostic(of_file, problem);
    }
  }
  ASSERT_TRUE(cases.has_value());
  EXPECT_GT(cases->size(), 30U);
  const fs::path root = fs::path(PULLPROOF_SOURCE_DIR) / "conformance/server-cases";
  std::set<std::string> on_disk;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    if (entry.is_regular_file()) on_disk.insert(entry.path().lexically_relative(root).string());
  }
  std::set<std::string> embedded;
  for (const ServerCase& read : *cases) {
    embedded.insert(read.file);
    std::string path = read.id().substr(std::string_view("server.").size()) + ".toml";
    path.replace(path.find('.'), 1, "/");
    EXPECT_EQ(path, read.file) << "the id is the file's path with dots";
  }
  EXPECT_EQ(embedded, on_disk) << "name the file in conformance/server/CMakeLists.txt";
}

}  // namespace
}  // namespace pullproof::conformance::server
