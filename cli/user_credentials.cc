#include "cli/user_credentials.h"

#include <unistd.h>

#include <cstdlib>
#include <optional>
#include <string>

namespace pullproof::cli {
namespace {

std::optional<std::string> Variable(const std::string& name) {
  const char* const value = std::getenv(name.c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

// All of it: a helper may need anything to find its keychain.
std::vector<std::string> WholeEnvironment() {
  std::vector<std::string> variables;
  for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable) {
    variables.emplace_back(*variable);
  }
  return variables;
}

}  // namespace

UserCredentials::UserCredentials(FileSystem& files)
    : helpers_(Variable("PATH").value_or(""), WholeEnvironment()),
      docker_config_(resolver::credentials::DockerConfigFile(Variable)) {
  std::vector<resolver::credentials::Source*> all;
  for (auto& path : resolver::credentials::ConfigFiles(Variable)) {
    sources_.push_back(
        std::make_unique<resolver::credentials::FileSource>(files, helpers_, std::move(path)));
    all.push_back(sources_.back().get());
  }
  chain_ = std::make_unique<resolver::credentials::SourceChain>(std::move(all));
}

}  // namespace pullproof::cli
