// One case of the registry side: content that is pushed, requests that are then sent word for word,
// and what each answer must be. One file is one case: a fixture (docs/fixtures.md) whose `client`
// holds requests. Format: docs/server-cases.md.
#ifndef PULLPROOF_CONFORMANCE_SERVER_SERVER_CASE_H_
#define PULLPROOF_CONFORMANCE_SERVER_SERVER_CASE_H_

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/embedded_file.h"
#include "base/error.h"
#include "base/table_reader.h"
#include "mockregistry/scenario.h"
#include "mockregistry/script/text_matcher.h"

namespace pullproof::conformance::server {

using mockregistry::content::Level;

// What must stand at a place of an answer's JSON.
struct JsonExpected {
  std::string path;  // "errors.0.code": members and places
  enum class Kind { kEqual, kArray, kCount } kind = Kind::kEqual;
  Node value;                        // of kEqual
  std::optional<std::size_t> count;  // of kCount
  std::string description;           // "`tags` is []"
};

// One request, and what its answer must be.
struct Ask {
  std::string method;
  std::string target;  // may hold placeholders, as may header values and `text`
  std::vector<std::pair<std::string, std::string>> headers;
  std::string text;                                          // the body
  std::string name;                                          // or the content that is the body
  std::optional<std::pair<std::size_t, std::size_t>> slice;  // or its bytes from first to last
  // Names under which headers of the answer are kept for later placeholders: {kept:NAME}. A
  // Location is resolved against the request.
  std::vector<std::pair<std::string, std::string>> keep;

  std::vector<int> statuses;     // one of these
  std::vector<int> unsupported;  // that say that the registry cannot do this at all
  std::vector<std::pair<std::string, mockregistry::script::TextMatcher>> header_expected;
  std::vector<JsonExpected> json;
  std::string body_is;  // content whose bytes, or whose slice, the body must be
  std::optional<std::pair<std::size_t, std::size_t>> body_slice;
  std::optional<Level> level;  // the case's own where it states none
};

// Immutable after reading, hence shared between threads.
struct ServerCase {
  std::string file;
  std::shared_ptr<const mockregistry::Scenario> scenario;
  std::vector<Ask> asks;  // at least one

  [[nodiscard]] const std::string& id() const { return scenario->fixture.id; }
};

// Reads and checks one. nullopt when `problems` got an error: those of the fixture, model.*,
// case.no-steps, case.unknown-content, case.cannot-fail, case.unknown-anchor, server.request.
std::optional<ServerCase> ReadServerCase(std::string_view text, const std::string& name,
                                         Diagnostics& problems);

// What the program carries with it: the files of conformance/server-cases.
std::span<const EmbeddedFile> EmbeddedServerCases();
// All of them, sorted by id. Error: suite.invalid.
Result<std::vector<ServerCase>> LoadServerCases(std::vector<Diagnostics>& problems);

}  // namespace pullproof::conformance::server

#endif  // PULLPROOF_CONFORMANCE_SERVER_SERVER_CASE_H_
