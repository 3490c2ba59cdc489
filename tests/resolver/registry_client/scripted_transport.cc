#include "tests/resolver/registry_client/scripted_transport.h"

#include <algorithm>
#include <utility>

#include <gtest/gtest.h>

namespace pullproof::resolver::registry_client {
namespace {

// Small and odd, so that nothing can rely on how a body is cut into pieces.
constexpr std::size_t kPiece = 1021;

}  // namespace

Reply Cut(Reply reply, std::size_t at) {
  reply.error = "transport.truncated";
  reply.cut = at;
  return reply;
}

Reply Fault(std::string error) {
  Reply reply;
  reply.error = std::move(error);
  return reply;
}

void ScriptedTransport::On(const std::string& url, std::vector<Reply> replies) {
  const std::scoped_lock lock(mutex_);
  scripts_[url] = {std::move(replies), 0};
}

Result<transport::Response> ScriptedTransport::Exchange(const transport::Request& request,
                                                        const transport::Receiver& receiver) {
  Reply reply;
  {
    const std::scoped_lock lock(mutex_);
    requests_.push_back(request);
    auto found = scripts_.find(request.method + ' ' + request.url);
    if (found == scripts_.end()) found = scripts_.find(request.url);
    if (found == scripts_.end()) {
      ADD_FAILURE() << "nobody scripted " << request.method << ' ' << request.url;
      return Fail("transport.request", "nobody scripted it", request.url);
    }
    Script& script = found->second;
    reply = script.replies[std::min(script.next++, script.replies.size() - 1)];
  }
  if (reply.error && !reply.cut) return Fail(*reply.error, "as scripted", request.url);
  const transport::Response response{.status = reply.status, .headers = reply.headers};
  PULLPROOF_RETURN_IF_ERROR(receiver.on_response(response));
  std::string_view left =
      std::string_view(reply.body).substr(0, reply.cut.value_or(std::string::npos));
  while (!left.empty()) {
    PULLPROOF_RETURN_IF_ERROR(receiver.on_body(left.substr(0, kPiece)));
    left.remove_prefix(std::min(kPiece, left.size()));
  }
  if (reply.error) return Fail(*reply.error, "as scripted", request.url);
  return response;
}

std::vector<std::string> ScriptedTransport::Methods() const {
  const std::scoped_lock lock(mutex_);
  std::vector<std::string> methods;
  for (const transport::Request& request : requests_) methods.push_back(request.method);
  return methods;
}

std::vector<std::string> ScriptedTransport::Urls() const {
  const std::scoped_lock lock(mutex_);
  std::vector<std::string> urls;
  for (const transport::Request& request : requests_) urls.push_back(request.url);
  return urls;
}

std::vector<std::string> ScriptedTransport::Sent(std::string_view header) const {
  const std::scoped_lock lock(mutex_);
  std::vector<std::string> values;
  for (const transport::Request& request : requests_) {
    values.push_back(request.headers.Find(header).value_or("-"));
  }
  return values;
}

}  // namespace pullproof::resolver::registry_client
