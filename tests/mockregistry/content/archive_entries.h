// What an independent reader, libarchive, finds in an archive.
#ifndef PULLPROOF_TESTS_MOCKREGISTRY_CONTENT_ARCHIVE_ENTRIES_H_
#define PULLPROOF_TESTS_MOCKREGISTRY_CONTENT_ARCHIVE_ENTRIES_H_

#include <archive.h>
#include <archive_entry.h>

#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace pullproof::mockregistry::content {

// Path and bytes of every entry of a tar, compressed or not; an entry "error: …" where it breaks.
inline std::vector<std::pair<std::string, std::string>> ArchiveEntries(const std::string& bytes) {
  const std::unique_ptr<archive, decltype(&archive_read_free)> reader(archive_read_new(),
                                                                      &archive_read_free);
  archive_read_support_filter_gzip(reader.get());
  archive_read_support_format_tar(reader.get());
  std::vector<std::pair<std::string, std::string>> entries;
  int status = archive_read_open_memory(reader.get(), bytes.data(), bytes.size());
  archive_entry* entry = nullptr;
  while (status == ARCHIVE_OK &&
         (status = archive_read_next_header(reader.get(), &entry)) == ARCHIVE_OK) {
    std::string content;
    std::array<char, 4096> buffer{};
    la_ssize_t count = 0;
    while ((count = archive_read_data(reader.get(), buffer.data(), buffer.size())) > 0) {
      content.append(buffer.data(), static_cast<std::size_t>(count));
    }
    entries.emplace_back(archive_entry_pathname(entry), std::move(content));
  }
  if (status != ARCHIVE_EOF) {
    entries.emplace_back(std::string("error: ") + archive_error_string(reader.get()), "");
  }
  return entries;
}

}  // namespace pullproof::mockregistry::content

#endif  // PULLPROOF_TESTS_MOCKREGISTRY_CONTENT_ARCHIVE_ENTRIES_H_
