// Files, mirrors and second tries; the transfer itself is download's.
#include "engine/training/fetch.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "engine/io/file.h"
#include "engine/io/gzip.h"
#include "engine/io/md5.h"
#include "engine/training/download.h"

namespace convlens::training {
namespace {

namespace fs = std::filesystem;

// Neither packed nor unpacked is a file of such a data set larger.
constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 30;
// Times that a transfer from one mirror is taken up again while it gets on.
constexpr int kTries = 4;

constexpr std::array kMnist = {
    RemoteFile{"train-images-idx3-ubyte", "6bbc9ace898e44ae57da46a324031adb"},
    RemoteFile{"train-labels-idx1-ubyte", "a25bea736e30d166cdddb491f175f624"},
    RemoteFile{"t10k-images-idx3-ubyte", "2646ac647ad5339dbf082846283269ea"},
    RemoteFile{"t10k-labels-idx1-ubyte", "27ae3e4e09519cfbb04c329615203637"},
};

// The MD5 sum of the file's contents, unpacked; or why there is none.
Result<std::string> sum_of(const fs::path& path) {
  Result<std::vector<std::uint8_t>> bytes = io::read_file(path, kMostBytes);
  if (!bytes) return bytes.error();
  if (!io::is_gzip(*bytes)) return io::md5_hex(*bytes);
  const Result<std::vector<std::uint8_t>> unpacked = io::gunzip(*bytes, path.string(), kMostBytes);
  if (!unpacked) return unpacked.error();
  return io::md5_hex(*unpacked);
}

// Whether the file that readers would take, the packed one if both are there, has the right contents.
bool is_there(const fs::path& folder, const RemoteFile& file) {
  std::error_code ignored;
  fs::path path = folder / (std::string(file.name) + ".gz");
  if (!fs::exists(path, ignored)) path = folder / file.name;
  if (!fs::is_regular_file(path, ignored)) return false;
  const Result<std::string> sum = sum_of(path);
  return sum && *sum == file.md5;
}

// How trying one mirror ended: done, worth another mirror, or final.
struct MirrorResult {
  enum class Verdict { kDone, kTryNext, kFinal } verdict = Verdict::kDone;
  std::string message;
};

MirrorResult check_and_keep(const std::string& url, const fs::path& part, const fs::path& target,
                            const RemoteFile& file) {
  using Verdict = MirrorResult::Verdict;
  const Result<std::string> sum = sum_of(part);
  if (!sum || *sum != file.md5) {
    std::error_code ignored;
    fs::remove(part, ignored);
    const std::string found = sum ? "its MD5 sum is " + *sum + " instead of " + std::string(file.md5)
                                  : std::string("it is not a whole gzip file");
    return {Verdict::kTryNext, url + " is not the right file: " + found + "; try another mirror"};
  }
  std::error_code error;
  fs::rename(part, target, error);
  if (error)
    return {Verdict::kFinal, "cannot write " + target.string() + ": " + error.message() + "; check the folder"};
  return {};
}

MirrorResult fetch_from(const std::string& mirror, const fs::path& folder, const RemoteFile& file,
                        const TransferHooks& hooks) {
  using Verdict = MirrorResult::Verdict;
  const std::string url = mirror + std::string(file.name) + ".gz";
  const fs::path target = folder / (std::string(file.name) + ".gz");
  fs::path part = target;
  part += ".part";
  MirrorResult last;
  std::uintmax_t size_before = 0;
  for (int attempt = 0; attempt < kTries; ++attempt) {
    const TransferResult transfer = download(url, part, kMostBytes, hooks);
    if (transfer.end == TransferEnd::kDisk || transfer.end == TransferEnd::kCancelled) {
      return {Verdict::kFinal, transfer.message};
    }
    if (transfer.end == TransferEnd::kRefused) return {Verdict::kTryNext, transfer.message};
    if (transfer.end == TransferEnd::kWhole) {
      last = check_and_keep(url, part, target, file);
      // A part from elsewhere may have been the wrong beginning: once more from the start.
      if (last.verdict != Verdict::kTryNext || !transfer.was_resumed) return last;
      continue;
    }
    last = {Verdict::kTryNext, transfer.message};
    std::error_code ignored;
    const std::uintmax_t size = fs::file_size(part, ignored);
    if (ignored || (attempt > 0 && size <= size_before)) return last;
    size_before = size;
  }
  return last;
}

Status fetch_one(const RemoteFile& file, const fs::path& folder, const FetchOptions& options,
                 const TransferHooks& hooks) {
  std::string message = "no mirror is given to fetch " + std::string(file.name) + " from; name one";
  for (const std::string& mirror : options.mirrors) {
    const MirrorResult result = fetch_from(mirror, folder, file, hooks);
    if (result.verdict == MirrorResult::Verdict::kDone) return Done{};
    message = result.message;
    if (result.verdict == MirrorResult::Verdict::kFinal) break;
  }
  return Error{message};
}

// Leaves no empty part file behind where nothing came.
void remove_empty_part(const fs::path& folder, const RemoteFile& file) {
  std::error_code ignored;
  const fs::path part = folder / (std::string(file.name) + ".gz.part");
  if (fs::file_size(part, ignored) == 0 && !ignored) fs::remove(part, ignored);
}

}  // namespace

std::span<const RemoteFile> mnist_files() { return kMnist; }

std::vector<std::string> mnist_mirrors() {
  return {"https://ossci-datasets.s3.amazonaws.com/mnist/", "https://storage.googleapis.com/cvdf-datasets/mnist/"};
}

Result<FetchReport> fetch_files(std::span<const RemoteFile> files, const fs::path& folder,
                                const FetchOptions& options) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error || !fs::is_directory(folder)) {
    return Error{"cannot make the folder " + folder.string() + " (" +
                 (error ? error.message() : std::string("a file is in its place")) + "); choose another one"};
  }
  FetchReport report;
  for (std::size_t i = 0; i < files.size(); ++i) {
    const RemoteFile& file = files[i];
    if (is_there(folder, file)) {
      ++report.already_there;
      continue;
    }
    TransferHooks hooks;
    hooks.stop = options.stop;
    if (options.on_progress) {
      hooks.on_progress = [&](const TransferProgress& progress) {
        options.on_progress(
            {file.name, static_cast<int>(i) + 1, static_cast<int>(files.size()), progress.done, progress.total});
      };
    }
    const Status fetched = fetch_one(file, folder, options, hooks);
    if (!fetched) {
      remove_empty_part(folder, file);
      return fetched.error();
    }
    ++report.fetched;
  }
  return report;
}

}  // namespace convlens::training
