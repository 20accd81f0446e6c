// What kind of file it is, whose data it needs, and what an unfinished run is called.
#include "app/model/train_files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>

#include "engine/core/text.h"
#include "engine/io/file.h"
#include "engine/io/safetensors.h"
#include "engine/training/checkpoint.h"
#include "engine/training/model_file.h"
#include "engine/training/recording_file.h"

namespace convlens::model {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMostHeader = std::uint64_t{64} << 20;

Result<training::RunData> data_of(const training::RunDescription& run, const std::string& name) {
  const Parallel parallel;
  auto parts = training::open_data_for(run.data, run.data_seed, run.model, run.preprocessing.class_names, parallel);
  if (!parts) return Error{name + " cannot go on without its pictures: " + parts.error().message};
  auto data = training::measure_data(std::move(*parts));
  if (!data) return data;
  if (data->fingerprint != run.fingerprint) {
    return Error{run.data + " no longer holds the pictures that " + name + " was trained on: put them back"};
  }
  data->preprocessing = run.preprocessing;
  return data;
}

Result<std::unique_ptr<LiveRun>> run_from(training::RunDescription description, training::Recording recording,
                                          const TrainSettings& wanted, std::uint64_t serial, const std::string& name) {
  auto data = data_of(description, name);
  if (!data) return data.error();
  const training::Frame& first = recording.parts().frames.front();
  const std::int64_t pictures = data->parts.train.size();
  TrainSettings begun = settings_of(description, first, (pictures + description.batch - 1) / description.batch);
  begun.threads = wanted.threads;
  TrainRunPtr run = make_train_run(std::move(description), std::move(data->parts), serial, first.values);
  return LiveRun::take_up({std::move(run), std::move(begun), std::move(recording)});
}

Result<std::unique_ptr<LiveRun>> run_from_model(const fs::path& path, const TrainSettings& wanted, std::uint64_t serial,
                                                std::int64_t budget) {
  auto model = training::load_model(path);
  if (!model) return model.error();
  const Parallel parallel;
  auto parts = training::open_data_for(wanted.data, wanted.seed, model->model, {}, parallel);
  if (!parts) {
    return Error{path.filename().string() + " does not suit the data in use, " + wanted.data + ": " +
                 parts.error().message};
  }
  auto data = training::measure_data(std::move(*parts));
  if (!data) return data.error();
  data->preprocessing = model->preprocessing;
  TrainSettings settings = wanted;
  settings.model = std::move(model->model);
  settings.frozen.clear();
  return LiveRun::begin(settings, *data, serial, budget,
                        std::make_shared<const std::vector<float>>(std::move(model->values)));
}

// The header of a .safetensors file alone: a recording is large.
std::optional<nlohmann::json> read_header(const fs::path& path) {
  const auto begin = io::read_file(path, 8);
  if (!begin || begin->size() < 8) return std::nullopt;
  std::uint64_t size = 0;
  std::memcpy(&size, begin->data(), sizeof(size));
  if (size > kMostHeader) return std::nullopt;
  const auto bytes = io::read_file(path, 8 + size);
  if (!bytes || bytes->size() < 8 + size) return std::nullopt;
  auto json = nlohmann::json::parse(bytes->begin() + 8, bytes->end(), nullptr, false);
  return json.is_object() ? std::optional(std::move(json)) : std::nullopt;
}

// "keras-starter, step 1234"; nothing where the file is no recording.
std::optional<std::string> recording_in_words(const fs::path& path) {
  const auto header = read_header(path);
  if (!header || !header->contains("__metadata__") || !header->contains("curves")) return std::nullopt;
  try {
    const auto run = nlohmann::json::parse((*header)["__metadata__"].at("run").get<std::string>());
    std::int64_t first = -1;
    for (const auto& [name, tensor] : header->items()) {
      if (!name.starts_with("frame.")) continue;
      const std::int64_t step = std::stoll(name.substr(6));
      if (first < 0 || step < first) first = step;
    }
    const auto steps = (*header)["curves"].at("shape").at(0).get<std::int64_t>();
    return run.at("model").at("name").get<std::string>() + ", step " +
           std::to_string(std::max<std::int64_t>(first, 0) + steps);
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

std::string counted(double count, const char* what) {
  const auto whole = static_cast<std::int64_t>(count);
  return std::to_string(whole) + " " + what + (whole == 1 ? "" : "s") + " ago";
}

fs::path aside(const fs::path& path) {
  return path.parent_path() / (path.stem().string() + "-earlier" + path.extension().string());
}

}  // namespace

Result<std::unique_ptr<LiveRun>> open_train_file(const fs::path& path, const TrainSettings& wanted,
                                                 std::uint64_t serial, std::int64_t budget) {
  if (path.extension() == ".npz") return run_from_model(path, wanted, serial, budget);
  auto file = io::read_safetensors(path);
  if (!file) return file.error();
  const std::string name = path.filename().string();
  const auto has = [&](const char* note) { return file->metadata.contains(note); };
  if (has("run") && has("changes")) {
    auto recorded = training::parse_recording(std::move(*file), path.string(), budget);
    if (!recorded) return recorded.error();
    return run_from(std::move(recorded->run), std::move(recorded->recording), wanted, serial, name);
  }
  if (has("run") && has("state")) {
    auto checkpoint = training::parse_checkpoint(*file, path.string());
    if (!checkpoint) return checkpoint.error();
    training::Recording::Parts parts;
    parts.frames.push_back(std::move(checkpoint->frame));
    return run_from(std::move(checkpoint->run), training::Recording(std::move(parts), budget), wanted, serial, name);
  }
  return run_from_model(path, wanted, serial, budget);
}

bool is_recorded_run(const fs::path& path) { return recording_in_words(path).has_value(); }

std::string age_in_words(double seconds) {
  if (seconds < 60) return "just now";
  if (seconds < 3600) return counted(seconds / 60, "minute");
  if (seconds < 86400) return counted(seconds / 3600, "hour");
  return counted(seconds / 86400, "day");
}

UnfinishedRun::~UnfinishedRun() {
  if (lock_ >= 0) ::close(lock_);
}

void UnfinishedRun::lock() {
  if (lock_ >= 0 || !is_on()) return;
  const fs::path file = fs::path(path_).replace_extension(".lock");
  lock_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  // A folder that cannot be written says so when the run is.
  if (lock_ >= 0 && ::flock(lock_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) path_.clear();
}

std::optional<std::string> UnfinishedRun::find() {
  std::error_code failed_to_look;
  if (!is_on() || !fs::is_directory(path_.parent_path(), failed_to_look)) return std::nullopt;
  lock();
  if (!is_on()) return std::nullopt;
  for (const fs::path& path : {path_, aside(path_)}) {
    const auto words = recording_in_words(path);
    if (!words) continue;
    offered_ = path;
    std::error_code failed;
    const auto written = fs::last_write_time(path, failed);
    const double age = std::chrono::duration<double>(fs::file_time_type::clock::now() - written).count();
    return failed ? *words : *words + ", " + age_in_words(age);
  }
  return std::nullopt;
}

void UnfinishedRun::make_room() {
  std::error_code ignored;
  fs::create_directories(path_.parent_path(), ignored);
  lock();
  if (offered_ != path_ || offered_.empty()) return;
  std::error_code failed;
  fs::rename(path_, aside(path_), failed);
  if (!failed) offered_ = aside(path_);
}

void UnfinishedRun::accept() {
  std::error_code ignored;
  if (offered_ != path_) fs::rename(offered_, path_, ignored);
  offered_.clear();
}

void UnfinishedRun::discard() {
  std::error_code ignored;
  if (!offered_.empty()) fs::remove(offered_, ignored);
  offered_.clear();
}

void UnfinishedRun::remove() {
  std::error_code ignored;
  if (is_on() && offered_ != path_) fs::remove(path_, ignored);
}

FileWriter::FileWriter() : thread_([this](const std::stop_token& stop) { loop(stop); }) {}

FileWriter::~FileWriter() { finish(); }

void FileWriter::post(std::function<void()> work) {
  {
    std::lock_guard lock(mutex_);
    work_.push_back(std::move(work));
  }
  changed_.notify_all();
}

void FileWriter::finish() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return work_.empty() && !is_busy_; });
}

void FileWriter::loop(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (changed_.wait(lock, stop, [this] { return !work_.empty(); })) {
    const std::function<void()> work = std::move(work_.front());
    work_.pop_front();
    is_busy_ = true;
    lock.unlock();
    work();
    lock.lock();
    is_busy_ = false;
    changed_.notify_all();
  }
}

}  // namespace convlens::model
