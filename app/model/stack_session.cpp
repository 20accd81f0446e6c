// Levels that an edit leaves as they are come from the result before.
#include "app/model/stack_session.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "app/model/latest_worker.h"
#include "app/model/newest_answer.h"
#include "app/model/stack_input.h"
#include "app/model/stack_weights.h"
#include "engine/core/parallel.h"

namespace convlens::model {
namespace {

using Clock = std::chrono::steady_clock;

double milliseconds_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

}  // namespace

StackLevelPtr make_level(Tensor maps, double milliseconds, std::uint64_t version, const Parallel& parallel) {
  auto level = std::make_shared<StackLevel>();
  level->maps = std::move(maps);
  level->version = version;
  level->milliseconds = milliseconds;
  measure_and_reduce(level->maps, parallel, level->stats, level->reduced);
  if (level->stats.empty()) return level;
  level->all = level->stats.front();
  for (const MapStats& stats : level->stats) {
    level->all.min = std::min(level->all.min, stats.min);
    level->all.max = std::max(level->all.max, stats.max);
  }
  return level;
}

struct StackSession::State {
  struct Job {
    PicturePtr picture;
    StackSettings settings;
    std::uint64_t generation = 0;
  };
  using Worker = LatestWorker<Job, StackResultPtr>;

  explicit State(std::function<void()> w)
      : wake(std::move(w)),
        worker(std::make_unique<Worker>(
            wake, [this](const Job& job, const std::atomic<bool>& is_stale) { return run(job, is_stale); })) {}

  std::optional<Result<StackResultPtr>> run(const Job& job, const std::atomic<bool>& is_stale);
  explain::StackParameters parameters(const nn::ModelSpec& model, StackResult& result);
  std::vector<StackLevelPtr> kept_levels(const StackResult& result) const;
  void publish(const StackResult& result) {
    last = std::make_shared<StackResult>(result);
    progress_mailbox.put(last);
    if (wake) wake();
  }

  std::function<void()> wake;
  // The worker's own.
  Parallel parallel;
  conv::Workspace workspace;
  StackResultPtr last;
  std::uint64_t versions = 0;
  // Shared.
  conv::Progress progress;  // of the layer under way
  Mailbox<StackResultPtr> progress_mailbox;
  // The frame thread's.
  StackResultPtr shown;
  PicturePtr sent_picture;
  StackSettings sent;
  std::uint64_t generation = 0;
  std::unique_ptr<Worker> worker;  // last: joins before anything it uses goes
};

// Where neither a file nor an initialiser gives weights, all of them are random by He.
explain::StackParameters StackSession::State::parameters(const nn::ModelSpec& model, StackResult& result) {
  const StackSettings& settings = result.settings;
  if (!settings.weights_file.empty()) {
    auto read = read_weights(model, settings.weights_file);
    if (read) return std::move(*read);
    result.complaint = read.error().message;
  }
  auto first = explain::first_parameters(model, settings.seed);
  if (first) return std::move(*first);
  result.complaint = first.error().message;
  nn::ModelSpec plain = model;
  for (nn::LayerSpec& layer : plain.layers) layer.init = {};
  return std::move(explain::first_parameters(plain, settings.seed)).value();
}

std::vector<StackLevelPtr> StackSession::State::kept_levels(const StackResult& result) const {
  std::vector<StackLevelPtr> levels;
  if (!last || !last->stack || last->picture != result.picture || last->levels.empty()) return levels;
  if (last->stack->level_shape(0) != result.stack->level_shape(0)) return levels;
  levels.push_back(last->levels.front());
  for (std::size_t i = 0; i < result.stack->layers.size(); ++i) {
    const bool is_kept = i + 1 < last->levels.size() && result.stack->layers[i] == last->stack->layers[i];
    if (!is_kept) break;
    levels.push_back(last->levels[i + 1]);
  }
  return levels;
}

std::optional<Result<StackResultPtr>> StackSession::State::run(const Job& job, const std::atomic<bool>& is_stale) {
  const Clock::time_point start = Clock::now();
  progress.is_cancelled = false;
  StackResult result;
  result.generation = job.generation;
  result.settings = job.settings;
  result.picture = job.picture;

  nn::ModelSpec fitting = job.settings.model;
  const nn::ChainShapes chain = nn::chain_shapes(fitting);
  if (chain.error) {
    result.misfit = chain.error->message;
    fitting.layers.resize(std::min(fitting.layers.size(), chain.shapes.size()));
    if (nn::chain_shapes(fitting).error) return Result<StackResultPtr>(Error{*result.misfit});
  }
  Result<explain::Stack> stack = Error{""};
  for (;;) {
    // A chain whose maps do not fit into memory is cut where they end.
    stack =
        explain::make_stack(fitting, parameters(fitting, result), last && last->stack ? last->stack.get() : nullptr);
    if (stack || fitting.layers.empty()) break;
    if (!result.misfit) result.misfit = stack.error().message;
    fitting.layers.pop_back();
  }
  if (!stack) return Result<StackResultPtr>(stack.error());
  result.stack = std::make_shared<explain::Stack>(std::move(*stack));
  result.levels = kept_levels(result);
  if (result.levels.empty()) {
    StackInput input = scale_to_stack(job.picture->pixels, fitting.channels, fitting.height, fitting.width, parallel);
    result.input_words = std::move(input.words);
    result.levels.push_back(make_level(std::move(input.values), 0, ++versions, parallel));
  } else {
    result.input_words = last->input_words;
  }
  for (std::size_t i = result.levels.size() - 1; i < result.stack->layers.size(); ++i) {
    if (is_stale) return std::nullopt;
    const Clock::time_point began = Clock::now();
    auto maps =
        explain::run_layer(*result.stack->layers[i], result.levels.back()->maps.view(), workspace, parallel, &progress);
    if (!maps) {
      if (is_stale || progress.is_cancelled) return std::nullopt;
      return Result<StackResultPtr>(maps.error());
    }
    const double spent = milliseconds_since(began);
    result.levels.push_back(make_level(std::move(*maps), spent, ++versions, parallel));
    result.milliseconds = milliseconds_since(start);
    // Short ones are published with the end alone.
    constexpr double kWorthShowing = 12;
    if (result.milliseconds > kWorthShowing && i + 1 < result.stack->layers.size()) publish(result);
  }
  const auto is_conv = [](const auto& layer) { return layer->spec.kind == nn::LayerKind::kConv; };
  if (!result.misfit && std::ranges::count_if(result.stack->layers, is_conv) > 1) {
    result.composed = std::make_shared<const Result<explain::ComposedFilter>>(
        explain::compose(*result.stack, 0, result.stack->layers.size()));
  }
  result.is_complete = true;
  result.milliseconds = milliseconds_since(start);
  publish(result);
  return Result<StackResultPtr>(last);
}

StackSession::StackSession(std::function<void()> wake) : state_(std::make_unique<State>(std::move(wake))) {}
StackSession::~StackSession() { state_->progress.is_cancelled = true; }

void StackSession::follow(const PicturePtr& picture, const StackSettings& settings) {
  State& s = *state_;
  if (!picture || (picture == s.sent_picture && settings == s.sent)) return;
  s.sent_picture = picture;
  s.sent = settings;
  // First: a job that begins after the request must not be cancelled.
  s.progress.is_cancelled = true;
  s.worker->request({picture, settings, ++s.generation});
}

bool StackSession::collect() {
  State& s = *state_;
  bool changed = false;
  if (const auto newest = s.progress_mailbox.take()) {
    s.shown = *newest;
    changed = true;
  }
  if (const auto outcome = s.worker->take(); outcome && !*outcome) {
    // What cannot be run at all: the sentence, and nothing else.
    auto failed = std::make_shared<StackResult>();
    failed->generation = s.generation;
    failed->settings = s.sent;
    failed->picture = s.sent_picture;
    failed->misfit = outcome->error().message;
    failed->is_complete = true;
    s.shown = failed;
    changed = true;
  }
  return changed;
}

const StackResultPtr& StackSession::result() const { return state_->shown; }
bool StackSession::is_busy() const { return state_->worker->is_busy(); }
std::uint64_t StackSession::requested() const { return state_->generation; }

struct UnitSession::State {
  struct Job {
    StackResultPtr result;
    std::size_t level = 0;
    explain::Unit unit;
    bool operator==(const Job&) const = default;
  };
  explicit State(std::function<void()> wake)
      : answer(std::move(wake),
               [this](const Job& job, const std::atomic<bool>& is_stale) { return run(job, is_stale); }) {}

  std::optional<Result<UnitFactsPtr>> run(const Job& job, const std::atomic<bool>& is_stale);

  Parallel parallel{1};
  conv::Workspace workspace;
  std::uint64_t versions = 0;
  NewestAnswer<Job, Job, UnitFactsPtr> answer;  // last: its worker uses the others
};

std::optional<Result<UnitFactsPtr>> UnitSession::State::run(const Job& job, const std::atomic<bool>& is_stale) {
  const StackResult& result = *job.result;
  const explain::Stack& stack = *result.stack;
  auto found = std::make_shared<UnitFacts>();
  found->result = job.result;
  found->level = job.level;
  found->unit = job.unit;
  const Tensor& maps = result.levels[job.level]->maps;
  const ConstView below = job.level > 0 ? result.levels[job.level - 1]->maps.view() : ConstView{};
  found->probe = explain::probe_unit(stack, job.level, job.unit, below, maps.at(0, job.unit.c, job.unit.y, job.unit.x));
  const bool is_last = job.level == stack.layers.size();
  if (is_last && result.settings.has_softmax && maps.shape().h == 1 && maps.shape().w == 1) {
    found->softmax = explain::probe_softmax(maps.values());
  }
  if (is_stale) return std::nullopt;
  std::vector<const Tensor*> levels;
  for (std::size_t i = 0; i <= job.level; ++i) levels.push_back(&result.levels[i]->maps);
  found->path = explain::contribution_path(stack, levels, job.level, job.unit);
  if (job.level > 0) {
    auto field = explain::effective_field(stack, levels, job.level, job.unit, workspace, parallel, &is_stale);
    if (!field) return std::nullopt;
    found->field_level = make_level(field->strength.clone(), 0, ++versions, parallel);
    found->field = std::move(*field);
  }
  return Result<UnitFactsPtr>(UnitFactsPtr(found));
}

UnitSession::UnitSession(std::function<void()> wake) : state_(std::make_unique<State>(std::move(wake))) {}
UnitSession::~UnitSession() = default;

void UnitSession::follow(const StackResultPtr& result, std::size_t level, const explain::Unit& unit) {
  if (!result || !result->has(level)) return;
  const State::Job job{result, level, unit};
  state_->answer.ask(job, job);
}

bool UnitSession::collect() { return state_->answer.collect(); }
UnitFactsPtr UnitSession::facts() const { return state_->answer.value().value_or(nullptr); }
const std::string& UnitSession::complaint() const { return state_->answer.complaint(); }
bool UnitSession::is_busy() const { return state_->answer.is_busy(); }

struct PatchSession::State {
  struct Job {
    StackResultPtr result;
    std::size_t level = 0;
    bool operator==(const Job&) const = default;
  };
  explicit State(std::function<void()> wake) : answer(std::move(wake), run) {}

  static std::optional<Result<LevelPatchesPtr>> run(const Job& job, const std::atomic<bool>& is_stale) {
    const explain::Stack& stack = *job.result->stack;
    const std::vector<Shape> levels = explain::level_shapes(stack.model);
    auto found = std::make_shared<LevelPatches>();
    found->result = job.result;
    found->level = job.level;
    const Tensor& maps = job.result->levels[job.level]->maps;
    for (std::int64_t c = 0; c < std::min(maps.shape().c, kMostPatchMaps); ++c) {
      if (is_stale) return std::nullopt;
      found->maps.push_back(explain::strongest_patches(stack.model, levels, job.level, maps.view(), c, kPatchesPerMap));
    }
    return Result<LevelPatchesPtr>(LevelPatchesPtr(found));
  }

  NewestAnswer<Job, Job, LevelPatchesPtr> answer;
};

PatchSession::PatchSession(std::function<void()> wake) : state_(std::make_unique<State>(std::move(wake))) {}
PatchSession::~PatchSession() = default;

void PatchSession::follow(const StackResultPtr& result, std::size_t level) {
  if (!result || !result->is_complete || !result->has(level)) return;
  const State::Job job{result, level};
  state_->answer.ask(job, job);
}

bool PatchSession::collect() { return state_->answer.collect(); }
LevelPatchesPtr PatchSession::patches() const { return state_->answer.value().value_or(nullptr); }
const std::string& PatchSession::complaint() const { return state_->answer.complaint(); }
bool PatchSession::is_busy() const { return state_->answer.is_busy(); }

}  // namespace convlens::model
