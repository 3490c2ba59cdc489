#include "conformance/client/child_process.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <system_error>

#include <fmt/format.h>

#include "base/text.h"

namespace pullproof::conformance::client {
namespace {

namespace fs = std::filesystem;

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

std::unexpected<Error> FailStart(std::string_view what, int code) {
  return Fail(
      "process.start",
      fmt::format("cannot {}: {}", what, std::error_code(code, std::system_category()).message()));
}

Result<UniqueFd> AboveStandard(int fd, std::string_view what) {
  if (fd < 0) return FailStart(what, errno);
  UniqueFd owned(fd);
  if (fd > STDERR_FILENO) return owned;
  UniqueFd moved(::fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
  if (moved.get() < 0) return FailStart(what, errno);
  return moved;
}

Result<Pipe> Pipe::Make() {
  constexpr std::string_view kWhat = "make a pipe";
  std::array<int, 2> ends{-1, -1};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return FailStart(kWhat, errno);
  Result<UniqueFd> read = AboveStandard(ends[0], kWhat);
  Result<UniqueFd> write = AboveStandard(ends[1], kWhat);
  if (!read) return std::unexpected(read.error());
  if (!write) return std::unexpected(write.error());
  return Pipe{*std::move(read), *std::move(write)};
}

Child::Child(pid_t pid) : pid_(pid), pidfd_(OpenPidfd(pid)) {}

Child::~Child() {
  if (pid_ < 0) return;
  KillGroup();
  Reap();
}

void Child::KillGroup() const {
  ::kill(-pid_, SIGKILL);
  ::kill(pid_, SIGKILL);  // in case it was never made the leader of a group
}

siginfo_t Child::Reap() {
  siginfo_t info{};
  while (::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED) != 0 && errno == EINTR) {
  }
  pid_ = -1;
  return info;
}

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

Result<StartedChild> StartChild(const ProcessSpec& spec, const UniqueFd& input) {
  if (spec.argv.empty()) return Fail("process.not-found", "no program is named");
  PULLPROOF_ASSIGN_OR_RETURN(const fs::path program, FindProgram(spec.argv.front(), PathOf(spec)));
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

  const pid_t pid = Fork(plan);
  if (pid < 0) return FailStart("start a process", errno);
  Child child(pid);
  // Ours must go, or the pipes never end.
  out.write.Close();
  err.write.Close();
  report.write.Close();
  if (child.pidfd() < 0) return FailStart("watch a process", errno);
  PULLPROOF_RETURN_IF_ERROR(AwaitExec(report.read, program, spec.directory));
  return StartedChild{
      .child = std::move(child), .out = std::move(out.read), .err = std::move(err.read)};
}

}  // namespace pullproof::conformance::client
