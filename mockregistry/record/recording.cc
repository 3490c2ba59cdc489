#include "mockregistry/record/recording.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "mockregistry/journal/json_writer.h"
#include "oci/digest.h"

namespace pullproof::mockregistry::record {
namespace {

using journal::JsonArray;
using journal::JsonObject;
using journal::JsonText;

// Sentences that are kept; a broken upstream must not fill the memory with them.
constexpr std::size_t kMaxLeftOut = 100;

// "sha256:0123…" as the name of content: "layer" and the first digits would be shorter, but must be
// unique.
std::string NameOf(std::string_view kind, std::string_view digest) {
  return fmt::format("{}-{}", kind, digest.substr(digest.find(':') + 1));
}

std::string FileNameOf(std::string_view digest) {
  return fmt::format("sha256-{}", digest.substr(digest.find(':') + 1));
}

std::string BlobJson(const std::string& digest, const std::string& bytes,
                     const std::string& directory) {
  JsonObject blob;
  if (bytes.size() > kMaxInline) {
    blob.Text("file", directory + "/" + FileNameOf(digest));
  } else if (IsUtf8(bytes)) {
    blob.Text("text", bytes);
  } else {
    blob.Text("base64", Base64Encode(bytes));
  }
  return blob.Finish();
}

bool IsDigestReference(std::string_view reference) {
  return reference.find(':') != std::string_view::npos;
}

}  // namespace

void Recording::LeaveOut(std::string sentence) {
  if (left_out_.size() < kMaxLeftOut && std::ranges::find(left_out_, sentence) == left_out_.end()) {
    left_out_.push_back(std::move(sentence));
  }
}

bool Recording::Fits(std::size_t size, const std::string& what) {
  if (recorded_ + size <= kMaxRecorded) {
    recorded_ += size;
    return true;
  }
  LeaveOut(fmt::format("{} would make the recording larger than {} bytes", what, kMaxRecorded));
  return false;
}

void Recording::See(const api::Route& route, const UpstreamAnswer& answer) {
  if (answer.status != 200) return;
  const std::lock_guard lock(mutex_);
  switch (route.operation) {
    case api::Operation::kManifestGet:
      return SeeManifest(route, answer);
    case api::Operation::kManifestHead:
      // Many clients ask so what a tag stands for, and then for the digest.
      if (const auto digest = answer.headers.Find("Docker-Content-Digest");
          digest && !IsDigestReference(route.reference)) {
        repositories_[route.repository].tags[route.reference] = *digest;
      }
      return;
    case api::Operation::kBlobGet:
      return SeeBlob(route, answer);
    default:
      return;
  }
}

void Recording::SeeManifest(const api::Route& route, const UpstreamAnswer& answer) {
  const std::string digest = oci::Digest::Of(answer.body).ToString();
  const std::string what = fmt::format("manifest {}:{}", route.repository, route.reference);
  if (IsDigestReference(route.reference) && route.reference != digest) {
    return LeaveOut(what + " has other bytes than its SHA-256 says");
  }
  if (!IsUtf8(answer.body)) return LeaveOut(what + " is no text");
  if (!manifests_.contains(digest)) {
    if (!Fits(answer.body.size(), what)) return;
    manifests_[digest] = {answer.headers.Find("Content-Type").value_or(""), answer.body};
  }
  Repository& repository = repositories_[route.repository];
  repository.manifests.insert(digest);
  if (!IsDigestReference(route.reference)) repository.tags[route.reference] = digest;
}

void Recording::SeeBlob(const api::Route& route, const UpstreamAnswer& answer) {
  const std::string digest = oci::Digest::Of(answer.body).ToString();
  if (route.reference != digest) {
    return LeaveOut(fmt::format("blob {} has other bytes than its SHA-256 says", route.reference));
  }
  if (!blobs_.contains(digest)) {
    if (!Fits(answer.body.size(), "blob " + digest)) return;
    blobs_[digest] = answer.body;
  }
  repositories_[route.repository].blobs.insert(digest);
}

Result<void> Recording::Write(FileSystem& files, const std::filesystem::path& file,
                              std::string_view id, std::string_view title) const {
  const std::lock_guard lock(mutex_);
  const std::string directory = file.filename().string() + ".files";
  const std::filesystem::path beside = file.parent_path() / directory;
  JsonObject blobs;
  for (const auto& [digest, bytes] : blobs_) {
    if (bytes.size() > kMaxInline) {
      PULLPROOF_RETURN_IF_ERROR(files.CreateDirectories(beside));
      PULLPROOF_RETURN_IF_ERROR(WriteFile(files, beside / FileNameOf(digest), bytes));
    }
    blobs.Raw(NameOf("blob", digest), BlobJson(digest, bytes, directory));
  }
  JsonObject manifests;
  for (const auto& [digest, manifest] : manifests_) {
    JsonObject raw;
    raw.Text("raw", manifest.bytes);
    if (!manifest.media_type.empty()) raw.Text("type", manifest.media_type);
    manifests.Raw(NameOf("manifest", digest), raw.Finish());
  }
  JsonObject repositories;
  for (const auto& [name, repository] : repositories_) {
    JsonObject tags;
    for (const auto& [tag, digest] : repository.tags) {
      // What only HEAD was asked for has no bytes.
      if (manifests_.contains(digest)) tags.Text(tag, NameOf("manifest", digest));
    }
    JsonArray untagged;
    for (const std::string& digest : repository.manifests) {
      untagged.Add(JsonText(NameOf("manifest", digest)));
    }
    JsonArray blobs_of;
    for (const std::string& digest : repository.blobs) {
      blobs_of.Add(JsonText(NameOf("blob", digest)));
    }
    repositories.Raw(name, JsonObject()
                               .Raw("tags", tags.Finish())
                               .Raw("manifests", untagged.Finish())
                               .Raw("blobs", blobs_of.Finish())
                               .Finish());
  }
  const std::string fixture = fmt::format(
      "{{\"fixture\":1,\n\"id\":{},\n\"title\":{},\n\"blobs\":{},\n\"manifests\":{},\n"
      "\"repos\":{}}}\n",
      JsonText(id), JsonText(title), blobs.Finish(), manifests.Finish(), repositories.Finish());
  return WriteFile(files, file, fixture);
}

std::vector<std::string> Recording::left_out() const {
  const std::lock_guard lock(mutex_);
  return left_out_;
}

std::string Recording::Summary() const {
  const std::lock_guard lock(mutex_);
  return fmt::format("{} manifests and {} blobs of {} repositories", manifests_.size(),
                     blobs_.size(), repositories_.size());
}

}  // namespace pullproof::mockregistry::record
