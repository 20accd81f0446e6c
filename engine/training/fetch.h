// Fetches MNIST from public mirrors and believes nothing but its MD5 sums.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/error.h"

namespace convlens::training {

// A file of a data set: NAME.gz on the mirrors, and the MD5 sum of what is in it.
struct RemoteFile {
  std::string_view name;
  std::string_view md5;
};

// (LeCun, Cortes, Burges, "The MNIST database of handwritten digits".)
std::span<const RemoteFile> mnist_files();
// Addresses that end in a slash.
std::vector<std::string> mnist_mirrors();

struct FetchProgress {
  std::string_view file;
  int file_number = 0;  // from 1
  int file_count = 0;
  std::uint64_t done = 0;   // bytes of this file
  std::uint64_t total = 0;  // 0 while it is not known
};

struct FetchOptions {
  std::vector<std::string> mirrors;                       // tried in this order
  std::function<void(const FetchProgress&)> on_progress;  // may be empty
  std::stop_token stop;
};

struct FetchReport {
  int fetched = 0;
  int already_there = 0;
};

// Puts the files into `folder` (made if missing) as NAME.gz, each at once when its sum is right; those that are there
// with the right sum, packed or not, are left alone. What breaks off stays as NAME.gz.part and is gone on with by the
// next call. Errors: no mirror reachable, a transfer broken off, a wrong sum, a full disk, cancelled.
Result<FetchReport> fetch_files(std::span<const RemoteFile> files, const std::filesystem::path& folder,
                                const FetchOptions& options);

}  // namespace convlens::training
