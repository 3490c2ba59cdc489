#include "base/toml_string.h"

#include "base/document.h"

namespace pullproof {

std::string TomlString(std::string_view text) {
  std::string quoted;
  for (const char c : CanonicalJsonString(text)) {
    if (c == '\x7F') {
      quoted += "\\u007f";
    } else {
      quoted += c;
    }
  }
  return quoted;
}

}  // namespace pullproof
