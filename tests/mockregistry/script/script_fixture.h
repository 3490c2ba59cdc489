// A fixture with a little content, and whatever rules a test writes under it.
#ifndef PULLPROOF_TESTS_MOCKREGISTRY_SCRIPT_SCRIPT_FIXTURE_H_
#define PULLPROOF_TESTS_MOCKREGISTRY_SCRIPT_SCRIPT_FIXTURE_H_

#include <string>
#include <string_view>
#include <vector>

#include "base/table_reader.h"
#include "mockregistry/content/content.h"
#include "mockregistry/script/rule.h"

namespace pullproof::mockregistry::script {

// Blobs `layer` ("0123456789") and `other` ("abcdefghijklmnopqrst"), manifest `app` with the layer,
// index `multi` with the manifest; hosts `registry` and `cdn`.
const content::Content& SomeContent();
const std::vector<std::string>& SomeHosts();

struct Script {
  std::vector<Rule> rules;
  std::vector<std::string> complaints;  // as people see them, hints included
};

// Reads `rules` out of this TOML text; the file is called case.toml.
Script ReadScript(std::string_view toml);

// The text on one line: TOML 1.0 allows no line break in an inline table, but tests are wrapped.
std::string OneLine(std::string_view text);

// The only rule of a text without complaints: `rule` holds what stands between the braces of
// `rules = [{ id = "r", … }]`. A test with complaints fails.
Rule ReadOne(std::string_view rule);

// The complaints about a matcher: `on` holds what stands between its braces.
std::vector<std::string> ComplaintsAboutOn(std::string_view on);

}  // namespace pullproof::mockregistry::script

#endif  // PULLPROOF_TESTS_MOCKREGISTRY_SCRIPT_SCRIPT_FIXTURE_H_
