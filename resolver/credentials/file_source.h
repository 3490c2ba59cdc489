// Credentials out of one file, through the helpers that it names.
#ifndef PULLPROOF_RESOLVER_CREDENTIALS_FILE_SOURCE_H_
#define PULLPROOF_RESOLVER_CREDENTIALS_FILE_SOURCE_H_

#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "resolver/credentials/docker_config.h"
#include "resolver/credentials/helper.h"
#include "resolver/credentials/source.h"

namespace pullproof::resolver::credentials {

// Read when the first registry asks, and not again. A file that does not exist holds nothing; one
// that cannot be read is an error, since being anonymous would only look like wrong rights.
// Where a helper is configured it is asked, once for a registry, and the file itself only when the
// helper has nothing. Thread-safe: lookups wait for each other.
class FileSource final : public Source {
 public:
  // Neither is owned.
  FileSource(FileSystem& files, HelperRunner& helpers, std::filesystem::path path)
      : files_(files), helpers_(helpers), path_(std::move(path)) {}
  // Errors: credentials.*, json.*, limit.*, file.* but for file.not-found.
  Result<std::optional<Credential>> Find(std::string_view registry,
                                         std::string_view repository) override;

 private:
  FileSystem& files_;
  HelperRunner& helpers_;
  const std::filesystem::path path_;
  std::mutex mutex_;
  std::optional<DockerConfig> config_;
  std::map<std::string, std::optional<Credential>> from_helpers_;  // by registry
};

// Reads the file; an absent one is empty. Errors: as FileSource::Find.
Result<DockerConfig> ReadDockerConfig(FileSystem& files, const std::filesystem::path& path);

// The value of an environment variable; nullopt when it is not set.
using Variables = std::function<std::optional<std::string>(const std::string&)>;

// Where to look, in this order; the first file that has something for a registry decides:
//  1. $REGISTRY_AUTH_FILE                             what podman, buildah and skopeo are told
//  2. $XDG_CONFIG_HOME/fermyon/registry-auth.json     where `spin registry login` keeps it
//  3. $XDG_RUNTIME_DIR/containers/auth.json           where `podman login` keeps it
//  4. $DOCKER_CONFIG/config.json                      where `docker login` and this program do
// XDG_CONFIG_HOME defaults to ~/.config, DOCKER_CONFIG to ~/.docker. Pure.
std::vector<std::filesystem::path> ConfigFiles(const Variables& variables);
// The last of them; empty when there is neither DOCKER_CONFIG nor HOME.
std::filesystem::path DockerConfigFile(const Variables& variables);

}  // namespace pullproof::resolver::credentials

#endif  // PULLPROOF_RESOLVER_CREDENTIALS_FILE_SOURCE_H_
