#include "conformance/client/process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <string_view>
#include <system_error>

#include <fmt/format.h>

#include "base/text.h"
#include "conformance/client/process_memory.h"

namespace pullproof::conformance::client {
namespace {

namespace fs = std::filesystem;
using std::chrono::steady_clock;

// Most of a short program's life is seen by looking often at first; later VmHWM moves slowly.
constexpr Duration kFirstLook = std::chrono::milliseconds(1);
constexpr Duration kLongestLook = std::chrono::milliseconds(20);
// What one pipe can still hold when its writer is gone (pipe-max-size, pipe(7)): draining stops
// there, even if something out of reach goes on writing.
constexpr std::size_t kMaxPipe = std::size_t{1} << 20;

std::unexpected<Error> FailStart(std::string_view what, int code) {
  return Fail(
      "process.start",
      fmt::format("cannot {}: {}", what, std::error_code(code, std::system_category()).message()));
}

class UniqueFd {
 public:
  explicit UniqueFd(int fd = -1) : fd_(fd) {}
  ~UniqueFd() { Close(); }
  UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    if (this != &other) {
      Close();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }
  UniqueFd(const UniqueFd&) = delete;
  UniqueFd& operator=(const UniqueFd&) = delete;

  [[nodiscard]] int get() const { return fd_; }
  void Close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }

 private:
  int fd_;
};

// Out of the way of 0, 1 and 2, which the child fills: a caller may have started without them.
Result<UniqueFd> AboveStandard(int fd, std::string_view what) {
  if (fd < 0) return FailStart(what, errno);
  UniqueFd owned(fd);
  if (fd > STDERR_FILENO) return owned;
  UniqueFd moved(::fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
  if (moved.get() < 0) return FailStart(what, errno);
  return moved;
}

struct Pipe {
  UniqueFd read;
  UniqueFd write;

  static Result<Pipe> Make() {
    constexpr std::string_view kWhat = "make a pipe";
    std::array<int, 2> ends{-1, -1};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return FailStart(kWhat, errno);
    Result<UniqueFd> read = AboveStandard(ends[0], kWhat);
    Result<UniqueFd> write = AboveStandard(ends[1], kWhat);
    if (!read) return std::unexpected(read.error());
    if (!write) return std::unexpected(write.error());
    return Pipe{*std::move(read), *std::move(write)};
  }
};

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

// --- The child, between fork and exec --------------------------------------------------------
// Other threads of the caller may have held any lock at the fork, so that only async-signal-safe
// calls are allowed here: no allocation, no exceptions. Everything is prepared before.

enum class Step : int { kSetUp, kDirectory, kExec };

struct StartFailure {
  Step step;
  int error;
};

struct ChildPlan {
  const char* program;
  char* const* argv;
  char* const* environment;
  const char* directory;  // null: stay
  int input;
  int out;
  int err;
  int report;  // takes a StartFailure; closed by a successful exec
  rlim_t max_memory;
  pid_t parent;
};

[[noreturn]] void Give(const ChildPlan& plan, Step step) {
  const StartFailure failure{step, errno};
  // Shorter than PIPE_BUF, hence whole or not at all; nothing could be done about a failure.
  [[maybe_unused]] const ssize_t count = ::write(plan.report, &failure, sizeof failure);
  ::_exit(127);
}

void ResetSignals() {
  // Ignored signals stay ignored through exec; a client must see the usual ones.
  for (int number = 1; number < NSIG; ++number) ::signal(number, SIG_DFL);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

[[noreturn]] void RunChild(const ChildPlan& plan) {
  ResetSignals();
  ::setpgid(0, 0);
  // If the harness is killed, its clients must not live on.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != plan.parent) ::_exit(127);  // it died before the line above
  if (::dup2(plan.input, STDIN_FILENO) < 0 || ::dup2(plan.out, STDOUT_FILENO) < 0 ||
      ::dup2(plan.err, STDERR_FILENO) < 0) {
    Give(plan, Step::kSetUp);
  }
  const rlimit no_core{0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  if (plan.max_memory != RLIM_INFINITY) {
    const rlimit memory{plan.max_memory, plan.max_memory};
    if (::setrlimit(RLIMIT_AS, &memory) != 0) Give(plan, Step::kSetUp);
  }
  if (plan.directory != nullptr && ::chdir(plan.directory) != 0) Give(plan, Step::kDirectory);
  // Whatever a library of the caller opened without O_CLOEXEC stays here all the same.
  ::close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
  ::execve(plan.program, plan.argv, plan.environment);
  Give(plan, Step::kExec);
}

// --- The parent ------------------------------------------------------------------------------

// By its number: the header of glibc 2.36 declares the function for C only.
int OpenPidfd(pid_t pid) { return static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)); }

// A started child. Until it is reaped its number, and that of its group, cannot be used again.
class Child {
 public:
  explicit Child(pid_t pid) : pid_(pid), pidfd_(OpenPidfd(pid)) {}
  ~Child() {
    if (reaped_) return;
    KillGroup();
    Reap();
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] int pidfd() const { return pidfd_.get(); }  // readable when it has ended

  void KillGroup() const {
    ::kill(-pid_, SIGKILL);
    ::kill(pid_, SIGKILL);  // in case it was never made the leader of a group
  }

  siginfo_t Reap() {
    siginfo_t info{};
    while (::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED) != 0 && errno == EINTR) {
    }
    reaped_ = true;
    return info;
  }

 private:
  pid_t pid_;
  UniqueFd pidfd_;
  bool reaped_ = false;
};

// The parent's signal handlers must not run in the child.
class BlockSignals {
 public:
  BlockSignals() {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~BlockSignals() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  BlockSignals(const BlockSignals&) = delete;
  BlockSignals& operator=(const BlockSignals&) = delete;

 private:
  sigset_t before_{};
};

pid_t Fork(const ChildPlan& plan) {
  const BlockSignals blocked;
  const pid_t pid = ::fork();
  if (pid == 0) RunChild(plan);
  if (pid > 0) ::setpgid(pid, pid);  // whoever is first: neither side may run without the group
  return pid;
}

// Waits until the child has become the program; that is when the pipe closes.
Result<void> AwaitExec(const UniqueFd& report, const fs::path& program, const fs::path& directory) {
  StartFailure failure{};
  ssize_t count = 0;
  do {
    count = ::read(report.get(), &failure, sizeof failure);
  } while (count < 0 && errno == EINTR);
  if (count == 0) return {};
  if (count != sizeof failure) return FailStart("read the report of the child", errno);
  const std::string message = std::error_code(failure.error, std::system_category()).message();
  switch (failure.step) {
    case Step::kSetUp:
      return FailStart("prepare the process", failure.error);
    case Step::kDirectory:
      return Fail("process.start", "cannot work in this directory: " + message, directory.string());
    case Step::kExec:
      break;
  }
  if (failure.error == ENOENT) {
    return Fail("process.not-found", "its interpreter is not there", program.string(),
                "look at the first line of the script, or at what `ldd` says");
  }
  return Fail(
      failure.error == EACCES || failure.error == ENOEXEC ? "process.permission" : "process.start",
      "cannot be executed: " + message, program.string());
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

std::vector<std::string> EnvironmentStrings(const ProcessSpec& spec) {
  std::vector<std::string> strings;
  for (const auto& [name, value] : spec.environment) strings.push_back(name + "=" + value);
  return strings;
}

// The array of C strings that exec wants; the strings must outlive it.
std::vector<char*> Pointers(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  for (std::string& text : strings) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

std::string_view PathOf(const ProcessSpec& spec) {
  const auto found =
      std::ranges::find(spec.environment, "PATH", &std::pair<std::string, std::string>::first);
  return found == spec.environment.end() ? std::string_view() : found->second;
}

bool IsExecutableFile(const fs::path& path) {
  struct stat info{};
  return ::stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode) &&
         ::access(path.c_str(), X_OK) == 0;
}

}  // namespace

Result<fs::path> FindProgram(const std::string& name, std::string_view path) {
  if (name.contains('/')) {
    std::error_code error;
    if (fs::exists(name, error)) return fs::path(name);
    return Fail("process.not-found", "there is no such program", name);
  }
  for (const std::string_view directory : Split(path, ':')) {
    if (directory.empty()) continue;  // the current directory, by an old custom that nobody wants
    const fs::path candidate = fs::path(directory) / name;
    if (!name.empty() && IsExecutableFile(candidate)) return candidate;
  }
  return Fail("process.not-found", fmt::format("`{}` is in no directory of PATH", name), {},
              "install it, or extend PATH");
}

Result<ProcessResult> RunProcess(const ProcessSpec& spec) {
  if (spec.argv.empty()) return Fail("process.not-found", "no program is named");
  PULLPROOF_ASSIGN_OR_RETURN(const fs::path program, FindProgram(spec.argv.front(), PathOf(spec)));
  PULLPROOF_ASSIGN_OR_RETURN(UniqueFd input, OpenInput(spec.input));
  PULLPROOF_ASSIGN_OR_RETURN(Pipe out, Pipe::Make());
  PULLPROOF_ASSIGN_OR_RETURN(Pipe err, Pipe::Make());
  PULLPROOF_ASSIGN_OR_RETURN(Pipe report, Pipe::Make());

  std::vector<std::string> arguments = spec.argv;
  std::vector<std::string> environment = EnvironmentStrings(spec);
  const std::vector<char*> argv = Pointers(arguments);
  const std::vector<char*> envp = Pointers(environment);
  const ChildPlan plan{
      .program = program.c_str(),
      .argv = argv.data(),
      .environment = envp.data(),
      .directory = spec.directory.empty() ? nullptr : spec.directory.c_str(),
      .input = input.get(),
      .out = out.write.get(),
      .err = err.write.get(),
      .report = report.write.get(),
      .max_memory = spec.max_memory == 0 ? RLIM_INFINITY : static_cast<rlim_t>(spec.max_memory),
      .parent = ::getpid()};

  const auto start = steady_clock::now();
  const pid_t pid = Fork(plan);
  if (pid < 0) return FailStart("start a process", errno);
  Child child(pid);
  // Ours must go, or the pipes never end.
  out.write.Close();
  err.write.Close();
  report.write.Close();
  if (child.pidfd() < 0) return FailStart("watch a process", errno);
  PULLPROOF_RETURN_IF_ERROR(AwaitExec(report.read, program, spec.directory));

  ProcessResult result;
  Collector out_text(std::move(out.read), spec.max_output);
  Collector err_text(std::move(err.read), spec.max_output);
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
