// One worker thread that decodes and shrinks, newest wish first; the frame thread uploads.
#include "app/ui/thumbnails.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/io/picture.h"
#include "engine/pictures/pictures.h"

namespace convlens::ui {
namespace {

constexpr std::size_t kMostKept = 300;
constexpr std::size_t kMostWaiting = 120;  // wishes beyond that have scrolled out of sight
// A larger picture is named by its size only: decoding it would take a gigabyte of memory for a postage stamp.
constexpr std::int64_t kMostPixels = 40'000'000;

struct Wish {
  std::string key;
  std::filesystem::path file;  // empty: the built-in picture `builtin`
  std::string builtin;
};

struct Outcome {
  std::string key;
  std::vector<std::uint8_t> rgba;
  int width = 0, height = 0;
  std::int64_t picture_width = 0, picture_height = 0;
  std::string error;
};

// Mean over the source rectangle of every target pixel; whole pixels only, at least one.
void shrink(const Tensor& pixels, Outcome& outcome) {
  const Shape& shape = pixels.shape();
  const double factor =
      std::max(1.0, static_cast<double>(std::max(shape.w, shape.h)) / static_cast<double>(Thumbnails::kSide));
  outcome.width = std::max(1, static_cast<int>(static_cast<double>(shape.w) / factor));
  outcome.height = std::max(1, static_cast<int>(static_cast<double>(shape.h) / factor));
  outcome.rgba.resize(static_cast<std::size_t>(outcome.width) * static_cast<std::size_t>(outcome.height) * 4, 255);
  const auto span = [](std::int64_t i, std::int64_t count, std::int64_t size) {
    const std::int64_t first = i * size / count;
    return std::pair{first, std::max(first + 1, (i + 1) * size / count)};
  };
  for (std::int64_t c = 0; c < 3; ++c) {
    const std::int64_t channel = shape.c == 3 ? c : 0;
    std::size_t at = static_cast<std::size_t>(c);
    for (int ty = 0; ty < outcome.height; ++ty) {
      const auto [y0, y1] = span(ty, outcome.height, shape.h);
      for (int tx = 0; tx < outcome.width; ++tx, at += 4) {
        const auto [x0, x1] = span(tx, outcome.width, shape.w);
        float sum = 0;
        for (std::int64_t y = y0; y < y1; ++y) {
          const float* row = pixels.view().row(0, channel, y);
          for (std::int64_t x = x0; x < x1; ++x) sum += row[x] > 0 ? std::min(row[x], 1.0F) : 0.0F;  // 0 also for NaN
        }
        const float mean = sum / static_cast<float>((y1 - y0) * (x1 - x0));
        outcome.rgba[at] = static_cast<std::uint8_t>(mean * 255 + 0.5F);
      }
    }
  }
}

Outcome make(const Wish& wish) {
  Outcome outcome;
  outcome.key = wish.key;
  if (wish.file.empty()) {
    const Result<Tensor> pixels = pictures::make_builtin_picture(wish.builtin);
    if (!pixels) {
      outcome.error = pixels.error().message;
      return outcome;
    }
    outcome.picture_width = pixels->shape().w, outcome.picture_height = pixels->shape().h;
    shrink(*pixels, outcome);
    return outcome;
  }
  const Result<io::PictureInfo> info = io::read_picture_info(wish.file);
  if (!info) {
    outcome.error = info.error().message;
    return outcome;
  }
  outcome.picture_width = info->width, outcome.picture_height = info->height;
  if (info->width * info->height > kMostPixels) {
    outcome.error = "too large for a thumbnail; it can still be opened";
    return outcome;
  }
  const Result<io::Picture> picture = io::read_picture(wish.file);
  if (!picture) {
    outcome.error = picture.error().message;
    return outcome;
  }
  shrink(picture->pixels, outcome);
  return outcome;
}

}  // namespace

struct Thumbnails::State {
  struct Entry {
    Thumbnail thumbnail;
    std::uint64_t last_asked = 0;
    bool is_waiting = false;
  };
  std::unordered_map<std::string, Entry> entries;
  std::uint64_t frame = 0;

  mutable std::mutex mutex;
  std::condition_variable_any wishes_changed;
  std::deque<Wish> wishes;  // newest last
  std::vector<std::string> dropped;
  std::vector<Outcome> done;
  bool is_working = false;
  std::jthread worker;  // last: it stops before what it uses goes

  void work(const std::stop_token& stop) {
    std::unique_lock lock(mutex);
    while (wishes_changed.wait(lock, stop, [&] { return !wishes.empty(); })) {
      const Wish wish = std::move(wishes.back());
      wishes.pop_back();
      is_working = true;
      lock.unlock();
      Outcome outcome = make(wish);
      lock.lock();
      done.push_back(std::move(outcome));
      is_working = false;
    }
  }

  void ask(Wish wish) {
    if (!worker.joinable()) worker = std::jthread([this](const std::stop_token& stop) { work(stop); });
    {
      const std::lock_guard lock(mutex);
      wishes.push_back(std::move(wish));
      if (wishes.size() > kMostWaiting) {
        dropped.push_back(std::move(wishes.front().key));
        wishes.pop_front();
      }
    }
    wishes_changed.notify_one();
  }

  const Thumbnail& find(Wish wish) {
    Entry& entry = entries[wish.key];
    entry.last_asked = frame;
    if (!entry.thumbnail.is_ready && !entry.is_waiting) {
      entry.is_waiting = true;
      ask(std::move(wish));
    }
    return entry.thumbnail;
  }

  void forget_unseen() {
    if (entries.size() <= kMostKept) return;
    std::vector<std::pair<std::uint64_t, std::string>> ages;
    for (const auto& [key, entry] : entries) {
      if (entry.last_asked + 1 < frame && !entry.is_waiting) ages.emplace_back(entry.last_asked, key);
    }
    std::sort(ages.begin(), ages.end());
    const std::size_t count = std::min(ages.size(), entries.size() - kMostKept);
    for (std::size_t i = 0; i < count; ++i) entries.erase(ages[i].second);
  }
};

Thumbnails::Thumbnails() : state_(std::make_unique<State>()) {}
Thumbnails::~Thumbnails() = default;

const Thumbnail& Thumbnails::of_file(const std::filesystem::path& path, std::filesystem::file_time_type changed) {
  // A file that changes on disk is another picture.
  std::string key = path.string() + '\n' + std::to_string(changed.time_since_epoch().count());
  return state_->find({.key = std::move(key), .file = path, .builtin = {}});
}

const Thumbnail& Thumbnails::of_builtin(std::string_view name) {
  return state_->find({.key = "\n" + std::string(name), .file = {}, .builtin = std::string(name)});
}

void Thumbnails::collect() {
  State& s = *state_;
  ++s.frame;
  std::vector<Outcome> done;
  std::vector<std::string> dropped;
  {
    const std::lock_guard lock(s.mutex);
    done.swap(s.done);
    dropped.swap(s.dropped);
  }
  for (const std::string& key : dropped) s.entries.erase(key);
  for (Outcome& outcome : done) {
    const auto found = s.entries.find(outcome.key);
    if (found == s.entries.end()) continue;
    found->second.is_waiting = false;
    Thumbnail& thumbnail = found->second.thumbnail;
    thumbnail.is_ready = true;
    thumbnail.width = outcome.picture_width;
    thumbnail.height = outcome.picture_height;
    thumbnail.error = std::move(outcome.error);
    if (!outcome.rgba.empty()) thumbnail.image.set(outcome.rgba, outcome.width, outcome.height, false);
  }
  s.forget_unseen();
}

bool Thumbnails::is_busy() const {
  const std::lock_guard lock(state_->mutex);
  return !state_->wishes.empty() || state_->is_working || !state_->done.empty();
}

}  // namespace convlens::ui
