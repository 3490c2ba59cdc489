// Keeping a login where docker keeps it, and forgetting it again.
#ifndef PULLPROOF_RESOLVER_CREDENTIALS_STORE_H_
#define PULLPROOF_RESOLVER_CREDENTIALS_STORE_H_

#include <filesystem>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/file.h"
#include "resolver/credentials/helper.h"
#include "resolver/credentials/source.h"

namespace pullproof::resolver::credentials {

struct Kept {
  std::string where;      // the file, or "the credential helper `NAME`"
  bool in_clear = false;  // as base64, which hides nothing
};

// Keeps the login for the registry: with the helper that the file names for it, else in the file
// itself. The file is replaced in one step, readable by its owner alone; its other members stay as
// they are, in their order; a link to it stays a link. Safe beside readers, not beside another
// writer: the last one wins, as with docker. Errors: credentials.*, json.*, limit.*, file.*.
Result<Kept> SaveLogin(FileSystem& files, HelperRunner& helpers, const std::filesystem::path& path,
                       std::string_view registry, const Credential& credential);

// Forgets every entry for the registry, in whatever spelling. False: there was none. Errors: as
// SaveLogin.
Result<bool> EraseLogin(FileSystem& files, HelperRunner& helpers, const std::filesystem::path& path,
                        std::string_view registry);

}  // namespace pullproof::resolver::credentials

#endif  // PULLPROOF_RESOLVER_CREDENTIALS_STORE_H_
