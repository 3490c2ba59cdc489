// Reports as files: written whole or not at all.
#ifndef PULLPROOF_CONFORMANCE_REPORT_WRITE_H_
#define PULLPROOF_CONFORMANCE_REPORT_WRITE_H_

#include <array>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/file.h"
#include "conformance/report/baseline.h"
#include "conformance/report/run.h"
#include "conformance/report/terminal.h"

namespace pullproof::conformance::report {

enum class Format { kTable, kJsonLines, kJunit, kMarkdown, kHtml, kBadge };

// As written on the command line.
inline constexpr std::array<std::pair<std::string_view, Format>, 6> kFormats{{
    {"table", Format::kTable},
    {"jsonl", Format::kJsonLines},
    {"junit", Format::kJunit},
    {"markdown", Format::kMarkdown},
    {"html", Format::kHtml},
    {"badge", Format::kBadge},
}};

struct View {
  Style style;                         // matters to tables only
  const Baseline* baseline = nullptr;  // of a table and a page; not owned
  std::string_view note = {};          // above a matrix: what its readers should know
};

// Markdown and HTML show several runs side by side. Error: report.one-run (any other format, and
// not exactly one run).
Result<std::string> Render(std::span<const Run> runs, Format format, const View& view = {});

// Errors: those of FileSystem and Render.
Result<void> WriteReport(FileSystem& files, const std::filesystem::path& path,
                         std::span<const Run> runs, Format format, const View& view = {});

// Reads a report of JSON lines. Errors: those of FileSystem and of ReadJsonLines.
Result<Run> ReadReport(FileSystem& files, const std::filesystem::path& path);

}  // namespace pullproof::conformance::report

#endif  // PULLPROOF_CONFORMANCE_REPORT_WRITE_H_
