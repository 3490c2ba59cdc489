#include "conformance/client/process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <string_view>
#include <utility>

#include "conformance/client/child_process.h"
#include "conformance/client/process_memory.h"

namespace pullproof::conformance::client {
namespace {

using std::chrono::steady_clock;

// Most of a short program's life is seen by looking often at first; later VmHWM moves slowly.
constexpr Duration kFirstLook = std::chrono::milliseconds(1);
constexpr Duration kLongestLook = std::chrono::milliseconds(20);
// What one pipe can still hold when its writer is gone (pipe-max-size, pipe(7)): draining stops
// there, even if something out of reach goes on writing.
constexpr std::size_t kMaxPipe = std::size_t{1} << 20;

// Standard input as a file in memory: nobody has to feed it, and a child that does not read it
// costs nothing.
Result<UniqueFd> OpenInput(std::string_view input) {
  if (input.empty()) {
    return AboveStandard(::open("/dev/null", O_RDONLY | O_CLOEXEC), "open /dev/null");
  }
  PULLPROOF_ASSIGN_OR_RETURN(UniqueFd file,
                             AboveStandard(::memfd_create("standard-input", MFD_CLOEXEC),
                                           "make a file for standard input"));
  for (std::size_t written = 0; written < input.size();) {
    const ssize_t count = ::write(file.get(), input.data() + written, input.size() - written);
    if (count < 0) return FailStart("write standard input", errno);
    written += static_cast<std::size_t>(count);
  }
  if (::lseek(file.get(), 0, SEEK_SET) != 0) return FailStart("rewind standard input", errno);
  return file;
}

// One stream of the child.
class Collector {
 public:
  Collector(UniqueFd fd, std::size_t max_kept) : fd_(std::move(fd)), max_kept_(max_kept) {
    ::fcntl(fd_.get(), F_SETFL, O_NONBLOCK);
  }

  [[nodiscard]] int fd() const { return fd_.get(); }  // -1 when the stream has ended

  // Takes what is there, at most `most` bytes, so that a flood cannot keep the budget waiting.
  void ReadAvailable(std::size_t most) {
    std::array<char, 16384> piece{};
    for (std::size_t total = 0; total < most && fd_.get() >= 0;) {
      const ssize_t count = ::read(fd_.get(), piece.data(), piece.size());
      if (count < 0 && errno == EINTR) continue;
      if (count < 0 && errno == EAGAIN) return;
      if (count <= 0) {
        fd_.Close();
        return;
      }
      Take({piece.data(), static_cast<std::size_t>(count)});
      total += static_cast<std::size_t>(count);
    }
  }

  Capture Finish() {
    ReadAvailable(kMaxPipe);
    return std::move(capture_);
  }

 private:
  void Take(std::string_view bytes) {
    capture_.size += bytes.size();
    capture_.kept += bytes.substr(0, max_kept_ - capture_.kept.size());
  }

  UniqueFd fd_;
  std::size_t max_kept_;
  Capture capture_;
};

timespec ToTimespec(Duration duration) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(duration);
  return {.tv_sec = static_cast<time_t>(seconds.count()),
          .tv_nsec = static_cast<long>((duration - seconds).count())};
}

// Watches until the child has ended or the budget is spent; true for the former. Looks at its
// memory on the way.
bool Watch(const Child& child, Collector& out, Collector& err, steady_clock::time_point deadline,
           std::optional<std::uint64_t>& peak_memory) {
  constexpr std::size_t kMostAtOnce = std::size_t{256} << 10;
  Duration look = kFirstLook;
  auto next_look = steady_clock::now();
  while (true) {
    auto now = steady_clock::now();
    if (now >= next_look) {
      peak_memory = std::max(peak_memory, PeakMemoryOfTree(child.pid()));
      next_look = now + look;
      look = std::min(2 * look, kLongestLook);
      now = steady_clock::now();
    }
    if (now >= deadline) return false;
    std::array<pollfd, 3> files = {pollfd{child.pidfd(), POLLIN, 0}, pollfd{out.fd(), POLLIN, 0},
                                   pollfd{err.fd(), POLLIN, 0}};
    const timespec wait =
        ToTimespec(std::max(Duration::zero(), Duration(std::min(deadline, next_look) - now)));
    if (::ppoll(files.data(), files.size(), &wait, nullptr) <= 0) continue;
    if (files[1].revents != 0) out.ReadAvailable(kMostAtOnce);
    if (files[2].revents != 0) err.ReadAvailable(kMostAtOnce);
    if (files[0].revents != 0) return true;
  }
}

}  // namespace

Result<ProcessResult> RunProcess(const ProcessSpec& spec) {
  PULLPROOF_ASSIGN_OR_RETURN(const UniqueFd input, OpenInput(spec.input));
  const auto start = steady_clock::now();
  PULLPROOF_ASSIGN_OR_RETURN(StartedChild started, StartChild(spec, input));
  Child& child = started.child;

  ProcessResult result;
  Collector out_text(std::move(started.out), spec.max_output);
  Collector err_text(std::move(started.err), spec.max_output);
  const bool ended = Watch(child, out_text, err_text, start + spec.budget, result.peak_memory);
  child.KillGroup();
  const siginfo_t info = child.Reap();
  result.took = steady_clock::now() - start;
  result.out = out_text.Finish();
  result.err = err_text.Finish();
  result.status = info.si_status;
  result.end = !ended                       ? ProcessResult::End::kOverBudget
               : info.si_code == CLD_EXITED ? ProcessResult::End::kExited
                                            : ProcessResult::End::kSignalled;
  return result;
}

}  // namespace pullproof::conformance::client
