// The worker of flow A: takes the newest job, convolves, measures, reduces, and publishes.
#include "app/model/conv_session.h"

#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <new>
#include <thread>
#include <utility>

#include "app/model/fields.h"
#include "app/model/filter_bank.h"
#include "app/model/mailbox.h"

namespace convlens::model {
namespace {

using Clock = std::chrono::steady_clock;

// Spare buffers are given back to the system this long after the last job.
constexpr std::chrono::seconds kSpareLifetime{2};

double milliseconds_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

// Memory of results that nobody looks at any more, so that the next job of the same shape touches no new pages. Three
// results live at once during a drag (shown, waiting to be shown, being computed), so two of them can be spare.
class SparePool {
 public:
  struct Buffers {
    Tensor maps;
    std::vector<Tensor> levels;
  };

  Buffers take() {
    std::lock_guard lock(mutex_);
    if (spares_.empty()) return {};
    Buffers buffers = std::move(spares_.back());
    spares_.pop_back();
    return buffers;
  }
  void give(Buffers buffers) {
    std::lock_guard lock(mutex_);
    if (spares_.size() < 2) spares_.push_back(std::move(buffers));
  }
  void clear() {
    std::lock_guard lock(mutex_);
    spares_.clear();
  }

 private:
  std::mutex mutex_;
  std::vector<Buffers> spares_;
};

// What only the worker touches.
struct Engine {
  std::shared_ptr<SparePool> pool = std::make_shared<SparePool>();
  conv::Workspace workspace;
  std::optional<Parallel> parallel;
  int threads = 0;  // as asked for; 0 is every core
  PicturePtr input_picture;
  Channels input_channels = Channels::kRgb;
  std::shared_ptr<const InputChannels> input;

  const Parallel& parallel_for(int wanted) {
    if (!parallel || threads != wanted) {
      parallel.emplace(wanted);
      threads = wanted;
    }
    return *parallel;
  }

  void choose_input(const ConvJob& job) {
    if (input && input_picture == job.picture && input_channels == job.settings.channels) return;
    input = std::make_shared<const InputChannels>(choose_channels(job.picture, job.settings.channels, *parallel));
    input_picture = job.picture;
    input_channels = job.settings.channels;
  }

  std::shared_ptr<ConvResult> new_result() {
    auto result = std::make_unique<ConvResult>();
    SparePool::Buffers buffers = pool->take();
    result->maps = std::move(buffers.maps);
    result->map_levels = std::move(buffers.levels);
    return {result.release(), [pool = pool](ConvResult* old) {
              pool->give({std::move(old->maps), std::move(old->map_levels)});
              delete old;
            }};
  }

  Result<ConvResultPtr> run(const ConvJob& job, conv::Progress& progress);
};

Result<ConvResultPtr> Engine::run(const ConvJob& job, conv::Progress& progress) {
  const auto start = Clock::now();
  Settings settings;
  settings.conv = job.settings;
  const auto geometry = settings_geometry(settings, job.picture->pixels.shape());
  if (!geometry) return geometry.error();
  const Parallel& threads_to_use = parallel_for(job.settings.threads);
  choose_input(job);
  auto result = new_result();
  result->generation = job.generation;
  result->settings = job.settings;
  result->picture = job.picture;
  result->input_owner = input;
  result->input = input->tensor;
  result->input_levels = input->levels;
  result->geometry = *geometry;
  result->weights = packed_weights(job.settings.bank);
  result->biases = packed_biases(job.settings.bank);
  result->maps.reshape_uninitialized(geometry->output_shape());
  const auto report = conv::forward(
      *geometry, input->tensor->view(), dense_view<const float>(result->weights.data(), geometry->weights_shape()),
      result->biases, result->maps.view(), job.settings.kernel, workspace, threads_to_use, &progress);
  if (!report) return report.error();
  result->report = *report;
  measure_and_reduce(result->maps, threads_to_use, result->stats, result->map_levels);
  result->total_milliseconds = milliseconds_since(start);
  return ConvResultPtr(std::move(result));
}

}  // namespace

struct ConvSession::State {
  std::function<void()> wake;
  std::function<void(const ConvJob&)> before_job;

  mutable std::mutex mutex;
  std::condition_variable_any changed;
  std::optional<ConvJob> pending;
  bool is_running = false;
  Clock::time_point running_since;
  std::uint64_t generation = 0;

  conv::Progress progress;
  Mailbox<Outcome> mailbox;
  Engine engine;
  std::jthread worker;  // last: stops and joins before anything it uses goes

  void loop(const std::stop_token& stop);
  std::optional<ConvJob> next_job(const std::stop_token& stop);
  Outcome run(const ConvJob& job);
};

std::optional<ConvJob> ConvSession::State::next_job(const std::stop_token& stop) {
  std::unique_lock lock(mutex);
  const auto has_job = [&] { return pending.has_value(); };
  if (!changed.wait_for(lock, stop, kSpareLifetime, has_job) && !stop.stop_requested()) {
    lock.unlock();
    engine.pool->clear();
    lock.lock();
    changed.wait(lock, stop, has_job);
  }
  if (stop.stop_requested()) return std::nullopt;
  progress.done = 0;
  progress.total = 0;
  is_running = true;
  running_since = Clock::now();
  return std::exchange(pending, std::nullopt);
}

ConvSession::Outcome ConvSession::State::run(const ConvJob& job) {
  try {
    if (before_job) before_job(job);
    return {job.generation, engine.run(job, progress)};
  } catch (const std::bad_alloc&) {
    return {job.generation, Error{"There is not enough memory for these feature maps; use fewer filters, a larger "
                                  "stride or a smaller picture."}};
  } catch (const std::exception& error) {
    return {job.generation, Error{std::string("The feature maps could not be computed: ") + error.what() + "."}};
  }
}

void ConvSession::State::loop(const std::stop_token& stop) {
  while (auto job = next_job(stop)) {
    mailbox.put(run(*job));
    {
      std::lock_guard lock(mutex);
      is_running = false;
    }
    if (wake) wake();
  }
}

ConvSession::ConvSession(std::function<void()> wake, std::function<void(const ConvJob&)> before_job)
    : state_(std::make_unique<State>()) {
  state_->wake = std::move(wake);
  state_->before_job = std::move(before_job);
  state_->worker = std::jthread([state = state_.get()](const std::stop_token& stop) { state->loop(stop); });
}

// The job under way is given up: nobody is left to look at its maps.
ConvSession::~ConvSession() { state_->progress.is_cancelled = true; }

std::uint64_t ConvSession::request(PicturePtr picture, const ConvSettings& settings) {
  std::optional<ConvJob> replaced;
  std::uint64_t generation = 0;
  {
    std::lock_guard lock(state_->mutex);
    generation = ++state_->generation;
    replaced = std::exchange(state_->pending, ConvJob{std::move(picture), settings, generation});
  }
  state_->changed.notify_one();
  return generation;
}

bool ConvSession::is_busy() const {
  std::lock_guard lock(state_->mutex);
  return state_->is_running || state_->pending.has_value();
}

float ConvSession::progress() const {
  const std::int64_t total = state_->progress.total;
  if (total <= 0) return 0;
  const auto fraction = static_cast<float>(state_->progress.done) / static_cast<float>(total);
  return fraction < 1 ? fraction : 1;
}

double ConvSession::running_seconds() const {
  std::lock_guard lock(state_->mutex);
  return state_->is_running ? milliseconds_since(state_->running_since) / 1000 : 0;
}

std::optional<ConvSession::Outcome> ConvSession::take() { return state_->mailbox.take(); }

std::array<std::int64_t, 256> histogram(const ConvResult& result, int map, float lo, float hi) {
  std::array<std::int64_t, 256> bins{};
  const Shape& shape = result.maps.shape();
  if (map < 0 || map >= shape.c || !(lo < hi)) return bins;
  const float scale = 256.0F / (hi - lo);
  const float* values = result.maps.view().plane(0, map);
  for (std::int64_t i = 0; i < shape.h * shape.w; ++i) {
    const float value = values[i];
    if (!(value >= lo && value <= hi)) continue;
    const int bin = static_cast<int>((value - lo) * scale);
    ++bins[static_cast<std::size_t>(bin < 255 ? bin : 255)];
  }
  return bins;
}

}  // namespace convlens::model
