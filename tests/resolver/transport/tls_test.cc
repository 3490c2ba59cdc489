// The curl transport over TLS: whom it trusts, and what it makes of a connection that breaks.
#include <atomic>
#include <csignal>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "base/file.h"
#include "resolver/transport/curl_transport.h"
#include "tests/resolver/transport/raw_server.h"

namespace pullproof::resolver::transport {
namespace {

template <auto kFree>
struct Free {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Free<X509_free>>;
using Context = std::unique_ptr<SSL_CTX, Free<SSL_CTX_free>>;
using Connection = std::unique_ptr<SSL, Free<SSL_free>>;

// Its own authority, for "IP:127.0.0.1" or whatever the name says, valid from now for `seconds`.
Certificate SelfSigned(EVP_PKEY* key, const char* name, long from, long to) {
  Certificate certificate(X509_new());
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), from);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), to);
  X509_set_pubkey(certificate.get(), key);
  X509_NAME* const subject = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("test"), -1, -1, 0);
  X509_set_issuer_name(certificate.get(), subject);
  for (const auto& [id, value] : {std::pair(NID_basic_constraints, "critical,CA:TRUE"),
                                  std::pair(NID_subject_alt_name, name)}) {
    X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, nullptr, id, value);
    X509_add_ext(certificate.get(), extension, -1);
    X509_EXTENSION_free(extension);
  }
  X509_sign(certificate.get(), key, EVP_sha256());
  return certificate;
}

std::string ToPem(X509* certificate) {
  BIO* const bio = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(bio, certificate);
  char* data = nullptr;
  const long length = BIO_get_mem_data(bio, &data);
  std::string pem(data, static_cast<std::size_t>(length));
  BIO_free(bio);
  return pem;
}

enum class Ending { kCloseNotify, kCut };

class TlsServer {
 public:
  TlsServer(const char* name, long from, long to, Ending ending)
      : key_(EVP_EC_gen("P-256")),
        certificate_(SelfSigned(key_.get(), name, from, to)),
        context_(SSL_CTX_new(TLS_server_method())),
        ending_(ending),
        directory_(*TemporaryDirectory::Create("tls-test")),
        server_([this](Peer& peer) { Serve(peer); }) {
    std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes to clients that have gone
    EXPECT_TRUE(WriteFile(files_, authority(), ToPem(certificate_.get())));
    SSL_CTX_use_certificate(context_.get(), certificate_.get());
    SSL_CTX_use_PrivateKey(context_.get(), key_.get());
  }

  [[nodiscard]] std::string authority() const { return directory_.path() / "authority.pem"; }
  [[nodiscard]] int requests() const { return requests_; }

  // "ok" and the body, or the error's id.
  std::string Ask(const std::string& ca_file) {
    CurlTransport transport(CurlOptions{.ca_file = ca_file});
    std::string body;
    const auto response =
        transport.Exchange({.url = fmt::format("https://127.0.0.1:{}/", server_.port())},
                           {.on_response = [](const Response&) -> Result<void> { return {}; },
                            .on_body = [&](std::string_view bytes) -> Result<void> {
                              body += bytes;
                              return {};
                            }});
    return response ? "ok " + body : response.error().id;
  }

 private:
  void Serve(const Peer& peer) {
    const Connection connection(SSL_new(context_.get()));
    SSL_set_fd(connection.get(), peer.socket());
    if (SSL_accept(connection.get()) != 1) return;
    std::string request(4096, 0);
    if (SSL_read(connection.get(), request.data(), static_cast<int>(request.size())) <= 0) return;
    ++requests_;
    constexpr std::string_view kAnswer = "HTTP/1.1 200 OK\r\n\r\nhello";
    SSL_write(connection.get(), kAnswer.data(), static_cast<int>(kAnswer.size()));
    if (ending_ == Ending::kCloseNotify) SSL_shutdown(connection.get());
  }

  Key key_;
  Certificate certificate_;
  Context context_;
  Ending ending_;
  SystemFileSystem files_;
  TemporaryDirectory directory_;
  std::atomic<int> requests_ = 0;
  RawServer server_;
};

constexpr long kHour = 3600;

TEST(CurlTransportTls, TrustsTheAuthorityThatItIsGiven) {
  TlsServer server("IP:127.0.0.1", -kHour, kHour, Ending::kCloseNotify);
  EXPECT_EQ(server.Ask(server.authority()), "ok hello");
  EXPECT_EQ(server.requests(), 1);
}

TEST(CurlTransportTls, SendsNothingToWhomItDoesNotTrust) {
  TlsServer server("IP:127.0.0.1", -kHour, kHour, Ending::kCloseNotify);
  EXPECT_EQ(server.Ask(""), "transport.tls");
  EXPECT_EQ(server.requests(), 0);
}

TEST(CurlTransportTls, SendsNothingToAnotherHost) {
  TlsServer server("DNS:registry.test", -kHour, kHour, Ending::kCloseNotify);
  EXPECT_EQ(server.Ask(server.authority()), "transport.tls");
  EXPECT_EQ(server.requests(), 0);
}

TEST(CurlTransportTls, SendsNothingUnderAnExpiredCertificate) {
  TlsServer server("IP:127.0.0.1", -2 * kHour, -kHour, Ending::kCloseNotify);
  EXPECT_EQ(server.Ask(server.authority()), "transport.tls");
  EXPECT_EQ(server.requests(), 0);
}

// Nothing but close_notify would tell the end of a body without a length from a cut, and libcurl
// does not insist on it: it is the digest that decides.
TEST(CurlTransportTls, ABodyMayEndWithoutCloseNotify) {
  TlsServer server("IP:127.0.0.1", -kHour, kHour, Ending::kCut);
  EXPECT_EQ(server.Ask(server.authority()), "ok hello");
}

}  // namespace
}  // namespace pullproof::resolver::transport
