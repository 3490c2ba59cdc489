// Progress on a terminal: one line, redrawn, that says how much of what is there and how fast; or
// one JSON object an event, for programs.
#ifndef PULLPROOF_CLI_PROGRESS_VIEW_H_
#define PULLPROOF_CLI_PROGRESS_VIEW_H_

#include <cstdint>
#include <cstdio>
#include <map>
#include <optional>
#include <string>

#include "base/clock.h"
#include "resolver/progress.h"

namespace pullproof::cli {

// Not more often than an eye follows, or a log wants.
inline constexpr Duration kRedrawInterval = std::chrono::milliseconds(100);

enum class ProgressStyle { kNone, kLine, kJson };

// Not thread-safe: events come one at a time.
class ProgressView {
 public:
  // Neither is owned. `out` is the terminal of kLine, and where kJson goes.
  ProgressView(ProgressStyle style, const Clock& clock, std::FILE* out)
      : style_(style), clock_(clock), out_(out), start_(clock.Now()), drawn_at_(start_) {}
  ~ProgressView() { Finish(); }
  ProgressView(const ProgressView&) = delete;
  ProgressView& operator=(const ProgressView&) = delete;

  void On(const resolver::ProgressEvent& event);
  // Takes the line away. Nothing is drawn afterwards.
  void Finish();

 private:
  struct Layer {
    std::uint64_t done = 0;
    std::uint64_t counted_from = 0;  // where this transfer began
    std::optional<std::uint64_t> size;
    bool is_done = false;
    Duration told_at{};
  };

  void OnJson(const resolver::ProgressEvent& event);
  void Draw();

  const ProgressStyle style_;
  const Clock& clock_;
  std::FILE* out_;
  Duration start_;
  Duration drawn_at_;
  bool is_drawn_ = false;
  std::map<std::string, Layer> layers_;  // by repository and digest
  std::string last_;                     // the layer that moved
};

// kJson if asked for; kLine where `out` is a terminal that can redraw a line; else kNone.
ProgressStyle ChooseStyle(bool json, std::FILE* out);

}  // namespace pullproof::cli

#endif  // PULLPROOF_CLI_PROGRESS_VIEW_H_
