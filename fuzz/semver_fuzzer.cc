// Contract: a version that parses prints as a text that parses to an equal one; order is total and
// agrees with equality; what matches "=V" is V alone; and a requirement never takes a pre-release
// that none of its parts names.
//
// Input: a version, a line "~~", a requirement.
#include <string>

#include "fuzz/contract.h"
#include "resolver/manifest/semver.h"

using pullproof::resolver::manifest::Requirement;
using pullproof::resolver::manifest::Version;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto [version_text, requirement_text] =
      pullproof::fuzz::SplitAtTildes(pullproof::fuzz::AsText(data, size));
  const auto requirement = Requirement::Parse(requirement_text);
  const auto version = Version::Parse(version_text);
  if (!version) {
    PULLPROOF_CONTRACT(version.error().id == "semver.syntax");
    return 0;
  }
  const auto again = Version::Parse(version->ToString());
  PULLPROOF_CONTRACT(again.has_value() && *again == *version);
  PULLPROOF_CONTRACT(again->ToString() == version->ToString());
  PULLPROOF_CONTRACT(Requirement::Exactly(*version).Matches(*version));

  const auto other = Version::Parse(requirement_text);
  if (other) {
    const auto order = *version <=> *other;
    PULLPROOF_CONTRACT((order == 0) == (*version == *other));
    PULLPROOF_CONTRACT((order < 0) == ((*other <=> *version) > 0));
    PULLPROOF_CONTRACT(Requirement::Exactly(*other).Matches(*version) == (*version == *other));
    // Every full version is also a requirement, which it meets.
    PULLPROOF_CONTRACT(requirement.has_value() && requirement->Matches(*other));
  }
  if (requirement && requirement->Matches(*version) && version->IsPreRelease()) {
    PULLPROOF_CONTRACT(requirement_text.find('-') != std::string_view::npos);
  }
  return 0;
}
