// What reading a policy complained about, as people see it.
#ifndef PULLPROOF_TESTS_MOCKREGISTRY_AUTH_DIAGNOSTICS_OF_H_
#define PULLPROOF_TESTS_MOCKREGISTRY_AUTH_DIAGNOSTICS_OF_H_

#include <string>
#include <vector>

#include "base/table_reader.h"

namespace pullproof::mockregistry::auth {

// One text for each complaint, hints included.
inline std::vector<std::string> TextsOf(const Diagnostics& problems) {
  std::vector<std::string> texts;
  for (const Diagnostic& problem : problems.all()) {
    texts.push_back(FormatDiagnostic(problems, problem));
  }
  return texts;
}

}  // namespace pullproof::mockregistry::auth

#endif  // PULLPROOF_TESTS_MOCKREGISTRY_AUTH_DIAGNOSTICS_OF_H_
