// How much memory a process and its descendants had, read from /proc while they run.
//
// Not from ru_maxrss: that number starts at the size of whoever called fork, and survives exec, so
// a small client started by a big harness would look big (getrusage(2) says what, not this). VmHWM
// belongs to the address space, which exec replaces.
// Source: proc(5), /proc/PID/status and /proc/PID/task/TID/children.
#ifndef PULLPROOF_CONFORMANCE_CLIENT_PROCESS_MEMORY_H_
#define PULLPROOF_CONFORMANCE_CLIENT_PROCESS_MEMORY_H_

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string_view>

namespace pullproof::conformance::client {

// Bytes of the line "VmHWM:  1234 kB" of a status file; nullopt when there is none (a zombie, a
// kernel thread).
std::optional<std::uint64_t> ParseVmHwm(std::string_view status);

// The greatest VmHWM of `root` and its descendants, in bytes; nullopt when none could be read.
// Processes come and go while this reads: those that are gone are passed over. Looks at no more
// than kMaxProcesses, so that a fork bomb does not hold up its own end.
inline constexpr int kMaxProcesses = 256;
std::optional<std::uint64_t> PeakMemoryOfTree(pid_t root);

}  // namespace pullproof::conformance::client

#endif  // PULLPROOF_CONFORMANCE_CLIENT_PROCESS_MEMORY_H_
