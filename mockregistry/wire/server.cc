#include "mockregistry/wire/server.h"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include "mockregistry/wire/connection.h"
#include "mockregistry/wire/exchange.h"
#include "mockregistry/wire/file_descriptor.h"
#include "mockregistry/wire/library.h"
#include "mockregistry/wire/limits.h"
#include "mockregistry/wire/listener.h"

namespace pullproof::mockregistry::wire {
namespace {

// What an event is about: the number of a connection (they count from 1), or one of these.
constexpr std::uint64_t kListener = 0;
constexpr std::uint64_t kStop = UINT64_MAX;

}  // namespace

// Threads take turns at the events of one epoll set (leader and followers): the one that gets an
// event serves that connection for as long as it is busy, and another takes its place at the set.
// An idle connection rests in the set and costs no thread. Every event but the stop fires once and
// is then armed again, so that no two threads have the same connection.
class Server::Impl {
 public:
  Impl(Listener listener, Handler handler, Clock& clock,
       std::atomic<std::uint64_t>* last_connection)
      : port_(listener.port),
        handler_(std::move(handler)),
        clock_(clock),
        last_number_(last_connection != nullptr ? *last_connection : own_last_number_),
        listener_(std::move(listener.socket)),
        events_(::epoll_create1(EPOLL_CLOEXEC)),
        stop_event_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}

  Result<void> Start() {
    const bool ready = Watch(EPOLL_CTL_ADD, stop_event_.get(), EPOLLIN, kStop) &&
                       Watch(EPOLL_CTL_ADD, listener_.get(), EPOLLIN | EPOLLONESHOT, kListener);
    const std::lock_guard lock(mutex_);
    if (!ready || !AddThread()) {
      return Fail("registry.bind", "the system has no descriptors or threads left", {},
                  "end other programs, or raise their limits (ulimit -n, ulimit -u)");
    }
    return {};
  }

  ~Impl() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
      for (auto& [number, slot] : connections_) slot.session.connection.Shutdown();
    }
    ::eventfd_write(stop_event_.get(), 1);
    for (auto threads = TakeThreads(); !threads.empty(); threads = TakeThreads()) {
      for (std::thread& thread : threads) thread.join();
    }
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  using Threads = std::list<std::thread>;

  struct Slot {
    Slot(FileDescriptor socket, std::uint64_t number, const Handler* handler)
        : session{.connection = Connection(std::move(socket), number), .handler = handler} {}

    Session session;
    bool rests = false;
    std::uint64_t rests_since = 0;  // counts rests: the smallest is the longest
  };

  // --- Threads -------------------------------------------------------------------------------

  // Needs the lock. False when the system gives no more threads.
  bool AddThread() {
    const auto self = threads_.emplace(threads_.end());
    try {
      *self = std::thread([this, self] { Run(self); });
      return true;
    } catch (const std::system_error&) {
      threads_.erase(self);
      return false;
    }
  }

  void Run(Threads::iterator self) {
    while (true) {
      const std::optional<std::uint64_t> event = NextEvent();
      if (event == kStop) return;
      if (!event && Retire(self)) return;
      if (!event) continue;
      if (*event == kListener) {
        AcceptAll();
      } else {
        Serve(*event);
      }
    }
  }

  // nullopt when nothing has happened for kSpareThreadTime. Leaves another thread at the set.
  std::optional<std::uint64_t> NextEvent() {
    {
      const std::lock_guard lock(mutex_);
      ++waiting_;
    }
    epoll_event event{};
    const int count =
        ::epoll_wait(events_.get(), &event, 1, static_cast<int>(kSpareThreadTime.count()));
    const std::lock_guard lock(mutex_);
    --waiting_;
    if (stopping_) return kStop;
    if (count <= 0) return std::nullopt;
    // Without a thread to spare, events wait until one of the busy ones comes back.
    if (waiting_ == 0 && threads_.size() < kMaxThreads) AddThread();
    return std::uint64_t{event.data.u64};  // a copy: the structure is packed
  }

  // Lets the calling thread end if another one is waiting for events.
  bool Retire(Threads::iterator self) {
    Threads ended;
    {
      const std::lock_guard lock(mutex_);
      if (waiting_ == 0 || stopping_) return false;
      ended.swap(ended_);
      ended_.splice(ended_.end(), threads_, self);
    }
    // Those that retired earlier have nothing left to do but to return.
    for (std::thread& thread : ended) thread.join();
    return true;
  }

  Threads TakeThreads() {
    const std::lock_guard lock(mutex_);
    Threads taken;
    taken.splice(taken.end(), threads_);
    taken.splice(taken.end(), ended_);
    return taken;
  }

  // --- Connections ---------------------------------------------------------------------------

  bool Watch(int operation, int descriptor, std::uint32_t what, std::uint64_t subject) const {
    epoll_event event{};
    event.events = what;
    event.data.u64 = subject;
    return ::epoll_ctl(events_.get(), operation, descriptor, &event) == 0;
  }

  void AcceptAll() {
    while (true) {
      FileDescriptor socket(
          ::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
      if (socket.valid()) {
        Admit(std::move(socket));
      } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
        break;
      } else if (errno != EINTR && errno != ECONNABORTED && !CloseIdlest()) {
        ::poll(nullptr, 0, 10);  // out of descriptors, all of them busy: wait for one to end
        break;
      }
    }
    Watch(EPOLL_CTL_MOD, listener_.get(), EPOLLIN | EPOLLONESHOT, kListener);
  }

  void Admit(FileDescriptor socket) {
    if (connection_count() >= kMaxConnections && !CloseIdlest()) return;
    const std::uint64_t number = ++last_number_;
    if (handler_.admits && !handler_.admits(number)) {
      Connection(std::move(socket), number).Reset();
      return;
    }
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    const auto [slot, added] =
        connections_.try_emplace(number, std::move(socket), number, &handler_);
    LetRest(slot->second, EPOLL_CTL_ADD);
  }

  void Serve(std::uint64_t number) {
    Session* const session = Claim(number);
    if (session == nullptr) return;
    while (session->connection.AwaitInput(linger())) {
      if (!ServeInput(*session, library_, clock_)) {
        const std::lock_guard lock(mutex_);
        connections_.erase(number);
        return;
      }
    }
    session->connection.Rest();
    const std::lock_guard lock(mutex_);
    LetRest(connections_.at(number), EPOLL_CTL_MOD);
  }

  // Null when the connection was closed after its event had been reported.
  Session* Claim(std::uint64_t number) {
    const std::lock_guard lock(mutex_);
    const auto found = connections_.find(number);
    if (found == connections_.end()) return nullptr;
    found->second.rests = false;
    return &found->second.session;
  }

  // Needs the lock.
  void LetRest(Slot& slot, int operation) {
    slot.rests = true;
    slot.rests_since = ++rests_;
    const Connection& connection = slot.session.connection;
    Watch(operation, connection.socket(), EPOLLIN | EPOLLRDHUP | EPOLLONESHOT, connection.number());
  }

  // Makes room. False when every connection is busy.
  bool CloseIdlest() {
    const std::lock_guard lock(mutex_);
    auto idlest = connections_.end();
    for (auto slot = connections_.begin(); slot != connections_.end(); ++slot) {
      if (!slot->second.rests) continue;
      if (idlest == connections_.end() || slot->second.rests_since < idlest->second.rests_since) {
        idlest = slot;
      }
    }
    if (idlest == connections_.end()) return false;
    connections_.erase(idlest);
    return true;
  }

  std::size_t connection_count() {
    const std::lock_guard lock(mutex_);
    return connections_.size();
  }

  // No lingering while others wait for a thread.
  std::chrono::milliseconds linger() {
    const std::lock_guard lock(mutex_);
    return threads_.size() < kMaxThreads ? kLinger : std::chrono::milliseconds::zero();
  }

  const std::uint16_t port_;
  const Handler handler_;
  Clock& clock_;
  std::atomic<std::uint64_t> own_last_number_ = 0;
  std::atomic<std::uint64_t>& last_number_;
  Library library_;
  FileDescriptor listener_;
  FileDescriptor events_;
  FileDescriptor stop_event_;

  std::mutex mutex_;
  bool stopping_ = false;
  std::map<std::uint64_t, Slot> connections_;
  std::uint64_t rests_ = 0;
  Threads threads_;
  Threads ended_;
  std::size_t waiting_ = 0;  // threads at the set
};

Result<std::unique_ptr<Server>> Server::Start(const std::string& address, std::uint16_t port,
                                              Handler handler, Clock& clock,
                                              std::atomic<std::uint64_t>* last_connection) {
  PULLPROOF_ASSIGN_OR_RETURN(Listener listener, Listen(address, port));
  auto impl =
      std::make_unique<Impl>(std::move(listener), std::move(handler), clock, last_connection);
  PULLPROOF_RETURN_IF_ERROR(impl->Start());
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() = default;

std::uint16_t Server::port() const { return impl_->port(); }

}  // namespace pullproof::mockregistry::wire
