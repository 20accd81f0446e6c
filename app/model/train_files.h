// Files of the Train workspace: what can be opened, the file of an unfinished run, and a thread that writes.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "app/model/train_live.h"
#include "engine/core/error.h"

namespace convlens::model {

// A recording, a checkpoint or a model (.safetensors, .npz) as a run. A model goes on with the data and settings of
// `wanted`. It stands at its first step. Errors name the file, or the data that it needs.
Result<std::unique_ptr<LiveRun>> open_train_file(const std::filesystem::path& path, const TrainSettings& wanted,
                                                 std::uint64_t serial, std::int64_t budget);

// A file that save_run() wrote, by its header.
bool is_recorded_run(const std::filesystem::path& path);

// "3 minutes ago"
std::string age_in_words(double seconds);

// The file that an unfinished run is kept in, and one of an earlier start that nobody has decided on. They belong to
// the first window that asks for them; others keep nothing.
class UnfinishedRun {
 public:
  explicit UnfinishedRun(std::filesystem::path path) : path_(std::move(path)) {}
  ~UnfinishedRun();
  UnfinishedRun(const UnfinishedRun&) = delete;
  UnfinishedRun& operator=(const UnfinishedRun&) = delete;
  bool is_on() const { return !path_.empty(); }
  const std::filesystem::path& path() const { return path_; }
  // Looks for one of an earlier start: "keras-starter, step 1234, 5 minutes ago".
  std::optional<std::string> find();
  const std::filesystem::path& offered() const { return offered_; }
  // Before path() is written: its folder is made, what is offered moves aside. Off from here on where another window
  // has it.
  void make_room();
  // The offer is over: the file becomes path(), or goes.
  void accept();
  void discard();
  // path() holds nothing that is still needed.
  void remove();

 private:
  void lock();

  std::filesystem::path path_;
  std::filesystem::path offered_;
  int lock_ = -1;  // a file descriptor
};

// How the newest writing of an unfinished run goes, told by the thread that does it.
struct AutosaveState {
  std::atomic<bool> is_broken{false};
  std::atomic<bool> is_under_way{false};
};

// Writes on a thread of its own, one after another; its end waits for all of them.
class FileWriter {
 public:
  FileWriter();
  ~FileWriter();
  void post(std::function<void()> work);
  // Waits until all that was posted is done.
  void finish();

 private:
  void loop(const std::stop_token& stop);

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<std::function<void()>> work_;
  bool is_busy_ = false;
  std::jthread thread_;
};

}  // namespace convlens::model
