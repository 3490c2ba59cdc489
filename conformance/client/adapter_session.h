// A conversation with one adapter process: JSON lines on its standard input and output, several
// runs at a time if it can, replies in any order.
// Protocol: docs/adapter-protocol.md.
#ifndef PULLPROOF_CONFORMANCE_CLIENT_ADAPTER_SESSION_H_
#define PULLPROOF_CONFORMANCE_CLIENT_ADAPTER_SESSION_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/document.h"
#include "base/error.h"
#include "conformance/client/process.h"

namespace pullproof::conformance::client {

// It grows when an adapter of the old one would misunderstand.
inline constexpr std::int64_t kAdapterProtocol = 2;
// Of one line, either way: a listing of some ten thousand tags.
inline constexpr std::size_t kMaxAdapterLine = std::size_t{1} << 20;
// What an adapter may take to say what it is: an interpreter's cold start, with room.
inline constexpr Duration kAdapterStartBudget = std::chrono::seconds(10);
// Runs that one adapter may take at a time; each is a client of its own that the machine must bear.
inline constexpr std::int64_t kMaxAdapterParallel = 64;

// What the adapter says of itself in its first reply.
struct AdapterInfo {
  std::string name;
  std::string version;
  std::vector<std::string> verbs;
  std::vector<std::string> capabilities;
  std::size_t parallel = 1;
};

// Thread-safe.
class AdapterSession {
 public:
  // Starts the program of `spec` and says `start`. Errors: those of RunProcess; adapter.start (no
  // reply in time, or it ended), adapter.protocol (the reply is none), adapter.version.
  static Result<std::unique_ptr<AdapterSession>> Start(const ProcessSpec& spec,
                                                       std::string_view harness);
  // Says `stop`, waits for the end of the process for a short time, and then ends its group.
  ~AdapterSession();
  AdapterSession(const AdapterSession&) = delete;
  AdapterSession& operator=(const AdapterSession&) = delete;

  [[nodiscard]] const AdapterInfo& info() const;
  // False when it has ended, or was ended: no run will be answered any more.
  [[nodiscard]] bool IsAlive() const;
  // The end of what it wrote to standard error.
  [[nodiscard]] std::string Stderr() const;

  // Sends a `run` with these members and waits for the reply to it. Errors: adapter.timeout, after
  // which the process group is ended, and with it every other run that it had; adapter.gone (it
  // ended, with its last words); adapter.protocol (it said something else, and was ended).
  Result<Node> Run(Node::Table members, Duration budget);

 private:
  class Impl;
  explicit AdapterSession(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace pullproof::conformance::client

#endif  // PULLPROOF_CONFORMANCE_CLIENT_ADAPTER_SESSION_H_
