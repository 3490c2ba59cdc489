// A document as JSON text, with its members in the order in which they stand.
#ifndef PULLPROOF_RESOLVER_LOCK_JSON_WRITER_H_
#define PULLPROOF_RESOLVER_LOCK_JSON_WRITER_H_

#include <string>

#include "base/document.h"
#include "base/error.h"

namespace pullproof::resolver::lock {

enum class Style {
  kPretty,   // two blanks of indentation, no line feed at the end
  kCompact,  // no white space
};

// The same bytes for the same document. Fractions come as the shortest text that reads back equal.
// Pure. Error: json.number for a value that JSON has no spelling for (infinity, not a number).
Result<std::string> WriteJson(const Node& node, Style style);

// The same document with the members of every table, at every depth, sorted by bytes.
Node Sorted(Node node);

}  // namespace pullproof::resolver::lock

#endif  // PULLPROOF_RESOLVER_LOCK_JSON_WRITER_H_
