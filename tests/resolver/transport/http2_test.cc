// HTTP/2 against a server that speaks it: nginx, where it is installed.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "resolver/transport/curl_transport.h"

namespace pullproof::resolver::transport {
namespace {

// A port that was free a moment ago: nginx cannot choose one itself and say which.
std::uint16_t FreePort() {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  EXPECT_EQ(::bind(socket, reinterpret_cast<sockaddr*>(&address), length), 0);
  EXPECT_EQ(::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &length), 0);
  ::close(socket);
  return ntohs(address.sin_port);
}

std::string FindNginx() {
  for (const char* path : {"/usr/sbin/nginx", "/usr/bin/nginx", "/usr/local/sbin/nginx"}) {
    if (::access(path, X_OK) == 0) return path;
  }
  return {};
}

class Http2Test : public testing::Test {
 protected:
  Http2Test() : directory_(*TemporaryDirectory::Create("http2-test")), port_(FreePort()) {}
  ~Http2Test() override {
    if (nginx_ <= 0) return;
    ::kill(nginx_, SIGTERM);
    ::waitpid(nginx_, nullptr, 0);
  }

  void SetUp() override {
    const std::string program = FindNginx();
    if (program.empty()) GTEST_SKIP() << "nginx is not installed";
    if (std::system("command -v openssl >/dev/null") != 0) {
      GTEST_SKIP() << "openssl is not installed";
    }
    std::filesystem::permissions(directory_.path(), std::filesystem::perms(0755));
    const std::string root = directory_.path().string();
    ASSERT_EQ(std::system(fmt::format("openssl req -x509 -newkey rsa:2048 -nodes -days 1 "
                                      "-subj /CN=test -addext subjectAltName=IP:127.0.0.1 "
                                      "-keyout {0}/key.pem -out {0}/ca.pem 2>/dev/null",
                                      root)
                              .c_str()),
              0);
    ASSERT_TRUE(WriteFile(files_, directory_.path() / "blob", blob_));
    ASSERT_TRUE(WriteFile(files_, directory_.path() / "nginx.conf",
                          fmt::format("pid {0}/pid; error_log {0}/log; daemon off;\n"
                                      "master_process off; events {{}}\n"
                                      "http {{ access_log off; server {{\n"
                                      "listen 127.0.0.1:{1} ssl http2; root {0};\n"
                                      "ssl_certificate {0}/ca.pem; ssl_certificate_key "
                                      "{0}/key.pem;\n"
                                      "add_header X-Protocol $server_protocol; }} }}\n",
                                      root, port_)));
    const std::string config = root + "/nginx.conf";
    nginx_ = ::fork();
    if (nginx_ == 0) {
      ::execl(program.c_str(), "nginx", "-c", config.c_str(), "-e", "/dev/null", nullptr);
      ::_exit(127);
    }
    WaitUntilItListens();
  }

  void WaitUntilItListens() const {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port_);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (std::chrono::steady_clock::now() < end) {
      const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
      const bool open =
          ::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
      ::close(socket);
      if (open) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));  // another program's start
    }
    FAIL() << "nginx does not listen";
  }

  struct Outcome {
    Result<Response> response;
    std::string body;
  };
  Outcome Get(CurlTransport& transport, std::string_view path) const {
    Outcome outcome{.response = {}, .body = {}};
    outcome.response =
        transport.Exchange({.url = fmt::format("https://127.0.0.1:{}{}", port_, path)},
                           {.on_response = [](const Response&) -> Result<void> { return {}; },
                            .on_body = [&](std::string_view bytes) -> Result<void> {
                              outcome.body += bytes;
                              return {};
                            }});
    return outcome;
  }
  [[nodiscard]] CurlOptions Options() const {
    return {.ca_file = directory_.path() / "ca.pem", .proxies = {}};
  }

  SystemFileSystem files_;
  TemporaryDirectory directory_;
  const std::uint16_t port_;
  const std::string blob_ = std::string(3 << 20, 'x');
  pid_t nginx_ = -1;
};

TEST_F(Http2Test, IsSpokenWhereItIsOffered) {
  CurlTransport transport(Options());
  for (int i = 0; i < 3; ++i) {
    const Outcome outcome = Get(transport, "/blob");
    ASSERT_TRUE(outcome.response) << Describe(outcome.response.error());
    EXPECT_EQ(outcome.response->status, 200);
    EXPECT_EQ(outcome.response->headers.Find("X-Protocol"), "HTTP/2.0");
    EXPECT_TRUE(outcome.body == blob_);
  }
  const Outcome absent = Get(transport, "/absent");
  ASSERT_TRUE(absent.response);
  EXPECT_EQ(absent.response->status, 404);
}

TEST_F(Http2Test, ManyAtATime) {
  CurlTransport transport(Options());
  std::vector<std::thread> threads;
  std::vector<int> right(8, 0);
  for (int& count : right) {
    threads.emplace_back([&] { count = Get(transport, "/blob").body == blob_ ? 1 : 0; });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, std::vector<int>(8, 1));
}

}  // namespace
}  // namespace pullproof::resolver::transport
