// A suite of four cases: an honest one and its hostile twin, one of level SHOULD and one of INFO.
#ifndef PULLPROOF_TESTS_CONFORMANCE_SMALL_SUITE_H_
#define PULLPROOF_TESTS_CONFORMANCE_SMALL_SUITE_H_

#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "conformance/suite.h"

namespace pullproof::conformance {

inline std::string CaseText(std::string_view id, std::string_view head, std::string_view tail) {
  return fmt::format(R"(fixture = 1
id = "{}"
title = "A case"
blobs.layer = {{ layer = "1KiB" }}
manifests.app = {{ image = {{ layers = ["layer"] }} }}
repos."lib/app" = {{ tags = {{ "1.0" = "app" }} }}
{}
[[client]]
do = "pull"
ref = "{{registry}}/lib/app:1.0"
{}
)",
                     id, head, tail);
}

inline std::string HonestCase() {
  return CaseText("a.honest", "", "[expect]\nresult = \"ok\"\nstored = { whole = [\"layer\"] }");
}

inline std::string HostileCase() {
  return CaseText("a.hostile", R"(twin = "a.honest"
[[rules]]
id = "flip"
on = { op = "blob.get" }
do = { body = { flip_bit = 9 } })",
                  R"([expect]
result = "fail"
fired = { flip = "1.." }
stored = { absent = ["layer"] })");
}

inline Suite SuiteOf(const std::vector<SuiteFile>& files) {
  std::vector<Diagnostics> problems;
  Result<Suite> suite = ReadSuite(files, "", problems);
  for (const Diagnostics& of_file : problems) {
    for (const Diagnostic& problem : of_file.all()) {
      ADD_FAILURE() << FormatDiagnostic(of_file, problem);
    }
  }
  return suite ? *std::move(suite) : Suite{};
}

inline Suite SmallSuite() {
  return SuiteOf({{"a/honest.toml", HonestCase()},
                  {"a/hostile.toml", HostileCase()},
                  {"b/info.toml", CaseText("b.info", "level = \"INFO\"", "")},
                  {"b/should.toml", CaseText("b.should", "level = \"SHOULD\"", "")}});
}

}  // namespace pullproof::conformance

#endif  // PULLPROOF_TESTS_CONFORMANCE_SMALL_SUITE_H_
