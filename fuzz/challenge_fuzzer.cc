// Contract: a challenge that parses can be written with quotes and reads back the same.
#include <string>

#include "fuzz/contract.h"
#include "oci/challenge.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto challenges = pullproof::oci::ParseChallenges(pullproof::fuzz::AsText(data, size));
  if (!challenges) return 0;
  for (const auto& challenge : *challenges) {
    PULLPROOF_CONTRACT(!challenge.scheme.empty());
    if (challenge.parameters.empty()) continue;
    std::string text = challenge.scheme + " ";
    for (const auto& [name, value] : challenge.parameters) {
      if (text.back() != ' ') text += ", ";
      text += pullproof::oci::QuotedParameter(name, value);
    }
    const auto again = pullproof::oci::ParseChallenges(text);
    // Quoting may lengthen a value past the bound; nothing else may be lost.
    if (!again) continue;
    PULLPROOF_CONTRACT(again->size() == 1);
    PULLPROOF_CONTRACT(again->front().scheme == challenge.scheme);
    PULLPROOF_CONTRACT(again->front().parameters == challenge.parameters);
  }
  return 0;
}
