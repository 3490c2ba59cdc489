// docs/fixture.schema.json describes what the reader takes: every case of the suite and every
// profile's rules validate against it, and typical slips do not.
#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include "base/file.h"
#include "base/table_reader.h"

namespace pullproof::mockregistry {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using Adapter = valijson::adapters::NlohmannJsonAdapter;

const fs::path kRoot = PULLPROOF_SOURCE_DIR;

std::string Text(const fs::path& path) {
  SystemFileSystem files;
  const auto text = files.Read(path.string(), DocumentLimits{}.max_bytes);
  EXPECT_TRUE(text.has_value()) << path;
  return text.value_or("");
}

json ToJson(const Node& node) {
  if (const Node::Table* members = node.table()) {
    json object = json::object();
    for (const Node::Member& member : *members) object[member.name] = ToJson(member.value);
    return object;
  }
  if (const Node::Array* items = node.array()) {
    json array = json::array();
    for (const Node& item : *items) array.push_back(ToJson(item));
    return array;
  }
  if (const std::string* text = node.string()) return *text;
  if (const bool* flag = node.boolean()) return *flag;
  if (const double* real = node.real()) return *real;
  if (const std::int64_t* number = node.integer()) return *number;
  if (const std::uint64_t* number = node.unsigned_integer()) return *number;
  return nullptr;
}

class FixtureSchema : public testing::Test {
 protected:
  void SetUp() override {
    const json document = json::parse(Text(kRoot / "docs/fixture.schema.json"));
    valijson::SchemaParser(valijson::SchemaParser::kDraft7)
        .populateSchema(Adapter(document), schema_);
  }

  // What is wrong with it; empty when nothing is.
  std::string Complaints(const json& fixture) {
    valijson::ValidationResults results;
    // Strict: TOML and JSON both know numbers from strings.
    valijson::Validator validator(valijson::Validator::kStrongTypes);
    if (validator.validate(schema_, Adapter(fixture), &results)) return {};
    std::string all;
    for (const auto& error : results) {
      for (const std::string& step : error.context) all += step;
      all += ": " + error.description + "\n";
    }
    return all.empty() ? "invalid" : all;
  }
  std::string ComplaintsOfToml(const std::string& toml) {
    const auto document = ParseToml("fixture = 1\nid = \"t\"\n" + toml, "t.toml");
    EXPECT_TRUE(document.has_value()) << toml;
    return document ? Complaints(ToJson(*document)) : "no TOML";
  }

  valijson::Schema schema_;
};

TEST_F(FixtureSchema, DescribesEveryCase) {
  std::size_t cases = 0;
  for (const fs::path directory : {"conformance/cases", "tests/mockregistry/content/data"}) {
    for (const auto& entry : fs::recursive_directory_iterator(kRoot / directory)) {
      const std::string extension = entry.path().extension().string();
      if (extension != ".toml" && extension != ".json") continue;
      const auto document = ParseDocument(Text(entry.path()), entry.path().filename().string());
      ASSERT_TRUE(document.has_value()) << entry.path();
      EXPECT_EQ(Complaints(ToJson(*document)), "") << entry.path();
      ++cases;
    }
  }
  EXPECT_GT(cases, 80U);
}

TEST_F(FixtureSchema, DescribesWhatProfilesAdd) {
  for (const auto& entry : fs::directory_iterator(kRoot / "mockregistry/profiles")) {
    const auto profile = ParseDocument(Text(entry.path()), entry.path().filename().string());
    ASSERT_TRUE(profile.has_value());
    for (const Node& quirk : *profile->Find("entries")->array()) {
      json fixture = {{"fixture", 1}, {"id", "t"}, {"profile", ToJson(*profile->Find("profile"))}};
      for (const std::string name : {"rules", "limits", "hosts"}) {
        if (const Node* stated = quirk.Find(name)) fixture[name] = ToJson(*stated);
      }
      if (const Node* auth = quirk.Find("auth")) fixture["auth"]["registry"] = ToJson(*auth);
      EXPECT_EQ(Complaints(fixture), "") << entry.path();
    }
  }
}

TEST_F(FixtureSchema, TakesWhatTheReaderTakes) {
  for (const std::string toml : {
           "blobs.b = { wasm = \"empty-core\", data = \"1KiB\" }",
           "blobs.b = { blob = \"a\" }",
           "manifests.m.spin = { app = \"a\", components.c.files.x = { text = \"\", lock.path = "
           "\"\" } }",
           "manifests.m.spin = { app = \"a\", components = [ { id = \"c\" } ], lock = \"l\" }",
           "manifests.m.wasm_package = {}",
           "limits = { min_chunk = \"1MiB\", read_only = true, referrers_api = false }\nwarnings = "
           "[\"w\"]",
           "profile = \"ecr-public\"",
           "repos.r.layout = \"dir\"",
           "rules = [ { id = \"r\", on = { op = \"manifest.get\" }, do = { mutate = {} } } ]",
           "rules = [ { id = \"r\", on = { op = \"manifest.get\" }, do = { mutate = { seed = 0, "
           "rounds = 1000 } } } ]",
       }) {
    EXPECT_EQ(ComplaintsOfToml(toml), "") << toml;
  }
}

TEST_F(FixtureSchema, RefusesWhatTheReaderRefuses) {
  for (const std::string toml : {
           "blbs = {}",
           "blobs.b = { wasm = \"core\" }",
           "blobs.b = { text = \"\", hex = \"\" }",
           "manifests.m.spin = { components = {} }",
           "manifests.m.spin = { app = \"a\", components.c.enviroment = {} }",
           "manifests.m.spin = { app = \"a\", components = [ {} ] }",
           "limits = { read_only = 1 }",
           "blobs.b = { layout = \"dir\" }",
           "repos.r.layout = \"\"",
           "profile = \"gchr\"",
           "rules = [ { id = \"r\", on = {}, do = {} } ]",
           "rules = [ { id = \"r\", on = { op = \"*\" }, do = { mutate = { rounds = 1001 } } } ]",
           "rules = [ { id = \"r\", on = { op = \"*\" }, do = { mutate = { round = 1 } } } ]",
       }) {
    EXPECT_NE(ComplaintsOfToml(toml), "") << toml;
  }
}

}  // namespace
}  // namespace pullproof::mockregistry
