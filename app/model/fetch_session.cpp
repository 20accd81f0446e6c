// The thread, and what it shares with the frame.
#include "app/model/fetch_session.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <mutex>
#include <sstream>
#include <system_error>
#include <thread>
#include <utility>

#include "app/model/user_folders.h"

namespace convlens::model {

namespace fs = std::filesystem;

fs::path mnist_folder() { return data_folder() / "mnist"; }

bool has_mnist(const fs::path& folder) {
  for (const training::RemoteFile& file : training::mnist_files()) {
    std::error_code ignored;
    const fs::path plain = folder / file.name;
    if (!fs::is_regular_file(plain, ignored) && !fs::is_regular_file(plain.string() + ".gz", ignored)) return false;
  }
  return true;
}

std::vector<std::string> chosen_mirrors() {
  const char* given = std::getenv("CONVLENS_MNIST_MIRROR");
  if (given == nullptr || *given == '\0') return training::mnist_mirrors();
  std::vector<std::string> mirrors;
  std::istringstream words(given);
  for (std::string mirror; words >> mirror;) mirrors.push_back(mirror.ends_with('/') ? mirror : mirror + '/');
  return mirrors;
}

namespace {

// Of the packed files on the mirrors, in the order of training::mnist_files(): how long each takes.
constexpr std::array<double, 4> kPackedBytes = {9'912'422, 28'881, 1'648'877, 4'542};

double share_of_all(int file_number, std::uint64_t done, std::uint64_t total) {
  double before = 0, all = 0, of_file = 0;
  for (std::size_t i = 0; i < kPackedBytes.size(); ++i) {
    all += kPackedBytes[i];
    if (static_cast<int>(i) + 1 < file_number) before += kPackedBytes[i];
    if (static_cast<int>(i) + 1 == file_number) of_file = kPackedBytes[i];
  }
  const double part = total > 0 ? static_cast<double>(done) / static_cast<double>(total) : 0;
  return (before + of_file * std::min(part, 1.0)) / all;
}

}  // namespace

struct FetchSession::Shared {
  std::function<void()> wake;
  mutable std::mutex mutex;
  FetchState state;
  bool is_under_way = false;
  std::optional<Result<training::FetchReport>> end;
  std::jthread thread;  // last: it stops before what it uses goes

  void tell(const training::FetchProgress& progress) {
    {
      const std::lock_guard lock(mutex);
      state = {.file = std::string(progress.file),
               .file_number = progress.file_number,
               .file_count = progress.file_count,
               .done = progress.done,
               .total = progress.total,
               .share = share_of_all(progress.file_number, progress.done, progress.total)};
    }
    if (wake) wake();
  }

  void run(const std::stop_token& stop, const fs::path& folder, std::vector<std::string> mirrors) {
    training::FetchOptions options;
    options.mirrors = std::move(mirrors);
    options.stop = stop;
    options.on_progress = [this](const training::FetchProgress& progress) { tell(progress); };
    auto report = training::fetch_files(training::mnist_files(), folder, options);
    {
      const std::lock_guard lock(mutex);
      if (!stop.stop_requested() || report) end.emplace(std::move(report));
      is_under_way = false;
    }
    if (wake) wake();
  }
};

FetchSession::FetchSession(std::function<void()> wake) : shared_(std::make_unique<Shared>()) {
  shared_->wake = std::move(wake);
}
FetchSession::~FetchSession() = default;

void FetchSession::begin(const fs::path& folder, std::vector<std::string> mirrors) {
  {
    const std::lock_guard lock(shared_->mutex);
    if (shared_->is_under_way) return;
    shared_->is_under_way = true;
    shared_->state = {};
    shared_->end.reset();
  }
  shared_->thread =
      std::jthread([shared = shared_.get(), folder, mirrors = std::move(mirrors)](const std::stop_token& stop) mutable {
        shared->run(stop, folder, std::move(mirrors));
      });
}

void FetchSession::cancel() { shared_->thread.request_stop(); }

bool FetchSession::is_under_way() const {
  const std::lock_guard lock(shared_->mutex);
  return shared_->is_under_way;
}

bool FetchSession::is_cancelled() const { return is_under_way() && shared_->thread.get_stop_token().stop_requested(); }

FetchState FetchSession::state() const {
  const std::lock_guard lock(shared_->mutex);
  return shared_->state;
}

std::optional<Result<training::FetchReport>> FetchSession::take() {
  const std::lock_guard lock(shared_->mutex);
  return std::exchange(shared_->end, std::nullopt);
}

}  // namespace convlens::model
