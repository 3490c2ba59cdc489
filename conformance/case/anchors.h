// What cases rest on: sections of specifications, advisories and issues. docs/spec-anchors.json
// lists them, each with its title, its address and its gist; a case names them in `spec`.
#ifndef PULLPROOF_CONFORMANCE_CASE_ANCHORS_H_
#define PULLPROOF_CONFORMANCE_CASE_ANCHORS_H_

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/embedded_file.h"
#include "base/error.h"
#include "base/table_reader.h"

namespace pullproof::conformance {

struct Anchor {
  std::string id;     // "oci-dist#pulling-blobs", "cve-2024-3727"
  std::string title;  // "OCI distribution-spec, Pulling blobs"
  std::string url;    // https, or a path within this repository
  std::string says;   // in a few words of our own
};

// Reads the list, sorted by id. Errors: json.*, and anchor.invalid when an entry lacks one of its
// three texts or has an address of another form.
Result<std::vector<Anchor>> ReadAnchors(std::string_view json, const std::string& name);

// The list that the program carries; empty only if the build embedded a broken one, which a test
// sees. Thread-safe.
std::span<const Anchor> Anchors();
// Null when there is none.
const Anchor* FindAnchor(std::string_view id);

// Reports case.unknown-anchor for each of `spec` that is not in the list, at its place in `text`.
void CheckAnchors(std::span<const std::string> spec, std::string_view text, Diagnostics& problems);

// docs/spec-anchors.json, built in.
std::span<const EmbeddedFile> EmbeddedAnchors();

}  // namespace pullproof::conformance

#endif  // PULLPROOF_CONFORMANCE_CASE_ANCHORS_H_
