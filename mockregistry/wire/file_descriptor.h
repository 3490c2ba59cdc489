// A file descriptor that is closed when its owner goes.
#ifndef PULLPROOF_MOCKREGISTRY_WIRE_FILE_DESCRIPTOR_H_
#define PULLPROOF_MOCKREGISTRY_WIRE_FILE_DESCRIPTOR_H_

#include <unistd.h>

#include <utility>

namespace pullproof::mockregistry::wire {

class FileDescriptor {
 public:
  // Takes over `fd`; a negative one is none.
  explicit FileDescriptor(int fd = -1) : fd_(fd) {}
  ~FileDescriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }

  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] bool valid() const { return fd_ >= 0; }

 private:
  int fd_;
};

}  // namespace pullproof::mockregistry::wire

#endif  // PULLPROOF_MOCKREGISTRY_WIRE_FILE_DESCRIPTOR_H_
