#include "resolver/artifact/path.h"

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "base/text.h"

namespace pullproof::resolver::artifact {
namespace {

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// What is wrong with the path; empty when nothing is.
std::string_view Complaint(std::string_view path) {
  if (path.empty()) return "is empty";
  if (path.size() > kMaxPathBytes) return "is longer than 4096 bytes";
  if (!IsUtf8(path)) return "is not UTF-8";
  if (std::ranges::any_of(path, [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte < 0x20 || byte == 0x7F;
      })) {
    return "holds a control character";
  }
  if (path.contains('\\')) return "holds a backslash";
  if (path.front() == '/') return "is absolute";
  if (path.back() == '/') return "ends in a slash";
  if (path.size() >= 2 && IsLetter(path[0]) && path[1] == ':') return "starts with a drive letter";
  const auto segments = Split(path, '/');
  if (segments.size() > kMaxPathSegments) return "has more than 100 segments";
  for (const std::string_view segment : segments) {
    if (segment.empty()) return "has an empty segment";
    if (segment == "." || segment == "..") return "has a segment of dots";
  }
  return {};
}

}  // namespace

Result<void> CheckRelativePath(std::string_view path, std::string_view place) {
  const std::string_view complaint = Complaint(path);
  if (complaint.empty()) return {};
  return Fail("path.unsafe", fmt::format("the path \"{}\" {}", path, complaint), std::string(place),
              "a file is named by plain names between single slashes");
}

std::optional<PathClash> FindPathClash(std::span<const std::string_view> sorted) {
  for (const std::string_view path : sorted) {
    for (std::size_t slash = path.find('/'); slash != std::string_view::npos;
         slash = path.find('/', slash + 1)) {
      const std::string_view directory = path.substr(0, slash);
      if (std::ranges::binary_search(sorted, directory)) return PathClash{directory, path};
    }
  }
  return std::nullopt;
}

}  // namespace pullproof::resolver::artifact
