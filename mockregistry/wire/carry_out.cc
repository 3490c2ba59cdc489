#include "mockregistry/wire/carry_out.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <memory>
#include <numeric>
#include <span>
#include <string>

#include <fmt/format.h>

#include "mockregistry/content/byte_source.h"
#include "mockregistry/wire/response_head.h"

namespace pullproof::mockregistry::wire {
namespace {

using script::End;
using script::Framing;
using script::Plan;

// Bytes that are made at a time when the content is not in memory: large enough that making them
// costs more than sending them.
constexpr std::uint64_t kPiece = std::uint64_t{256} << 10;
// A throttled body comes in ten pieces a second.
constexpr std::uint64_t kPiecesPerSecond = 10;

std::string_view EndingOfCut(End end) {
  switch (end) {
    case End::kFin:
      return kCutFin;
    case End::kRst:
      return kCutRst;
    case End::kHang:
      return kHang;
  }
  return kCutFin;
}

// The body of one answer on its way, in pieces that are framed and paced.
class BodySender {
 public:
  BodySender(const Plan& plan, const AnswerShape& shape, Connection& connection, Clock& clock)
      : plan_(plan),
        body_(shape.sends_body ? plan.response.body.get() : nullptr),
        is_chunked_(shape.sends_body && shape.framing == Framing::kChunked),
        limit_(LimitOf(plan, body_ != nullptr ? shape.body_size : 0)),
        piece_(PieceOf(plan, body_)),
        connection_(connection),
        clock_(clock) {
    if (body_ != nullptr) in_memory_ = body_->Contiguous();
  }

  // Sends the head and the body behind it. False when the client did not take everything.
  bool Send(std::string_view head) {
    const Duration start = clock_.Now();
    std::string_view before = head;
    do {
      const std::uint64_t size = std::min(piece_, limit_ - sent_);
      if (!SendPiece(before, size) || !KeepPace(start)) return false;
      before = {};
    } while (sent_ < limit_);
    return true;
  }

  [[nodiscard]] std::uint64_t sent() const { return sent_; }

 private:
  // Where the body stops, whether by its own end, by a cut or by a chunk that is none.
  static std::uint64_t LimitOf(const Plan& plan, std::uint64_t size) {
    return std::min(plan.chunk_error ? size / 2 : size, plan.cut_at.value_or(size));
  }

  static std::uint64_t PieceOf(const Plan& plan, const content::ByteSource* body) {
    if (plan.slice != 0) return plan.slice;
    if (plan.bytes_per_s != 0)
      return std::max<std::uint64_t>(1, plan.bytes_per_s / kPiecesPerSecond);
    return body != nullptr && body->Contiguous() ? body->size() : kPiece;
  }

  bool SendPiece(std::string_view before, std::uint64_t size) {
    const std::string_view bytes = Bytes(size);
    std::string opening(before);
    if (is_chunked_ && size > 0) opening += fmt::format("{:x}\r\n", size);
    const std::string closing = Closing(size);
    const std::array<std::string_view, 3> pieces = {opening, bytes, closing};
    const std::size_t taken = connection_.Send(pieces);
    sent_ += std::min<std::size_t>(taken - std::min(taken, opening.size()), size);
    return taken == opening.size() + bytes.size() + closing.size();
  }

  // The framing behind a piece: the end of its chunk, and behind the last one that of the body.
  [[nodiscard]] std::string Closing(std::uint64_t size) const {
    if (!is_chunked_) return {};
    std::string closing = size > 0 ? "\r\n" : "";
    if (sent_ + size < limit_) return closing;
    if (plan_.chunk_error) {
      closing += kBadChunkSize;
    } else if (!plan_.cut_at) {
      closing += "0\r\n\r\n";
    }
    return closing;
  }

  std::string_view Bytes(std::uint64_t size) {
    if (in_memory_) return in_memory_->substr(sent_, size);
    if (size == 0) return {};
    if (!buffer_) buffer_ = std::make_unique_for_overwrite<char[]>(std::min(piece_, limit_));
    const std::span<char> out(buffer_.get(), size);
    body_->Read(sent_, out);
    return {out.data(), out.size()};
  }

  // Waits until no more has been sent than the throttle allows.
  bool KeepPace(Duration start) {
    if (plan_.bytes_per_s == 0 || sent_ == limit_) return true;
    const std::chrono::duration<double> due(static_cast<double>(sent_) /
                                            static_cast<double>(plan_.bytes_per_s));
    return connection_.Wait(start + std::chrono::duration_cast<Duration>(due) - clock_.Now(),
                            clock_);
  }

  const Plan& plan_;
  const content::ByteSource* body_;  // null: none is sent
  bool is_chunked_;
  std::uint64_t limit_;
  std::uint64_t piece_;
  Connection& connection_;
  Clock& clock_;
  std::optional<std::string_view> in_memory_;
  std::unique_ptr<char[]> buffer_;
  std::uint64_t sent_ = 0;
};

Outcome Ended(std::uint64_t body_sent, std::string_view ending, std::optional<End> end) {
  return {.body_sent = body_sent, .ending = ending, .end = end, .began = {}};
}

Outcome Abandoned(const Connection& connection, std::uint64_t body_sent) {
  return Ended(body_sent, connection.stopped() ? kServerStopped : kGone, End::kFin);
}

Outcome SendAll(const Plan& plan, const RequestHead& request, Connection& connection,
                Clock& clock) {
  if (plan.instead) {
    return Ended(0, *plan.instead == End::kRst ? kReset : EndingOfCut(*plan.instead),
                 *plan.instead);
  }
  const AnswerShape shape = ShapeOf(plan, request);
  BodySender body(plan, shape, connection, clock);
  if (!body.Send(ResponseHead(plan, request, clock.Wall()))) {
    return Abandoned(connection, body.sent());
  }
  if (plan.cut_at) return Ended(body.sent(), EndingOfCut(plan.cut_end), plan.cut_end);
  if (plan.chunk_error && shape.sends_body) return Ended(body.sent(), kCutFin, End::kFin);
  if (shape.ends_connection) return Ended(body.sent(), kComplete, End::kFin);
  return Ended(body.sent(), kComplete, std::nullopt);
}

}  // namespace

Outcome CarryOut(const Plan& plan, const RequestHead& request, Connection& connection,
                 Clock& clock) {
  const bool waited = connection.Wait(plan.wait, clock);
  const Duration began = clock.Now();
  Outcome outcome = waited ? SendAll(plan, request, connection, clock) : Abandoned(connection, 0);
  outcome.began = began;
  return outcome;
}

}  // namespace pullproof::mockregistry::wire
