// Runs one program under supervision: in a process group of its own, within a budget of time and
// memory, with its output kept up to a bound. Nothing of it is left when Run returns: no process
// of the group, no zombie, no open file.
#ifndef PULLPROOF_CONFORMANCE_CLIENT_PROCESS_H_
#define PULLPROOF_CONFORMANCE_CLIENT_PROCESS_H_

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/error.h"

namespace pullproof::conformance::client {

struct ProcessSpec {
  // The program and its arguments, without a shell. A program without a slash is looked for in the
  // PATH of `environment`.
  std::vector<std::string> argv;
  std::vector<std::pair<std::string, std::string>> environment;  // the whole of it
  std::filesystem::path directory;  // to work in; empty: the caller's own
  std::string input;                // for standard input, which is /dev/null when this is empty
  Duration budget = std::chrono::seconds(60);
  std::uint64_t max_memory = 0;  // bytes of address space of each process; 0: no bound
  std::size_t max_output = std::size_t{1} << 20;  // bytes kept of each stream; the rest is counted
};

struct Capture {
  std::string kept;
  std::uint64_t size = 0;  // bytes in all
};

struct ProcessResult {
  enum class End { kExited, kSignalled, kOverBudget };
  End end = End::kExited;
  int status = 0;  // exit status, or the number of the signal
  Capture out;
  Capture err;
  Duration took{};
  // Bytes: the most that any one process of the tree had resident (VmHWM). Absent when the program
  // ended before it could be looked at. Sums over processes would count shared pages twice, and
  // accuse a client of memory that it does not have.
  std::optional<std::uint64_t> peak_memory;
};

// Where the program is: `name` itself when it has a slash, else the first executable of that name
// in `path` ("/usr/bin:/bin"). Error: process.not-found.
Result<std::filesystem::path> FindProgram(const std::string& name, std::string_view path);

// Runs it to its end, or until the budget is spent: then the whole group gets SIGKILL. Whatever is
// left of the group when the program itself has ended is killed too. A descendant that made a
// session of its own is out of reach; it keeps no file of ours open.
//
// Thread-safe, also against other threads that start programs. The caller must not ignore SIGCHLD,
// and must not wait for children that it does not know.
// Errors: process.not-found (also for a missing interpreter), process.permission (not executable),
// process.start (no process, file or memory left; a directory that is not there).
Result<ProcessResult> RunProcess(const ProcessSpec& spec);

}  // namespace pullproof::conformance::client

#endif  // PULLPROOF_CONFORMANCE_CLIENT_PROCESS_H_
