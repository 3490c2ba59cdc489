#include "cli/serve_events.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstring>
#include <string>
#include <system_error>

namespace pullproof::cli {
namespace {

sigset_t StopSignals() {
  sigset_t set{};
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

std::filesystem::path DirectoryOf(const std::filesystem::path& file) {
  const std::filesystem::path parent = file.parent_path();
  return parent.empty() ? "." : parent;
}

// True at the end.
bool InputIsOver() {
  std::array<char, 4096> ignored{};
  const ssize_t size = ::read(STDIN_FILENO, ignored.data(), ignored.size());
  return size == 0 || (size < 0 && errno != EINTR);
}

}  // namespace

ServeEvents::ServeEvents() : stop_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  const sigset_t set = StopSignals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  signals_ = ::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

ServeEvents::~ServeEvents() {
  ::close(signals_);
  ::close(stop_);
  if (changes_ >= 0) ::close(changes_);
}

void ServeEvents::StopAfter(Duration timeout) {
  deadline_ = RealClock::now() + std::chrono::duration_cast<RealClock::duration>(timeout);
}

Result<void> ServeEvents::Watch(const std::filesystem::path& file) {
  if (changes_ < 0) changes_ = ::inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
  // The directory, since editors replace a file by another.
  const std::filesystem::path directory = DirectoryOf(file);
  const int watch = ::inotify_add_watch(changes_, directory.c_str(), IN_CLOSE_WRITE | IN_MOVED_TO);
  if (watch < 0) {
    return Fail("file.io", "cannot watch: " + std::generic_category().message(errno),
                directory.string());
  }
  directories_[watch] = directory;
  files_.push_back(file);
  return {};
}

void ServeEvents::RequestStop() const { ::eventfd_write(stop_, 1); }

int ServeEvents::MillisecondsLeft() const {
  if (!deadline_) return -1;
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(*deadline_ - RealClock::now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, INT_MAX));
}

std::vector<std::filesystem::path> ServeEvents::ChangedFiles() const {
  std::vector<std::filesystem::path> changed;
  alignas(inotify_event) std::array<char, 16 * 1024> buffer{};
  ssize_t size = 0;
  while ((size = ::read(changes_, buffer.data(), buffer.size())) > 0) {
    for (ssize_t at = 0; at < size;) {
      inotify_event event{};
      std::memcpy(&event, buffer.data() + at, sizeof(event));
      const char* const name = buffer.data() + at + sizeof(event);
      at += static_cast<ssize_t>(sizeof(event)) + event.len;
      const auto directory = directories_.find(event.wd);
      if (directory == directories_.end() || event.len == 0) continue;
      for (const std::filesystem::path& file : files_) {
        if (DirectoryOf(file) == directory->second && file.filename() == name &&
            std::ranges::find(changed, file) == changed.end()) {
          changed.push_back(file);
        }
      }
    }
  }
  return changed;
}

std::optional<std::vector<std::filesystem::path>> ServeEvents::Next() {
  while (true) {
    // poll() passes over negative descriptors.
    std::array<pollfd, 4> waits{
        {{.fd = signals_, .events = POLLIN, .revents = 0},
         {.fd = stop_, .events = POLLIN, .revents = 0},
         {.fd = reads_input_ ? STDIN_FILENO : -1, .events = POLLIN, .revents = 0},
         {.fd = changes_, .events = POLLIN, .revents = 0}}};
    const int ready = ::poll(waits.data(), waits.size(), MillisecondsLeft());
    if (ready == 0) return std::nullopt;
    if (ready < 0) {
      if (errno == EINTR) continue;
      return std::nullopt;
    }
    if (waits[0].revents != 0 || waits[1].revents != 0) return std::nullopt;
    if (waits[2].revents != 0 && InputIsOver()) return std::nullopt;
    if (waits[3].revents == 0) continue;
    std::vector<std::filesystem::path> changed = ChangedFiles();
    if (!changed.empty()) return changed;
  }
}

}  // namespace pullproof::cli
