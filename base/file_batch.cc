#include "base/file_batch.h"

#include <map>
#include <utility>

namespace pullproof {

Result<void> FileBatch::Add(std::unique_ptr<PendingFile> file) {
  waiting_.push_back(std::move(file));
  return waiting_.size() < kMaxWaiting ? Result<void>() : Commit();
}

Result<void> FileBatch::Commit() {
  const auto files = std::exchange(waiting_, {});
  std::vector<CommitInSteps*> in_steps;
  for (const auto& file : files) {
    if (auto* steps = dynamic_cast<CommitInSteps*>(file.get())) {
      in_steps.push_back(steps);
    } else {
      PULLPROOF_RETURN_IF_ERROR(file->Commit());
    }
  }
  // No name before all bytes are safe: what can fail for want of space fails here.
  for (CommitInSteps* file : in_steps) PULLPROOF_RETURN_IF_ERROR(file->Flush());
  std::map<std::filesystem::path, CommitInSteps*> by_directory;
  for (CommitInSteps* file : in_steps) {
    PULLPROOF_RETURN_IF_ERROR(file->Name());
    by_directory.try_emplace(file->Directory(), file);
  }
  for (const auto& [directory, file] : by_directory) {
    PULLPROOF_RETURN_IF_ERROR(file->FlushDirectory());
  }
  return {};
}

}  // namespace pullproof
