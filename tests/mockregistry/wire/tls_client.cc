#include "tests/mockregistry/wire/tls_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <array>
#include <csignal>
#include <cstdlib>

#include "mockregistry/wire/file_descriptor.h"

namespace pullproof::mockregistry::wire {
namespace {

FileDescriptor Connect(std::uint16_t port, const std::string& address) {
  const bool is_v6 = address.contains(':');
  FileDescriptor socket(::socket(is_v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  constexpr timeval kPatience{.tv_sec = 10, .tv_usec = 0};
  ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof(kPatience));
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_port = htons(port);
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port);
  ::inet_pton(is_v6 ? AF_INET6 : AF_INET, address.c_str(),
              is_v6 ? static_cast<void*>(&v6.sin6_addr) : static_cast<void*>(&v4.sin_addr));
  const auto* const to =
      is_v6 ? reinterpret_cast<const sockaddr*>(&v6) : reinterpret_cast<const sockaddr*>(&v4);
  const auto size = static_cast<socklen_t>(is_v6 ? sizeof(v6) : sizeof(v4));
  return ::connect(socket.get(), to, size) == 0 ? std::move(socket) : FileDescriptor();
}

// "h2,http/1.1" as ALPN writes it: each with its length before it.
std::string Alpn(std::string_view list) {
  std::string wire;
  while (!list.empty()) {
    const std::string_view one = list.substr(0, list.find(','));
    wire += static_cast<char>(one.size());
    wire += one;
    list.remove_prefix(std::min(one.size() + 1, list.size()));
  }
  return wire;
}

void TrustIn(SSL_CTX* context, const std::string& pem) {
  BIO* const bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  X509* const certificate = PEM_read_bio_X509(bio, nullptr, nullptr, nullptr);
  if (certificate != nullptr) X509_STORE_add_cert(SSL_CTX_get_cert_store(context), certificate);
  X509_free(certificate);
  BIO_free(bio);
}

bool IsAddress(const std::string& name) {
  std::array<unsigned char, sizeof(in6_addr)> address{};
  return ::inet_pton(AF_INET, name.c_str(), address.data()) == 1 ||
         ::inet_pton(AF_INET6, name.c_str(), address.data()) == 1;
}

void Expect(SSL* ssl, const std::string& name) {
  if (IsAddress(name)) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name.c_str());
  } else {
    SSL_set1_host(ssl, name.c_str());
    SSL_set_tlsext_host_name(ssl, name.c_str());
  }
}

std::string WhyNot(SSL* ssl) {
  const long verdict = SSL_get_verify_result(ssl);
  if (verdict != X509_V_OK) return X509_verify_cert_error_string(verdict);
  const char* const reason = ERR_reason_error_string(ERR_peek_error());
  return reason != nullptr ? reason : "the connection ended";
}

}  // namespace

struct TlsClient::Parts {
  FileDescriptor socket;
  SSL_CTX* context = nullptr;
  SSL* ssl = nullptr;
  bool connected = false;
  std::string failure;
  std::string proxy_answer;
};

TlsClient::TlsClient(std::uint16_t port, const struct Trust& trust, const std::string& address)
    : parts_(std::make_unique<Parts>()) {
  // OpenSSL's sockets raise it when the server has gone.
  static const auto ignored = std::signal(SIGPIPE, SIG_IGN);
  static_cast<void>(ignored);
  Parts& parts = *parts_;
  parts.socket = Connect(port, address);
  if (!trust.proxy_authority.empty()) {
    const std::string connect = "CONNECT " + trust.proxy_authority +
                                " HTTP/1.1\r\nHost: " + trust.proxy_authority + "\r\n\r\n";
    ::send(parts.socket.get(), connect.data(), connect.size(), MSG_NOSIGNAL);
    char byte = 0;
    while (!parts.proxy_answer.ends_with("\r\n\r\n") &&
           ::recv(parts.socket.get(), &byte, 1, 0) == 1) {
      parts.proxy_answer += byte;
    }
  }
  parts.context = SSL_CTX_new(TLS_client_method());
  TrustIn(parts.context, trust.ca_pem);
  if (trust.checks_certificate) SSL_CTX_set_verify(parts.context, SSL_VERIFY_PEER, nullptr);
  parts.ssl = SSL_new(parts.context);
  SSL_set_fd(parts.ssl, parts.socket.get());
  Expect(parts.ssl, trust.name);
  if (const std::string alpn = Alpn(trust.protocols); !alpn.empty()) {
    SSL_set_alpn_protos(parts.ssl, reinterpret_cast<const unsigned char*>(alpn.data()),
                        static_cast<unsigned>(alpn.size()));
  }
  ERR_clear_error();
  parts.connected = SSL_connect(parts.ssl) == 1;
  if (!parts.connected) parts.failure = WhyNot(parts.ssl);
}

TlsClient::~TlsClient() {
  SSL_free(parts_->ssl);
  SSL_CTX_free(parts_->context);
}

bool TlsClient::connected() const { return parts_->connected; }
const std::string& TlsClient::failure() const { return parts_->failure; }
const std::string& TlsClient::proxy_answer() const { return parts_->proxy_answer; }
std::string TlsClient::version() const { return SSL_get_version(parts_->ssl); }

std::string TlsClient::protocol() const {
  const unsigned char* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(parts_->ssl, &name, &size);
  return {reinterpret_cast<const char*>(name), size};
}

bool TlsClient::Send(std::string_view bytes) {
  return SSL_write(parts_->ssl, bytes.data(), static_cast<int>(bytes.size())) ==
         static_cast<int>(bytes.size());
}

std::string TlsClient::Read(std::size_t count) {
  std::string bytes(count, '\0');
  std::size_t filled = 0;
  while (filled < count) {
    std::size_t got = 0;
    if (SSL_read_ex(parts_->ssl, bytes.data() + filled, count - filled, &got) != 1) break;
    filled += got;
  }
  bytes.resize(filled);
  return bytes;
}

std::string TlsClient::ReadAnswer() {
  constexpr std::string_view kLength = "Content-Length: ";
  std::string answer;
  while (!answer.ends_with("\r\n\r\n")) {
    const std::string byte = Read(1);
    if (byte.empty()) return answer;
    answer += byte;
  }
  const std::size_t length = answer.find(kLength);
  if (length == std::string::npos) return answer;
  return answer + Read(std::strtoull(answer.c_str() + length + kLength.size(), nullptr, 10));
}

TlsClient::Received TlsClient::ReadToEnd() {
  Received received{{}, Received::End::kCut};
  std::array<char, 4096> buffer{};
  while (true) {
    std::size_t got = 0;
    const int done = SSL_read_ex(parts_->ssl, buffer.data(), buffer.size(), &got);
    if (done != 1) {
      if (SSL_get_error(parts_->ssl, done) == SSL_ERROR_ZERO_RETURN) {
        received.end = Received::End::kGoodbye;
      }
      return received;
    }
    received.bytes.append(buffer.data(), got);
  }
}

}  // namespace pullproof::mockregistry::wire
