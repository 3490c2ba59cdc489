#include "mockregistry/store/store.h"

#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <shared_mutex>
#include <utility>

#include <fmt/format.h>

#include "base/document.h"
#include "mockregistry/store/budget.h"
#include "mockregistry/store/repository.h"
#include "mockregistry/store/upload_sessions.h"

namespace pullproof::mockregistry::store {
namespace {

BlobPtr MakeBlob(const oci::Digest& digest, content::Bytes bytes, std::string name = {}) {
  std::string text = digest.ToString();
  std::string etag = fmt::format("\"{}\"", text);
  return std::make_shared<const StoredBlob>(StoredBlob{.digest = digest,
                                                       .digest_text = std::move(text),
                                                       .etag = std::move(etag),
                                                       .bytes = std::move(bytes),
                                                       .name = std::move(name)});
}

ManifestPtr MakeManifest(const oci::Digest& digest, std::string media_type, content::Bytes bytes,
                         std::string name = {}) {
  std::string text = digest.ToString();
  std::string etag = fmt::format("\"{}\"", text);
  return std::make_shared<const StoredManifest>(StoredManifest{.digest = digest,
                                                               .digest_text = std::move(text),
                                                               .etag = std::move(etag),
                                                               .media_type = std::move(media_type),
                                                               .bytes = std::move(bytes),
                                                               .name = std::move(name)});
}

std::string MemberOf(const Node& descriptor, std::string_view name) {
  const Node* member = descriptor.Find(name);
  return member != nullptr && member->string() != nullptr ? *member->string() : std::string();
}

// What the list of referrers needs to know of a descriptor. The content wrote it itself, but a
// fixture's lie may have left members out.
Repository::Referrer ReferrerOf(const std::string& descriptor) {
  const Result<Node> node = ParseJson(descriptor, "referrer");
  if (!node) return {.digest = {}, .artifact_type = {}, .descriptor = descriptor};
  return {.digest = MemberOf(*node, "digest"),
          .artifact_type = MemberOf(*node, "artifactType"),
          .descriptor = descriptor};
}

// Makes the repositories of a fixture. Every blob and manifest is made once, however many
// repositories serve it.
class Loader {
 public:
  explicit Loader(const content::Content& content) : content_(content) {
    for (const content::Blob& blob : content.blobs) {
      blobs_.emplace(blob.name, MakeBlob(blob.digest, blob.bytes, blob.name));
    }
    for (const content::StoredManifest& manifest : content.manifests) {
      const ManifestPtr made = MakeManifest(manifest.digest, manifest.media_type,
                                            content::FromString(manifest.bytes), manifest.name);
      digests_.insert(made->digest_text);
      manifests_.emplace(manifest.name, made);
    }
  }

  [[nodiscard]] Repository Load(const content::Repository& source) const {
    Repository repository;
    for (const std::string& name : source.blobs) AddBlob(name, repository);
    for (const std::string& name : source.manifests) AddManifest(name, repository);
    for (const auto& [tag, name] : source.tags) {
      if (const auto found = manifests_.find(name); found != manifests_.end()) {
        repository.SetTag(tag, found->second, {});
      }
    }
    for (const auto& [subject, descriptors] : content_.referrers) {
      AddReferrers(subject, descriptors, repository);
    }
    return repository;
  }

 private:
  void AddBlob(const std::string& name, Repository& repository) const {
    if (const auto found = blobs_.find(name); found != blobs_.end()) {
      repository.AddBlob(found->second, {});
    }
  }

  // Of two manifests served under one digest (a lie) the first one stays.
  void AddManifest(const std::string& name, Repository& repository) const {
    const auto found = manifests_.find(name);
    if (found == manifests_.end()) return;
    if (repository.FindManifest(found->second->digest_text) != nullptr) return;
    repository.PutManifest(found->second, {});
  }

  // A referrer is listed where it is stored; one that is stored nowhere (a marked lie) where its
  // subject is.
  void AddReferrers(const std::string& subject, const std::vector<std::string>& descriptors,
                    Repository& repository) const {
    const auto found = manifests_.find(subject);
    if (found == manifests_.end()) return;
    const std::string& digest = found->second->digest_text;
    const bool has_subject = repository.FindManifest(digest) != nullptr;
    for (const std::string& descriptor : descriptors) {
      Repository::Referrer referrer = ReferrerOf(descriptor);
      const bool stored_here = repository.FindManifest(referrer.digest) != nullptr;
      if (stored_here || (has_subject && !digests_.contains(referrer.digest))) {
        repository.AddReferrer(digest, std::move(referrer), {});
      }
    }
  }

  const content::Content& content_;
  std::map<std::string, BlobPtr, std::less<>> blobs_;
  std::map<std::string, ManifestPtr, std::less<>> manifests_;
  std::set<std::string, std::less<>> digests_;  // of all manifests
};

}  // namespace

class Store::Impl {
 public:
  Impl(const content::Content& content, std::uint64_t max_pushed_bytes)
      : budget_(std::make_shared<Budget>(max_pushed_bytes)), uploads_(budget_) {
    const Loader loader(content);
    for (const content::Repository& repository : content.repositories) {
      repositories_.try_emplace(repository.name, loader.Load(repository), Reservation());
    }
  }

  [[nodiscard]] bool Has(std::string_view repository) const {
    const std::shared_lock lock(mutex_);
    return repositories_.contains(repository);
  }

  [[nodiscard]] BlobPtr FindBlob(std::string_view repository, std::string_view digest) const {
    const std::shared_lock lock(mutex_);
    const Repository* found = Find(repository);
    return found == nullptr ? nullptr : found->FindBlob(digest);
  }

  [[nodiscard]] ManifestPtr FindManifest(std::string_view repository,
                                         std::string_view reference) const {
    const std::shared_lock lock(mutex_);
    const Repository* found = Find(repository);
    return found == nullptr ? nullptr : found->FindManifest(reference);
  }

  [[nodiscard]] std::optional<NamePage> Tags(std::string_view repository, std::string_view last,
                                             std::uint64_t count) const {
    const std::shared_lock lock(mutex_);
    const Repository* found = Find(repository);
    if (found == nullptr) return std::nullopt;
    return found->Tags(last, count);
  }

  [[nodiscard]] NamePage Repositories(std::string_view last, std::uint64_t count) const {
    const std::shared_lock lock(mutex_);
    return PageOf(repositories_, last, count);
  }

  [[nodiscard]] ReferrerPage Referrers(std::string_view repository, std::string_view subject,
                                       const ReferrerQuery& query) const {
    const std::shared_lock lock(mutex_);
    const Repository* found = Find(repository);
    return found == nullptr ? ReferrerPage() : found->Referrers(subject, query);
  }

  // Links the blob into the repository. When any repository has one of that digest already, that
  // one is shared and these bytes are let go.
  Result<BlobPtr> Link(std::string_view repository, const oci::Digest& digest,
                       content::Bytes bytes) {
    PULLPROOF_ASSIGN_OR_RETURN(Rooms rooms, ReserveRooms(1));
    BlobPtr blob = MakeBlob(digest, std::move(bytes));
    const std::unique_lock lock(mutex_);
    if (BlobPtr known = FindAnywhere(blob->digest_text)) blob = std::move(known);
    Open(repository, rooms).AddBlob(blob, std::move(rooms.entries.front()));
    return blob;
  }

  Result<BlobPtr> Mount(std::string_view repository, const oci::Digest& digest,
                        const std::optional<std::string>& from) {
    PULLPROOF_ASSIGN_OR_RETURN(Rooms rooms, ReserveRooms(1));
    const std::string text = digest.ToString();
    const std::unique_lock lock(mutex_);
    BlobPtr blob;
    if (!from) {
      blob = FindAnywhere(text);
    } else if (const Repository* source = Find(*from)) {
      blob = source->FindBlob(text);
    }
    if (blob != nullptr) {
      Open(repository, rooms).AddBlob(blob, std::move(rooms.entries.front()));
    }
    return blob;
  }

  bool DeleteBlob(std::string_view repository, std::string_view digest) {
    const std::unique_lock lock(mutex_);
    Repository* found = Find(repository);
    return found != nullptr && found->RemoveBlob(digest);
  }

  Result<ManifestPtr> PutManifest(std::string_view repository, const ManifestPush& push) {
    PULLPROOF_ASSIGN_OR_RETURN(Rooms rooms, ReserveRooms(1 + push.tags.size()));
    PULLPROOF_ASSIGN_OR_RETURN(Reservation bytes_room, uploads_.Reserve(push.bytes.size()));
    PULLPROOF_ASSIGN_OR_RETURN(Reservation referrer_room,
                               uploads_.Reserve(push.descriptor.size() + kEntryBytes));
    ManifestPtr manifest = MakeManifest(
        push.digest, push.media_type, Hold(content::FromString(push.bytes), std::move(bytes_room)));
    const std::unique_lock lock(mutex_);
    PULLPROOF_RETURN_IF_ERROR(CheckReferences(Find(repository), push));
    Repository& target = Open(repository, rooms);
    const ManifestPtr known = target.FindManifest(manifest->digest_text);
    if (known != nullptr && known->media_type == manifest->media_type) {
      manifest = known;
    } else {
      target.PutManifest(manifest, std::move(rooms.entries[0]));
    }
    if (push.subject && !target.HasReferrer(*push.subject, manifest->digest_text)) {
      target.AddReferrer(*push.subject,
                         {.digest = manifest->digest_text,
                          .artifact_type = push.artifact_type,
                          .descriptor = push.descriptor},
                         std::move(referrer_room));
    }
    for (std::size_t i = 0; i < push.tags.size(); ++i) {
      target.SetTag(push.tags[i], manifest, std::move(rooms.entries[1 + i]));
    }
    return manifest;
  }

  bool DeleteManifest(std::string_view repository, std::string_view reference) {
    const std::unique_lock lock(mutex_);
    Repository* found = Find(repository);
    return found != nullptr && found->RemoveManifest(reference);
  }

  UploadSessions& uploads() { return uploads_; }
  [[nodiscard]] const UploadSessions& uploads() const { return uploads_; }
  [[nodiscard]] const Budget& budget() const { return *budget_; }

 private:
  // Room for what a push adds, taken before the lock. What is not used is given back.
  struct Rooms {
    Reservation repository;
    std::vector<Reservation> entries;
  };

  Result<Rooms> ReserveRooms(std::size_t entries) {
    Rooms rooms;
    PULLPROOF_ASSIGN_OR_RETURN(rooms.repository, uploads_.Reserve(kEntryBytes));
    for (std::size_t i = 0; i < entries; ++i) {
      PULLPROOF_ASSIGN_OR_RETURN(Reservation room, uploads_.Reserve(kEntryBytes));
      rooms.entries.push_back(std::move(room));
    }
    return rooms;
  }

  // These are called with the lock held.

  [[nodiscard]] const Repository* Find(std::string_view repository) const {
    const auto found = repositories_.find(repository);
    return found == repositories_.end() ? nullptr : &found->second.value;
  }
  Repository* Find(std::string_view repository) {
    const auto found = repositories_.find(repository);
    return found == repositories_.end() ? nullptr : &found->second.value;
  }

  Repository& Open(std::string_view repository, Rooms& rooms) {
    if (Repository* found = Find(repository)) return *found;
    return repositories_
        .try_emplace(std::string(repository), Repository(), std::move(rooms.repository))
        .first->second.value;
  }

  [[nodiscard]] BlobPtr FindAnywhere(std::string_view digest) const {
    for (const auto& [name, entry] : repositories_) {
      if (BlobPtr blob = entry.value.FindBlob(digest)) return blob;
    }
    return nullptr;
  }

  static Result<void> CheckReferences(const Repository* repository, const ManifestPush& push) {
    const auto missing = [](const std::string& digest) {
      return Fail("manifest.blob-unknown",
                  "the repository does not have what the manifest refers to", digest,
                  "push the blobs and the manifests of an index first");
    };
    for (const std::string& digest : push.blobs) {
      if (repository == nullptr || repository->FindBlob(digest) == nullptr) return missing(digest);
    }
    for (const std::string& digest : push.manifests) {
      if (repository == nullptr || (repository->FindManifest(digest) == nullptr &&
                                    repository->FindBlob(digest) == nullptr)) {
        return missing(digest);
      }
    }
    return {};
  }

  const std::shared_ptr<Budget> budget_;
  UploadSessions uploads_;
  mutable std::shared_mutex mutex_;
  std::map<std::string, Entry<Repository>, std::less<>> repositories_;
};

Store::Store(const content::Content& content, std::uint64_t max_pushed_bytes)
    : impl_(std::make_unique<Impl>(content, max_pushed_bytes)) {}
Store::~Store() = default;

bool Store::HasRepository(std::string_view repository) const { return impl_->Has(repository); }

BlobPtr Store::FindBlob(std::string_view repository, std::string_view digest) const {
  return impl_->FindBlob(repository, digest);
}

ManifestPtr Store::FindManifest(std::string_view repository, std::string_view reference) const {
  return impl_->FindManifest(repository, reference);
}

std::string Store::NameOf(std::string_view repository, std::string_view reference) const {
  if (const ManifestPtr manifest = FindManifest(repository, reference)) return manifest->name;
  if (const BlobPtr blob = FindBlob(repository, reference)) return blob->name;
  return {};
}

std::optional<NamePage> Store::Tags(std::string_view repository, std::string_view last,
                                    std::uint64_t count) const {
  return impl_->Tags(repository, last, count);
}

NamePage Store::Repositories(std::string_view last, std::uint64_t count) const {
  return impl_->Repositories(last, count);
}

ReferrerPage Store::Referrers(std::string_view repository, std::string_view subject,
                              const ReferrerQuery& query) const {
  return impl_->Referrers(repository, subject, query);
}

Result<BlobPtr> Store::PushBlob(std::string_view repository, std::string_view bytes,
                                const oci::Digest& digest) {
  const oci::Digest actual = oci::Digest::Of(bytes, digest.algorithm());
  if (actual != digest) {
    return Fail("digest.mismatch", fmt::format("the uploaded bytes hash to {}", actual.ToString()),
                digest.ToString());
  }
  PULLPROOF_ASSIGN_OR_RETURN(Reservation room, impl_->uploads().Reserve(bytes.size()));
  return impl_->Link(repository, digest,
                     Hold(content::FromString(std::string(bytes)), std::move(room)));
}

Result<BlobPtr> Store::MountBlob(std::string_view repository, const oci::Digest& digest,
                                 const std::optional<std::string>& from) {
  return impl_->Mount(repository, digest, from);
}

bool Store::DeleteBlob(std::string_view repository, std::string_view digest) {
  return impl_->DeleteBlob(repository, digest);
}

UploadStatus Store::StartUpload(std::string_view repository) {
  return impl_->uploads().Start(repository);
}

Result<UploadStatus> Store::FindUpload(std::string_view repository, std::string_view id) {
  return impl_->uploads().Find(repository, id);
}

Result<UploadStatus> Store::AppendUpload(std::string_view repository, std::string_view id,
                                         const Chunk& chunk) {
  return impl_->uploads().Append(repository, id, chunk);
}

Result<BlobPtr> Store::FinishUpload(std::string_view repository, std::string_view id,
                                    const Chunk& last, const oci::Digest& digest) {
  PULLPROOF_ASSIGN_OR_RETURN(content::Bytes bytes,
                             impl_->uploads().Finish(repository, id, last, digest));
  return impl_->Link(repository, digest, std::move(bytes));
}

bool Store::CancelUpload(std::string_view repository, std::string_view id) {
  return impl_->uploads().Cancel(repository, id);
}

Result<ManifestPtr> Store::PutManifest(std::string_view repository, const ManifestPush& push) {
  return impl_->PutManifest(repository, push);
}

bool Store::DeleteManifest(std::string_view repository, std::string_view reference) {
  return impl_->DeleteManifest(repository, reference);
}

std::uint64_t Store::pushed_bytes() const { return impl_->budget().used(); }
std::size_t Store::upload_sessions() const { return impl_->uploads().size(); }

}  // namespace pullproof::mockregistry::store
