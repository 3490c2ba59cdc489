#include "mockregistry/wire/tls.h"

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fmt/format.h>

namespace pullproof::mockregistry::wire {
namespace {

template <auto kFree>
struct Freed {
  template <typename T>
  void operator()(T* thing) const {
    kFree(thing);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Freed<X509_EXTENSION_free>>;
using Context = std::unique_ptr<SSL_CTX, Freed<SSL_CTX_free>>;
using BioMethod = std::unique_ptr<BIO_METHOD, Freed<BIO_meth_free>>;
using Bio = std::unique_ptr<BIO, Freed<BIO_free_all>>;
using Ssl = std::unique_ptr<SSL, Freed<SSL_free>>;

constexpr const char* kCurve = "P-256";
constexpr std::string_view kAuthorityName = "Pullproof test authority";
// Fixed days, far from today: a certificate never depends on the clock of a test. Until 2049, since
// later ones are written in another form (RFC 5280 section 4.1.2.5).
constexpr const char* kCenturyBegins = "200101000000Z";
constexpr const char* kCenturyEnds = "491231235959Z";
constexpr const char* kExpiredEnds = "201231235959Z";

std::unexpected<Error> TlsError(std::string_view what) {
  std::array<char, 256> text{};
  ERR_error_string_n(ERR_get_error(), text.data(), text.size());
  ERR_clear_error();
  return Fail("registry.tls", fmt::format("OpenSSL cannot {}: {}", what, text.data()), {},
              "look at the system's OpenSSL configuration (openssl.cnf)");
}

// Serial numbers differ, since some clients remember certificates by issuer and number.
bool SetSerial(X509* certificate) {
  std::uint64_t number = 0;
  return RAND_bytes(reinterpret_cast<unsigned char*>(&number), sizeof(number)) == 1 &&
         ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), number >> 1U) == 1;
}

bool SetName(X509_NAME* name, std::string_view text) {
  return X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                                    reinterpret_cast<const unsigned char*>(text.data()),
                                    static_cast<int>(text.size()), -1, 0) == 1;
}

bool AddExtension(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()));
  return extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool IsAddress(const std::string& name) {
  std::array<unsigned char, sizeof(in6_addr)> address{};
  return ::inet_pton(AF_INET, name.c_str(), address.data()) == 1 ||
         ::inet_pton(AF_INET6, name.c_str(), address.data()) == 1;
}

std::string AlternativeNames(std::span<const std::string> names) {
  std::string list;
  for (const std::string& name : names) {
    list += fmt::format("{}{}:{}", list.empty() ? "" : ",", IsAddress(name) ? "IP" : "DNS", name);
  }
  return list;
}

// Everything but the signature.
bool Fill(X509* certificate, EVP_PKEY* key, const char* until) {
  constexpr long kVersion3 = 2;
  return X509_set_version(certificate, kVersion3) == 1 && SetSerial(certificate) &&
         ASN1_TIME_set_string(X509_getm_notBefore(certificate), kCenturyBegins) == 1 &&
         ASN1_TIME_set_string(X509_getm_notAfter(certificate), until) == 1 &&
         X509_set_pubkey(certificate, key) == 1;
}

Certificate MakeAuthority(EVP_PKEY* key) {
  Certificate certificate(X509_new());
  X509* const made = certificate.get();
  const bool is_made = made != nullptr && Fill(made, key, kCenturyEnds) &&
                       SetName(X509_get_subject_name(made), kAuthorityName) &&
                       X509_set_issuer_name(made, X509_get_subject_name(made)) == 1 &&
                       AddExtension(made, made, NID_basic_constraints, "critical,CA:TRUE") &&
                       AddExtension(made, made, NID_key_usage, "critical,keyCertSign,cRLSign") &&
                       AddExtension(made, made, NID_subject_key_identifier, "hash") &&
                       X509_sign(made, key, EVP_sha256()) > 0;
  return is_made ? std::move(certificate) : nullptr;
}

Certificate MakeLeaf(EVP_PKEY* key, X509* issuer, EVP_PKEY* issuer_key,
                     std::span<const std::string> names, Validity validity) {
  Certificate certificate(X509_new());
  X509* const made = certificate.get();
  const bool is_made = made != nullptr &&
                       Fill(made, key, validity == Validity::kGood ? kCenturyEnds : kExpiredEnds) &&
                       SetName(X509_get_subject_name(made), "Pullproof mock registry") &&
                       X509_set_issuer_name(made, X509_get_subject_name(issuer)) == 1 &&
                       AddExtension(made, issuer, NID_basic_constraints, "critical,CA:FALSE") &&
                       AddExtension(made, issuer, NID_key_usage, "critical,digitalSignature") &&
                       AddExtension(made, issuer, NID_ext_key_usage, "serverAuth") &&
                       AddExtension(made, issuer, NID_authority_key_identifier, "keyid:always") &&
                       AddExtension(made, issuer, NID_subject_alt_name, AlternativeNames(names)) &&
                       X509_sign(made, issuer_key, EVP_sha256()) > 0;
  return is_made ? std::move(certificate) : nullptr;
}

std::string ToPem(X509* certificate) {
  const Bio bio(BIO_new(BIO_s_mem()));
  if (bio == nullptr || PEM_write_bio_X509(bio.get(), certificate) != 1) return {};
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &bytes);
  return {bytes, static_cast<std::size_t>(size)};
}

// HTTP/1.1 is all that is spoken here; a client that offers only other protocols is not told so,
// and sees what it gets.
int SelectProtocol(SSL* /*ssl*/, const unsigned char** out, unsigned char* out_size,
                   const unsigned char* offered, unsigned size, void* /*argument*/) {
  static constexpr std::array<unsigned char, 9> kSpoken = {8,   'h', 't', 't', 'p',
                                                           '/', '1', '.', '1'};
  unsigned char* selected = nullptr;
  if (SSL_select_next_proto(&selected, out_size, kSpoken.data(), kSpoken.size(), offered, size) !=
      OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_NOACK;
  }
  *out = selected;
  return SSL_TLSEXT_ERR_OK;
}

// What lies below TLS: the socket, and before it what somebody else has read from it.
struct Below {
  int socket;
  std::string received;
};

Below& BelowOf(BIO* bio) { return *static_cast<Below*>(BIO_get_data(bio)); }

bool WouldBlock(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

// OpenSSL's own socket BIO writes without MSG_NOSIGNAL: a client that goes away would end the
// process that the registry is embedded in.
int WriteBelow(BIO* bio, const char* bytes, std::size_t size, std::size_t* written) {
  BIO_clear_retry_flags(bio);
  const ssize_t sent = ::send(BelowOf(bio).socket, bytes, size, MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent < 0) {
    if (WouldBlock(errno)) BIO_set_retry_write(bio);
    return 0;
  }
  *written = static_cast<std::size_t>(sent);
  return 1;
}

int ReadBelow(BIO* bio, char* out, std::size_t size, std::size_t* read) {
  BIO_clear_retry_flags(bio);
  Below& below = BelowOf(bio);
  if (!below.received.empty()) {
    *read = below.received.copy(out, size);
    below.received.erase(0, *read);
    return 1;
  }
  const ssize_t received = ::recv(below.socket, out, size, MSG_DONTWAIT);
  if (received <= 0) {
    if (received < 0 && WouldBlock(errno)) BIO_set_retry_read(bio);
    return 0;
  }
  *read = static_cast<std::size_t>(received);
  return 1;
}

long ControlBelow(BIO* /*bio*/, int command, long /*number*/, void* /*pointer*/) {
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

BioMethod MakeBioMethod() {
  BioMethod method(BIO_meth_new(BIO_TYPE_SOURCE_SINK, "mock registry"));
  if (method == nullptr) return nullptr;
  BIO_meth_set_write_ex(method.get(), WriteBelow);
  BIO_meth_set_read_ex(method.get(), ReadBelow);
  BIO_meth_set_ctrl(method.get(), ControlBelow);
  return method;
}

Context MakeContext(X509* certificate, EVP_PKEY* key) {
  Context context(SSL_CTX_new(TLS_server_method()));
  SSL_CTX* const made = context.get();
  if (made == nullptr || SSL_CTX_set_min_proto_version(made, TLS1_2_VERSION) != 1 ||
      SSL_CTX_use_certificate(made, certificate) != 1 || SSL_CTX_use_PrivateKey(made, key) != 1 ||
      SSL_CTX_set_num_tickets(made, 0) != 1) {
    return nullptr;
  }
  SSL_CTX_set_session_cache_mode(made, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(made, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION);
  // Idle connections, of which there are many, keep no buffers of 16 KiB.
  SSL_CTX_set_mode(made, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                             SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_alpn_select_cb(made, SelectProtocol, nullptr);
  return context;
}

// What an operation on a stream came to, in the words of sockets.
ssize_t Outcome(SSL* ssl, int done, std::size_t count) {
  if (done == 1) return static_cast<ssize_t>(count);
  const int error = SSL_get_error(ssl, done);
  ERR_clear_error();
  if (error == SSL_ERROR_ZERO_RETURN) return 0;
  errno = error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ? EAGAIN : ECONNRESET;
  return -1;
}

}  // namespace

struct TlsIdentity::Parts {
  Context context;
  BioMethod method;  // of the streams
};

TlsIdentity::TlsIdentity(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
TlsIdentity::~TlsIdentity() = default;

struct TestAuthority::Parts {
  Key key;
  Certificate certificate;
};

TestAuthority::TestAuthority(std::unique_ptr<Parts> parts, std::string pem)
    : parts_(std::move(parts)), pem_(std::move(pem)) {}
TestAuthority::~TestAuthority() = default;

Result<std::unique_ptr<TestAuthority>> TestAuthority::Make() {
  ERR_clear_error();
  auto parts = std::make_unique<Parts>();
  parts->key.reset(EVP_EC_gen(kCurve));
  if (parts->key == nullptr) return TlsError("make a key");
  parts->certificate = MakeAuthority(parts->key.get());
  if (parts->certificate == nullptr) return TlsError("make a certificate");
  std::string pem = ToPem(parts->certificate.get());
  if (pem.empty()) return TlsError("write a certificate");
  return std::unique_ptr<TestAuthority>(new TestAuthority(std::move(parts), std::move(pem)));
}

Result<std::shared_ptr<const TlsIdentity>> TestAuthority::Issue(std::span<const std::string> names,
                                                                Validity validity) const {
  ERR_clear_error();
  const Key key(EVP_EC_gen(kCurve));
  if (key == nullptr) return TlsError("make a key");
  const Certificate certificate =
      MakeLeaf(key.get(), parts_->certificate.get(), parts_->key.get(), names, validity);
  if (certificate == nullptr) return TlsError("make a certificate");
  auto parts = std::make_unique<TlsIdentity::Parts>();
  parts->context = MakeContext(certificate.get(), key.get());
  parts->method = MakeBioMethod();
  if (parts->context == nullptr || parts->method == nullptr) return TlsError("set TLS up");
  return std::shared_ptr<const TlsIdentity>(new TlsIdentity(std::move(parts)));
}

struct TlsStream::Parts {
  std::shared_ptr<const TlsIdentity> identity;  // outlives what was made from it
  Below below;
  Ssl ssl;  // null when there was no memory for it: then every operation fails
};

TlsStream::TlsStream(std::shared_ptr<const TlsIdentity> identity, int socket, std::string received)
    : parts_(std::make_unique<Parts>()) {
  parts_->identity = std::move(identity);
  parts_->below = {socket, std::move(received)};
  const TlsIdentity::Parts& shared = *parts_->identity->parts_;
  Ssl ssl(SSL_new(shared.context.get()));
  BIO* const bio = BIO_new(shared.method.get());
  if (ssl == nullptr || bio == nullptr) {
    BIO_free(bio);
    return;
  }
  BIO_set_data(bio, &parts_->below);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl.get(), bio, bio);  // takes it over
  SSL_set_accept_state(ssl.get());
  parts_->ssl = std::move(ssl);
}

TlsStream::~TlsStream() = default;

TlsStream::Progress TlsStream::Handshake() {
  if (parts_->ssl == nullptr) return Progress::kFailed;
  ERR_clear_error();
  const int done = SSL_do_handshake(parts_->ssl.get());
  switch (SSL_get_error(parts_->ssl.get(), done)) {
    case SSL_ERROR_NONE:
      return Progress::kDone;
    case SSL_ERROR_WANT_READ:
      return Progress::kWantsInput;
    case SSL_ERROR_WANT_WRITE:
      return Progress::kWantsOutput;
    default:
      ERR_clear_error();
      return Progress::kFailed;
  }
}

ssize_t TlsStream::Receive(char* out, std::size_t size) {
  ERR_clear_error();
  std::size_t count = 0;
  const int done = SSL_read_ex(parts_->ssl.get(), out, size, &count);
  return Outcome(parts_->ssl.get(), done, count);
}

ssize_t TlsStream::Send(const char* bytes, std::size_t size) {
  ERR_clear_error();
  std::size_t count = 0;
  const int done = SSL_write_ex(parts_->ssl.get(), bytes, size, &count);
  return Outcome(parts_->ssl.get(), done, count);
}

bool TlsStream::HasInput() const { return SSL_has_pending(parts_->ssl.get()) == 1; }

void TlsStream::SayGoodbye() {
  ERR_clear_error();
  SSL_shutdown(parts_->ssl.get());
  ERR_clear_error();
}

}  // namespace pullproof::mockregistry::wire
