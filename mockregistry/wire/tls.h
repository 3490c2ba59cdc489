// TLS as the mock registry speaks it: a certificate authority made for one registry, certificates
// of its making (good ones and bad ones), and the server's side of one connection.
// Spec: RFC 8446 and RFC 5246; names in certificates: RFC 9525.
#ifndef PULLPROOF_MOCKREGISTRY_WIRE_TLS_H_
#define PULLPROOF_MOCKREGISTRY_WIRE_TLS_H_

#include <sys/types.h>

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"

namespace pullproof::mockregistry::wire {

// A certificate with its key, ready for handshakes. TLS 1.2 and 1.3; of the protocols that a client
// offers, HTTP/1.1. No session is ever resumed, so that every connection shows its certificate.
// Immutable and thread-safe.
class TlsIdentity {
 public:
  ~TlsIdentity();
  TlsIdentity(const TlsIdentity&) = delete;
  TlsIdentity& operator=(const TlsIdentity&) = delete;

 private:
  friend class TestAuthority;
  friend class TlsStream;
  struct Parts;
  explicit TlsIdentity(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

// When a certificate is good: in this century, or in a year that is over.
enum class Validity { kGood, kExpired };

// A certificate authority with a P-256 key of its own. Making one takes well under a millisecond.
// What it signs is trusted by those who were given its certificate, and by nobody else; the key
// never leaves the process.
class TestAuthority {
 public:
  // Errors: registry.tls (the system's OpenSSL refuses).
  static Result<std::unique_ptr<TestAuthority>> Make();
  ~TestAuthority();
  TestAuthority(const TestAuthority&) = delete;
  TestAuthority& operator=(const TestAuthority&) = delete;

  // Its certificate, for SSL_CERT_FILE and the like.
  [[nodiscard]] const std::string& pem() const { return pem_; }
  // A certificate for those names, with a key of its own; addresses become iPAddress names, all
  // else dNSName. There must be one at least. Thread-safe. Errors: registry.tls.
  [[nodiscard]] Result<std::shared_ptr<const TlsIdentity>> Issue(std::span<const std::string> names,
                                                                 Validity validity) const;

 private:
  struct Parts;
  TestAuthority(std::unique_ptr<Parts> parts, std::string pem);
  std::unique_ptr<Parts> parts_;
  std::string pem_;
};

// The server's side of TLS on a connected, non-blocking socket. Not thread-safe.
class TlsStream {
 public:
  // `socket` is not owned. `received` is what has already been read from it: the start of the
  // client's first message, when that came behind a CONNECT.
  TlsStream(std::shared_ptr<const TlsIdentity> identity, int socket, std::string received);
  ~TlsStream();
  TlsStream(const TlsStream&) = delete;
  TlsStream& operator=(const TlsStream&) = delete;

  enum class Progress { kDone, kWantsInput, kWantsOutput, kFailed };
  // Goes on with the handshake. kFailed: the client has gone, or has refused the certificate.
  Progress Handshake();
  // As recv() and send(): the number of bytes, 0 at the client's end, -1 with errno (EAGAIN: wait
  // for the socket). Both are of the plain text.
  ssize_t Receive(char* out, std::size_t size);
  ssize_t Send(const char* bytes, std::size_t size);
  // Whether plain text has arrived that the socket no longer shows.
  [[nodiscard]] bool HasInput() const;
  // Tells the client that nothing more comes (close_notify). Without it an end is a cut.
  void SayGoodbye();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

// The fatal alert handshake_failure as a record of its own (RFC 8446 section 6.2): what a server
// answers that wants nothing of what a client offers.
inline constexpr std::string_view kHandshakeFailure("\x15\x03\x03\x00\x02\x02\x28", 7);

}  // namespace pullproof::mockregistry::wire

#endif  // PULLPROOF_MOCKREGISTRY_WIRE_TLS_H_
