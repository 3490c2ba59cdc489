#include "conformance/client/in_process_transport.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "mockregistry/script/plan.h"
#include "mockregistry/wire/carry_out.h"
#include "mockregistry/wire/request_head.h"
#include "mockregistry/wire/response_head.h"
#include "resolver/transport/response_head.h"

namespace pullproof::conformance::client {
namespace {

namespace api = mockregistry::api;
namespace transport = resolver::transport;
namespace wire = mockregistry::wire;
using mockregistry::script::End;
using mockregistry::script::Plan;

constexpr std::uint64_t kPiece = 16384;  // libcurl's own buffer (CURL_MAX_WRITE_SIZE)
constexpr std::string_view kScheme = "http://";

struct Target {
  std::string authority;
  std::string path_and_query;
  std::string where;  // the URL without its query
};

Result<Target> ParseTarget(std::string_view url) {
  Target target{.authority = {},
                .path_and_query = {},
                .where = std::string(url.substr(0, url.find_first_of("?#")))};
  if (url.starts_with("https://")) {
    return Fail("transport.unsupported", "nothing speaks TLS in process", target.where);
  }
  if (!url.starts_with(kScheme)) {
    return Fail("transport.request", "not an http URL", target.where);
  }
  url.remove_prefix(kScheme.size());
  url = url.substr(0, url.find('#'));
  const std::size_t path = std::min(url.find_first_of("/?"), url.size());
  target.authority = url.substr(0, path);
  if (target.authority.contains('@')) {
    return Fail("transport.request", "a user in a URL is not sent", target.where);
  }
  target.path_and_query = url.substr(path);
  if (!target.path_and_query.starts_with('/')) target.path_and_query.insert(0, "/");
  return target;
}

Result<api::Request> ToRegistry(const transport::Request& request, const Target& target) {
  for (const auto& [name, value] : request.headers.lines()) {
    if (!oci::IsHeaderValue(value)) {
      return Fail("transport.request", fmt::format("a line break in the header {}", name),
                  target.where);
    }
  }
  api::Request asked{.method = request.method,
                     .target = target.path_and_query,
                     .headers = {},
                     .body = request.body,
                     .host = {},
                     .connection = 0};
  if (!request.headers.Has("Host")) asked.headers.Add("Host", target.authority);
  for (const auto& [name, value] : request.headers.lines()) asked.headers.Add(name, value);
  const bool has_body =
      !request.body.empty() || request.method == "POST" || request.method == "PUT";
  if (has_body && !asked.headers.Has("Content-Length")) {
    asked.headers.Add("Content-Length", std::to_string(request.body.size()));
  }
  return asked;
}

// One exchange as a client sees it happen.
class Playback {
 public:
  // All of them outlive it.
  Playback(const transport::Request& request, const transport::Receiver& receiver, const Plan& plan,
           Clock& clock)
      : request_(request), receiver_(receiver), plan_(plan), clock_(clock), start_(clock.Now()) {
    asked_.method = request.method;
    asked_.persists = true;
  }

  Result<transport::Response> Run() {
    if (!Wait(plan_.wait)) return GiveUp("no answer");
    if (plan_.instead) return std::unexpected(EndInstead(*plan_.instead));
    PULLPROOF_RETURN_IF_ERROR(TakeHead());
    PULLPROOF_RETURN_IF_ERROR(receiver_.on_response(head_.response()));
    const wire::AnswerShape shape = wire::ShapeOf(plan_, asked_);
    if (shape.sends_body) {
      PULLPROOF_RETURN_IF_ERROR(TakeBody(shape));
    } else {
      ending_ = wire::kComplete;
    }
    keeps_connection_ = ending_ == wire::kComplete && !shape.ends_connection;
    return head_.response();
  }

  [[nodiscard]] std::uint64_t body_sent() const { return sent_; }
  [[nodiscard]] std::string_view ending() const { return ending_; }
  [[nodiscard]] bool keeps_connection() const { return keeps_connection_; }

 private:
  // How long the client waits now, if nothing comes.
  [[nodiscard]] Duration Patience() const {
    return std::min(request_.idle_timeout, request_.total_timeout - (clock_.Now() - start_));
  }

  // False when the client gives up before the wait is over.
  bool Wait(Duration duration) {
    const Duration patience = Patience();
    clock_.Sleep(std::min(duration, patience));
    return duration < patience;
  }

  std::unexpected<Error> GiveUp(std::string_view what) {
    const Duration waited = clock_.Now() - start_;
    return Fail("transport.timeout",
                fmt::format("{}, {} s after it was asked for", what,
                            std::chrono::duration_cast<std::chrono::seconds>(waited).count()));
  }

  Error EndInstead(End end) {
    switch (end) {
      case End::kFin:
        ending_ = wire::kCutFin;
        return {"transport.closed", "the connection was closed before an answer", {}, {}};
      case End::kRst:
        ending_ = wire::kReset;
        return {"transport.closed", "the connection was reset before an answer", {}, {}};
      case End::kHang:
        break;
    }
    ending_ = wire::kHang;
    clock_.Sleep(Patience());
    return GiveUp("no answer").error();
  }

  // The head that the registry would send, through the reader that a socket's bytes go through:
  // what is refused there is refused here.
  Result<void> TakeHead() {
    const std::string text = wire::ResponseHead(plan_, asked_, clock_.Wall());
    for (const std::string_view line : Split(text, '\n')) {
      PULLPROOF_ASSIGN_OR_RETURN(const bool is_complete, head_.TakeLine(line));
      if (is_complete) return {};
    }
    // Only an interim answer (1xx), and then nothing.
    return Fail("transport.closed", "the connection was closed before the final answer");
  }

  // How a client knows the end of the body. Spec: RFC 9112 section 6.3.
  [[nodiscard]] std::optional<std::uint64_t> PromisedLength() const {
    const oci::Headers& headers = head_.response().headers;
    const std::optional<std::string> text = headers.Find("Content-Length");
    if (!text || headers.Has("Transfer-Encoding")) return std::nullopt;
    std::uint64_t length = 0;
    std::from_chars(text->data(), text->data() + text->size(), length);  // checked by the head
    return length;
  }

  Result<void> TakeBody(const wire::AnswerShape& shape) {
    const std::optional<std::uint64_t> promised = PromisedLength();
    std::uint64_t offered = std::min(plan_.cut_at.value_or(shape.body_size), shape.body_size);
    // The error comes in the middle, so that a client has something in its hands.
    if (plan_.chunk_error) offered = std::min(offered, shape.body_size / 2);
    PULLPROOF_RETURN_IF_ERROR(Deliver(std::min(offered, promised.value_or(offered))));

    ending_ = plan_.cut_at        ? EndingOf(plan_.cut_end)
              : plan_.chunk_error ? wire::kCutFin
                                  : wire::kComplete;
    if (promised && sent_ >= *promised) return {};
    if (plan_.chunk_error) return Fail("transport.protocol", "a chunk's size is no number");
    if (plan_.cut_at) return CutShort();
    return promised ? Truncated() : Result<void>();
  }

  // The connection ended where more was promised, or where a chunk or the end was due.
  Result<void> CutShort() {
    switch (plan_.cut_end) {
      case End::kRst:
        return Fail("transport.closed", "the connection was reset within the answer");
      case End::kHang:
        clock_.Sleep(Patience());
        return GiveUp("nothing more");
      case End::kFin:
        break;
    }
    // A body that ends with its connection has no end that could be missed.
    const bool ends_with_connection =
        !PromisedLength() && !head_.response().headers.Has("Transfer-Encoding");
    return ends_with_connection ? Result<void>() : Truncated();
  }

  static std::string_view EndingOf(End end) {
    switch (end) {
      case End::kFin:
        return wire::kCutFin;
      case End::kRst:
        return wire::kCutRst;
      case End::kHang:
        return wire::kHang;
    }
    return {};
  }

  [[nodiscard]] Result<void> Truncated() const {
    return Fail("transport.truncated",
                fmt::format("the answer ended after {} bytes of its body", sent_));
  }

  Result<void> Deliver(std::uint64_t count) {
    std::string piece;
    while (sent_ < count) {
      piece.resize(std::min(PieceSize(), count - sent_));
      plan_.response.body->Read(sent_, piece);
      sent_ += piece.size();
      PULLPROOF_RETURN_IF_ERROR(receiver_.on_body(piece));
      const bool is_paced = plan_.bytes_per_s != 0 && sent_ < count;
      if (is_paced && !Wait(TimeFor(piece.size()))) return GiveUp("nothing more");
    }
    return {};
  }

  // As the wire cuts it: a throttled body comes in ten pieces a second.
  [[nodiscard]] std::uint64_t PieceSize() const {
    if (plan_.slice != 0) return std::min(plan_.slice, kPiece);
    if (plan_.bytes_per_s != 0) return std::clamp<std::uint64_t>(plan_.bytes_per_s / 10, 1, kPiece);
    return kPiece;
  }

  [[nodiscard]] Duration TimeFor(std::size_t bytes) const {
    constexpr std::uint64_t kNanoseconds = 1'000'000'000;
    return Duration(static_cast<std::int64_t>(bytes * kNanoseconds / plan_.bytes_per_s));
  }

  const transport::Request& request_;
  const transport::Receiver& receiver_;
  const Plan& plan_;
  Clock& clock_;
  const Duration start_;
  wire::RequestHead asked_;  // what of the request shapes the answer
  transport::ResponseHead head_;
  std::uint64_t sent_ = 0;
  std::string_view ending_ = wire::kGone;  // until it is known to have ended otherwise
  bool keeps_connection_ = false;
};

}  // namespace

Result<transport::Response> InProcessTransport::Exchange(const transport::Request& request,
                                                         const transport::Receiver& receiver) {
  PULLPROOF_ASSIGN_OR_RETURN(const Target target, ParseTarget(request.url));
  PULLPROOF_ASSIGN_OR_RETURN(api::Request asked, ToRegistry(request, target));
  asked.host = registry_.HostOf(target.authority);
  if (asked.host.empty()) {
    return Fail("transport.connect", "no host of the registry listens there", target.where);
  }
  asked.connection = TakeConnection(target.authority);
  const Plan plan = registry_.Exchange(asked);
  Playback playback(request, receiver, plan, clock_);
  Result<transport::Response> response = playback.Run();
  registry_.Complete(plan, playback.body_sent(), playback.ending());
  if (playback.keeps_connection()) ReturnConnection(target.authority, asked.connection);
  if (!response) return std::unexpected(At(std::move(response).error(), target.where));
  return response;
}

std::uint64_t InProcessTransport::TakeConnection(const std::string& authority) {
  const std::scoped_lock lock(mutex_);
  std::vector<std::uint64_t>& idle = idle_[authority];
  if (idle.empty()) return ++last_connection_;
  const std::uint64_t connection = idle.back();
  idle.pop_back();
  return connection;
}

void InProcessTransport::ReturnConnection(const std::string& authority, std::uint64_t connection) {
  const std::scoped_lock lock(mutex_);
  idle_[authority].push_back(connection);
}

}  // namespace pullproof::conformance::client
