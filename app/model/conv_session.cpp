// The worker of flow A: takes the newest job, convolves, measures, reduces, and publishes.
#include "app/model/conv_session.h"

#include <condition_variable>
#include <exception>
#include <mutex>
#include <new>
#include <string>
#include <thread>
#include <utility>

#include "app/model/mailbox.h"
#include "app/model/map_maker.h"

namespace convlens::model {
namespace {

// Spare memory is given back to the system this long after the last job.
constexpr std::chrono::seconds kSpareLifetime{2};

}  // namespace

struct ConvSession::State {
  std::function<void()> wake;
  std::function<void(const ConvJob&)> before_job;

  mutable std::mutex mutex;
  std::condition_variable_any changed;
  std::optional<ConvJob> pending;
  std::vector<int> looked_at;
  std::vector<JobTimes> times;
  bool is_running = false;
  bool gives_way = false;  // the part under way may be given up for a newer job
  bool is_closing = false;
  Clock::time_point running_since;
  std::uint64_t generation = 0;

  JobProgress progress;
  Mailbox<Outcome> mailbox;
  MapMaker maker;
  std::jthread worker;  // last: stops and joins before anything it uses goes

  void loop(const std::stop_token& stop);
  std::optional<ConvJob> next_job(const std::stop_token& stop);
  std::optional<Outcome> run(const ConvJob& job);
  bool may_go_on(bool is_later_part);
  void publish(Outcome outcome);
};

std::optional<ConvJob> ConvSession::State::next_job(const std::stop_token& stop) {
  std::unique_lock lock(mutex);
  const auto has_job = [&] { return pending.has_value(); };
  if (!changed.wait_for(lock, stop, kSpareLifetime, has_job) && !stop.stop_requested()) {
    lock.unlock();
    maker.rest();
    lock.lock();
    changed.wait(lock, stop, has_job);
  }
  if (stop.stop_requested()) return std::nullopt;
  progress.restart();
  progress.call.is_cancelled = is_closing;
  is_running = true;
  running_since = Clock::now();
  return std::exchange(pending, std::nullopt);
}

bool ConvSession::State::may_go_on(bool is_later_part) {
  std::lock_guard lock(mutex);
  gives_way = is_later_part;
  return !is_later_part || !pending;
}

void ConvSession::State::publish(Outcome outcome) {
  mailbox.put(std::move(outcome));
  if (wake) wake();
}

std::optional<ConvSession::Outcome> ConvSession::State::run(const ConvJob& job) {
  const JobControl control{.progress = progress,
                           .may_go_on = [this](bool is_later_part) { return may_go_on(is_later_part); },
                           .looked_at =
                               [this] {
                                 std::lock_guard lock(mutex);
                                 return looked_at;
                               },
                           .publish =
                               [&](ConvResultPtr part) {
                                 publish({job.generation, std::move(part)});
                               }};
  try {
    if (before_job) before_job(job);
    auto result = maker.run(job, control);
    if (!result) return std::nullopt;
    return std::optional<Outcome>(std::in_place, job.generation, std::move(*result));
  } catch (const std::bad_alloc&) {
    return Outcome{job.generation, Error{"There is not enough memory for these feature maps; use fewer filters, a "
                                         "larger stride or a smaller picture."}};
  } catch (const std::exception& error) {
    return Outcome{job.generation, Error{std::string("The feature maps could not be computed: ") + error.what() + "."}};
  }
}

void ConvSession::State::loop(const std::stop_token& stop) {
  while (auto job = next_job(stop)) {
    std::optional<Outcome> outcome = run(*job);
    if (outcome) mailbox.put(std::move(*outcome));
    {
      std::lock_guard lock(mutex);
      is_running = false;
      gives_way = false;
      if (times.size() == kTimesKept) times.erase(times.begin());
      times.push_back(maker.times());
    }
    if (outcome && wake) wake();
  }
  maker.leave_thread();
}

ConvSession::ConvSession(std::function<void()> wake, std::function<void(const ConvJob&)> before_job,
                         conv::AcceleratorFactory accelerator)
    : state_(std::make_unique<State>()) {
  state_->wake = std::move(wake);
  state_->before_job = std::move(before_job);
  state_->maker.set_accelerator(std::move(accelerator));
  state_->worker = std::jthread([state = state_.get()](const std::stop_token& stop) { state->loop(stop); });
}

// The job under way is given up: nobody is left to look at its maps.
ConvSession::~ConvSession() {
  std::lock_guard lock(state_->mutex);
  state_->is_closing = true;
  state_->progress.call.is_cancelled = true;
}

std::uint64_t ConvSession::request(PicturePtr picture, const ConvSettings& settings) {
  std::optional<ConvJob> replaced;
  std::uint64_t generation = 0;
  {
    std::lock_guard lock(state_->mutex);
    generation = ++state_->generation;
    replaced = std::exchange(state_->pending, ConvJob{std::move(picture), settings, generation});
    if (state_->gives_way) state_->progress.call.is_cancelled = true;
  }
  state_->changed.notify_one();
  return generation;
}

bool ConvSession::is_busy() const {
  std::lock_guard lock(state_->mutex);
  return state_->is_running || state_->pending.has_value();
}

void ConvSession::look_at(std::span<const int> maps) {
  std::lock_guard lock(state_->mutex);
  state_->looked_at.assign(maps.begin(), maps.end());
}

float ConvSession::progress() const { return state_->progress.fraction(); }

double ConvSession::running_seconds() const {
  std::lock_guard lock(state_->mutex);
  return state_->is_running ? std::chrono::duration<double>(Clock::now() - state_->running_since).count() : 0;
}

std::optional<ConvSession::Outcome> ConvSession::take() { return state_->mailbox.take(); }

std::vector<JobTimes> ConvSession::take_times() {
  std::lock_guard lock(state_->mutex);
  return std::exchange(state_->times, {});
}

}  // namespace convlens::model
