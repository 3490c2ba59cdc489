#include "resolver/sources/web.h"

#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "resolver/registry_client/redirect.h"
#include "resolver/registry_client/url.h"

namespace pullproof::resolver::sources {
namespace {

namespace client = registry_client;

client::Attempt<void> Try(transport::Transport& transport, const Clock& clock,
                          client::Deadline deadline, const client::Url& url,
                          const client::Content& content) {
  client::Url at = url;
  for (int redirects = 0;; ++redirects) {
    auto answer = client::Ask(transport, clock, deadline, at, {}, content);
    if (!answer) return std::unexpected(std::move(answer).error());
    if (answer->is_content) return {};
    if (!client::IsRedirect(answer->response.status)) {
      return std::unexpected(client::StatusFailure(*answer, at.host(), clock));
    }
    if (redirects == client::kMaxRedirects) {
      return client::Final({"redirect.too-many",
                            fmt::format("more than {} redirects", client::kMaxRedirects),
                            {},
                            "the last one led to " + at.host()});
    }
    auto next = client::Follow(at, answer->response, url);
    if (!next) return client::Final(std::move(next).error());
    at = *std::move(next);
  }
}

// What the time for a download is reckoned by: its length is known only when it has arrived.
constexpr std::uint64_t kUsualDownloadBytes = std::uint64_t{64} << 20;

// Ends the transfer that brings more than it may.
Result<void> Count(std::uint64_t& bytes, std::string_view piece, std::uint64_t max_bytes) {
  bytes += piece.size();
  if (bytes <= max_bytes) return {};
  return Fail("limit.bytes", fmt::format("more than {} bytes", max_bytes));
}

}  // namespace

Web::Web(transport::Transport& transport, Clock& clock)
    : transport_(transport),
      clock_(clock),
      jitter_(static_cast<std::uint64_t>(clock.Now().count())) {}

Result<void> Web::Get(const std::string& url, std::uint64_t max_bytes,
                      const client::Content& content) {
  const auto parsed = client::Url::Parse(url);
  if (!parsed) return std::unexpected(At(parsed.error(), url));
  const client::Deadline deadline = client::DeadlineFor(clock_, max_bytes);
  client::Retrier retrier(clock_, jitter_, deadline);
  while (true) {
    auto got = Try(transport_, clock_, deadline, *parsed, content);
    if (got) return {};
    if (auto wait = retrier.WaitAfter(std::move(got).error()); !wait) {
      return std::unexpected(At(std::move(wait).error(), url));
    }
  }
}

Result<std::string> Web::GetText(const std::string& url, std::uint64_t max_bytes) {
  std::string text;
  std::uint64_t bytes = 0;
  client::Content content;
  content.on_response = [&](const transport::Response& /*response*/) -> Result<void> {
    text.clear();
    bytes = 0;
    return {};
  };
  content.on_body = [&](std::string_view piece) -> Result<void> {
    PULLPROOF_RETURN_IF_ERROR(Count(bytes, piece, max_bytes));
    text += piece;
    return {};
  };
  PULLPROOF_RETURN_IF_ERROR(Get(url, max_bytes, content));
  return text;
}

Result<void> Web::Download(const std::string& url, const oci::Digest& digest,
                           const std::function<Result<std::unique_ptr<PendingFile>>()>& begin) {
  std::unique_ptr<PendingFile> file;
  std::uint64_t bytes = 0;
  oci::Hasher hasher(digest.algorithm());
  client::Content content;
  content.on_response = [&](const transport::Response& /*response*/) -> Result<void> {
    PULLPROOF_ASSIGN_OR_RETURN(file, begin());
    bytes = 0;
    hasher = oci::Hasher(digest.algorithm());
    return {};
  };
  content.on_body = [&](std::string_view piece) -> Result<void> {
    PULLPROOF_RETURN_IF_ERROR(Count(bytes, piece, kMaxDownloadBytes));
    hasher.Update(piece);
    return file->Append(piece);
  };
  PULLPROOF_RETURN_IF_ERROR(Get(url, kUsualDownloadBytes, content));
  const oci::Digest got = hasher.Finish();
  if (got != digest) {
    return Fail("digest.mismatch",
                fmt::format("invalid content digest; expected {}, downloaded {}", digest.ToString(),
                            got.ToString()),
                url, "the file has changed, or it is another; find out why before you trust it");
  }
  return file->Commit();
}

}  // namespace pullproof::resolver::sources
