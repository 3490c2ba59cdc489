// A client under test: something that can be told to pull, list or resolve, and watched doing it.
#ifndef PULLPROOF_CONFORMANCE_CLIENT_CLIENT_H_
#define PULLPROOF_CONFORMANCE_CLIENT_CLIENT_H_

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "mockregistry/registry.h"

namespace pullproof::conformance::client {

enum class Verb {
  kPull,
  kPush,
  kCopy,
  kListTags,
  kReferrers,
  kResolve,
  kDelete,
  kMount,
  kLogin,
  kUnpack,
};
std::string_view VerbName(Verb verb);  // "pull", "list-tags" …: as written in a case's `do`

struct Login {
  std::string user;
  std::string password;
};

// Where a resolve step leaves its results, below the task's output.
inline constexpr std::string_view kLockName = "spin.lock";
inline constexpr std::string_view kAssetsName = "assets";

// The capability of a client that can be told to be strict.
inline constexpr std::string_view kStrictCapability = "resolve.strict";
// Of one that can be told whom to trust, and of one that asks through the proxy that it is told of.
// A case in which a host speaks TLS or has a name needs them, whether its file says so or not: a
// client that looks past its proxy would ask the real bearer of that name.
inline constexpr std::string_view kTlsCapability = "tls";
inline constexpr std::string_view kProxyCapability = "proxy";

// One step of a case, with every placeholder filled in.
struct Task {
  Verb verb = Verb::kPull;
  std::string reference;       // "127.0.0.1:40123/lib/app:1.0"
  std::string to;              // copy: where to
  std::string platform;        // "linux/amd64"; empty: the client's own choice
  std::optional<Login> login;  // for the registry of the reference
  bool recursive = false;      // referrers
  bool strict = false;         // resolve: warnings are errors
  // The registry of the reference is to be asked in clear text.
  bool plain_http = true;
  std::filesystem::path ca_file;  // PEM: whom to trust; empty when no host speaks TLS
  // "http://[USER:PASSWORD@]127.0.0.1:40125", for all but loopback hosts; empty when there is none.
  std::string proxy;
  std::filesystem::path home;  // HOME, configuration and caches; kept from step to step
  // An empty directory for what the step brings: pull, the content with its bytes as they are (an
  // OCI image layout, say); unpack, the files that the artifact holds; resolve, kLockName and
  // kAssetsName.
  std::filesystem::path output;
  std::filesystem::path input;   // resolve: the directory with spin.toml
  Duration budget{};             // after which the client is ended, and hung
  std::uint64_t max_memory = 0;  // bytes of address space; 0: no bound
};

enum class Outcome {
  kOk,           // it says that it succeeded
  kFailed,       // it says that it failed
  kCrashed,      // a signal, a panic, out of memory
  kHung,         // ended by us when the budget was spent
  kUnsupported,  // it cannot do this (exit status 127 of an adapter)
  kBroken,       // the adapter could not run it (exit status 126, no such program)
};
std::string_view OutcomeName(Outcome outcome);

// What could be seen from outside. Text is the client's own and may be hostile: print it with
// Printable.
struct Attempt {
  Outcome outcome = Outcome::kBroken;
  int exit_status = 0;      // or the signal's number, of kCrashed
  std::string error_class;  // "digest_mismatch" …: soft; empty when the client cannot say
  std::string out;          // at most kMaxKeptOutput bytes of each
  std::string err;
  std::vector<std::string> tags;  // list-tags
  Duration took{};
  std::optional<std::uint64_t> peak_memory;  // bytes resident (VmHWM), of a process
  std::vector<std::string> command;          // what was run, secrets replaced; empty in process
};

inline constexpr std::size_t kMaxKeptOutput = std::size_t{1} << 20;

// Run is thread-safe: cases may run side by side, each with its own registry, home and output.
class Client {
 public:
  virtual ~Client() = default;

  [[nodiscard]] virtual std::string name() const = 0;     // "builtin", "skopeo"
  [[nodiscard]] virtual std::string version() const = 0;  // "1.9.3"; empty when unknown
  // Whether it can do `verb`, and every capability that a case names in `needs`.
  [[nodiscard]] virtual bool Supports(Verb verb, const std::vector<std::string>& needs) const = 0;
  // Does the task against `registry`, which is running and already scripted.
  virtual Attempt Run(const Task& task, mockregistry::Registry& registry) = 0;
};

// The resolver of this project, in process: over sockets and libcurl, or straight into the
// registry's core.
enum class Wire { kSockets, kInProcess };
std::unique_ptr<Client> MakeBuiltinClient(Wire wire);

// A client driven through its command line, described by a file (docs/clients.md). `name` is the
// file's name, for messages.
Result<std::unique_ptr<Client>> LoadCommandClient(std::string_view text, const std::string& name);

}  // namespace pullproof::conformance::client

#endif  // PULLPROOF_CONFORMANCE_CLIENT_CLIENT_H_
