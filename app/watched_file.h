// Notices that a file on the disk was replaced or rewritten. Reads its date and size only.
#pragma once

#include <cstdint>
#include <filesystem>

namespace convlens {

class WatchedFile {
 public:
  // What is there now counts as seen. An empty path: nothing is watched.
  void watch(std::filesystem::path path);
  // Whether the file differs from what was seen and has held still since the last look, so that nobody is in the middle
  // of writing it. What it is now counts as seen afterwards.
  bool has_changed();
  bool is_watching() const { return !path_.empty(); }

 private:
  struct Stamp {
    std::filesystem::file_time_type time{};
    std::uintmax_t size = 0;
    bool operator==(const Stamp&) const = default;
  };
  Stamp look() const;

  std::filesystem::path path_;
  Stamp seen_;
  Stamp last_;
};

}  // namespace convlens
