// Starting a helper, talking to it, and ending it when it does not end by itself.
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "resolver/credentials/helper.h"

namespace pullproof::resolver::credentials {
namespace {

using std::chrono::steady_clock;

class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  ~Descriptor() { Close(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  [[nodiscard]] int get() const { return fd_; }
  void Reset(int fd) {
    Close();
    fd_ = fd;
  }
  void Close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }

 private:
  int fd_;
};

std::unexpected<Error> HelperFailed(const std::string& name, std::string_view what) {
  return Fail(
      "credentials.helper", fmt::format("the credential helper `{}` {}", name, what), {},
      fmt::format("it is named in docker's config.json; is docker-credential-{} installed?", name));
}

// The program's place; nullopt when no directory of the path has it.
std::optional<std::string> FindProgram(const std::string& name, const std::string& path) {
  for (const std::string_view directory : Split(path, ':')) {
    // Neither "" nor "." nor "bin": what is run must not depend on where one stands.
    if (!directory.starts_with('/')) continue;
    const std::string program = fmt::format("{}/docker-credential-{}", directory, name);
    struct stat info{};
    if (::stat(program.c_str(), &info) == 0 && S_ISREG(info.st_mode) &&
        ::access(program.c_str(), X_OK) == 0) {
      return program;
    }
  }
  return std::nullopt;
}

// A pipe that no other child of this process inherits.
bool MakePipe(Descriptor& read_end, Descriptor& write_end) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return false;
  read_end.Reset(ends[0]);
  write_end.Reset(ends[1]);
  return true;
}

class Child {
 public:
  explicit Child(pid_t pid) : pid_(pid) {}
  ~Child() {
    if (pid_ <= 0) return;
    ::kill(-pid_, SIGKILL);  // its whole process group
    Wait();
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  // The exit status, or -1.
  int Wait() {
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  // The same when it ends before `end`; nullopt when it does not.
  std::optional<int> WaitUntil(steady_clock::time_point end) {
    while (true) {
      int status = 0;
      const pid_t waited = ::waitpid(pid_, &status, WNOHANG);
      if (waited == pid_) {
        pid_ = -1;
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
      }
      if (steady_clock::now() >= end) return std::nullopt;
      ::poll(nullptr, 0, 1);  // it has closed its output, so it is about to end
    }
  }

 private:
  pid_t pid_;
};

Result<pid_t> Spawn(const std::string& program, const std::string& name, const std::string& verb,
                    const std::vector<std::string>& environment, int input, int output) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawnattr_setflags(
      &attributes,
      static_cast<short>(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK));
  posix_spawnattr_setpgroup(&attributes, 0);
  sigset_t signals;
  sigemptyset(&signals);
  posix_spawnattr_setsigmask(&attributes, &signals);
  sigaddset(&signals, SIGPIPE);
  posix_spawnattr_setsigdefault(&attributes, &signals);
  std::string first = program;
  std::string second = verb;
  const std::array<char*, 3> arguments = {first.data(), second.data(), nullptr};
  std::vector<std::string> variables = environment;
  std::vector<char*> pointers;
  for (std::string& variable : variables) pointers.push_back(variable.data());
  pointers.push_back(nullptr);
  pid_t pid = -1;
  const int code = ::posix_spawn(&pid, program.c_str(), &actions, &attributes, arguments.data(),
                                 pointers.data());
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (code != 0) return HelperFailed(name, "cannot be started");
  return pid;
}

// Writes without dying of SIGPIPE where the helper has closed its stdin: not all of them read it.
// The signal is blocked for this thread, and taken back if it was raised.
void WriteSome(Descriptor& descriptor, std::string_view& input) {
  sigset_t pipe_signal;
  sigset_t before;
  sigemptyset(&pipe_signal);
  sigaddset(&pipe_signal, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe_signal, &before);
  const ssize_t written = ::write(descriptor.get(), input.data(), input.size());
  const int code = errno;
  if (written < 0 && code == EPIPE) {
    const timespec none{};
    while (::sigtimedwait(&pipe_signal, nullptr, &none) < 0 && errno == EINTR) {
    }
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (written > 0) input.remove_prefix(static_cast<std::size_t>(written));
  const bool again = written < 0 && (code == EINTR || code == EAGAIN);
  if (input.empty() || (written < 0 && !again)) descriptor.Close();
}

}  // namespace

Result<HelperRunner::Answer> SystemHelpers::Run(const std::string& name, const std::string& verb,
                                                std::string_view input) {
  const auto program = FindProgram(name, path_);
  if (!program) return HelperFailed(name, "is not installed");
  Descriptor child_in;
  Descriptor to_child;
  Descriptor from_child;
  Descriptor child_out;
  if (!MakePipe(child_in, to_child) || !MakePipe(from_child, child_out)) {
    return HelperFailed(name, "cannot be talked to: no more files may be opened");
  }
  PULLPROOF_ASSIGN_OR_RETURN(
      const pid_t pid, Spawn(*program, name, verb, environment_, child_in.get(), child_out.get()));
  Child child(pid);
  child_in.Close();
  child_out.Close();
  ::fcntl(to_child.get(), F_SETFL, O_NONBLOCK);
  if (input.empty()) to_child.Close();
  const auto end = steady_clock::now() + timeout_;
  const auto too_slow = [&] {
    return HelperFailed(
        name, fmt::format("did not answer within {} ms", timeout_ / std::chrono::milliseconds(1)));
  };
  std::string output;
  std::array<char, 4096> piece{};
  while (true) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(end - steady_clock::now()).count();
    if (left <= 0) return too_slow();
    std::array<pollfd, 2> waits = {{{.fd = from_child.get(), .events = POLLIN, .revents = 0},
                                    {.fd = to_child.get(), .events = POLLOUT, .revents = 0}}};
    if (::poll(waits.data(), waits.size(), static_cast<int>(left)) <= 0) continue;
    if (waits[1].revents != 0 && to_child.get() >= 0) WriteSome(to_child, input);
    if (waits[0].revents == 0) continue;
    const ssize_t count = ::read(from_child.get(), piece.data(), piece.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    output.append(piece.data(), static_cast<std::size_t>(count));
    if (output.size() > kMaxHelperAnswer) {
      return HelperFailed(name, fmt::format("wrote more than {} KiB", kMaxHelperAnswer >> 10));
    }
  }
  to_child.Close();
  const auto status = child.WaitUntil(end);
  if (!status) return too_slow();
  return Answer{.status = *status, .output = std::move(output)};
}

}  // namespace pullproof::resolver::credentials
