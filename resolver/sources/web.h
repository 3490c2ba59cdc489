// Files and documents of ordinary web servers: what `{ url, digest }` names, and what registries
// say about themselves. No credentials are ever sent.
#ifndef PULLPROOF_RESOLVER_SOURCES_WEB_H_
#define PULLPROOF_RESOLVER_SOURCES_WEB_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "oci/digest.h"
#include "resolver/registry_client/ask.h"
#include "resolver/registry_client/retry.h"
#include "resolver/transport/transport.h"

namespace pullproof::resolver::sources {

// One Wasm module behind a URL. The largest in use, interpreters with their libraries, are tens of
// megabytes; nothing says beforehand how long an answer will be.
inline constexpr std::uint64_t kMaxDownloadBytes = std::uint64_t{1} << 30;

// Thread-safe. Redirects and retries are those of the registry client, with its bounds.
class Web {
 public:
  // Neither is owned.
  Web(transport::Transport& transport, Clock& clock);

  // A small document. Errors: url.*, limit.bytes, redirect.*, registry.* (by the status), those of
  // the transport.
  Result<std::string> GetText(const std::string& url, std::uint64_t max_bytes);

  // The content of `digest` into the file that `begin` starts, which gets its name when the bytes
  // are the right ones. `begin` is called again when a transfer starts over.
  // Errors: as above; digest.mismatch; file.*.
  Result<void> Download(const std::string& url, const oci::Digest& digest,
                        const std::function<Result<std::unique_ptr<PendingFile>>()>& begin);

 private:
  // `max_bytes`: what the time for it is reckoned by.
  Result<void> Get(const std::string& url, std::uint64_t max_bytes,
                   const registry_client::Content& content);

  transport::Transport& transport_;
  Clock& clock_;
  registry_client::Jitter jitter_;
};

}  // namespace pullproof::resolver::sources

#endif  // PULLPROOF_RESOLVER_SOURCES_WEB_H_
