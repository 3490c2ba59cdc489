// The head of an answer, byte for byte as the plan wants it.
#ifndef PULLPROOF_MOCKREGISTRY_WIRE_RESPONSE_HEAD_H_
#define PULLPROOF_MOCKREGISTRY_WIRE_RESPONSE_HEAD_H_

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "mockregistry/script/plan.h"
#include "mockregistry/wire/request_head.h"

namespace pullproof::mockregistry::wire {

// What follows from a plan and the request that it answers.
struct AnswerShape {
  std::uint64_t body_size = 0;  // of the plan's body, whether or not it is sent
  bool sends_body = false;      // not to HEAD, nor with 1xx, 204 and 304
  script::Framing framing = script::Framing::kLength;
  // The connection ends with this answer even if nothing goes wrong: the client or the plan says
  // so, the body has no other end, or its length is a lie after which nothing can follow.
  bool ends_connection = false;
};

// Whether this answer turns the connection into a tunnel: a 2xx to CONNECT, which has no content
// and no end of its own (RFC 9110 section 9.3.6).
bool OpensTunnel(const script::Plan& plan, const RequestHead& request);

AnswerShape ShapeOf(const script::Plan& plan, const RequestHead& request);

// Status line, the plan's headers as they stand, then what the plan left out: Date, Connection
// ("close", when both sides know that it ends), and Content-Length or Transfer-Encoding. CR, LF and
// NUL in a header become blanks (RFC 9110 section 5.5), so that no value can add a line. Pure.
std::string ResponseHead(const script::Plan& plan, const RequestHead& request,
                         std::chrono::system_clock::time_point now);

// "Sun, 06 Nov 1994 08:49:37 GMT". Spec: RFC 9110 section 5.6.7.
std::string HttpDate(std::chrono::system_clock::time_point time);
// "Not Found"; "Unknown" for a status that no RFC names.
std::string_view ReasonOf(int status);

}  // namespace pullproof::mockregistry::wire

#endif  // PULLPROOF_MOCKREGISTRY_WIRE_RESPONSE_HEAD_H_
