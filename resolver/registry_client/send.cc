#include "resolver/registry_client/send.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"

namespace pullproof::resolver::registry_client {
namespace {

// The body of a good answer is empty, or a short page for people.
constexpr std::size_t kMaxIgnoredBytes = std::size_t{1} << 20;

}  // namespace

Attempt<Acknowledgement> Send(Fetcher& fetcher, const Endpoint& endpoint, const Url& url,
                              const Message& message) {
  transport::Response response;
  std::size_t ignored = 0;
  const Content content{.ranged = false,
                        .on_response = [&](const transport::Response& answer) -> Result<void> {
                          response = answer;
                          ignored = 0;
                          return {};
                        },
                        .on_body = [&](std::string_view bytes) -> Result<void> {
                          ignored += bytes.size();
                          if (ignored <= kMaxIgnoredBytes) return {};
                          return Fail("limit.bytes",
                                      "the registry answers an upload with more than it was sent");
                        },
                        .method = message.method,
                        .body = message.body,
                        .accepts =
                            [&](int status) {
                              return std::ranges::find(message.good, status) != message.good.end();
                            }};
  auto served_by = fetcher.Try(endpoint, url, message.headers, content);
  if (!served_by) return std::unexpected(std::move(served_by).error());
  return Acknowledgement{.status = response.status,
                         .headers = std::move(response.headers),
                         .url = *std::move(served_by)};
}

Result<Acknowledgement> SendUntilDone(Fetcher& fetcher, const Endpoint& endpoint, const Url& url,
                                      const Message& message) {
  Retrier retrier = fetcher.NewRetrier(endpoint);
  while (true) {
    auto sent = Send(fetcher, endpoint, url, message);
    if (sent) return *std::move(sent);
    PULLPROOF_RETURN_IF_ERROR(retrier.WaitAfter(std::move(sent).error()));
  }
}

Result<void> CheckStoredDigest(const oci::Headers& answer, const oci::Digest& sent) {
  for (const std::string& line : answer.All("Docker-Content-Digest")) {
    const auto stored = oci::Digest::Parse(Trim(line));
    // One that cannot be read, or of another algorithm, says nothing.
    if (!stored || stored->algorithm() != sent.algorithm() || *stored == sent) continue;
    return Fail("digest.mismatch",
                fmt::format("{} was sent, and the registry says that it stored {}", sent.ToString(),
                            stored->ToString()),
                {}, "the registry altered it, or keeps something else");
  }
  return {};
}

}  // namespace pullproof::resolver::registry_client
