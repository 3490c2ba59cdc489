// docs/wire-security.md names a test for every attack: each of them must exist.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pullproof::mockregistry::wire {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::SizeIs;

std::string ReadText(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// The test of each line of the table: what stands in the last pair of backticks.
std::vector<std::string> NamedTests(const std::string& document) {
  std::vector<std::string> names;
  std::size_t at = 0;
  while (at < document.size()) {
    const std::size_t end = std::min(document.find('\n', at), document.size());
    const std::string_view line = std::string_view(document).substr(at, end - at);
    at = end + 1;
    if (!line.starts_with('|') || !line.ends_with("` |")) continue;
    const std::string_view cell = line.substr(0, line.size() - 3);
    names.emplace_back(cell.substr(cell.rfind('`') + 1));
  }
  return names;
}

TEST(WireSecurityTest, EveryTestThatTheDocumentNamesExists) {
  const std::filesystem::path root = PULLPROOF_SOURCE_DIR;
  const std::vector<std::string> names = NamedTests(ReadText(root / "docs/wire-security.md"));
  EXPECT_THAT(names, SizeIs(15));  // a line that is not understood is none that is checked
  std::vector<std::string> sources;
  for (const auto& entry : std::filesystem::directory_iterator(root / "tests/mockregistry/wire")) {
    const std::string file = entry.path().filename().string();
    if (file.ends_with("_test.cc") && file != "wire_security_test.cc") {
      sources.push_back(ReadText(entry.path()));
    }
  }
  for (const std::string& name : names) {
    // A test of that name, or a case of a table of tests.
    EXPECT_THAT(sources, Contains(::testing::AnyOf(HasSubstr(", " + name + ")"),
                                                   HasSubstr("Case{\"" + name + "\""))))
        << name;
  }
}

}  // namespace
}  // namespace pullproof::mockregistry::wire
