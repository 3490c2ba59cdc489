#include "conformance/client/process_memory.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"

namespace pullproof::conformance::client {
namespace {

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};

// A file of /proc, up to its first page: a status file has under 2 KiB, and a process with more
// children than fit is cut at kMaxProcesses anyway. Empty when it cannot be read.
std::string ReadProc(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return {};
  std::array<char, 4096> page{};
  const ssize_t count = ::read(fd, page.data(), page.size());
  ::close(fd);
  return {page.data(), static_cast<std::size_t>(std::max<ssize_t>(count, 0))};
}

std::vector<std::string> ThreadsOf(pid_t pid) {
  std::vector<std::string> threads;
  const std::unique_ptr<DIR, CloseDirectory> directory(
      ::opendir(fmt::format("/proc/{}/task", pid).c_str()));
  if (directory == nullptr) return threads;
  while (const dirent* entry = ::readdir(directory.get())) {
    const std::string_view name(entry->d_name);
    if (name != "." && name != "..") threads.emplace_back(name);
  }
  return threads;
}

// A child belongs to the thread that made it.
void AppendChildren(pid_t pid, std::vector<pid_t>& processes) {
  for (const std::string& thread : ThreadsOf(pid)) {
    const std::string children = ReadProc(fmt::format("/proc/{}/task/{}/children", pid, thread));
    for (const std::string_view word : Split(children, ' ')) {
      pid_t child = 0;
      std::from_chars(word.data(), word.data() + word.size(), child);
      if (child > 0) processes.push_back(child);
    }
  }
}

}  // namespace

std::optional<std::uint64_t> ParseVmHwm(std::string_view status) {
  constexpr std::string_view kName = "VmHWM:";
  for (std::string_view line : Split(status, '\n')) {
    if (!line.starts_with(kName)) continue;
    line = Trim(line.substr(kName.size()));
    std::uint64_t kibibytes = 0;
    const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), kibibytes);
    if (error != std::errc{} || end == line.data()) return std::nullopt;
    return kibibytes * 1024;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> PeakMemoryOfTree(pid_t root) {
  std::optional<std::uint64_t> peak;
  std::vector<pid_t> processes = {root};
  for (std::size_t i = 0; i < processes.size() && i < kMaxProcesses; ++i) {
    const pid_t pid = processes[i];
    peak = std::max(peak, ParseVmHwm(ReadProc(fmt::format("/proc/{}/status", pid))));
    AppendChildren(pid, processes);
  }
  return peak;
}

}  // namespace pullproof::conformance::client
