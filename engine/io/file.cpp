// Reading and atomically writing whole files with POSIX calls. Knows nothing about what is in them.
#include "engine/io/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <exception>
#include <string>
#include <system_error>
#include <utility>

namespace convlens::io {
namespace {

// Closes its descriptor unless that was done by hand (to see close's own error).
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  bool close() { return ::close(std::exchange(fd_, -1)) == 0; }

 private:
  int fd_;
};

int open_retrying(const char* path, int flags, mode_t mode) {
  int fd;
  do {
    fd = ::open(path, flags | O_CLOEXEC, mode);
  } while (fd < 0 && errno == EINTR);
  return fd;
}

// The reason and the way out, for the errors a person meets; errno's own words for the rest.
std::string read_reason(int error) {
  switch (error) {
    case ENOENT:
      return "it does not exist; check the spelling and the folder";
    case EACCES:
    case EPERM:
      return "you may not read it; change its permissions";
    case ENOTDIR:
      return "a part of its path is a file, not a folder; check the path";
    case ENAMETOOLONG:
      return "its path is too long; use a shorter one";
    default:
      return std::string(std::strerror(error)) + "; check the disk and try again";
  }
}

std::string write_reason(int error) {
  switch (error) {
    case ENOENT:
      return "its folder does not exist; create the folder first";
    case EACCES:
    case EPERM:
      return "you may not write there; choose another folder";
    case EROFS:
      return "the disk is read-only; choose another folder";
    case ENOTDIR:
      return "a part of its path is a file, not a folder; choose another path";
    case ENOSPC:
    case EDQUOT:
      return "the disk is full; free some space or choose another disk";
    case ENAMETOOLONG:
      return "its path is too long; use a shorter one";
    case EISDIR:
      return "it is a folder; give a file name";
    default:
      return std::string(std::strerror(error)) + "; check the disk and try again";
  }
}

Error cannot_read(const std::filesystem::path& path, const std::string& reason) {
  return Error{"cannot read " + path.string() + ": " + reason};
}

Error cannot_write(const std::filesystem::path& path, int error) {
  return Error{"cannot write " + path.string() + ": " + write_reason(error)};
}

using Pieces = std::span<const std::span<const std::uint8_t>>;

// errno's value, or 0 when every byte was written.
int write_all(int fd, Pieces pieces) {
  for (std::span<const std::uint8_t> bytes : pieces) {
    while (!bytes.empty()) {
      const std::size_t chunk = std::min<std::size_t>(bytes.size(), std::size_t{1} << 30);
      const ssize_t written = ::write(fd, bytes.data(), chunk);
      if (written < 0) {
        if (errno == EINTR) continue;
        return errno;
      }
      bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
  }
  return 0;
}

// Devices and pipes cannot be replaced by a rename; they take the bytes as they come.
Status write_through(const std::filesystem::path& path, Pieces pieces) {
  Descriptor file(open_retrying(path.c_str(), O_WRONLY, 0));
  if (file.get() < 0) return cannot_write(path, errno);
  if (const int error = write_all(file.get(), pieces)) return cannot_write(path, error);
  if (!file.close()) return cannot_write(path, errno);
  return Done{};
}

// A new file beside the target, under a name that no other writer has; -1 and errno on failure.
int create_beside(const std::filesystem::path& target, std::filesystem::path& part) {
  for (int attempt = 0; attempt < 1000; ++attempt) {
    part = target;
    part += ".part-" + std::to_string(::getpid()) + "-" + std::to_string(attempt);
    const int fd = open_retrying(part.c_str(), O_WRONLY | O_CREAT | O_EXCL, 0666);
    if (fd >= 0 || errno != EEXIST) return fd;
  }
  return -1;
}

}  // namespace

Result<std::vector<std::uint8_t>> read_file(const std::filesystem::path& path, std::uint64_t most) {
  // O_NONBLOCK keeps a pipe without a writer from blocking the open; such things are refused below.
  Descriptor file(open_retrying(path.c_str(), O_RDONLY | O_NONBLOCK, 0));
  if (file.get() < 0) return cannot_read(path, read_reason(errno));
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) return cannot_read(path, read_reason(errno));
  if (S_ISDIR(info.st_mode)) return cannot_read(path, "it is a folder; choose a file in it");
  if (!S_ISREG(info.st_mode)) return cannot_read(path, "it is a device or a pipe; copy its contents to a file first");

  try {
    // The size is a hint: files under /proc say 0, and another program may be writing to this one.
    const std::uint64_t hint = static_cast<std::uint64_t>(info.st_size) + 1;
    std::vector<std::uint8_t> bytes(static_cast<std::size_t>(std::min(hint, most)));
    std::size_t filled = 0;
    while (filled < most) {
      if (filled == bytes.size()) {
        bytes.resize(static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size() * 2 + 4096, most)));
      }
      const std::size_t chunk = std::min<std::size_t>(bytes.size() - filled, std::size_t{1} << 30);
      const ssize_t got = ::read(file.get(), bytes.data() + filled, chunk);
      if (got < 0) {
        if (errno == EINTR) continue;
        return cannot_read(path, read_reason(errno));
      }
      if (got == 0) break;
      filled += static_cast<std::size_t>(got);
    }
    bytes.resize(filled);
    return bytes;
  } catch (const std::exception&) {  // bad_alloc, or length_error for a size beyond any memory
    return cannot_read(path, "its " + std::to_string(info.st_size) +
                                 " bytes do not fit into memory; close other programs or use a smaller file");
  }
}

Status write_file(const std::filesystem::path& path, Pieces pieces) {
  // Through a symbolic link the file it points to is replaced, not the link.
  std::error_code ignored;
  std::filesystem::path target = path;
  if (std::filesystem::is_symlink(path, ignored)) {
    const std::filesystem::path real = std::filesystem::weakly_canonical(path, ignored);
    if (!ignored) target = real;
  }

  struct stat info {};
  const bool exists = ::stat(target.c_str(), &info) == 0;
  if (exists && S_ISDIR(info.st_mode)) return cannot_write(path, EISDIR);
  if (exists && !S_ISREG(info.st_mode)) return write_through(path, pieces);

  std::filesystem::path part;
  Descriptor file(create_beside(target, part));
  if (file.get() < 0) return cannot_write(path, errno);
  int error = write_all(file.get(), pieces);
  if (!error && exists && ::fchmod(file.get(), info.st_mode & 07777) != 0) error = errno;
  if (!error && ::fsync(file.get()) != 0 && errno != EINVAL) error = errno;
  if (!file.close() && !error) error = errno;
  if (!error && ::rename(part.c_str(), target.c_str()) != 0) error = errno;
  if (error) {
    ::unlink(part.c_str());
    return cannot_write(path, error);
  }
  return Done{};
}

Status write_file(const std::filesystem::path& path, std::span<const std::uint8_t> bytes) {
  return write_file(path, Pieces(&bytes, 1));
}

Status write_file(const std::filesystem::path& path, std::string_view text) {
  return write_file(path, std::span(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
}

}  // namespace convlens::io
