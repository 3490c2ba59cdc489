#include "mockregistry/record/recorder.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "mockregistry/api/handle.h"
#include "mockregistry/api/route.h"
#include "mockregistry/content/byte_source.h"

namespace pullproof::mockregistry::record {
namespace {

constexpr int kBadGateway = 502;

// Headers of the connection to the upstream, and those that the wire writes.
constexpr std::array<std::string_view, 7> kNotPassedOn = {
    "connection",     "keep-alive", "transfer-encoding", "trailer", "upgrade",
    "content-length", "date"};

// The length of what a HEAD was asked for, without its bytes.
class OnlyLength final : public content::ByteSource {
 public:
  explicit OnlyLength(std::uint64_t size) : size_(size) {}
  [[nodiscard]] std::uint64_t size() const override { return size_; }
  void Read(std::uint64_t /*offset*/, std::span<char> out) const override {
    std::ranges::fill(out, '\0');
  }

 private:
  std::uint64_t size_;
};

api::Response ToClient(const api::Request& request, UpstreamAnswer answer) {
  api::Response response;
  response.status = answer.status;
  for (const auto& [name, value] : answer.headers.lines()) {
    if (std::ranges::find(kNotPassedOn, ToLowerAscii(name)) == kNotPassedOn.end()) {
      response.headers.Add(name, value);
    }
  }
  if (request.method == "HEAD") {
    response.head_only = true;
    const std::string length = answer.headers.Find("Content-Length").value_or("0");
    const bool is_number = !length.empty() && length.size() < 19 &&
                           length.find_first_not_of("0123456789") == std::string::npos;
    response.body = std::make_shared<OnlyLength>(is_number ? std::stoull(length) : 0);
  } else {
    response.body = content::FromString(std::move(answer.body));
  }
  return response;
}

}  // namespace

Result<std::unique_ptr<Recorder>> Recorder::Start(Upstream upstream, std::uint16_t port,
                                                  Clock& clock) {
  auto recorder = std::unique_ptr<Recorder>(new Recorder(std::move(upstream)));
  Recorder* const self = recorder.get();
  wire::Handler handler{.exchange =
                            [self](const api::Request& request) {
                              self->in_flight_.Begin();
                              script::Plan plan;
                              plan.response = self->Answer(request);
                              return plan;
                            },
                        .complete = [self](const script::Plan&, std::uint64_t, std::string_view,
                                           Duration) { self->in_flight_.End(); }};
  PULLPROOF_ASSIGN_OR_RETURN(recorder->wire_,
                             wire::Server::Start("127.0.0.1", port, std::move(handler), clock));
  return recorder;
}

Recorder::~Recorder() = default;

std::string Recorder::Url() const { return fmt::format("http://127.0.0.1:{}", wire_->port()); }

api::Response Recorder::Answer(const api::Request& request) {
  // What is no path would be glued to the upstream's name.
  if (!request.target.starts_with('/')) {
    return api::ErrorResponse("UNSUPPORTED", "the target is no path", 400);
  }
  Result<UpstreamAnswer> answer = upstream_.Ask(request);
  if (!answer) return api::ErrorResponse("UNKNOWN", answer.error().message, kBadGateway);
  recording_.See(api::RouteOf(request.method, request.target), *answer);
  return ToClient(request, *std::move(answer));
}

}  // namespace pullproof::mockregistry::record
