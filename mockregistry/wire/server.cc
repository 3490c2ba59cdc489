#include "mockregistry/wire/server.h"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <map>
#include <mutex>
#include <span>
#include <string>
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

// One epoll set, in which every connection is from its beginning to its end; it tells of changes
// (edge-triggered). A few threads, the leaders, take what it tells and serve it on the spot, since
// most exchanges wait for nothing: then a request costs one recv and one sendmsg, and no thread is
// woken. A leader that is about to wait, for its client or for time to pass, gives the lead up
// first: another thread goes on with what it had still to do. Idle connections cost no thread.
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
    changed_.notify_all();
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

  struct Event {
    std::uint64_t subject = 0;
    std::uint32_t what = 0;  // of epoll
  };

  struct Slot {
    Slot(FileDescriptor socket, std::uint64_t number, const Handler* handler)
        : session{.connection = Connection(std::move(socket), number), .handler = handler} {}

    Session session;
    bool rests = true;
    std::uint32_t missed = 0;       // events that came while it was busy
    std::uint64_t rests_since = 0;  // counts rests: the smallest is the longest
  };

  // What a thread is at.
  struct Turn {
    bool leads = false;
    std::deque<Event> events;  // that it has still to see to
    std::string buffer;        // to read into
    Connection::BeforeWait before_wait;
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
    Turn turn;
    turn.before_wait = [this, &turn] { GiveUpLead(turn); };
    while (TakeLead(self, turn)) {
      while (turn.leads) {
        if (turn.events.empty() && !FindEvents(turn)) return;
        if (turn.events.empty()) continue;
        const Event event = turn.events.front();
        turn.events.pop_front();
        if (event.subject == kListener) {
          AcceptAll();
        } else {
          Serve(event, turn);
        }
      }
    }
  }

  // Waits until the lead is free. False when the thread is to end: the server stops, or nobody has
  // needed it for kSpareThreadTime.
  bool TakeLead(Threads::iterator self, Turn& turn) {
    Threads ended;
    {
      std::unique_lock lock(mutex_);
      const auto is_over = [this] { return stopping_ || leaders_ < max_leaders_; };
      ++spare_;
      const bool is_needed = changed_.wait_for(lock, kSpareThreadTime, is_over);
      --spare_;
      if (stopping_) return false;
      if (is_needed) {
        ++leaders_;
        turn.leads = true;
        return true;
      }
      ended.swap(ended_);
      ended_.splice(ended_.end(), threads_, self);
    }
    // Those that ended earlier have nothing left to do but to return.
    for (std::thread& thread : ended) thread.join();
    return false;
  }

  void GiveUpLead(Turn& turn) {
    if (!turn.leads) return;
    turn.leads = false;
    const std::lock_guard lock(mutex_);
    --leaders_;
    left_over_.insert(left_over_.end(), turn.events.begin(), turn.events.end());
    turn.events.clear();
    if (spare_ > 0) {
      changed_.notify_one();
    } else if (!stopping_ && threads_.size() < kMaxThreads) {
      // Without a thread to spare, events wait until one of the busy ones comes back.
      AddThread();
    }
  }

  // False when the server stops.
  bool FindEvents(Turn& turn) {
    {
      const std::lock_guard lock(mutex_);
      turn.events.swap(left_over_);
    }
    if (!turn.events.empty()) return true;
    constexpr int kBatch = 16;  // a leader that must wait leaves the others' to another thread
    std::array<epoll_event, kBatch> events{};
    const int count = ::epoll_wait(events_.get(), events.data(), kBatch, -1);
    for (const epoll_event& event :
         std::span(events).first(static_cast<std::size_t>(std::max(count, 0)))) {
      // Copies: the structure is packed.
      const Event found{.subject = event.data.u64, .what = event.events};
      if (found.subject == kStop) return false;
      turn.events.push_back(found);
    }
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
    slot->second.rests_since = ++rests_;
    Watch(EPOLL_CTL_ADD, slot->second.session.connection.socket(), EPOLLIN | EPOLLRDHUP | EPOLLET,
          number);
  }

  void Serve(const Event& event, Turn& turn) {
    Slot* const slot = Claim(event);
    if (slot == nullptr) return;
    Connection& connection = slot->session.connection;
    do {
      connection.TakeUp(std::move(turn.buffer), &turn.before_wait);
      for (std::size_t answered = 0; connection.TakeInput(); ++answered) {
        if (answered == kFairShare) connection.AboutToWait();
        if (!ServeInput(slot->session, library_, clock_)) {
          const std::lock_guard lock(mutex_);
          connections_.erase(event.subject);
          return;
        }
      }
      turn.buffer = connection.Rest();
    } while (!LetRest(*slot));
  }

  // Null when the connection was closed after its event had been reported, or another thread has
  // it, which will then look once more.
  Slot* Claim(const Event& event) {
    const std::lock_guard lock(mutex_);
    const auto found = connections_.find(event.subject);
    if (found == connections_.end()) return nullptr;
    Slot& slot = found->second;
    if (!slot.rests) {
      slot.missed |= event.what;
      return nullptr;
    }
    slot.rests = false;
    Notice(slot, event.what);
    return &slot;
  }

  // False when something has happened meanwhile.
  bool LetRest(Slot& slot) {
    const std::lock_guard lock(mutex_);
    if (const std::uint32_t missed = std::exchange(slot.missed, 0); missed != 0) {
      Notice(slot, missed);
      return false;
    }
    slot.rests = true;
    slot.rests_since = ++rests_;
    return true;
  }

  static void Notice(Slot& slot, std::uint32_t what) {
    slot.session.connection.Notice((what & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0);
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
  std::condition_variable changed_;
  const std::size_t max_leaders_ =
      std::clamp<std::size_t>(std::thread::hardware_concurrency() / 2, 1, kMaxLeaders);
  std::size_t leaders_ = 0;
  std::size_t spare_ = 0;        // threads that wait for the lead
  std::deque<Event> left_over_;  // by leaders that had to wait
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
