#include "resolver/registry_client/registry_client.h"

#include <utility>

#include <fmt/format.h>

#include "oci/media_type.h"
#include "resolver/registry_client/blob_transfer.h"
#include "resolver/registry_client/blob_upload.h"
#include "resolver/registry_client/endpoint.h"
#include "resolver/registry_client/fetcher.h"
#include "resolver/registry_client/manifest_transfer.h"
#include "resolver/registry_client/manifest_upload.h"
#include "resolver/registry_client/referrers.h"
#include "resolver/registry_client/tag_listing.h"

namespace pullproof::resolver::registry_client {
namespace {

// The result, its error saying what was asked for where it says nothing else.
template <typename T>
Result<T> Named(Result<T> result, std::string_view name) {
  if (result) return result;
  return std::unexpected(At(std::move(result).error(), name));
}

Result<void> CheckType(const FetchedManifest& fetched, const oci::Descriptor& descriptor) {
  PULLPROOF_ASSIGN_OR_RETURN(const auto promised, oci::MediaType::Parse(descriptor.media_type));
  if (promised == fetched.media_type) return {};
  return Fail("manifest.media-type",
              fmt::format("the index promises {}, the registry serves {}", promised.name(),
                          fetched.media_type),
              {}, "descriptor, header and body must name one type (CVE-2021-41190)");
}

}  // namespace

class RegistryClient::Impl {
 public:
  Impl(transport::Transport& transport, Clock& clock, Options options)
      : options_(std::move(options)), clock_(clock), fetcher_(transport, clock, options_) {}

  Result<FetchedManifest> GetManifest(const oci::Reference& reference) {
    PULLPROOF_ASSIGN_OR_RETURN(const Endpoint endpoint, PlaceOf(reference));
    return FetchManifest(fetcher_, endpoint, reference, std::nullopt);
  }

  Result<FetchedManifest> GetChild(const oci::Reference& reference,
                                   const oci::Descriptor& descriptor) {
    PULLPROOF_ASSIGN_OR_RETURN(const Endpoint endpoint, PlaceOf(reference));
    PULLPROOF_ASSIGN_OR_RETURN(FetchedManifest fetched,
                               FetchManifest(fetcher_, endpoint, reference, descriptor.size));
    PULLPROOF_RETURN_IF_ERROR(CheckType(fetched, descriptor));
    return fetched;
  }

  Result<void> GetBlob(const oci::Reference& repository, const oci::Descriptor& descriptor,
                       const std::function<Result<void>(std::string_view)>& sink,
                       const std::function<Result<void>()>& restart) {
    if (descriptor.data) return DeliverEmbedded(descriptor, sink);
    PULLPROOF_ASSIGN_OR_RETURN(const Endpoint endpoint, PlaceOf(repository, descriptor.size));
    return BlobTransfer(fetcher_, endpoint, descriptor, sink, restart).Run();
  }

  Result<BlobPush> PushBlob(const oci::Reference& repository, const oci::Descriptor& descriptor,
                            const std::string& bytes, const std::string& mount_from) {
    oci::Verifier verifier(descriptor.digest, descriptor.size);
    PULLPROOF_RETURN_IF_ERROR(verifier.Update(bytes));
    PULLPROOF_RETURN_IF_ERROR(verifier.Finish());
    PULLPROOF_ASSIGN_OR_RETURN(Endpoint endpoint, WritableAt(repository, "push"));
    endpoint.deadline = DeadlineFor(clock_, bytes.size());
    return BlobUpload(fetcher_, endpoint, descriptor, bytes, mount_from).Run();
  }

  Result<PushedManifest> PushManifest(const oci::Reference& reference, const std::string& bytes,
                                      std::string_view media_type) {
    PULLPROOF_ASSIGN_OR_RETURN(const Endpoint endpoint, WritableAt(reference, "push"));
    return PutManifest(fetcher_, endpoint, reference, bytes, media_type);
  }

  Result<void> DeleteManifest(const oci::Reference& reference) {
    PULLPROOF_ASSIGN_OR_RETURN(const Endpoint endpoint, WritableAt(reference, "delete"));
    return RemoveManifest(fetcher_, endpoint, reference);
  }

  Result<std::vector<oci::Descriptor>> ListReferrers(const oci::Reference& repository,
                                                     const oci::Digest& subject,
                                                     const std::string& artifact_type) {
    PULLPROOF_ASSIGN_OR_RETURN(const Endpoint endpoint, PlaceOf(repository));
    return ListAllReferrers(fetcher_, endpoint, repository, subject, artifact_type);
  }

  Result<std::vector<std::string>> ListTags(const oci::Reference& repository,
                                            std::string_view name) {
    PULLPROOF_ASSIGN_OR_RETURN(const Endpoint endpoint, PlaceOf(repository));
    return ListAllTags(fetcher_, endpoint, name);
  }

 private:
  // With the time that an operation on `bytes` of content may take, from now on.
  Result<Endpoint> PlaceOf(const oci::Reference& repository, std::uint64_t bytes = 0) {
    PULLPROOF_ASSIGN_OR_RETURN(Endpoint endpoint, EndpointOf(repository, options_.plain_http));
    endpoint.deadline = DeadlineFor(clock_, bytes);
    return endpoint;
  }

  Result<Endpoint> WritableAt(const oci::Reference& repository, const char* action) {
    PULLPROOF_ASSIGN_OR_RETURN(Endpoint endpoint, PlaceOf(repository));
    endpoint.also = action;
    return endpoint;
  }

  // Spec: image-spec, descriptor.md "data": the content itself, which then need not be asked for.
  static Result<void> DeliverEmbedded(const oci::Descriptor& descriptor,
                                      const std::function<Result<void>(std::string_view)>& sink) {
    oci::Verifier verifier(descriptor.digest, descriptor.size);
    PULLPROOF_RETURN_IF_ERROR(verifier.Update(*descriptor.data));
    PULLPROOF_RETURN_IF_ERROR(verifier.Finish());
    return sink(*descriptor.data);
  }

  const Options options_;
  Clock& clock_;
  Fetcher fetcher_;
};

RegistryClient::RegistryClient(transport::Transport& transport, Clock& clock, Options options)
    : impl_(std::make_unique<Impl>(transport, clock, std::move(options))) {}
RegistryClient::~RegistryClient() = default;

Result<FetchedManifest> RegistryClient::GetManifest(const oci::Reference& reference) {
  return Named(impl_->GetManifest(reference), reference.ToString());
}

Result<FetchedManifest> RegistryClient::GetManifest(const oci::Reference& repository,
                                                    const oci::Descriptor& descriptor) {
  const oci::Reference reference = repository.WithDigest(descriptor.digest);
  return Named(impl_->GetChild(reference, descriptor), reference.ToString());
}

Result<void> RegistryClient::GetBlob(const oci::Reference& repository,
                                     const oci::Descriptor& descriptor,
                                     const std::function<Result<void>(std::string_view)>& sink,
                                     const std::function<Result<void>()>& restart) {
  return Named(impl_->GetBlob(repository, descriptor, sink, restart),
               repository.WithDigest(descriptor.digest).ToString());
}

Result<std::string> RegistryClient::GetBlobBytes(const oci::Reference& repository,
                                                 const oci::Descriptor& descriptor,
                                                 std::uint64_t max_bytes) {
  if (descriptor.size > max_bytes) {
    return Fail("limit.bytes",
                fmt::format("a blob of {} bytes, more than {}", descriptor.size, max_bytes),
                repository.WithDigest(descriptor.digest).ToString());
  }
  std::string bytes;
  const auto append = [&bytes](std::string_view piece) -> Result<void> {
    bytes += piece;
    return {};
  };
  const auto clear = [&bytes]() -> Result<void> {
    bytes.clear();
    return {};
  };
  PULLPROOF_RETURN_IF_ERROR(GetBlob(repository, descriptor, append, clear));
  return bytes;
}

Result<BlobPush> RegistryClient::PushBlob(const oci::Reference& repository,
                                          const oci::Descriptor& descriptor,
                                          const std::string& bytes, const std::string& mount_from) {
  return Named(impl_->PushBlob(repository, descriptor, bytes, mount_from),
               repository.WithDigest(descriptor.digest).ToString());
}

Result<PushedManifest> RegistryClient::PushManifest(const oci::Reference& reference,
                                                    const std::string& bytes,
                                                    std::string_view media_type) {
  return Named(impl_->PushManifest(reference, bytes, media_type), reference.ToString());
}

Result<void> RegistryClient::DeleteManifest(const oci::Reference& reference) {
  return Named(impl_->DeleteManifest(reference), reference.ToString());
}

Result<std::vector<oci::Descriptor>> RegistryClient::ListReferrers(
    const oci::Reference& repository, const oci::Digest& subject,
    const std::string& artifact_type) {
  return Named(impl_->ListReferrers(repository, subject, artifact_type),
               repository.WithDigest(subject).ToString());
}

Result<std::vector<std::string>> RegistryClient::ListTags(const oci::Reference& repository) {
  const std::string name = fmt::format("{}/{}", repository.domain(), repository.path());
  return Named(impl_->ListTags(repository, name), name);
}

}  // namespace pullproof::resolver::registry_client
