#include "conformance/report/write.h"

#include <fmt/format.h>

#include "conformance/report/json_lines.h"
#include "conformance/report/junit.h"
#include "conformance/report/matrix.h"
#include "conformance/report/table.h"

namespace pullproof::conformance::report {
namespace {

// 1,000 cases of 256 KiB each.
constexpr std::uint64_t kMaxReportBytes = std::uint64_t{256} << 20;

}  // namespace

Result<std::string> Render(std::span<const Run> runs, Format format, const View& view) {
  if (format == Format::kMarkdown) return RenderMarkdown(runs, view.note);
  if (format == Format::kHtml) return RenderHtml(runs, view.baseline, view.note);
  if (runs.size() != 1) {
    return Fail("report.one-run", fmt::format("this format shows one run, not {}", runs.size()), "",
                "--merge makes one of the shards of a run; markdown and html show several clients");
  }
  const Run& run = runs.front();
  if (format == Format::kJsonLines) return RenderJsonLines(run);
  if (format == Format::kJunit) return RenderJunit(run);
  if (format == Format::kBadge) return RenderBadge(run);
  std::string table = RenderTable(run, view.style);
  if (view.baseline != nullptr) table += '\n' + RenderComparison(*view.baseline);
  return table;
}

Result<void> WriteReport(FileSystem& files, const std::filesystem::path& path,
                         std::span<const Run> runs, Format format, const View& view) {
  PULLPROOF_ASSIGN_OR_RETURN(const std::string text, Render(runs, format, view));
  return WriteFile(files, path, text);
}

Result<Run> ReadReport(FileSystem& files, const std::filesystem::path& path) {
  PULLPROOF_ASSIGN_OR_RETURN(const std::string text, files.Read(path, kMaxReportBytes));
  return ReadJsonLines(text, path.string());
}

}  // namespace pullproof::conformance::report
