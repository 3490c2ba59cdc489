#include "resolver/manifest/template.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"

namespace pullproof::resolver::manifest {

Result<Template> Template::Parse(std::string_view text) {
  constexpr std::string_view kOpen = "{{";
  constexpr std::string_view kClose = "}}";
  Template parsed;
  std::string_view rest = text;
  while (true) {
    const std::size_t open = rest.find(kOpen);
    if (open != 0 && !rest.empty())
      parsed.parts_.push_back({false, std::string(rest.substr(0, open))});
    if (open == std::string_view::npos) return parsed;
    rest.remove_prefix(open + kOpen.size());
    const std::size_t close = rest.find(kClose);
    if (close == std::string_view::npos) {
      return Fail("spin.template", fmt::format("the `{{{{` in \"{}\" has no `}}}}`", text), {},
                  "a variable is written {{ name }}; there is no way to write a literal {{");
    }
    parsed.parts_.push_back({true, std::string(Trim(rest.substr(0, close)))});
    rest.remove_prefix(close + kClose.size());
  }
}

bool Template::HasVariables() const { return std::ranges::any_of(parts_, &Part::is_variable); }

}  // namespace pullproof::resolver::manifest
