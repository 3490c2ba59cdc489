#include "resolver/credentials/file_source.h"

#include <utility>

namespace pullproof::resolver::credentials {
namespace {

namespace fs = std::filesystem;

// The path in the variable; an empty one is none.
std::optional<fs::path> Directory(const Variables& variables, const std::string& name) {
  const auto value = variables(name);
  if (!value || value->empty()) return std::nullopt;
  return fs::path(*value);
}

std::optional<fs::path> DirectoryOr(const Variables& variables, const std::string& name,
                                    const char* below_home) {
  if (auto directory = Directory(variables, name)) return directory;
  const auto home = Directory(variables, "HOME");
  return home ? std::optional(*home / below_home) : std::nullopt;
}

}  // namespace

Result<DockerConfig> ReadDockerConfig(FileSystem& files, const fs::path& path) {
  const auto text = files.Read(path, kMaxConfigBytes);
  if (!text) {
    if (text.error().id == "file.not-found") return DockerConfig{};
    return std::unexpected(text.error());
  }
  return ParseDockerConfig(*text, path.string());
}

Result<std::optional<Credential>> FileSource::Find(std::string_view registry,
                                                   std::string_view repository) {
  const std::scoped_lock lock(mutex_);
  if (!config_) {
    PULLPROOF_ASSIGN_OR_RETURN(config_, ReadDockerConfig(files_, path_));
  }
  if (const std::string helper = config_->HelperFor(registry); !helper.empty()) {
    const auto known = from_helpers_.find(std::string(registry));
    if (known == from_helpers_.end()) {
      auto asked = HelperGet(helpers_, helper, ServerAddress(registry));
      if (!asked) return std::unexpected(At(std::move(asked).error(), path_.string()));
      from_helpers_.emplace(registry, *asked);
      if (*asked) return *std::move(asked);
    } else if (known->second) {
      return known->second;
    }
  }
  return config_->Find(registry, repository);
}

fs::path DockerConfigFile(const Variables& variables) {
  const auto directory = DirectoryOr(variables, "DOCKER_CONFIG", ".docker");
  return directory ? *directory / "config.json" : fs::path();
}

std::vector<fs::path> ConfigFiles(const Variables& variables) {
  std::vector<fs::path> files;
  if (const auto file = Directory(variables, "REGISTRY_AUTH_FILE")) files.push_back(*file);
  if (const auto directory = DirectoryOr(variables, "XDG_CONFIG_HOME", ".config")) {
    files.push_back(*directory / "fermyon" / "registry-auth.json");
  }
  if (const auto directory = Directory(variables, "XDG_RUNTIME_DIR")) {
    files.push_back(*directory / "containers" / "auth.json");
  }
  if (auto docker = DockerConfigFile(variables); !docker.empty()) {
    files.push_back(std::move(docker));
  }
  return files;
}

}  // namespace pullproof::resolver::credentials
