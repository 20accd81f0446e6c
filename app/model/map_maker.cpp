// Which maps a job needs, in which order they are made, and the one place that calls the engine. The accelerator's part
// is map_maker_device.cpp.
#include "app/model/map_maker.h"

#include <algorithm>
#include <numeric>
#include <string>
#include <utility>

#include "app/model/fields.h"
#include "app/model/filter_bank.h"
#include "app/model/map_maker_plan.h"

namespace convlens::model {
namespace {

// Jobs up to this length are done in one part: half a frame at 60 Hz.
constexpr double kShortMilliseconds = 8;
// The first part of a long job is what a drag shows, so it ends soon; later ones only have to let the screen follow.
constexpr double kFirstPartMilliseconds = 50;
constexpr double kLaterPartMilliseconds = 200;
// Kernels share inputs between this many filters.
constexpr std::int64_t kFilterBlock = 8;
// Statistics and reduced copies of one value, on one core.
constexpr double kReduceMillisecondsPerValue = 4e-7;

bool makes_independent_maps(const conv::KernelChoice& choice) {
  const std::span<const conv::KernelInfo> kernels = conv::kernels();
  return std::any_of(kernels.begin(), kernels.end(), [&](const conv::KernelInfo& kernel) {
    return kernel.name == choice.kernel && kernel.maps_are_independent;
  });
}

void add(conv::Report& sum, const conv::Report& part) {
  const double operations = sum.gflops * sum.milliseconds + part.gflops * part.milliseconds;
  const double milliseconds = sum.milliseconds + part.milliseconds;
  sum = part;
  sum.milliseconds = milliseconds;
  sum.gflops = operations / std::max(milliseconds, 1e-9);
}

}  // namespace

void JobProgress::restart() {
  call.done = 0;
  call.total = 0;
  done = 0;
  share = 1;
}

float JobProgress::fraction() const {
  const std::int64_t total = call.total;
  const float part = total > 0 ? static_cast<float>(call.done) / static_cast<float>(total) : 0;
  return std::clamp(done + share * std::clamp(part, 0.0F, 1.0F), 0.0F, 1.0F);
}

void MapMaker::choose_input(const ConvJob& job) {
  if (input_ && input_picture_ == job.picture && input_channels_ == job.settings.channels) return;
  input_ = std::make_shared<const InputChannels>(choose_channels(job.picture, job.settings.channels, *parallel_));
  input_picture_ = job.picture;
  input_channels_ = job.settings.channels;
}

Result<MapMaker::Plan> MapMaker::plan(const ConvJob& job) {
  Plan plan(job);
  Settings settings;
  settings.conv = job.settings;
  const auto geometry = settings_geometry(settings, job.picture->pixels.shape());
  if (!geometry) return geometry.error();
  plan.geometry = *geometry;
  const Parallel& parallel = parallel_.use(job.settings.threads);
  choose_input(job);
  plan.weights = packed_weights(job.settings.bank);
  plan.biases = packed_biases(job.settings.bank);

  plan.choice = job.settings.kernel;
  if (plan.choice.kernel == conv::kAcceleratorKernel && !has_accelerator()) {
    plan.choice = {};
    plan.gpu_refusal = no_accelerator_;
  }
  plan.candidates = conv::candidates(*geometry, weights_view(plan.weights, *geometry));
  const conv::Candidate* kernel = conv::chosen(plan.candidates, plan.choice.kernel);
  if (kernel) plan.choice.kernel = kernel->kernel;
  plan.is_independent = makes_independent_maps(plan.choice);
  const double reduction = static_cast<double>(geometry->p * geometry->q) * kReduceMillisecondsPerValue;
  plan.map_milliseconds = slowness_ *
                          ((kernel ? kernel->milliseconds : 0) / static_cast<double>(geometry->k) + reduction) /
                          static_cast<double>(parallel.threads());

  conv::Geometry single = *geometry;
  single.k = 1;
  single.c = geometry->channels_per_group();
  single.groups = 1;
  const auto taps = static_cast<std::size_t>(single.c * single.r * single.s);
  for (std::size_t k = 0; k < static_cast<std::size_t>(geometry->k); ++k) {
    const auto begin = plan.weights.begin() + static_cast<std::ptrdiff_t>(k * taps);
    const std::int64_t group = static_cast<std::int64_t>(k) / geometry->filters_per_group();
    plan.recipes.push_back({.input = input_,
                            .first_channel = group * single.c,
                            .geometry = single,
                            .weights = {begin, begin + static_cast<std::ptrdiff_t>(taps)},
                            .bias = plan.biases[k],
                            .asked = job.settings.kernel,
                            .kernel = plan.choice,
                            .threads = job.settings.threads});
  }

  // A filter that has moved in the bank finds its map at another place.
  plan.made.resize(plan.recipes.size());
  for (std::size_t k = 0; k < plan.made.size(); ++k) {
    const auto fits = [&](const FeatureMapPtr& map) {
      return map && map->has_values() && is_same(map->recipe, plan.recipes[k]);
    };
    if (k < maps_.size() && fits(maps_[k])) {
      plan.made[k] = maps_[k];
    } else if (plan.is_independent) {
      const auto found = std::find_if(maps_.begin(), maps_.end(), fits);
      if (found != maps_.end()) plan.made[k] = *found;
    }
  }
  const bool is_all_there = maps_.size() == plan.made.size() && plan.missing().empty();
  if (!plan.is_independent && !is_all_there) std::fill(plan.made.begin(), plan.made.end(), nullptr);
  return plan;
}

// The maps of the next part, ascending.
std::vector<int> MapMaker::next_part(const Plan& plan, const std::vector<int>& missing,
                                     const JobControl& control) const {
  const double whole = plan.map_milliseconds * static_cast<double>(missing.size());
  const double limit = plan.computed == 0 ? kFirstPartMilliseconds : kLaterPartMilliseconds;
  if (!plan.is_independent || whole <= kShortMilliseconds) return missing;
  std::vector<int> part;
  for (const int map : control.looked_at()) {
    const bool is_missing = std::binary_search(missing.begin(), missing.end(), map);
    if (is_missing && std::find(part.begin(), part.end(), map) == part.end()) part.push_back(map);
  }
  if (part.empty()) part = missing;
  auto most = static_cast<std::size_t>(std::clamp(limit / plan.map_milliseconds, 1.0, 1e6));
  if (most > kFilterBlock) most -= most % kFilterBlock;
  if (part.size() > most) part.resize(most);
  std::sort(part.begin(), part.end());
  return part;
}

// Convolves filters that share one group, or all filters; the maps go to `output`, one after the other. The geometry
// of a few filters is theirs alone: k of them, one group.
Result<conv::Report> MapMaker::convolve(Plan& plan, std::span<const int> filters, View output,
                                        conv::Progress& progress) {
  if (plan.choice.kernel == conv::kAcceleratorKernel) {
    const Result<conv::Report> report = accelerate(plan, output, progress);
    if (report || progress.is_cancelled) return report;
    give_up_device(plan, report.error());
  }
  ConstView input = input_->tensor->view();
  if (static_cast<std::int64_t>(filters.size()) == plan.geometry.k) {
    return conv::forward(plan.geometry, input, weights_view(plan.weights, plan.geometry), plan.biases, output,
                         plan.choice, workspace_, *parallel_, &progress);
  }
  const MapRecipe& first = plan.recipes[static_cast<std::size_t>(filters.front())];
  conv::Geometry geometry = first.geometry;
  geometry.k = static_cast<std::int64_t>(filters.size());
  input.data = input.plane(0, first.first_channel);
  input.shape = geometry.input_shape();
  std::vector<float> weights;
  std::vector<float> biases;
  for (const int filter : filters) {
    const MapRecipe& recipe = plan.recipes[static_cast<std::size_t>(filter)];
    weights.insert(weights.end(), recipe.weights.begin(), recipe.weights.end());
    biases.push_back(recipe.bias);
  }
  // The kernel that the whole layer gets: another one would give other bits.
  return conv::forward(geometry, input, weights_view(weights, geometry), biases, output, first.kernel, workspace_,
                       *parallel_, &progress);
}

Status MapMaker::compute(Plan& plan, const std::vector<int>& part, const JobControl& control) {
  const conv::Geometry& geometry = plan.geometry;
  const auto count = static_cast<std::int64_t>(part.size());
  const std::shared_ptr<MapBlock> block = pool_->take({1, count, geometry.p, geometry.q});
  const auto begin = Clock::now();
  conv::Report report;
  for (std::size_t from = 0; from < part.size();) {
    std::size_t to = part.size();
    if (count < geometry.k) {
      const auto group = [&](std::size_t i) { return part[i] / geometry.filters_per_group(); };
      to = from;
      while (to < part.size() && group(to) == group(from)) ++to;
    }
    View output = block->values.view();
    output.data = output.plane(0, static_cast<std::int64_t>(from));
    output.shape.c = static_cast<std::int64_t>(to - from);
    output.image_stride = output.shape.c * output.plane_stride;
    const auto share = [&](std::size_t maps) { return static_cast<float>(maps) / static_cast<float>(geometry.k); };
    control.progress.call.total = 0;
    control.progress.call.done = 0;
    control.progress.done = share(static_cast<std::size_t>(geometry.k) - plan.missing().size() + from);
    control.progress.share = share(to - from);
    const auto ran = convolve(plan, std::span(part).subspan(from, to - from), output, control.progress.call);
    if (!ran) return ran.error();
    add(report, *ran);
    from = to;
  }
  const auto middle = Clock::now();
  std::vector<MapStats> stats;
  measure_and_reduce(block->values, *parallel_, stats, block->levels);
  const auto end = Clock::now();

  for (std::size_t i = 0; i < part.size(); ++i) {
    const auto k = static_cast<std::size_t>(part[i]);
    plan.made[k] = publish({.version = ++last_version_,
                            .generation = plan.job.generation,
                            .block = block,
                            .plane = static_cast<int>(i),
                            .device = nullptr,
                            .stats = stats[i],
                            .recipe = plan.recipes[k]});
  }
  times_.spans.push_back({JobTimes::Stage::kConvolve, begin, middle, report.kernel, static_cast<int>(count)});
  times_.spans.push_back({JobTimes::Stage::kReduce, middle, end, {}, static_cast<int>(count)});
  add(plan.report, report);
  plan.computed += static_cast<int>(count);
  const double expected = plan.map_milliseconds / slowness_ * static_cast<double>(count);
  const double taken = std::chrono::duration<double, std::milli>(end - begin).count();
  if (expected > 0) slowness_ = std::clamp(taken / expected, 0.01, 100.0);
  return Done{};
}

std::shared_ptr<ConvResult> MapMaker::snapshot(const Plan& plan) {
  auto result = std::make_shared<ConvResult>();
  result->generation = plan.job.generation;
  result->settings = plan.job.settings;
  result->picture = plan.job.picture;
  result->input_owner = input_;
  result->input = input_->tensor;
  result->input_levels = input_->levels;
  result->geometry = plan.geometry;
  result->weights = plan.weights;
  result->biases = plan.biases;
  result->candidates = plan.candidates;
  result->maps = maps_;
  for (std::size_t k = 0; k < maps_.size(); ++k) {
    result->stats.push_back(maps_[k] ? maps_[k]->stats : MapStats{});
    result->is_made.push_back(plan.made[k] != nullptr);
  }
  result->is_complete = plan.missing().empty();
  result->computed_maps = plan.computed;
  result->report = plan.computed > 0 ? plan.report : last_report_;
  result->gpu_refusal = plan.computed > 0 ? plan.gpu_refusal : last_gpu_refusal_;
  times_.published = Clock::now();
  result->times = times_;
  result->total_milliseconds = std::chrono::duration<double, std::milli>(times_.published - times_.start).count();
  return result;
}

std::optional<Result<ConvResultPtr>> MapMaker::run(const ConvJob& job, const JobControl& control) {
  control.progress.restart();
  times_ = {.generation = job.generation, .start = Clock::now(), .spans = {}, .published = {}};
  Result<Plan> planned = plan(job);
  if (!planned) return planned.error();
  Plan& plan = *planned;
  pool_->keep_at_most(2 * plan.geometry.output_shape().size());

  // From here on maps_ has one map for each filter of this job: the one that serves, or an older one until it is made.
  std::vector<int> missing = plan.missing();
  maps_.resize(plan.made.size());
  for (std::size_t k = 0; k < maps_.size(); ++k) {
    if (plan.made[k]) maps_[k] = plan.made[k];
  }
  if (!missing.empty() && can_show_from_device(plan)) {
    if (!control.may_go_on(false)) return std::nullopt;
    const Result<bool> is_whole = make_on_device(plan, control);
    if (is_whole ? !*is_whole : control.progress.call.is_cancelled.load()) return std::nullopt;
    if (!is_whole) give_up_device(plan, is_whole.error());
    missing = plan.missing();
  }
  while (!missing.empty()) {
    const bool is_later_part = plan.computed > 0 || plan.is_shown;
    if (!control.may_go_on(is_later_part)) return std::nullopt;
    const std::vector<int> part = next_part(plan, missing, control);
    if (part.size() == missing.size()) {
      // Nobody will ask for older maps again: their memory may serve the new ones.
      for (const int k : missing) maps_[static_cast<std::size_t>(k)] = nullptr;
    }
    if (const Status computed = compute(plan, part, control); !computed) {
      if (is_later_part && control.progress.call.is_cancelled) return std::nullopt;
      return computed.error();
    }
    for (const int k : part) maps_[static_cast<std::size_t>(k)] = plan.made[static_cast<std::size_t>(k)];
    missing = plan.missing();
    if (!missing.empty()) control.publish(snapshot(plan));
  }
  if (plan.computed > 0) {
    last_report_ = plan.report;
    last_gpu_refusal_ = plan.gpu_refusal;
  } else {
    last_report_.milliseconds = 0;
    last_report_.gflops = 0;
  }
  return Result<ConvResultPtr>(snapshot(plan));
}

}  // namespace convlens::model
