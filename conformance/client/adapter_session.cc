#include "conformance/client/adapter_session.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "base/table_reader.h"
#include "base/text.h"
#include "conformance/client/child_process.h"

namespace pullproof::conformance::client {
namespace {

using std::chrono::steady_clock;

// How long an adapter may take to end after `stop`: it has nothing left to do.
constexpr Duration kStopTime = std::chrono::seconds(2);
// How long it may leave what is said to it unread; lines are small, and the socket takes many.
constexpr timeval kSendTime{.tv_sec = 5, .tv_usec = 0};
// Of its standard error, for messages.
constexpr std::size_t kMaxKeptStderr = std::size_t{64} << 10;
constexpr std::size_t kPiece = std::size_t{16} << 10;

struct SocketPair {
  UniqueFd ours;
  UniqueFd theirs;

  // A socket instead of a pipe: writing to an adapter that has ended is then an error, not a
  // signal.
  static Result<SocketPair> Make() {
    constexpr std::string_view kWhat = "make a socket for standard input";
    std::array<int, 2> ends{-1, -1};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
      return FailStart(kWhat, errno);
    }
    Result<UniqueFd> ours = AboveStandard(ends[0], kWhat);
    Result<UniqueFd> theirs = AboveStandard(ends[1], kWhat);
    if (!ours) return std::unexpected(ours.error());
    if (!theirs) return std::unexpected(theirs.error());
    ::setsockopt(ours->get(), SOL_SOCKET, SO_SNDTIMEO, &kSendTime, sizeof kSendTime);
    return SocketPair{*std::move(ours), *std::move(theirs)};
  }
};

Node Text(std::string_view text) { return Node(std::string(text)); }

Result<AdapterInfo> ReadInfo(const Node& reply) {
  Diagnostics problems("the adapter's reply to `start`");
  TableReader reader(reply, "the reply", problems);
  reader.Get("re");
  const std::int64_t protocol = reader.Integer("protocol", 0);
  // Version 2 only adds what an adapter may leave alone.
  if (protocol < 1 || protocol > kAdapterProtocol) {
    return Fail(
        "adapter.version",
        fmt::format("the adapter speaks protocol {}, this program {}", protocol, kAdapterProtocol),
        "", "docs/adapter-protocol.md");
  }
  AdapterInfo info{
      .name = reader.RequiredString("name"),
      .version = reader.String("version"),
      .verbs = reader.Strings("verbs"),
      .capabilities = reader.Strings("capabilities"),
      .parallel = static_cast<std::size_t>(reader.Integer("parallel", 1, 1, kMaxAdapterParallel))};
  if (problems.HasErrors()) {
    Error error = problems.FirstError();
    error.id = "adapter.protocol";
    return std::unexpected(std::move(error));
  }
  return info;
}

}  // namespace

class AdapterSession::Impl {
 public:
  explicit Impl(const ProcessSpec& spec) : spec_(spec) {}

  // The child is started by the thread that reads from it: the kernel ends it when that thread
  // ends (PR_SET_PDEATHSIG), and so it must live as long as the session.
  Result<void> Start(std::string_view harness) {
    PULLPROOF_ASSIGN_OR_RETURN(SocketPair input, SocketPair::Make());
    input_ = std::move(input.ours);
    PULLPROOF_ASSIGN_OR_RETURN(wake_, Pipe::Make());
    std::optional<Result<void>> started;
    reader_ = std::thread([this, theirs = std::move(input.theirs), &started]() mutable {
      Result<StartedChild> child = StartChild(spec_, theirs);
      theirs.Close();
      {
        const std::lock_guard lock(mutex_);
        started = child ? Result<void>() : std::unexpected(child.error());
        alive_ = child.has_value();
        ended_ = !alive_;
      }
      changed_.notify_all();
      if (child) Read(*std::move(child));
    });
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return started.has_value(); });
    }
    PULLPROOF_RETURN_IF_ERROR(*started);
    Result<Node> reply = Ask(kStartId,
                             {{"do", {}, Text("start")},
                              {"protocol", {}, Node(kAdapterProtocol)},
                              {"harness", {}, Text(harness)}},
                             kAdapterStartBudget);
    if (!reply) {
      Error error = std::move(reply).error();
      if (error.id != "adapter.protocol") error.id = "adapter.start";
      return std::unexpected(std::move(error));
    }
    PULLPROOF_ASSIGN_OR_RETURN(info_, ReadInfo(*reply));
    return {};
  }

  [[nodiscard]] const AdapterInfo& info() const { return info_; }

  void Stop() {
    if (!reader_.joinable()) return;
    if (IsAlive()) (void)Send(Node::Table{{"do", {}, Text("stop")}});
    ::shutdown(input_.get(), SHUT_WR);
    {
      std::unique_lock lock(mutex_);
      changed_.wait_for(lock, kStopTime, [this] { return ended_; });
    }
    End();
    reader_.join();
  }

  [[nodiscard]] bool IsAlive() const {
    const std::lock_guard lock(mutex_);
    return alive_;
  }

  [[nodiscard]] std::string Stderr() const {
    const std::lock_guard lock(mutex_);
    return stderr_;
  }

  Result<Node> Run(Node::Table members, Duration budget) {
    std::int64_t id = 0;
    {
      const std::lock_guard lock(mutex_);
      id = ++last_id_;
    }
    members.push_back({"do", {}, Text("run")});
    members.push_back({"id", {}, Node(id)});
    return Ask(id, std::move(members), budget);
  }

 private:
  static constexpr std::int64_t kStartId = 0;

  Result<Node> Ask(std::int64_t id, Node::Table message, Duration budget) {
    const auto deadline = steady_clock::now() + budget;
    {
      const std::lock_guard lock(mutex_);
      if (!alive_) return std::unexpected(Gone());
      waiting_.emplace(id, std::nullopt);
    }
    if (Result<void> sent = Send(std::move(message)); !sent) {
      End();
      const std::lock_guard lock(mutex_);
      waiting_.erase(id);
      return std::unexpected(sent.error());
    }
    std::unique_lock lock(mutex_);
    const bool in_time =
        changed_.wait_until(lock, deadline, [&] { return waiting_.at(id).has_value() || !alive_; });
    std::optional<Node> reply = std::move(waiting_.at(id));
    waiting_.erase(id);
    if (reply) return *std::move(reply);
    if (!in_time) {
      lock.unlock();
      End();
      return Fail("adapter.timeout", "the adapter did not reply in time, and was ended");
    }
    return std::unexpected(Gone());
  }

  // The mutex is held.
  [[nodiscard]] Error Gone() const {
    if (!protocol_error_.empty()) return {"adapter.protocol", protocol_error_, "", kHint};
    return {"adapter.gone",
            stderr_.empty() ? "the adapter has ended"
                            : "the adapter has ended; its last words: " + Printable(stderr_),
            "", kHint};
  }

  Result<void> Send(Node::Table message) {
    PULLPROOF_ASSIGN_OR_RETURN(std::string line, CanonicalJson(Node(std::move(message))));
    line += '\n';
    const std::lock_guard lock(send_mutex_);
    std::string_view rest = line;
    while (!rest.empty()) {
      const ssize_t count = ::send(input_.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) {
        return Fail("adapter.gone", "the adapter does not read what is said to it", "", kHint);
      }
      rest.remove_prefix(static_cast<std::size_t>(count));
    }
    return {};
  }

  // Ends the process, from any thread: the reader does it. Nobody asks it anything from now on.
  void End() {
    {
      const std::lock_guard lock(mutex_);
      alive_ = false;
    }
    changed_.notify_all();
    const char byte = 0;
    [[maybe_unused]] const ssize_t count = ::write(wake_.write.get(), &byte, 1);
  }

  // Until the adapter ends or is to be ended.
  void Read(StartedChild child) {
    for (const int fd : {child.out.get(), child.err.get()}) ::fcntl(fd, F_SETFL, O_NONBLOCK);
    bool goes_on = true;
    while (goes_on) {
      std::array<pollfd, 4> files = {
          pollfd{child.out.get(), POLLIN, 0}, pollfd{child.err.get(), POLLIN, 0},
          pollfd{child.child.pidfd(), POLLIN, 0}, pollfd{wake_.read.get(), POLLIN, 0}};
      if (::poll(files.data(), files.size(), -1) < 0) continue;
      if (files[1].revents != 0) TakeStderr(child.err);
      if (files[0].revents != 0) goes_on = TakeLines(child.out);
      if (files[2].revents != 0 || files[3].revents != 0) goes_on = false;
    }
    TakeStderr(child.err);
    child.child.KillGroup();
    child.child.Reap();
    {
      const std::lock_guard lock(mutex_);
      alive_ = false;
      ended_ = true;
    }
    changed_.notify_all();
  }

  void TakeStderr(UniqueFd& fd) {
    std::array<char, kPiece> piece{};
    for (std::size_t total = 0; fd.get() >= 0 && total < kMaxKeptStderr;) {
      const ssize_t count = ::read(fd.get(), piece.data(), piece.size());
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return;
      if (count == 0) {
        fd.Close();
        return;
      }
      total += static_cast<std::size_t>(count);
      const std::lock_guard lock(mutex_);
      stderr_.append(piece.data(), static_cast<std::size_t>(count));
      if (stderr_.size() > kMaxKeptStderr) stderr_.erase(0, stderr_.size() - kMaxKeptStderr);
    }
  }

  // False when nothing more can come, or what came is no reply.
  bool TakeLines(const UniqueFd& fd) {
    std::array<char, kPiece> piece{};
    const ssize_t count = ::read(fd.get(), piece.data(), piece.size());
    if (count < 0) return errno == EINTR || errno == EAGAIN;
    if (count == 0) return false;
    input_line_.append(piece.data(), static_cast<std::size_t>(count));
    for (std::size_t end = 0; (end = input_line_.find('\n')) != std::string::npos;) {
      const std::string line = input_line_.substr(0, end);
      input_line_.erase(0, end + 1);
      if (!TakeReply(line)) return false;
    }
    if (input_line_.size() <= kMaxAdapterLine) return true;
    return Misspoke(fmt::format("a line is longer than {} bytes", kMaxAdapterLine));
  }

  bool TakeReply(const std::string& line) {
    if (Trim(line).empty()) return true;
    Result<Node> reply = ParseJson(line, "a line of the adapter");
    if (!reply) {
      return Misspoke(fmt::format("it said `{}`, which is no JSON: {}", Beginning(line),
                                  reply.error().message));
    }
    const Node* re = reply->Find("re");
    const Node* id = reply->Find("id");
    std::optional<std::int64_t> number;
    if (re != nullptr && re->string() != nullptr && *re->string() == "start") number = kStartId;
    if (id != nullptr && id->integer() != nullptr) number = *id->integer();
    {
      const std::lock_guard lock(mutex_);
      const auto run = number ? waiting_.find(*number) : waiting_.end();
      if (run != waiting_.end() && !run->second) {
        run->second = *std::move(reply);
        changed_.notify_all();
        return true;
      }
    }
    return Misspoke(fmt::format("it said `{}`, to which there was no question", Beginning(line)));
  }

  static std::string Beginning(std::string_view line) {
    constexpr std::size_t kShown = 200;
    return Printable(line.substr(0, kShown));
  }

  bool Misspoke(std::string what) {
    const std::lock_guard lock(mutex_);
    protocol_error_ = std::move(what);
    return false;
  }

  static constexpr const char* kHint =
      "the adapter must write nothing but replies to standard output; docs/adapter-protocol.md";

  const ProcessSpec spec_;
  UniqueFd input_;
  Pipe wake_;
  std::thread reader_;
  std::string input_line_;  // of the reader alone

  std::mutex send_mutex_;
  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  bool alive_ = false;  // it is there, and nobody has given it up
  bool ended_ = false;  // it is not there any more
  std::int64_t last_id_ = kStartId;
  std::map<std::int64_t, std::optional<Node>> waiting_;  // by the run's id
  std::string stderr_;
  std::string protocol_error_;

  AdapterInfo info_;  // constant after Start
};

AdapterSession::AdapterSession(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
AdapterSession::~AdapterSession() { impl_->Stop(); }

Result<std::unique_ptr<AdapterSession>> AdapterSession::Start(const ProcessSpec& spec,
                                                              std::string_view harness) {
  std::unique_ptr<AdapterSession> session(new AdapterSession(std::make_unique<Impl>(spec)));
  PULLPROOF_RETURN_IF_ERROR(session->impl_->Start(harness));
  return session;
}

const AdapterInfo& AdapterSession::info() const { return impl_->info(); }
bool AdapterSession::IsAlive() const { return impl_->IsAlive(); }
std::string AdapterSession::Stderr() const { return impl_->Stderr(); }

Result<Node> AdapterSession::Run(Node::Table members, Duration budget) {
  return impl_->Run(std::move(members), budget);
}

}  // namespace pullproof::conformance::client
