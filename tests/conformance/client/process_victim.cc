// A program that does what its arguments say, for the tests of process supervision:
//
//   process_victim say TEXT | warn TEXT | exit N | abort | hang | fds | flood BYTES | hold BYTES
//                  | allocate BYTES | orphan | pass-input | show-environment | show-directory …
//
// one after the other. `hold` keeps memory until it is killed; `orphan` leaves a process behind
// that keeps standard output open, and prints its number.
#include <dirent.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <vector>

extern char** environ;

namespace {

[[noreturn]] void Hang() {
  while (true) ::pause();
}

void Orphan() {
  const pid_t pid = ::fork();
  if (pid == 0) Hang();
  std::printf("%d\n", pid);
}

void ListFiles() {
  DIR* const directory = ::opendir("/proc/self/fd");
  if (directory == nullptr) std::abort();
  const std::string own = std::to_string(::dirfd(directory));
  while (const dirent* entry = ::readdir(directory)) {
    const std::string_view name(entry->d_name);
    if (name != "." && name != ".." && name != own) std::printf("%s\n", entry->d_name);
  }
  ::closedir(directory);
}

void PassInput() {
  for (int c = std::getchar(); c != EOF; c = std::getchar()) std::putchar(c);
}

void Allocate(std::size_t bytes) {
  const std::unique_ptr<char[]> memory(new (std::nothrow) char[bytes]);
  std::puts(memory != nullptr ? "got it" : "refused");
}

[[noreturn]] void Hold(std::size_t bytes) {
  const std::vector<char> memory(bytes, 'x');
  Hang();
}

void ShowDirectory() {
  std::vector<char> path(4096);
  std::puts(::getcwd(path.data(), path.size()));
}

}  // namespace

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view word(argv[i]);
    const auto next = [&] { return ++i < argc ? argv[i] : ""; };
    const auto number = [&] { return std::strtoul(next(), nullptr, 10); };
    if (word == "say") std::puts(next());
    if (word == "warn") std::fprintf(stderr, "%s\n", next());
    if (word == "exit") return static_cast<int>(number());
    if (word == "abort") std::abort();
    if (word == "hang") Hang();
    if (word == "fds") ListFiles();
    if (word == "flood") std::fputs(std::string(number(), 'x').c_str(), stdout);
    if (word == "allocate") Allocate(number());
    if (word == "hold") Hold(number());
    if (word == "orphan") Orphan();
    if (word == "pass-input") PassInput();
    if (word == "show-directory") ShowDirectory();
    if (word == "show-environment") {
      for (char** line = environ; *line != nullptr; ++line) std::puts(*line);
    }
    std::fflush(stdout);
  }
  return 0;
}
