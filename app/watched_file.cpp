// Compares dates and sizes of one file.
#include "app/watched_file.h"

#include <system_error>
#include <utility>

namespace convlens {

WatchedFile::Stamp WatchedFile::look() const {
  std::error_code failed;
  Stamp stamp;
  stamp.size = std::filesystem::file_size(path_, failed);
  if (failed) return seen_;  // away for a moment, as when an editor replaces it
  stamp.time = std::filesystem::last_write_time(path_, failed);
  return failed ? seen_ : stamp;
}

void WatchedFile::watch(std::filesystem::path path) {
  path_ = std::move(path);
  seen_ = last_ = {};
  if (!path_.empty()) seen_ = last_ = look();
}

bool WatchedFile::has_changed() {
  if (path_.empty()) return false;
  const Stamp now = look();
  const bool holds_still = now == std::exchange(last_, now);
  if (now == seen_ || !holds_still) return false;
  seen_ = now;
  return true;
}

}  // namespace convlens
