#include "resolver/sources/download.h"

#include <string_view>

namespace pullproof::resolver::sources {

Result<std::unique_ptr<PendingFile>> Download(
    registry_client::RegistryClient& client, const oci::Reference& repository,
    const oci::Descriptor& blob,
    const std::function<Result<std::unique_ptr<PendingFile>>()>& begin) {
  PULLPROOF_ASSIGN_OR_RETURN(auto file, begin());
  const auto sink = [&](std::string_view bytes) { return file->Append(bytes); };
  const auto restart = [&]() -> Result<void> {
    PULLPROOF_ASSIGN_OR_RETURN(file, begin());
    return {};
  };
  PULLPROOF_RETURN_IF_ERROR(client.GetBlob(repository, blob, sink, restart));
  return file;
}

}  // namespace pullproof::resolver::sources
