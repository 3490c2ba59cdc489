#include "resolver/credentials/source.h"

namespace pullproof::resolver::credentials {

Result<std::optional<Credential>> FixedSource::Find(std::string_view registry,
                                                    std::string_view /*repository*/) {
  const auto found = by_registry_.find(std::string(registry));
  if (found == by_registry_.end()) return std::nullopt;
  return found->second;
}

Result<std::optional<Credential>> SourceChain::Find(std::string_view registry,
                                                    std::string_view repository) {
  for (Source* const source : sources_) {
    PULLPROOF_ASSIGN_OR_RETURN(auto found, source->Find(registry, repository));
    if (found) return found;
  }
  return std::nullopt;
}

std::string ServerAddress(std::string_view registry) {
  return registry == "docker.io" ? "https://index.docker.io/v1/" : std::string(registry);
}

}  // namespace pullproof::resolver::credentials
