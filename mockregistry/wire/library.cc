#include "mockregistry/wire/library.h"

#include <httplib.h>

#include <array>
#include <cstddef>
#include <ctime>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace pullproof::mockregistry::wire {
namespace {

// The head as the library is shown it. Its query stays behind (0.11.4 refuses a second '?', which
// RFC 3986 allows), and so does every header but Host.
std::string ShownHead(const RequestHead& head) {
  constexpr std::size_t kUsualSize = 192;
  const std::string_view target = head.target;
  std::string shown;
  shown.reserve(kUsualSize);
  shown += head.method;
  shown += ' ';
  shown += target.substr(0, target.find('?'));
  shown += ' ';
  shown += head.version;
  if (const std::string* host = head.headers.Peek("Host")) {
    shown += "\r\nHost: ";
    shown += *host;
  }
  shown += "\r\n\r\n";
  return shown;
}

// Heads that the library has accepted: its verdict depends on nothing else, costs more than a whole
// exchange, and clients ask for the same things again. Thread-safe.
class Remembered {
 public:
  bool Has(const std::string& head) {
    const std::lock_guard lock(mutex_);
    return heads_.at(PlaceOf(head)) == head;
  }
  // In place of another one, when there is one in that place.
  void Add(std::string head) {
    constexpr std::size_t kLongest = 512;  // bounds the memory; hostile clients have longer ones
    if (head.size() > kLongest) return;
    const std::lock_guard lock(mutex_);
    heads_.at(PlaceOf(head)) = std::move(head);
  }

 private:
  static constexpr std::size_t kPlaces = 256;  // tags and blobs of a test; 128 KiB at most
  static std::size_t PlaceOf(const std::string& head) {
    return std::hash<std::string>{}(head) % kPlaces;
  }

  std::mutex mutex_;
  std::array<std::string, kPlaces> heads_;
};

class HeadStream final : public httplib::Stream {
 public:
  explicit HeadStream(std::string head) : head_(std::move(head)) {}

  [[nodiscard]] bool is_readable() const override { return used_ < head_.size(); }
#ifdef CPPHTTPLIB_VERSION_NUM  // 0.23.1 and later
  [[nodiscard]] bool wait_readable() const override { return is_readable(); }
  [[nodiscard]] bool wait_writable() const override { return true; }
  [[nodiscard]] time_t duration() const override { return 0; }
#else
  [[nodiscard]] bool is_writable() const override { return true; }
#endif
  ssize_t read(char* out, std::size_t size) override {
    const std::size_t count = head_.copy(out, size, used_);
    used_ += count;
    return static_cast<ssize_t>(count);
  }
  ssize_t write(const char* /*answer*/, std::size_t size) override {
    return static_cast<ssize_t>(size);
  }
  void get_remote_ip_and_port(std::string& /*ip*/, int& /*port*/) const override {}
  void get_local_ip_and_port(std::string& /*ip*/, int& /*port*/) const override {}
  [[nodiscard]] socket_t socket() const override { return INVALID_SOCKET; }

 private:
  std::string head_;
  std::size_t used_ = 0;
};

}  // namespace

class Library::Server final : public httplib::Server {
 public:
  Server() {
    // Nothing is routed: with this the library is done when it has parsed the head.
    set_pre_routing_handler([](const httplib::Request& /*request*/, httplib::Response& response) {
      response.status = 200;
      return HandlerResponse::Handled;
    });
  }

  bool Accepts(const RequestHead& head) {
    std::string shown = ShownHead(head);
    if (accepted_.Has(shown)) return true;
    const bool accepted = Ask(shown);
    if (accepted) accepted_.Add(std::move(shown));
    return accepted;
  }

 private:
  bool Ask(const std::string& shown) {
    HeadStream stream(shown);
    bool accepted = false;
    bool closed = false;
    const auto accept = [&](httplib::Request& /*request*/) { accepted = true; };
#ifdef CPPHTTPLIB_VERSION_NUM
    process_request(stream, {}, 0, {}, 0, false, closed, accept);
#else
    process_request(stream, false, closed, accept);
#endif
    return accepted;
  }

  Remembered accepted_;
};

Library::Library() : server_(std::make_unique<Server>()) {}
Library::~Library() = default;

bool Library::Accepts(const RequestHead& head) { return server_->Accepts(head); }

}  // namespace pullproof::mockregistry::wire
