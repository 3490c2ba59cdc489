#include "conformance/client/home.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <system_error>

#include <fmt/format.h>

#include "base/document.h"
#include "base/file.h"
#include "base/text.h"

namespace pullproof::conformance::client {
namespace {

namespace fs = std::filesystem;

// Far more than credentials for every registry of a fixture take.
constexpr std::uint64_t kMaxLoginFile = std::uint64_t{1} << 20;
// When the caller has no PATH at all: the system's directories (confstr(_CS_PATH) and sbin).
constexpr const char* kDefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

std::unexpected<Error> FailErrno(std::string_view what, const fs::path& path) {
  const int code = errno;
  return Fail(
      code == EACCES || code == EPERM ? "file.permission"
      : code == ENOSPC                ? "file.no-space"
                                      : "file.io",
      fmt::format("cannot {}: {}", what, std::error_code(code, std::system_category()).message()),
      path.string());
}

Result<void> MakePrivateDirectory(const fs::path& path) {
  if (path.has_parent_path() && ::access(path.parent_path().c_str(), F_OK) != 0) {
    PULLPROOF_RETURN_IF_ERROR(MakePrivateDirectory(path.parent_path()));
  }
  if (::mkdir(path.c_str(), S_IRWXU) != 0 && errno != EEXIST) {
    return FailErrno("make the directory", path);
  }
  return {};
}

Result<void> WriteAll(int fd, std::string_view bytes, const fs::path& path) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(fd, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return FailErrno("write", path);
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return {};
}

// The member of that name, a table; made, or made anew, when there is none.
Node& TableAt(Node& parent, std::string_view name) {
  Node* node = parent.Find(name);
  if (node == nullptr) {
    parent.table()->push_back({std::string(name), {}, Node(Node::Table{})});
    node = &parent.table()->back().value;
  }
  if (node->table() == nullptr) *node = Node(Node::Table{});
  return *node;
}

// What a client has made of its login file; an empty one when that is no JSON table.
Node ReadLoginFile(const fs::path& path) {
  SystemFileSystem files;
  const Result<std::string> text = files.Read(path, kMaxLoginFile);
  if (!text) return Node(Node::Table{});
  Result<Node> document = ParseJson(*text, path.string());
  if (!document || document->table() == nullptr) return Node(Node::Table{});
  return *std::move(document);
}

}  // namespace

Environment BaseEnvironment(const fs::path& home) {
  const char* const path = std::getenv("PATH");  // NOLINT(concurrency-mt-unsafe): nobody sets it
  const std::string root = home.string();
  return {{"PATH", path != nullptr ? path : kDefaultPath},
          {"HOME", root},
          {"DOCKER_CONFIG", root + "/.docker"},
          {"XDG_CONFIG_HOME", root + "/.config"},
          {"XDG_CACHE_HOME", root + "/.cache"},
          {"XDG_DATA_HOME", root + "/.local/share"},
          {"XDG_STATE_HOME", root + "/.local/state"},
          {"XDG_RUNTIME_DIR", root + "/run"},
          {"ORAS_CACHE", root + "/.cache/oras"},
          {"TMPDIR", root + "/tmp"},
          {"LC_ALL", "C.UTF-8"},
          {"TZ", "UTC"}};
}

Environment NetworkEnvironment(const Task& task) {
  Environment environment;
  if (!task.ca_file.empty()) environment.emplace_back("SSL_CERT_FILE", task.ca_file.string());
  if (task.proxy.empty()) return environment;
  // Programs differ in which of the two spellings they read.
  for (const char* const name : {"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"}) {
    environment.emplace_back(name, task.proxy);
  }
  for (const char* const name : {"NO_PROXY", "no_proxy"}) {
    environment.emplace_back(name, "127.0.0.1,::1,localhost,.localhost");
  }
  return environment;
}

Result<void> PrepareHome(const fs::path& home) {
  for (const char* const name :
       {".docker", ".config", ".cache/oras", ".local/share", ".local/state", "run", "tmp"}) {
    PULLPROOF_RETURN_IF_ERROR(MakePrivateDirectory(home / name));
  }
  return {};
}

Result<void> WritePrivateFile(const fs::path& path, std::string_view bytes) {
  PULLPROOF_RETURN_IF_ERROR(MakePrivateDirectory(path.parent_path()));
  // A client may have put a link there; what it points to is none of ours.
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return FailErrno("replace", path);
  const int fd =
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (fd < 0) return FailErrno("create", path);
  Result<void> written = WriteAll(fd, bytes, path);
  if (::close(fd) != 0 && written) return FailErrno("write", path);
  return written;
}

fs::path LoginFileOf(const fs::path& home) { return home / ".docker" / "config.json"; }

Result<void> WriteLogin(const fs::path& home, std::string_view authority,
                        const std::optional<Login>& login) {
  const fs::path path = LoginFileOf(home);
  Node document = ReadLoginFile(path);
  Node& logins = TableAt(document, "auths");
  if (login) {
    // docker login has written it so since there was a first version of its protocol.
    Node& entry =
        TableAt(logins, authority == "docker.io" ? "https://index.docker.io/v1/" : authority);
    entry =
        Node(Node::Table{{"auth", {}, Node(Base64Encode(login->user + ":" + login->password))}});
  }
  PULLPROOF_ASSIGN_OR_RETURN(const std::string text, CanonicalJson(document));
  return WritePrivateFile(path, text);
}

}  // namespace pullproof::conformance::client
