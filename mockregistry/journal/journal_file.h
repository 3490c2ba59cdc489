// The journal as a file of JSON lines that grows while exchanges end: for whoever follows a
// registry from outside, or looks at what happened after it is gone. Format: docs/serving.md "The
// journal".
#ifndef PULLPROOF_MOCKREGISTRY_JOURNAL_JOURNAL_FILE_H_
#define PULLPROOF_MOCKREGISTRY_JOURNAL_JOURNAL_FILE_H_

#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "mockregistry/journal/journal.h"

namespace pullproof::mockregistry::journal {

// Thread-safe. A line is handed to the system whole, so that a reader never sees half of one unless
// the disk is full.
class JournalFile {
 public:
  // Starts the file anew, readable for its owner only. Errors: journal.file.
  static Result<std::unique_ptr<JournalFile>> Create(const std::filesystem::path& path);
  ~JournalFile();
  JournalFile(const JournalFile&) = delete;
  JournalFile& operator=(const JournalFile&) = delete;

  // One line: ToJson, with the fixture's id in front. After a failure nothing more is written.
  void Write(std::string_view fixture, const Entry& entry);
  // The first failure. Error: journal.file.
  [[nodiscard]] Result<void> status() const;

 private:
  JournalFile(int descriptor, std::filesystem::path path)
      : descriptor_(descriptor), path_(std::move(path)) {}

  const int descriptor_;
  const std::filesystem::path path_;
  mutable std::mutex mutex_;
  std::optional<Error> failure_;
};

}  // namespace pullproof::mockregistry::journal

#endif  // PULLPROOF_MOCKREGISTRY_JOURNAL_JOURNAL_FILE_H_
