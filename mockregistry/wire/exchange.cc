#include "mockregistry/wire/exchange.h"

#include <cstdint>
#include <exception>
#include <expected>
#include <string>
#include <utility>

#include "mockregistry/api/message.h"
#include "mockregistry/content/byte_source.h"
#include "mockregistry/script/plan.h"
#include "mockregistry/wire/carry_out.h"
#include "mockregistry/wire/limits.h"
#include "mockregistry/wire/request_head.h"
#include "mockregistry/wire/response_head.h"

namespace pullproof::mockregistry::wire {
namespace {

struct WholeRequest {
  RequestHead head;
  std::string body;
};

bool IsQuick(const RequestHead& head) {
  return head.framing != BodyFraming::kChunked && head.length <= kQuickUpload;
}

bool IsQuick(const script::Plan& plan) {
  return plan.response.body == nullptr || plan.response.body->size() <= kQuickDownload;
}

std::expected<WholeRequest, Refusal> ReadRequest(Connection& connection, Library& library,
                                                 std::uint64_t max_body) {
  auto head = connection.ReadHead();
  if (!head) return std::unexpected(head.error());
  if (!library.Accepts(*head)) {
    return Refuse(400, "the method, the target or the version is not HTTP's");
  }
  if (!IsQuick(*head)) connection.AboutToWait();
  auto body = connection.ReadBody(*head, max_body);
  if (!body) return std::unexpected(body.error());
  return WholeRequest{*std::move(head), *std::move(body)};
}

// Says why, and closes: after a request that was not understood nothing can be.
void AnswerRefusal(const Refusal& refusal, Connection& connection, Clock& clock) {
  if (refusal == kClientGone) return;
  script::Plan plan;
  plan.response.status = refusal.status;
  plan.response.headers.Add("Content-Type", "text/plain");
  plan.response.body = content::FromString(std::string(refusal.why) + "\n");
  CarryOut(plan, RequestHead{}, connection, clock);
  connection.SayGoodbye();
  connection.Finish(/*input_left=*/true);
}

// A handler that throws is a bug, but the process lives on, and its message stays here
// (CVE-2026-28434).
std::expected<script::Plan, Refusal> Ask(const Handler& handler, api::Request request) {
  try {
    return handler.exchange(std::move(request));
  } catch (const std::exception&) {
    return Refuse(500, "the registry failed");
  }
}

void EndConnection(script::End end, Connection& connection) {
  switch (end) {
    case script::End::kFin:
      return connection.Finish(/*input_left=*/false);
    case script::End::kRst:
      return connection.Reset();
    case script::End::kHang:
      return connection.Hang();
  }
}

// False when the connection is over: the client did not get past the handshake.
bool Greet(Session& session) {
  session.is_greeted = true;
  const Handler& handler = *session.handler;
  if (!handler.greets) return true;
  Connection& connection = session.connection;
  if (connection.HasEnded()) return false;  // a probe, not a client
  const Greeting greeting = handler.greets(connection.number());
  if (greeting.identity == nullptr) {
    connection.RefuseTls();
    handler.greeted(greeting, kTlsAlert);
    connection.Finish(/*input_left=*/true);
    return false;
  }
  const bool is_complete = connection.StartTls(greeting.identity);
  handler.greeted(greeting, is_complete ? kTlsComplete : kTlsFailed);
  if (!is_complete) connection.Finish(/*input_left=*/false);
  return is_complete;
}

// Hands the connection over to whoever is at the other end of the tunnel that was just opened.
bool EnterTunnel(Session& session, std::string_view authority) {
  session.handler = session.handler->tunnel(authority);
  session.is_greeted = false;
  return session.handler != nullptr;
}

}  // namespace

bool ServeInput(Session& session, Library& library, Clock& clock) {
  // What has arrived is the handshake's; the first request may be a while.
  if (!session.is_greeted && session.handler->greets) return Greet(session);
  Connection& connection = session.connection;
  const Handler& handler = *session.handler;
  auto request = ReadRequest(connection, library, handler.max_body);
  if (!request) {
    AnswerRefusal(request.error(), connection, clock);
    return false;
  }
  RequestHead& head = request->head;
  if (!handler.is_quick) connection.AboutToWait();
  const auto plan = Ask(handler, {.method = head.method,
                                  .target = head.target,
                                  .headers = std::move(head.headers),
                                  .body = std::move(request->body),
                                  .connection = connection.number()});
  if (!plan) {
    AnswerRefusal(plan.error(), connection, clock);
    return false;
  }
  if (!IsQuick(*plan)) connection.AboutToWait();
  const Outcome outcome = CarryOut(*plan, head, connection, clock);
  if (outcome.end && outcome.ending == kComplete) connection.SayGoodbye();
  // Told before the connection ends, so that a client that sees the end finds the journal complete.
  handler.complete(*plan, outcome.body_sent, outcome.ending, outcome.began);
  if (outcome.end) EndConnection(*outcome.end, connection);
  if (outcome.end) return false;
  return !handler.tunnel || !OpensTunnel(*plan, head) || EnterTunnel(session, head.target);
}

}  // namespace pullproof::mockregistry::wire
