// The known quirks of registries that people use, laid under a fixture's script by `profile =
// NAME`. Each quirk has the link that proves it. The data is in profiles/*.toml, built into the
// program.
#ifndef PULLPROOF_MOCKREGISTRY_PROFILE_H_
#define PULLPROOF_MOCKREGISTRY_PROFILE_H_

#include <span>
#include <string>
#include <vector>

#include "base/document.h"
#include "base/embedded_file.h"
#include "base/table_reader.h"

namespace pullproof::mockregistry {

struct Quirk {
  std::string what;  // one sentence
  std::string link;  // where it was reported or documented
};

struct Profile {
  std::string name;   // "ghcr"
  std::string title;  // "GitHub Container Registry"
  std::vector<Quirk> quirks;
};

// The files as they were built in, by name.
std::span<const EmbeddedFile> ProfileFiles();
// All of them, by name.
std::vector<Profile> Profiles();

// Lays the profile that a fixture's document names under what it states itself: rules come after
// the fixture's own, and a limit, a host or an authentication only where the fixture has none of
// that name. What is added has no position. A document without `profile` stays as it is. Reports
// profile.unknown, with a suggestion.
void LayProfileUnder(Node& document, Diagnostics& problems);

}  // namespace pullproof::mockregistry

#endif  // PULLPROOF_MOCKREGISTRY_PROFILE_H_
