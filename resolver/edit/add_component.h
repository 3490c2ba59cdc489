// One more component in a spin.toml, without touching any other byte of it.
#ifndef PULLPROOF_RESOLVER_EDIT_ADD_COMPONENT_H_
#define PULLPROOF_RESOLVER_EDIT_ADD_COMPONENT_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"

namespace pullproof::resolver::edit {

struct Addition {
  std::string id;  // the table's key: a component id
  // The members of its `source`, in order: {"reference", "…"}, {"id", "…"}.
  std::vector<std::pair<std::string, std::string>> source;
};

// "[component.ID]" and its source, with line feeds.
std::string RenderComponent(const Addition& addition);

// The text with the table put in: behind the last component, or at the end. Comments, blanks and
// line ends of everything else are kept, and the table has the line ends of the file. What comes
// out was read again and compared: it says what it said before, and the new table. `name` is the
// file's, for errors. Pure.
// Errors: toml.*, limit.*; edit.exists; edit.no-place (the components are written in a way that a
// table cannot be added to; the hint is what to write by hand).
Result<std::string> AddComponent(std::string_view text, const std::string& name,
                                 const Addition& addition);

}  // namespace pullproof::resolver::edit

#endif  // PULLPROOF_RESOLVER_EDIT_ADD_COMPONENT_H_
