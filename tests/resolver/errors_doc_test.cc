// docs/errors.md lists every error id in the code of the resolver, of OCI's vocabulary and of the
// base, and no other.
#include <filesystem>
#include <regex>
#include <set>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"

namespace pullproof::resolver {
namespace {

namespace fs = std::filesystem;

std::string Text(const fs::path& path) {
  return *SystemFileSystem().Read(fs::path(PULLPROOF_SOURCE_DIR) / path, 1 << 20);
}

std::set<std::string> Matches(const std::string& text, const std::regex& pattern) {
  std::set<std::string> found;
  for (std::sregex_iterator it(text.begin(), text.end(), pattern), end; it != end; ++it) {
    found.insert((*it)[1].str());
  }
  return found;
}

std::set<std::string> ListedIds() {
  return Matches(Text("docs/errors.md"), std::regex(R"(\n\| `([a-z0-9.-]+)` \|)"));
}

// String literals of the form of an id, in the sources of a room. Other dotted literals are told
// apart by their first part, which must be one of `families`, and by their second, which is no
// file's ending.
std::set<std::string> IdsOf(const char* room, const std::set<std::string>& families) {
  const std::regex literal(R"re("([a-z0-9-]+\.[a-z0-9-]+)")re");
  // Files: of an image layout, of podman.
  const std::set<std::string> not_ids = {"index.json", "auth.json"};
  std::set<std::string> ids;
  for (const auto& entry :
       fs::recursive_directory_iterator(fs::path(PULLPROOF_SOURCE_DIR) / room)) {
    if (entry.path().extension() != ".cc") continue;
    for (const std::string& id :
         Matches(Text(entry.path().lexically_relative(PULLPROOF_SOURCE_DIR)), literal)) {
      if (families.contains(id.substr(0, id.find('.'))) && !not_ids.contains(id)) ids.insert(id);
    }
  }
  return ids;
}

std::set<std::string> IdsInCode() {
  std::set<std::string> families;
  for (const std::string& id : ListedIds()) families.insert(id.substr(0, id.find('.')));
  std::set<std::string> ids;
  for (const char* room : {"base", "oci", "resolver"}) ids.merge(IdsOf(room, families));
  // What the mock registry says about fixtures is in docs/fixtures.md.
  ids.merge(IdsOf("mockregistry", {"registry", "rules", "journal", "admin", "record", "export"}));
  return ids;
}

TEST(ErrorsDocTest, ListsEveryIdAndNoOther) {
  EXPECT_GT(ListedIds().size(), 100U);
  EXPECT_EQ(IdsInCode(), ListedIds());
}

}  // namespace
}  // namespace pullproof::resolver
