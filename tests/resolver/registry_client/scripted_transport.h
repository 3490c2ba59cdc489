// A transport without a network: answers by URL from a table, and remembers what it was asked.
#ifndef PULLPROOF_TESTS_RESOLVER_REGISTRY_CLIENT_SCRIPTED_TRANSPORT_H_
#define PULLPROOF_TESTS_RESOLVER_REGISTRY_CLIENT_SCRIPTED_TRANSPORT_H_

#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "oci/headers.h"
#include "resolver/transport/transport.h"

namespace pullproof::resolver::registry_client {

struct Reply {
  int status = 200;
  oci::Headers headers = {};
  std::string body = {};
  // An error of the transport instead of an answer, or (with `cut`) after so many bytes of it.
  std::optional<std::string> error = {};
  std::optional<std::size_t> cut = {};
};

// Bytes that end early: the answer's head and the first `at` bytes, then transport.truncated.
Reply Cut(Reply reply, std::size_t at);
// No answer at all.
Reply Fault(std::string error);

// Thread-safe.
class ScriptedTransport final : public transport::Transport {
 public:
  // The replies to `url`, or to "METHOD url" where that is what matters, one after the other; the
  // last one again and again. A URL that nobody scripted fails the test.
  void On(const std::string& url, std::vector<Reply> replies);

  Result<transport::Response> Exchange(const transport::Request& request,
                                       const transport::Receiver& receiver) override;

  // "URL" of every request, in order.
  [[nodiscard]] std::vector<std::string> Urls() const;
  // The methods alone.
  [[nodiscard]] std::vector<std::string> Methods() const;
  // That header of every request, "-" where there was none.
  [[nodiscard]] std::vector<std::string> Sent(std::string_view header) const;
  [[nodiscard]] const std::vector<transport::Request>& requests() const { return requests_; }

 private:
  struct Script {
    std::vector<Reply> replies;
    std::size_t next = 0;
  };

  mutable std::mutex mutex_;
  std::map<std::string, Script> scripts_;
  std::vector<transport::Request> requests_;
};

}  // namespace pullproof::resolver::registry_client

#endif  // PULLPROOF_TESTS_RESOLVER_REGISTRY_CLIENT_SCRIPTED_TRANSPORT_H_
