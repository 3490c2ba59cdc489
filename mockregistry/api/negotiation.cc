#include "mockregistry/api/negotiation.h"

#include <string>

#include "base/text.h"

namespace pullproof::mockregistry::api {
namespace {

// How closely an element of Accept means the type: 0 not at all, 3 by its name.
int SpecificityOf(std::string_view range, std::string_view media_type) {
  if (EqualsIgnoreCase(range, media_type)) return 3;
  if (range == "*/*") return 1;
  if (!range.ends_with("/*")) return 0;
  const std::string_view type = range.substr(0, range.size() - 1);  // with the slash
  return EqualsIgnoreCase(type, media_type.substr(0, type.size())) ? 2 : 0;
}

// `q=0`, `q=0.`, `q=0.000`: not wanted.
bool IsRefusal(std::string_view parameter) {
  parameter = Trim(parameter);
  if (parameter.size() < 3 || !EqualsIgnoreCase(parameter.substr(0, 2), "q=")) return false;
  return parameter.substr(2).find_first_not_of("0.") == std::string_view::npos;
}

// Calls `visit` with each element of a comma-separated list, outer blanks removed.
template <typename Visit>
void ForEachElement(std::string_view list, Visit visit) {
  while (true) {
    const std::size_t comma = list.find(',');
    visit(Trim(list.substr(0, comma)));
    if (comma == std::string_view::npos) return;
    list.remove_prefix(comma + 1);
  }
}

}  // namespace

bool Accepts(const oci::Headers& headers, std::string_view media_type) {
  const auto accept = headers.Joined("Accept");
  if (!accept || Trim(*accept).empty()) return true;
  int best = 0;
  bool wanted = false;
  ForEachElement(*accept, [&](std::string_view element) {
    const std::size_t semicolon = element.find(';');
    const int specificity = SpecificityOf(Trim(element.substr(0, semicolon)), media_type);
    if (specificity <= best) return;
    best = specificity;
    wanted = true;
    if (semicolon == std::string_view::npos) return;
    for (const std::string_view parameter : Split(element.substr(semicolon + 1), ';')) {
      if (IsRefusal(parameter)) wanted = false;
    }
  });
  return wanted;
}

bool IsFresh(const oci::Headers& headers, std::string_view etag) {
  const auto condition = headers.Joined("If-None-Match");
  if (!condition) return false;
  bool fresh = false;
  ForEachElement(*condition, [&](std::string_view element) {
    if (element.starts_with("W/")) element.remove_prefix(2);
    fresh = fresh || element == "*" || element == etag;
  });
  return fresh;
}

bool RangeHolds(const oci::Headers& headers, std::string_view etag) {
  const auto condition = headers.Find("If-Range");
  return !condition || *condition == etag;
}

}  // namespace pullproof::mockregistry::api
