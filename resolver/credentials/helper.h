// Credential helpers: programs named docker-credential-NAME that keep secrets in a keychain.
// Protocol: docker-credential-helpers, README ("Development"): the verb is the one argument, the
// request comes on stdin, the answer on stdout; a failure is exit status 1 with its text on stdout.
#ifndef PULLPROOF_RESOLVER_CREDENTIALS_HELPER_H_
#define PULLPROOF_RESOLVER_CREDENTIALS_HELPER_H_

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "resolver/credentials/source.h"

namespace pullproof::resolver::credentials {

// A login or a list of them; a token of some KiB.
inline constexpr std::size_t kMaxHelperAnswer = std::size_t{256} << 10;
// Long enough for a person to unlock a keychain, short enough for a build to fail on its own.
inline constexpr Duration kHelperTimeout = std::chrono::seconds(30);

// Runs helpers. Thread-safe.
class HelperRunner {
 public:
  virtual ~HelperRunner() = default;

  struct Answer {
    int status;          // of the exit; -1 when it was ended by a signal
    std::string output;  // on stdout
  };
  // Runs "docker-credential-NAME VERB". Errors: credentials.helper (not installed, silent for too
  // long, too much output).
  virtual Result<Answer> Run(const std::string& name, const std::string& verb,
                             std::string_view input) = 0;
};

// Programs of this machine, without a shell. What they write to stderr is dropped: it is for
// nobody here to judge. One that takes too long is killed, with the processes that it started.
class SystemHelpers final : public HelperRunner {
 public:
  // `path` is searched as PATH is; `environment` ("NAME=value") is what the helper gets.
  SystemHelpers(std::string path, std::vector<std::string> environment,
                Duration timeout = kHelperTimeout)
      : path_(std::move(path)), environment_(std::move(environment)), timeout_(timeout) {}
  Result<Answer> Run(const std::string& name, const std::string& verb,
                     std::string_view input) override;

 private:
  const std::string path_;
  const std::vector<std::string> environment_;
  const Duration timeout_;
};

// One word of letters, digits, '-', '_' and '.', which does not begin with '.': what may become
// part of a program's name.
bool IsHelperName(std::string_view name);

// Errors of all: credentials.helper-name, credentials.helper. `server` is ServerAddress's.
//
// The credential that the helper has; nullopt when it says that it has none. The user "<token>"
// marks an identity token.
Result<std::optional<Credential>> HelperGet(HelperRunner& runner, const std::string& name,
                                            const std::string& server);
Result<void> HelperStore(HelperRunner& runner, const std::string& name, const std::string& server,
                         const Credential& credential);
// No error when there is nothing to erase.
Result<void> HelperErase(HelperRunner& runner, const std::string& name, const std::string& server);
// The servers that it has something for.
Result<std::vector<std::string>> HelperList(HelperRunner& runner, const std::string& name);

}  // namespace pullproof::resolver::credentials

#endif  // PULLPROOF_RESOLVER_CREDENTIALS_HELPER_H_
