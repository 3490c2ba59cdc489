// A request and its answer, without a socket: what the pure floors of the registry speak.
#ifndef PULLPROOF_MOCKREGISTRY_API_MESSAGE_H_
#define PULLPROOF_MOCKREGISTRY_API_MESSAGE_H_

#include <cstdint>
#include <string>

#include "mockregistry/content/byte_source.h"
#include "oci/headers.h"

namespace pullproof::mockregistry::api {

struct Request {
  std::string method;  // as sent: "GET"
  std::string target;  // raw, as on the request line: "/v2/lib/app/tags/list?n=2"
  oci::Headers headers;
  std::string body;
  std::string host = "registry";  // which of the fixture's hosts received it
  std::uint64_t connection = 0;   // number of the connection that it came on
};

struct Response {
  int status = 200;
  oci::Headers headers;  // without Content-Length and Date, which the wire adds
  content::Bytes body;   // null: empty
  // For HEAD: the length that a GET would have; the body itself is not sent.
  bool head_only = false;
};

}  // namespace pullproof::mockregistry::api

#endif  // PULLPROOF_MOCKREGISTRY_API_MESSAGE_H_
