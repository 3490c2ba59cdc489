// Carrying a plan out on a connection: everything of it but the end of the connection itself.
#ifndef PULLPROOF_MOCKREGISTRY_WIRE_CARRY_OUT_H_
#define PULLPROOF_MOCKREGISTRY_WIRE_CARRY_OUT_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/clock.h"
#include "mockregistry/script/plan.h"
#include "mockregistry/wire/connection.h"
#include "mockregistry/wire/request_head.h"

namespace pullproof::mockregistry::wire {

// How an exchange ended, as the journal calls it.
inline constexpr std::string_view kComplete = "complete";
inline constexpr std::string_view kCutFin = "cut fin";
inline constexpr std::string_view kCutRst = "cut rst";
inline constexpr std::string_view kHang = "hang";
inline constexpr std::string_view kReset = "reset";            // in place of any answer
inline constexpr std::string_view kGone = "client gone";       // before the plan's end
inline constexpr std::string_view kServerStopped = "stopped";  // likewise

// What follows a chunk in place of the next one's size. It begins with no hexadecimal digit: a
// client that reads it leniently takes it for 0, the end of the body, and has lost half of it.
inline constexpr std::string_view kBadChunkSize = "xyz\r\n";

struct Outcome {
  std::uint64_t body_sent = 0;  // bytes of the body that the socket took, without chunk framing
  std::string_view ending;
  std::optional<script::End> end;  // how the connection is to end; nullopt: it goes on
  Duration began{};                // when the wait was over, on the clock
};

// Waits, sends the answer with its faults, and says what became of it. Head and a small body go out
// in one packet; a large body is sent from where it lies, or piece by piece in constant memory.
Outcome CarryOut(const script::Plan& plan, const RequestHead& request, Connection& connection,
                 Clock& clock);

}  // namespace pullproof::mockregistry::wire

#endif  // PULLPROOF_MOCKREGISTRY_WIRE_CARRY_OUT_H_
