// A started program: what RunProcess, which waits for one to end, and a session with an adapter,
// which talks to one for long, have in common. Internal to client/.
#ifndef PULLPROOF_CONFORMANCE_CLIENT_CHILD_PROCESS_H_
#define PULLPROOF_CONFORMANCE_CLIENT_CHILD_PROCESS_H_

#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "conformance/client/process.h"

namespace pullproof::conformance::client {

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

// Both ends are closed when a program is executed, and lie above 0, 1 and 2.
struct Pipe {
  UniqueFd read;
  UniqueFd write;

  // Error: process.start.
  static Result<Pipe> Make();
};

// The same for any descriptor: a caller may have started without the standard ones. `what` names
// the step in the error (process.start), which `fd` -1 leads to, by errno.
Result<UniqueFd> AboveStandard(int fd, std::string_view what);

// "cannot WHAT: …", by an errno.
std::unexpected<Error> FailStart(std::string_view what, int code);

// A child in a process group of its own. Until it is reaped its number, and that of its group,
// cannot be used again. Ended and reaped by the destructor.
class Child {
 public:
  explicit Child(pid_t pid);
  ~Child();
  Child(Child&& other) noexcept
      : pid_(std::exchange(other.pid_, -1)), pidfd_(std::move(other.pidfd_)) {}
  Child& operator=(Child&&) = delete;
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] int pidfd() const { return pidfd_.get(); }  // readable when it has ended

  void KillGroup() const;
  siginfo_t Reap();

 private:
  pid_t pid_;  // -1: there is none any more
  UniqueFd pidfd_;
};

struct StartedChild {
  Child child;
  UniqueFd out;  // the reading ends of its streams
  UniqueFd err;
};

// Starts `spec.argv` with `input` as its standard input; the spec's own input, budget and bounds on
// output are the caller's business. Returns when the child has become the program, or has failed
// to. Thread-safe. Errors: those of RunProcess.
Result<StartedChild> StartChild(const ProcessSpec& spec, const UniqueFd& input);

}  // namespace pullproof::conformance::client

#endif  // PULLPROOF_CONFORMANCE_CLIENT_CHILD_PROCESS_H_
