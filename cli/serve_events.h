// What `serve` waits for: signals, the end of its standard input, a time, a request to stop, and
// files that change.
#ifndef PULLPROOF_CLI_SERVE_EVENTS_H_
#define PULLPROOF_CLI_SERVE_EVENTS_H_

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "base/error.h"

namespace pullproof::cli {

// Belongs to one thread, but for RequestStop.
class ServeEvents {
 public:
  // Blocks SIGINT and SIGTERM: to be made before any thread, which inherits that.
  ServeEvents();
  ~ServeEvents();
  ServeEvents(const ServeEvents&) = delete;
  ServeEvents& operator=(const ServeEvents&) = delete;

  void StopAfter(Duration timeout);
  // Standard input is read to its end and forgotten.
  void StopAtEndOfInput() { reads_input_ = true; }
  // Reports the file when it was written or replaced. Error: file.io.
  Result<void> Watch(const std::filesystem::path& file);
  // Thread-safe; does not block.
  void RequestStop() const;

  // Returns the files that have changed, or nullopt when it is time to stop.
  std::optional<std::vector<std::filesystem::path>> Next();

 private:
  using RealClock = std::chrono::steady_clock;

  [[nodiscard]] int MillisecondsLeft() const;
  std::vector<std::filesystem::path> ChangedFiles() const;

  int signals_;
  int stop_;
  int changes_ = -1;  // inotify
  bool reads_input_ = false;
  std::optional<RealClock::time_point> deadline_;
  std::map<int, std::filesystem::path> directories_;  // by watch
  std::vector<std::filesystem::path> files_;          // that are watched, as they were named
};

}  // namespace pullproof::cli

#endif  // PULLPROOF_CLI_SERVE_EVENTS_H_
