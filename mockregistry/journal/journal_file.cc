#include "mockregistry/journal/journal_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "mockregistry/journal/json_writer.h"

namespace pullproof::mockregistry::journal {
namespace {

Error Failure(const std::filesystem::path& path, int error) {
  return {"journal.file", std::generic_category().message(error), path.string(), {}};
}

}  // namespace

Result<std::unique_ptr<JournalFile>> JournalFile::Create(const std::filesystem::path& path) {
  const int descriptor =
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (descriptor < 0) return std::unexpected(Failure(path, errno));
  return std::unique_ptr<JournalFile>(new JournalFile(descriptor, path));
}

JournalFile::~JournalFile() { ::close(descriptor_); }

void JournalFile::Write(std::string_view fixture, const Entry& entry) {
  const std::string line =
      fmt::format("{{\"fixture\":{},{}\n", JsonText(fixture), ToJson(entry).substr(1));
  const std::lock_guard lock(mutex_);
  std::string_view left = line;
  while (!left.empty() && !failure_) {
    const ssize_t written = ::write(descriptor_, left.data(), left.size());
    if (written >= 0) {
      left.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      failure_ = Failure(path_, errno);
    }
  }
}

Result<void> JournalFile::status() const {
  const std::lock_guard lock(mutex_);
  if (failure_) return std::unexpected(*failure_);
  return {};
}

}  // namespace pullproof::mockregistry::journal
