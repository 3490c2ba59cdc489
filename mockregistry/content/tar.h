// POSIX ustar archives, the same bytes on every system.
// Spec: POSIX.1-2017, pax, "ustar Interchange Format"; docs/fixtures.md "Bytes".
#ifndef PULLPROOF_MOCKREGISTRY_CONTENT_TAR_H_
#define PULLPROOF_MOCKREGISTRY_CONTENT_TAR_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mockregistry/content/byte_source.h"
#include "mockregistry/content/fixture.h"

namespace pullproof::mockregistry::content {

inline constexpr std::size_t kTarNameBytes = 100;  // also of a link's target
inline constexpr std::uint64_t kMaxTarNumber = (std::uint64_t{1} << 33) - 1;  // 11 octal digits
inline constexpr std::uint64_t kMaxTarMode = 07777777;                        // 7 octal digits
inline constexpr std::uint64_t kMaxTarChecksum = 0777777;                     // 6 octal digits

struct TarFile {
  std::string path;  // one that IsTarPath accepts
  Bytes bytes;       // at most kMaxTarNumber
};

// True for a relative path of plain names (no empty one, no `.` and `..`) that a ustar header can
// hold: up to 100 bytes, or up to 155 and 100 around a slash.
bool IsTarPath(std::string_view path);

// The files in the byte order of their paths, mode 0644, owner and time zero; then the raw entries,
// exactly as stated; then two blocks of zeros. Nothing pads it to a tape record. Pure.
Bytes MakeTar(std::vector<TarFile> files, std::span<const TarBlob::RawEntry> raw_entries);

}  // namespace pullproof::mockregistry::content

#endif  // PULLPROOF_MOCKREGISTRY_CONTENT_TAR_H_
