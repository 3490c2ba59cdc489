// Reports as files: written whole or not at all.
#ifndef PULLPROOF_CONFORMANCE_REPORT_WRITE_H_
#define PULLPROOF_CONFORMANCE_REPORT_WRITE_H_

#include <array>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/file.h"
#include "conformance/report/run.h"
#include "conformance/report/terminal.h"

namespace pullproof::conformance::report {

enum class Format { kTable, kJsonLines, kJunit };

// As written on the command line.
inline constexpr std::array<std::pair<std::string_view, Format>, 3> kFormats{{
    {"table", Format::kTable},
    {"jsonl", Format::kJsonLines},
    {"junit", Format::kJunit},
}};

// `style` matters to tables only.
std::string Render(const Run& run, Format format, Style style = {});

// Errors: those of FileSystem.
Result<void> WriteReport(FileSystem& files, const std::filesystem::path& path, const Run& run,
                         Format format);

// Reads a report of JSON lines. Errors: those of FileSystem and of ReadJsonLines.
Result<Run> ReadReport(FileSystem& files, const std::filesystem::path& path);

}  // namespace pullproof::conformance::report

#endif  // PULLPROOF_CONFORMANCE_REPORT_WRITE_H_
