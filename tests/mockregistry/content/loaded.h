// A fixture written in a test, read and resolved, with what was complained about.
#ifndef PULLPROOF_TESTS_MOCKREGISTRY_CONTENT_LOADED_H_
#define PULLPROOF_TESTS_MOCKREGISTRY_CONTENT_LOADED_H_

#include <optional>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "base/table_reader.h"
#include "mockregistry/content/content.h"
#include "mockregistry/content/fixture.h"

namespace pullproof::mockregistry::content {

struct Loaded {
  Fixture fixture;
  std::optional<Content> content;
  std::string problems;  // one a line, as `check` prints them

  // The bytes of a blob or manifest that must be there.
  [[nodiscard]] std::string BytesOf(std::string_view name) const {
    if (const Blob* blob = content->FindBlob(name)) return ReadAll(*blob->bytes);
    return content->FindManifest(name)->bytes;
  }
  [[nodiscard]] std::string DigestOf(std::string_view name) const {
    return content->DigestOfName(name)->ToString();
  }
};

// `name` decides the spelling: TOML, or JSON for any other ending.
inline Loaded LoadFile(std::string_view text, const std::string& name,
                       const std::filesystem::path& directory = {}, FileSystem* files = nullptr) {
  Diagnostics problems(name);
  Loaded loaded;
  if (const Result<Node> document = ParseDocument(text, name)) {
    loaded.fixture = ReadFixture(*document, problems);
    loaded.content = Resolve(loaded.fixture, directory, problems, files);
  } else {
    ADD_FAILURE() << Describe(document.error());
  }
  for (const Diagnostic& problem : problems.all()) {
    loaded.problems += FormatDiagnostic(problems, problem) + "\n";
  }
  return loaded;
}

// TOML behind two lines `fixture = 1` and `id = "t"`: `text` begins on line 3.
inline Loaded Load(std::string_view text, const std::filesystem::path& directory = {},
                   FileSystem* files = nullptr) {
  return LoadFile("fixture = 1\nid = \"t\"\n" + std::string(text), "case.toml", directory, files);
}

}  // namespace pullproof::mockregistry::content

#endif  // PULLPROOF_TESTS_MOCKREGISTRY_CONTENT_LOADED_H_
