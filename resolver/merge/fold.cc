#include "resolver/merge/fold.h"

#include <fmt/format.h>

#include "resolver/manifest/template.h"

namespace pullproof::resolver::merge {
namespace {

std::unexpected<Error> FailFold(std::string message) {
  return Fail("merge.unfoldable-variable", std::move(message));
}

Result<std::string> DefaultOf(const std::string& name,
                              const std::map<std::string, lock::LockedVariable>& variables) {
  const auto variable = variables.find(name);
  if (variable == variables.end()) {
    return FailFold(fmt::format("the package's variable `{}` is not declared by its app", name));
  }
  if (variable->second.secret) {
    return FailFold(fmt::format("the package's variable `{}` is secret", name));
  }
  if (!variable->second.default_value) {
    return FailFold(
        fmt::format("the package's variable `{}` is required: it has no default", name));
  }
  return *variable->second.default_value;
}

}  // namespace

Result<std::string> Fold(std::string_view text,
                         const std::map<std::string, lock::LockedVariable>& variables) {
  PULLPROOF_ASSIGN_OR_RETURN(const manifest::Template parsed, manifest::Template::Parse(text));
  std::string folded;
  for (const manifest::Template::Part& part : parsed.parts()) {
    if (part.is_variable) {
      PULLPROOF_ASSIGN_OR_RETURN(const std::string value, DefaultOf(part.text, variables));
      folded += value;
    } else {
      folded += part.text;
    }
    if (folded.size() > kMaxFoldedBytes) {
      return FailFold(fmt::format("the value is longer than {} bytes", kMaxFoldedBytes));
    }
  }
  // A brace of the text and one of a default can meet, too: the whole is looked at.
  if (folded.contains("{{")) {
    return FailFold("the value holds `{{`, which would be read as a variable");
  }
  return folded;
}

}  // namespace pullproof::resolver::merge
