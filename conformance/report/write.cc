#include "conformance/report/write.h"

#include "conformance/report/json_lines.h"
#include "conformance/report/junit.h"
#include "conformance/report/table.h"

namespace pullproof::conformance::report {
namespace {

// 1,000 cases of 256 KiB each.
constexpr std::uint64_t kMaxReportBytes = std::uint64_t{256} << 20;

}  // namespace

std::string Render(const Run& run, Format format, Style style) {
  switch (format) {
    case Format::kTable:
      return RenderTable(run, style);
    case Format::kJsonLines:
      return RenderJsonLines(run);
    case Format::kJunit:
      return RenderJunit(run);
  }
  return {};
}

Result<void> WriteReport(FileSystem& files, const std::filesystem::path& path, const Run& run,
                         Format format) {
  return WriteFile(files, path, Render(run, format));
}

Result<Run> ReadReport(FileSystem& files, const std::filesystem::path& path) {
  PULLPROOF_ASSIGN_OR_RETURN(const std::string text, files.Read(path, kMaxReportBytes));
  return ReadJsonLines(text, path.string());
}

}  // namespace pullproof::conformance::report
