// Parts that a request leaves as they are come from the one before: the picture, layers whose parameters stayed.
#include "app/model/sample_session.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <span>
#include <string>
#include <utility>

#include "app/model/latest_worker.h"
#include "engine/explain/loss_gradient.h"

namespace convlens::model {
namespace {

using Clock = std::chrono::steady_clock;

// While something else is to have the processor: the share of one core that may be taken, and the pictures per second.
constexpr double kModestShare = 0.03;
constexpr double kModestPause = 1.0 / 30;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

explain::StackParameters parameters_of(const TrainRun& run, const std::vector<float>& row) {
  explain::StackParameters parameters;
  for (std::size_t i = 0; i < run.parameters.size(); ++i) {
    const auto from = row.begin() + run.offsets[i];
    parameters.emplace_back(from, from + run.parameters[i].count());
  }
  return parameters;
}

}  // namespace

const training::Subset* subset_of(const TrainRun& run, SampleRef::Kind kind) {
  if (kind == SampleRef::Kind::kDrawn) return nullptr;
  return kind == SampleRef::Kind::kTrain ? &run.data.train : &run.data.test;
}

struct SampleSession::State {
  struct Job {
    TrainRunPtr run;
    ParameterRow values;
    std::int64_t step = 0;
    SampleRef sample;
    std::shared_ptr<const DrawnPicture> drawn;  // of drawn samples alone
    bool operator==(const Job&) const = default;
    bool has_same_picture(const Job& other) const {
      return run == other.run && sample == other.sample && drawn == other.drawn;
    }
  };
  using Worker = LatestWorker<Job, SampleFactsPtr>;

  // A job is short, so one that is out of date is finished all the same: somebody who scrubs sees every one in passing.
  explicit State(std::function<void()> wake)
      : worker(std::make_unique<Worker>(std::move(wake), [this](const Job& job, const std::atomic<bool>&) {
          const Clock::time_point start = Clock::now();
          auto outcome = run(job);
          seconds = seconds_since(start);
          return std::optional(std::move(outcome));
        })) {}

  Result<SampleFactsPtr> run(const Job& job);
  Status take_picture(const Job& job, StackResult& result);
  Status run_layers(StackResult& result);
  Status go_back(SampleFacts& facts);

  // The worker's own.
  Parallel parallel{1};
  conv::Workspace workspace;
  Job last_job;
  SampleFactsPtr last;
  std::uint64_t versions = 0, generations = 0;
  // Shared.
  std::atomic<double> seconds{0};  // that the last job took
  // The frame thread's.
  std::optional<Job> sent;
  Clock::time_point sent_at;
  SampleFactsPtr facts;
  std::string complaint;
  std::unique_ptr<Worker> worker;  // last: joins before anything it uses goes
};

// Level 0 and its colours.
Status SampleSession::State::take_picture(const Job& job, StackResult& result) {
  if (last && job.has_same_picture(last_job)) {
    result.levels = {last->result->levels.front()};
    result.colours = last->result->colours;
    return Done{};
  }
  const Shape shape = result.stack->level_shape(0);
  Tensor values = Tensor::uninitialized(shape), colours = Tensor::uninitialized(shape);
  if (const training::Subset* subset = subset_of(*job.run, job.sample.kind)) {
    if (job.sample.index < 0 || job.sample.index >= subset->size()) {
      return Error{"picture " + std::to_string(job.sample.index + 1) + " is not there: this part of the data has " +
                   std::to_string(subset->size())};
    }
    const std::int64_t index = subset->indices[static_cast<std::size_t>(job.sample.index)];
    const std::span<const std::uint8_t> bytes = subset->data->picture(index);
    std::ranges::transform(bytes, colours.data(), [](std::uint8_t b) { return static_cast<float>(b) / 255.0f; });
    training::fill_batch(*subset->data, std::span(&index, 1), job.run->description.preprocessing.normalisation,
                         values.data());
  } else {
    if (!job.drawn || std::ssize(job.drawn->values) != shape.size() ||
        std::ssize(job.drawn->shown) != shape.h * shape.w) {
      return Error{"nothing has been drawn that this net could look at"};
    }
    std::ranges::copy(job.drawn->values, values.data());
    for (std::int64_t c = 0; c < shape.c; ++c) std::ranges::copy(job.drawn->shown, colours.view().plane(0, c));
  }
  result.levels = {make_level(std::move(values), 0, ++versions, parallel)};
  result.colours = make_level(std::move(colours), 0, ++versions, parallel);
  return Done{};
}

Status SampleSession::State::run_layers(StackResult& result) {
  for (std::size_t i = 0; i < result.stack->layers.size(); ++i) {
    const StackResult* before = last ? last->result.get() : nullptr;
    if (before && before->has(i + 1) && before->levels[i] == result.levels[i] &&
        before->stack->layers[i] == result.stack->layers[i]) {
      result.levels.push_back(before->levels[i + 1]);
      continue;
    }
    const Clock::time_point start = Clock::now();
    auto maps = explain::run_layer(*result.stack->layers[i], result.levels.back()->maps.view(), workspace, parallel);
    if (!maps) return maps.error();
    result.levels.push_back(make_level(std::move(*maps), 1e3 * seconds_since(start), ++versions, parallel));
  }
  return Done{};
}

Status SampleSession::State::go_back(SampleFacts& found) {
  const StackResult& result = *found.result;
  std::vector<const Tensor*> levels;
  for (const StackLevelPtr& level : result.levels) levels.push_back(&level->maps);
  auto back =
      explain::loss_gradient(*result.stack, levels, found.label ? *found.label : found.predicted, workspace, parallel);
  if (!back) return back.error();
  found.loss = back->loss;
  found.probabilities = back->probabilities;
  for (const Tensor& delta : back->deltas) {
    found.deltas.push_back(make_level(delta.clone(), 0, ++versions, parallel));
  }
  std::vector<float> row;
  for (const std::vector<float>& values : std::exchange(back->parameters, {})) {
    row.insert(row.end(), values.begin(), values.end());
  }
  found.gradients = std::make_shared<const std::vector<float>>(std::move(row));
  found.back = std::make_shared<const explain::LossGradient>(std::move(*back));
  return Done{};
}

Result<SampleFactsPtr> SampleSession::State::run(const Job& job) {
  const nn::ModelSpec& model = job.run->description.model;
  auto stack = explain::make_stack(model, parameters_of(*job.run, *job.values),
                                   last && last->run == job.run ? last->result->stack.get() : nullptr);
  if (!stack) return stack.error();
  auto result = std::make_shared<StackResult>();
  result->generation = ++generations;
  result->settings.model = model;
  result->settings.has_softmax = true;
  result->stack = std::make_shared<const explain::Stack>(std::move(*stack));
  if (const Status status = take_picture(job, *result); !status) return status.error();
  if (const Status status = run_layers(*result); !status) return status.error();
  result->is_complete = true;

  auto found = std::make_shared<SampleFacts>();
  found->run = job.run;
  found->values = job.values;
  found->step = job.step;
  found->sample = job.sample;
  if (const training::Subset* subset = subset_of(*job.run, job.sample.kind)) {
    const auto index = subset->indices[static_cast<std::size_t>(job.sample.index)];
    found->label = subset->data->labels[static_cast<std::size_t>(index)];
  }
  const std::span<const float> logits = result->levels.back()->maps.values();
  found->logits.assign(logits.begin(), logits.end());
  found->predicted = static_cast<std::int32_t>(std::ranges::max_element(logits) - logits.begin());
  found->result = std::move(result);
  if (const Status status = go_back(*found); !status) return status.error();
  last = found;
  last_job = job;
  return last;
}

SampleSession::SampleSession(std::function<void()> wake) : state_(std::make_unique<State>(std::move(wake))) {}
SampleSession::~SampleSession() = default;

double SampleSession::follow(const TrainRunPtr& run, const ParameterRow& values, std::int64_t step,
                             const SampleRef& sample, const std::shared_ptr<const DrawnPicture>& drawn,
                             bool is_modest) {
  State& s = *state_;
  if (!run || !values) return 0;
  State::Job job{run, values, step, sample, sample.kind == SampleRef::Kind::kDrawn ? drawn : nullptr};
  if (s.sent == job) return 0;
  if (is_modest && s.sent && job.has_same_picture(*s.sent)) {
    // Only the moment differs.
    const double pause = std::max(kModestPause, s.seconds / kModestShare);
    const double left = pause - seconds_since(s.sent_at);
    if (left > 0) return left;
  }
  s.sent = job;
  s.sent_at = Clock::now();
  s.worker->request(std::move(job));
  return 0;
}

bool SampleSession::collect() {
  const auto outcome = state_->worker->take();
  if (!outcome) return false;
  if (*outcome) {
    state_->facts = **outcome;
    state_->complaint.clear();
  } else {
    state_->complaint = outcome->error().message;
  }
  return true;
}

const SampleFactsPtr& SampleSession::facts() const { return state_->facts; }
const std::string& SampleSession::complaint() const { return state_->complaint; }
bool SampleSession::is_busy() const { return state_->worker->is_busy(); }

}  // namespace convlens::model
