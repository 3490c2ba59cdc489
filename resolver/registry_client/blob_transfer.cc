#include "resolver/registry_client/blob_transfer.h"

#include <charconv>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "oci/range.h"

namespace pullproof::resolver::registry_client {
namespace {

std::unexpected<Error> BadRange(std::string message) {
  return Fail("registry.range", std::move(message));
}

// A Content-Length: one number, or (RFC 9112 section 6.3) the same number several times.
std::optional<std::uint64_t> ParseLength(std::string_view text) {
  const std::string_view first = Trim(text.substr(0, text.find(',')));
  std::uint64_t length = 0;
  const auto [end, error] = std::from_chars(first.data(), first.data() + first.size(), length);
  const bool whole = error == std::errc() && end == first.data() + first.size();
  return whole ? std::optional(length) : std::nullopt;
}

}  // namespace

BlobTransfer::BlobTransfer(Fetcher& fetcher, const Endpoint& endpoint,
                           const oci::Descriptor& descriptor,
                           const std::function<Result<void>(std::string_view)>& sink,
                           const std::function<Result<void>()>& restart)
    : fetcher_(fetcher),
      endpoint_(endpoint),
      descriptor_(descriptor),
      sink_(sink),
      restart_(restart),
      verifier_(descriptor.digest, descriptor.size) {}

Result<void> BlobTransfer::Run() {
  Retrier retrier = fetcher_.NewRetrier(endpoint_);
  while (true) {
    const std::uint64_t before = verifier_.accepted();
    range_is_wrong_ = false;
    auto tried = Try();
    if (tried) return verifier_.Finish();
    Failure failure = std::move(tried).error();
    const bool range_refused = before > 0 && (failure.status == 416 || failure.status == 400);
    if (range_is_wrong_ || range_refused) ranges_work_ = false;
    // With all bytes there but the answer's end missing, there is nothing left to ask for.
    const bool resumable = ranges_work_ && verifier_.accepted() < descriptor_.size;
    const bool from_zero = verifier_.accepted() > 0 && !resumable;
    if (from_zero && restarts_ == kMaxRestarts) return std::unexpected(std::move(failure.error));
    if (!range_is_wrong_ && !range_refused) {
      if (verifier_.accepted() > before) retrier.NoteProgress();
      PULLPROOF_RETURN_IF_ERROR(retrier.WaitAfter(std::move(failure)));
    }
    if (from_zero) PULLPROOF_RETURN_IF_ERROR(Restart());
  }
}

Attempt<void> BlobTransfer::Try() {
  const std::uint64_t offset = verifier_.accepted();
  oci::Headers headers;
  // Open at its end: an end past the last byte is what strict servers refuse.
  if (offset > 0) headers.Add("Range", fmt::format("bytes={}-", offset));
  const Content content{
      .ranged = offset > 0,
      .on_response = [this](const transport::Response& response) { return OnResponse(response); },
      .on_body = [this](std::string_view bytes) { return OnBody(bytes); }};
  auto got = fetcher_.Try(endpoint_, endpoint_.At("blobs/" + descriptor_.digest.ToString()),
                          headers, content);
  if (!got) return std::unexpected(std::move(got).error());
  if (offset > 0 && verifier_.accepted() < descriptor_.size && ranges_work_) {
    // A server may send less than it was asked for (RFC 9110 section 15.3.7).
    Failure failure{.error = BadRange(fmt::format("a part that ends at byte {} of {}",
                                                  verifier_.accepted(), descriptor_.size))
                                 .error(),
                    .status = 206,
                    .transient = verifier_.accepted() > offset,
                    .retry_after = {}};
    return std::unexpected(std::move(failure));
  }
  return {};
}

Result<void> BlobTransfer::OnResponse(const transport::Response& response) {
  return response.status == 206 ? OnPart(response) : OnWhole(response);
}

Result<void> BlobTransfer::OnWhole(const transport::Response& response) {
  if (verifier_.accepted() > 0) {  // Range was ignored: these bytes begin at zero
    ranges_work_ = false;
    PULLPROOF_RETURN_IF_ERROR(Restart());
  }
  // A length that cannot be right saves the transfer. With a transfer coding it means nothing.
  const auto length = response.headers.Find("Content-Length");
  if (!length || response.headers.Has("Transfer-Encoding")) return {};
  if (ParseLength(*length) == descriptor_.size) return {};
  return Fail("size.mismatch",
              fmt::format("the registry sends {} bytes instead of {}", *length, descriptor_.size),
              descriptor_.digest.ToString(),
              "the registry served other content than the manifest describes");
}

Result<void> BlobTransfer::OnPart(const transport::Response& response) {
  const std::uint64_t offset = verifier_.accepted();
  const auto header = response.headers.Find("Content-Range");
  const auto range = oci::ContentRange::Parse(header.value_or(""));
  if (!range || !range->span || range->span->first != offset) {
    range_is_wrong_ = true;
    return BadRange(fmt::format("asked for bytes from {}, the registry sends `{}`", offset,
                                Printable(header.value_or("no Content-Range"))));
  }
  const std::uint64_t total = range->total.value_or(descriptor_.size);
  if (total != descriptor_.size || range->span->last >= descriptor_.size) {
    return Fail(
        "size.mismatch",
        fmt::format("the registry sends `{}` of a blob of {} bytes", *header, descriptor_.size),
        descriptor_.digest.ToString(),
        "the registry served other content than the manifest describes");
  }
  return {};
}

// The digest's state comes first: what it refuses is never seen by the sink.
Result<void> BlobTransfer::OnBody(std::string_view bytes) {
  PULLPROOF_RETURN_IF_ERROR(verifier_.Update(bytes));
  return sink_(bytes);
}

Result<void> BlobTransfer::Restart() {
  ++restarts_;
  verifier_.Restart();
  return restart_();
}

}  // namespace pullproof::resolver::registry_client
