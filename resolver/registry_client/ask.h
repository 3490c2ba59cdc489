// One exchange: the body of a good answer goes to whoever wants it, that of any other is kept as
// far as an error message needs it.
#ifndef PULLPROOF_RESOLVER_REGISTRY_CLIENT_ASK_H_
#define PULLPROOF_RESOLVER_REGISTRY_CLIENT_ASK_H_

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "oci/headers.h"
#include "resolver/registry_client/retry.h"
#include "resolver/registry_client/url.h"
#include "resolver/transport/transport.h"

namespace pullproof::resolver::registry_client {

// Of a body that is not content: enough for every error envelope, and for any other to be
// recognised. A longer one is cut off.
inline constexpr std::size_t kMaxRefusalBytes = std::size_t{16} << 10;

// What is done with a good answer: 200, or also 206 where a range was asked for.
struct Content {
  bool ranged = false;
  std::function<Result<void>(const transport::Response&)> on_response;
  std::function<Result<void>(std::string_view)> on_body;
  // For a request that is no GET. The body is not owned; null is none.
  std::string_view method = "GET";
  const std::string* body = nullptr;
  std::function<bool(int status)> accepts = {};  // set: which answers are good
};

struct Answer {
  transport::Response response;
  bool is_content = false;  // it went to the Content
  std::string refusal;      // else the beginning of its body
};

// GETs the URL, or sends what the content says. Fails when no answer came (transient where the
// connection is to blame) and when the content's functions refuse; any status is an answer.
// `innermost`: as in transport::Request, for a URL that a server named.
// What is not over by the deadline has failed, and that is final.
Attempt<Answer> Ask(transport::Transport& transport, const Clock& clock, Deadline deadline,
                    const Url& url, oci::Headers headers, const Content& content,
                    std::optional<transport::Reach> innermost = {});

// The failure that an answer without content is: by its status, with what the body says.
// `who` answered: "the registry". Transient for 429 and 5xx.
Failure StatusFailure(const Answer& answer, std::string_view who, const Clock& clock);

}  // namespace pullproof::resolver::registry_client

#endif  // PULLPROOF_RESOLVER_REGISTRY_CLIENT_ASK_H_
