// A client that knows TLS and nothing of HTTP: what it thinks of the server's certificate, and the
// bytes that come through.
#ifndef PULLPROOF_TESTS_MOCKREGISTRY_WIRE_TLS_CLIENT_H_
#define PULLPROOF_TESTS_MOCKREGISTRY_WIRE_TLS_CLIENT_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace pullproof::mockregistry::wire {

// Waits are bounded as those of RawClient.
class TlsClient {
 public:
  struct Trust {
    std::string ca_pem = {};           // empty: trusts nobody
    std::string name = "127.0.0.1";    // that the certificate must be for, and that is sent as SNI
    bool checks_certificate = true;    // else it takes what comes
    std::string protocols = {};        // offered by ALPN: "h2,http/1.1"
    std::string proxy_authority = {};  // first CONNECTs to that, in clear text
  };

  TlsClient(std::uint16_t port, const Trust& trust, const std::string& address = "127.0.0.1");
  ~TlsClient();

  // The handshake went through.
  [[nodiscard]] bool connected() const;
  // Why not: "certificate has expired", "sslv3 alert handshake failure", "" when it did.
  [[nodiscard]] const std::string& failure() const;
  [[nodiscard]] std::string protocol() const;  // that ALPN settled on
  [[nodiscard]] std::string version() const;   // "TLSv1.3"
  // What a proxy answered to CONNECT.
  [[nodiscard]] const std::string& proxy_answer() const;

  bool Send(std::string_view bytes);
  // Exactly that many bytes, or fewer at the end.
  std::string Read(std::size_t count);
  std::string ReadAnswer();
  struct Received {
    std::string bytes;
    enum class End { kGoodbye, kCut } end;  // with close_notify, or without
  };
  Received ReadToEnd();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace pullproof::mockregistry::wire

#endif  // PULLPROOF_TESTS_MOCKREGISTRY_WIRE_TLS_CLIENT_H_
