// Where cpp-httplib comes in: it is asked for its verdict on every request.
//
// The library is driven through its Stream seam: a stream of ours gives it the head that the
// connection has read within bounds, and swallows the answer that it would write, since answers are
// plans and carried out byte by byte. It is shown as little of a request as it needs. Header lines
// go round it, because 0.11.4 sorts them, decodes %XX in their values after checking them
// (CVE-2026-45372), adds its own beside the client's (REMOTE_ADDR, CVE-2025-66570) and answers 416
// to a Range that RFC 9110 tells a server to ignore; bodies go round it for the reasons in
// chunked_body.h. A registry that is a witness shows what was sent.
#ifndef PULLPROOF_MOCKREGISTRY_WIRE_LIBRARY_H_
#define PULLPROOF_MOCKREGISTRY_WIRE_LIBRARY_H_

#include <memory>

#include "mockregistry/wire/request_head.h"

namespace pullproof::mockregistry::wire {

// Thread-safe.
class Library {
 public:
  Library();
  ~Library();

  // Whether the library takes the request: a method and a version that it knows, and a target that
  // it can parse.
  [[nodiscard]] bool Accepts(const RequestHead& head);

 private:
  class Server;
  std::unique_ptr<Server> server_;
};

}  // namespace pullproof::mockregistry::wire

#endif  // PULLPROOF_MOCKREGISTRY_WIRE_LIBRARY_H_
