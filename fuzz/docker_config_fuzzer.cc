// Contract: an entry that a registry is given belongs to it: its key names that registry's host;
// errors have an id of their own and never show what follows "auth".
// Input: a registry, a line "~~", a file.
#include <string>
#include <string_view>

#include "base/text.h"
#include "fuzz/contract.h"
#include "resolver/credentials/docker_config.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace credentials = pullproof::resolver::credentials;
  const auto [given, text] = pullproof::fuzz::SplitAtTildes(pullproof::fuzz::AsText(data, size));
  const std::string_view registry = given.empty() ? std::string_view("registry.test") : given;
  const auto config = credentials::ParseDockerConfig(text, "config.json");
  if (!config) {
    PULLPROOF_CONTRACT(!config.error().id.empty());
    return 0;
  }
  const auto found = config->Find(registry, "team/app");
  static_cast<void>(config->HelperFor(registry));
  if (!found) return 0;
  PULLPROOF_CONTRACT(*found != credentials::Credential{});
  bool named = false;
  for (const auto& [key, credential] : config->auths) {
    const bool is_hub = registry.find("docker.io") != std::string_view::npos &&
                        key.find("docker.io") != std::string::npos;
    const std::string lower = pullproof::ToLowerAscii(key);
    named = named || (credential == *found &&
                      (is_hub || lower.find(pullproof::ToLowerAscii(registry)) != lower.npos));
  }
  PULLPROOF_CONTRACT(named);
  return 0;
}
