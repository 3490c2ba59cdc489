// A data file that was built into the program (cmake/EmbedFiles.cmake).
#ifndef PULLPROOF_BASE_EMBEDDED_FILE_H_
#define PULLPROOF_BASE_EMBEDDED_FILE_H_

#include <string_view>

namespace pullproof {

struct EmbeddedFile {
  std::string_view name;  // its path below the folder that was embedded: "skopeo.toml"
  std::string_view text;
};

}  // namespace pullproof

#endif  // PULLPROOF_BASE_EMBEDDED_FILE_H_
