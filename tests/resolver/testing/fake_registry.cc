#include "tests/resolver/testing/fake_registry.h"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include "oci/media_type.h"

namespace pullproof::resolver::testing {

oci::Digest FakeRegistry::AddBlob(std::string bytes) {
  oci::Digest digest = oci::Digest::Of(bytes);
  const std::scoped_lock lock(mutex_);
  blobs_.insert_or_assign(digest.ToString(), std::move(bytes));
  return digest;
}

oci::Digest FakeRegistry::AddManifest(std::string bytes, std::string media_type,
                                      const std::string& tag) {
  oci::Digest digest = oci::Digest::Of(bytes);
  const std::scoped_lock lock(mutex_);
  manifests_.insert_or_assign(digest.ToString(), std::pair(bytes, media_type));
  if (!tag.empty()) manifests_.insert_or_assign(tag, std::pair(bytes, media_type));
  return digest;
}

void FakeRegistry::AddDocument(const std::string& path, std::string bytes, std::string link) {
  const std::scoped_lock lock(mutex_);
  documents_.insert_or_assign(path, std::pair(std::move(bytes), std::move(link)));
}

void FakeRegistry::Corrupt(const oci::Digest& blob, std::string bytes) {
  const std::scoped_lock lock(mutex_);
  blobs_.insert_or_assign(blob.ToString(), std::move(bytes));
}

Result<transport::Response> FakeRegistry::Exchange(const transport::Request& request,
                                                   const transport::Receiver& receiver) {
  transport::Response response;
  std::string body;
  {
    const std::scoped_lock lock(mutex_);
    const std::string path = request.url.substr(request.url.find('/', request.url.find("://") + 3));
    requests_.push_back(request.method + " " + path);
    if (exchanges_++ == fail_at_) {
      failed_ = true;
      return Fail("transport.closed", "the connection was closed", request.url);
    }
    const std::string name = path.substr(path.rfind('/') + 1);
    response.status = 404;
    if (const auto document = documents_.find(path); document != documents_.end()) {
      response.status = 200;
      body = document->second.first;
      if (!document->second.second.empty()) response.headers.Add("Link", document->second.second);
    } else if (path.contains("/manifests/") && manifests_.contains(name)) {
      const auto& [bytes, type] = manifests_.at(name);
      response.status = 200;
      response.headers.Add("Content-Type", type);
      body = bytes;
    } else if (path.contains("/blobs/") && blobs_.contains(name)) {
      response.status = 200;
      body = blobs_.at(name);
    }
  }
  response.headers.Add("Content-Length", fmt::format("{}", body.size()));
  PULLPROOF_RETURN_IF_ERROR(receiver.on_response(response));
  if (!body.empty()) PULLPROOF_RETURN_IF_ERROR(receiver.on_body(body));
  return response;
}

std::vector<std::string> FakeRegistry::Requests() const {
  const std::scoped_lock lock(mutex_);
  return requests_;
}

void FakeRegistry::ForgetRequests() {
  const std::scoped_lock lock(mutex_);
  requests_.clear();
}

void FakeRegistry::FailAt(std::size_t n) {
  const std::scoped_lock lock(mutex_);
  fail_at_ = n;
  exchanges_ = 0;
  failed_ = false;
}

bool FakeRegistry::Failed() const {
  const std::scoped_lock lock(mutex_);
  return failed_;
}

std::string DescriptorJson(std::string_view media_type, std::string_view bytes) {
  return fmt::format(R"({{"mediaType":"{}","digest":"{}","size":{}}})", media_type,
                     oci::Digest::Of(bytes).ToString(), bytes.size());
}

ArtifactBuilder& ArtifactBuilder::Layer(std::string_view media_type, const std::string& bytes) {
  registry_.AddBlob(bytes);
  return ListedLayer(DescriptorJson(media_type, bytes));
}

ArtifactBuilder& ArtifactBuilder::ListedLayer(std::string descriptor) {
  layers_.push_back(std::move(descriptor));
  return *this;
}

ArtifactBuilder& ArtifactBuilder::Config(std::string_view media_type, const std::string& bytes) {
  registry_.AddBlob(bytes);
  config_ = DescriptorJson(media_type, bytes);
  return *this;
}

ArtifactBuilder& ArtifactBuilder::Lock(const std::string& json) {
  return Layer(oci::media::kSpinLock, json);
}

oci::Digest ArtifactBuilder::Push(const std::string& tag) {
  if (config_.empty()) Config(oci::media::kImageConfig, R"({"architecture":"wasm","os":"Wasip1"})");
  return registry_.AddManifest(fmt::format(R"({{"schemaVersion":2,"config":{},"layers":[{}]}})",
                                           config_, fmt::join(layers_, ",")),
                               std::string(oci::media::kImageManifest), tag);
}

std::string WasmBytes(std::string_view tail) {
  return std::string("\0asm\x0d\0\1\0", 8) + std::string(tail);
}

std::string TarGz(const std::vector<ArchiveEntry>& entries) {
  std::string out(std::size_t{1} << 20, '\0');
  std::size_t used = 0;
  archive* writer = archive_write_new();
  archive_write_add_filter_gzip(writer);
  archive_write_set_format_ustar(writer);
  archive_write_open_memory(writer, out.data(), out.size(), &used);
  for (const ArchiveEntry& item : entries) {
    archive_entry* entry = archive_entry_new();
    archive_entry_set_pathname(entry, item.path.c_str());
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_filetype(entry, item.type == '5'   ? AE_IFDIR
                                      : item.type == '2' ? AE_IFLNK
                                      : item.type == '6' ? AE_IFIFO
                                                         : AE_IFREG);
    if (item.type == '2') archive_entry_set_symlink(entry, item.content.c_str());
    if (item.type == '1') archive_entry_set_hardlink(entry, item.content.c_str());
    const bool has_content = item.type == '0';
    archive_entry_set_size(entry, has_content ? static_cast<la_int64_t>(item.content.size()) : 0);
    archive_write_header(writer, entry);
    if (has_content) archive_write_data(writer, item.content.data(), item.content.size());
    archive_entry_free(entry);
  }
  archive_write_close(writer);
  archive_write_free(writer);
  out.resize(used);
  return out;
}

}  // namespace pullproof::resolver::testing
