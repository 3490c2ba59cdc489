// How a text is written into TOML.
#ifndef PULLPROOF_BASE_TOML_STRING_H_
#define PULLPROOF_BASE_TOML_STRING_H_

#include <string>
#include <string_view>

namespace pullproof {

// A basic string with its quotes. JSON's escapes are a subset of TOML's, but for DEL, which TOML
// wants escaped, too. Spec: TOML 1.0, "String".
std::string TomlString(std::string_view text);

}  // namespace pullproof

#endif  // PULLPROOF_BASE_TOML_STRING_H_
