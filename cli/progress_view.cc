#include "cli/progress_view.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <string_view>

#include <unistd.h>

#include <fmt/format.h>

#include "base/document.h"
#include "base/text.h"

namespace pullproof::cli {
namespace {

using Kind = resolver::ProgressEvent::Kind;

std::string Amount(double bytes) {
  constexpr double kUnit = 1024;
  for (const char* unit : {"B", "KiB", "MiB"}) {
    if (bytes < kUnit) return fmt::format("{:.{}f} {}", bytes, *unit == 'B' ? 0 : 1, unit);
    bytes /= kUnit;
  }
  return fmt::format("{:.1f} GiB", bytes);
}

std::string_view EventName(Kind kind) {
  switch (kind) {
    case Kind::kManifest:
      return "manifest";
    case Kind::kLayerStart:
      return "layer-start";
    case Kind::kLayerProgress:
      return "layer-progress";
    case Kind::kLayerDone:
      return "layer-done";
    case Kind::kLayerFailed:
      return "layer-failed";
  }
  return "";
}

}  // namespace

ProgressStyle ChooseStyle(bool json, std::FILE* out) {
  if (json) return ProgressStyle::kJson;
  const char* terminal = std::getenv("TERM");
  const bool redraws = terminal != nullptr && std::string_view(terminal) != "dumb";
  return redraws && isatty(fileno(out)) == 1 ? ProgressStyle::kLine : ProgressStyle::kNone;
}

void ProgressView::On(const resolver::ProgressEvent& event) {
  if (style_ == ProgressStyle::kNone) return;
  if (style_ == ProgressStyle::kJson) {
    OnJson(event);
    return;
  }
  if (event.kind == Kind::kManifest) return;
  last_ = fmt::format("{}@{}", event.repository, event.name);
  Layer& layer = layers_[last_];
  if (event.kind == Kind::kLayerStart) layer.counted_from = event.done;
  layer.done = event.done;
  layer.size = event.size;
  layer.is_done = event.kind == Kind::kLayerDone;
  const Duration now = clock_.Now();
  if (now - drawn_at_ < kRedrawInterval) return;
  drawn_at_ = now;
  Draw();
}

void ProgressView::OnJson(const resolver::ProgressEvent& event) {
  if (event.kind == Kind::kLayerProgress) {
    Layer& layer = layers_[fmt::format("{}@{}", event.repository, event.name)];
    const Duration now = clock_.Now();
    if (now - layer.told_at < kRedrawInterval) return;
    layer.told_at = now;
  }
  std::string line = fmt::format(R"({{"event":"{}","repository":{},"{}":{})", EventName(event.kind),
                                 CanonicalJsonString(event.repository),
                                 event.kind == Kind::kManifest ? "reference" : "digest",
                                 CanonicalJsonString(event.name));
  if (event.kind != Kind::kManifest) line += fmt::format(R"(,"bytes":{})", event.done);
  if (event.size) line += fmt::format(R"(,"size":{})", *event.size);
  fmt::print(out_, "{}}}\n", line);
}

void ProgressView::Draw() {
  std::uint64_t moved = 0;
  std::size_t done = 0;
  for (const auto& [name, layer] : layers_) {
    moved += layer.done - std::min(layer.done, layer.counted_from);
    done += layer.is_done ? 1U : 0U;
  }
  const double seconds = std::chrono::duration<double>(clock_.Now() - start_).count();
  const Layer& layer = layers_[last_];
  // The end of a digest tells layers apart as well as all of it.
  constexpr std::size_t kShown = 12;
  const std::string_view digest = std::string_view(last_).substr(last_.rfind(':') + 1);
  fmt::print(out_, "\r\x1b[K{}/{} layers, {}, {}/s  {} {}{}", done, layers_.size(),
             Amount(static_cast<double>(moved)),
             Amount(static_cast<double>(moved) / std::max(seconds, 0.001)),
             Printable(digest.substr(0, kShown)), Amount(static_cast<double>(layer.done)),
             layer.size ? " of " + Amount(static_cast<double>(*layer.size)) : std::string());
  std::fflush(out_);
  is_drawn_ = true;
}

void ProgressView::Finish() {
  if (is_drawn_) {
    fmt::print(out_, "\r\x1b[K");
    std::fflush(out_);
  }
  is_drawn_ = false;
  drawn_at_ = Duration::max() / 2;  // now - this stays negative
}

}  // namespace pullproof::cli
