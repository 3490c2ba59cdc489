#include "resolver/publish/tar_gz.h"

#include <cstddef>
#include <utility>

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

namespace pullproof::resolver::publish {

class TarGzWriter::Impl {
 public:
  Impl() : archive_(archive_write_new()) {
    archive* const handle = archive_.get();
    opened_ = handle != nullptr && archive_write_add_filter_gzip(handle) == ARCHIVE_OK &&
              // The gzip header has a time, too.
              archive_write_set_filter_option(handle, "gzip", "timestamp", nullptr) == ARCHIVE_OK &&
              archive_write_set_format_pax_restricted(handle) == ARCHIVE_OK &&
              archive_write_open(handle, &bytes_, nullptr, &Impl::Take, nullptr) == ARCHIVE_OK;
  }

  Result<void> Add(std::string_view path, std::string_view bytes) {
    if (!opened_) return Broken();
    const std::unique_ptr<archive_entry, FreeEntry> entry(archive_entry_new());
    if (entry == nullptr) return Broken();
    const std::string name = fmt::format("./{}", path);
    archive_entry_set_pathname(entry.get(), name.c_str());
    archive_entry_set_filetype(entry.get(), AE_IFREG);
    archive_entry_set_perm(entry.get(), 0644);
    archive_entry_set_mtime(entry.get(), 0, 0);
    archive_entry_set_size(entry.get(), static_cast<la_int64_t>(bytes.size()));
    // A name that this process's locale cannot spell is a warning; its bytes are written as they
    // are.
    if (archive_write_header(archive_.get(), entry.get()) < ARCHIVE_WARN) return Broken();
    const la_ssize_t written = archive_write_data(archive_.get(), bytes.data(), bytes.size());
    if (written < 0 || static_cast<std::size_t>(written) != bytes.size()) return Broken();
    return {};
  }

  Result<std::string> Finish() {
    if (!opened_ || archive_write_close(archive_.get()) != ARCHIVE_OK) return Broken();
    return std::move(bytes_);
  }

 private:
  struct FreeArchive {
    void operator()(archive* handle) const { archive_write_free(handle); }
  };
  struct FreeEntry {
    void operator()(archive_entry* entry) const { archive_entry_free(entry); }
  };

  static la_ssize_t Take(archive* /*handle*/, void* self, const void* data, std::size_t size) {
    static_cast<std::string*>(self)->append(static_cast<const char*>(data), size);
    return static_cast<la_ssize_t>(size);
  }

  std::unexpected<Error> Broken() const {
    const char* why = archive_ == nullptr ? nullptr : archive_error_string(archive_.get());
    return Fail("archive.write", fmt::format("the files cannot be archived: {}",
                                             why == nullptr ? "out of memory" : why));
  }

  std::string bytes_;
  std::unique_ptr<archive, FreeArchive> archive_;
  bool opened_ = false;
};

TarGzWriter::TarGzWriter() : impl_(std::make_unique<Impl>()) {}
TarGzWriter::~TarGzWriter() = default;

Result<void> TarGzWriter::Add(std::string_view path, std::string_view bytes) {
  return impl_->Add(path, bytes);
}

Result<std::string> TarGzWriter::Finish() { return impl_->Finish(); }

}  // namespace pullproof::resolver::publish
