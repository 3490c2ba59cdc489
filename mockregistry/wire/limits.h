// What a client may ask of one connection. Everything here is a bound against a hostile or a broken
// client; times are real time, since they belong to sockets and not to the script.
#ifndef PULLPROOF_MOCKREGISTRY_WIRE_LIMITS_H_
#define PULLPROOF_MOCKREGISTRY_WIRE_LIMITS_H_

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace pullproof::mockregistry::wire {

// Bytes of the request line without its line end; longer ones are answered 414. What cpp-httplib
// 0.11.4 reads, and a little more than RFC 9112 section 3 recommends.
inline constexpr std::size_t kMaxRequestLine = 8'190;
// Bytes of the whole head, else 431: room for several tokens of the largest size in use (8 KiB).
inline constexpr std::size_t kMaxHeadBytes = std::size_t{64} << 10;
// Header lines, else 431 (CVE-2025-52887). Real clients send under 20.
inline constexpr std::size_t kMaxHeaderLines = 256;
// Bytes of a request's body, else 413: it is kept in memory.
inline constexpr std::uint64_t kMaxBody = std::uint64_t{1} << 30;
// Bytes of a chunk's size line or of one trailer line, and the number of trailer lines, else 400
// (CVE-2025-53628). Nobody sends extensions or trailers to a registry.
inline constexpr std::size_t kMaxChunkLine = 1'024;
inline constexpr std::size_t kMaxTrailerLines = 64;

// From the first byte of a TLS handshake to its last: longer than any honest client needs.
inline constexpr std::chrono::milliseconds kHandshakeTime{10'000};
// From the first byte of a head to its last, else 408: longer than any honest client needs.
inline constexpr std::chrono::milliseconds kHeadTime{30'000};
// Without one byte of a body arriving, or of an answer being taken.
inline constexpr std::chrono::milliseconds kStallTime{60'000};
// How long a hanging connection is kept when the client does not give up: longer than the patience
// of every client that is tested, shorter than a CI job's.
inline constexpr std::chrono::milliseconds kMaxHang{120'000};
// What is still read, and how long, of a request that was refused: closing with unread input would
// reset the connection, and the client might never see why.
inline constexpr std::uint64_t kMaxDrain = std::uint64_t{16} << 20;
inline constexpr std::chrono::milliseconds kDrainTime{1'000};
// How long a reset waits for the bytes before it to reach the client, which it would else overtake.
inline constexpr std::chrono::milliseconds kFlushTime{1'000};

// Connections of one server. Beyond that, or when the process has no more descriptors, the one that
// has been idle for the longest time is closed.
inline constexpr std::size_t kMaxConnections = 16'384;
// Threads, which only connections with an exchange under way need; others wait their turn.
inline constexpr std::size_t kMaxThreads = 1'024;
// How long a thread that has nothing to do is kept.
inline constexpr std::chrono::milliseconds kSpareThreadTime{1'000};
// Threads that take what arrives and answer what needs no waiting. One serves some 50,000 requests
// a second; more than a few only wake each other.
inline constexpr std::size_t kMaxLeaders = 4;
// Requests of one connection that are answered in a row before others get their turn.
inline constexpr std::size_t kFairShare = 16;
// Bytes of a body beyond which reading and hashing, or sending it keeps others waiting for a
// noticeable time (at some GB/s: a millisecond).
inline constexpr std::uint64_t kQuickUpload = std::uint64_t{256} << 10;
inline constexpr std::uint64_t kQuickDownload = std::uint64_t{4} << 20;
// The kernel's own bound on its queue of connections is 4,096; beyond 1,024 something is wrong.
inline constexpr int kBacklog = 1'024;

}  // namespace pullproof::mockregistry::wire

#endif  // PULLPROOF_MOCKREGISTRY_WIRE_LIMITS_H_
