#include "conformance/client/catalogue.h"

#include <filesystem>
#include <fstream>
#include <set>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "conformance/client/mutant.h"
#include "conformance/client/profile.h"
#include "conformance/client/resolve_mutant.h"

namespace pullproof::conformance::client {
namespace {

TEST(CatalogueTest, EveryShippedProfileIsGoodAndNamedLikeItsFile) {
  for (const EmbeddedFile& file : ShippedProfiles()) {
    const std::string name(file.name);
    const Result<Node> document = ParseToml(file.text, name);
    ASSERT_TRUE(document.has_value()) << Describe(document.error());
    Diagnostics problems(name);
    const std::optional<Profile> profile = ReadProfile(*document, problems);
    ASSERT_TRUE(profile.has_value()) << Describe(problems.FirstError());
    EXPECT_EQ(profile->name + ".toml", name);
    EXPECT_FALSE(profile->homepage.empty()) << name;
  }
}

TEST(CatalogueTest, EveryProfileOfTheFolderIsEmbedded) {
  std::set<std::string> embedded;
  for (const EmbeddedFile& file : ShippedProfiles()) embedded.emplace(file.name);
  std::set<std::string> there;
  for (const auto& entry :
       std::filesystem::directory_iterator(PULLPROOF_SOURCE_DIR "/conformance/clients")) {
    there.insert(entry.path().filename().string());
  }
  EXPECT_EQ(embedded, there);
}

TEST(CatalogueTest, OpensEveryNameThatItLists) {
  const std::vector<std::string> names = ClientNames();
  EXPECT_EQ(names.front(), "builtin");
  EXPECT_EQ(names.size(),
            1 + ShippedProfiles().size() + Mutants().size() + ResolveMutants().size());
  for (const std::string& name : names) {
    const Result<std::unique_ptr<Client>> client = OpenClient(name, Wire::kInProcess);
    ASSERT_TRUE(client.has_value()) << Describe(client.error());
    EXPECT_EQ((*client)->name(), name);
  }
}

TEST(CatalogueTest, OpensAProfileByItsPath) {
  const Result<TemporaryDirectory> directory = TemporaryDirectory::Create("catalogue-test-");
  ASSERT_TRUE(directory.has_value());
  const std::filesystem::path path = directory->path() / "mine.toml";
  std::ofstream(path) << "client = 1\nname = \"mine\"\ntitle = \"mine\"\nrequires = \"mine\"\n"
                         "install = \"build it\"\ntried = \"untried\"\n"
                         "verbs.pull = { commands = [[\"mine\", \"{ref}\"]] }\n";
  const Result<std::unique_ptr<Client>> client = OpenClient(path.string(), Wire::kSockets);
  ASSERT_TRUE(client.has_value()) << Describe(client.error());
  EXPECT_EQ((*client)->name(), "mine");
}

TEST(CatalogueTest, WhatIsNoClientIsAnErrorThatHelps) {
  const auto slip = OpenClient("skopoe", Wire::kSockets);
  ASSERT_FALSE(slip.has_value());
  EXPECT_EQ(slip.error().id, "client.unknown");
  EXPECT_EQ(slip.error().hint, "did you mean `skopeo`?");
  const auto missing = OpenClient("./absent.toml", Wire::kSockets);
  ASSERT_FALSE(missing.has_value());
  EXPECT_EQ(missing.error().id, "file.not-found");
  EXPECT_EQ(OpenClient("mutant:nobody", Wire::kSockets).error().id, "client.unknown");
}

}  // namespace
}  // namespace pullproof::conformance::client
