// The credentials of whoever runs this program, from where container tools keep them.
#ifndef PULLPROOF_CLI_USER_CREDENTIALS_H_
#define PULLPROOF_CLI_USER_CREDENTIALS_H_

#include <filesystem>
#include <memory>
#include <vector>

#include "base/file.h"
#include "resolver/credentials/file_source.h"
#include "resolver/credentials/helper.h"
#include "resolver/credentials/source.h"

namespace pullproof::cli {

// Reads this process's environment when it is made, and files only when a registry asks.
class UserCredentials {
 public:
  // The file system is not owned.
  explicit UserCredentials(FileSystem& files);

  // Lives as long as this.
  [[nodiscard]] resolver::credentials::Source* source() { return chain_.get(); }
  [[nodiscard]] resolver::credentials::HelperRunner& helpers() { return helpers_; }
  // Where logins are kept; empty when there is no place.
  [[nodiscard]] const std::filesystem::path& docker_config() const { return docker_config_; }

 private:
  resolver::credentials::SystemHelpers helpers_;
  std::filesystem::path docker_config_;
  std::vector<std::unique_ptr<resolver::credentials::FileSource>> sources_;
  std::unique_ptr<resolver::credentials::SourceChain> chain_;
};

}  // namespace pullproof::cli

#endif  // PULLPROOF_CLI_USER_CREDENTIALS_H_
