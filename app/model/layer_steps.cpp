// Convolves once more without the activation, or with it first, and pools: for one map at a time.
#include "app/model/layer_steps.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>

#include "engine/conv/accelerator.h"
#include "engine/explain/pooling.h"
#include "engine/explain/spectrum.h"

namespace convlens::model {
namespace {

// Sides of the dilated filter up to which its impulse response is dilated as well: beyond it there is little to see
// between the taps.
constexpr std::int64_t kLargestImpulse = 63;

// The channels that the map's filter sees.
ConstView input_view(const MapRecipe& recipe) {
  ConstView view = recipe.input->tensor->view();
  view.data = view.plane(0, recipe.first_channel);
  view.shape = recipe.geometry.input_shape();
  return view;
}

// What computed the map, so that the sums are its own; the processor's choice where that was the GPU.
conv::KernelChoice choice_of(const MapRecipe& recipe, ConstView weights) {
  if (recipe.kernel.kernel == conv::kAcceleratorKernel) return {};
  if (!conv::refusal(recipe.kernel.kernel, recipe.geometry, weights).empty()) return {};
  return recipe.kernel;
}

}  // namespace

StepsKey key_of(const StepsJob& job) {
  StepsKey key{.map_version = job.result->maps[static_cast<std::size_t>(job.map)]->version,
               .wants_before = job.wants_before,
               .wants_first = job.wants_first,
               .pool = job.pool,
               .slice = {}};
  if (!job.wants_impulse) return key;
  const conv::Geometry& g = job.result->geometry;
  const auto taps = static_cast<std::ptrdiff_t>(g.r * g.s);
  const auto begin = job.result->weights.begin() + (job.map * g.channels_per_group() + job.channel) * taps;
  key.slice = StepsKey::Slice{.weights = {begin, begin + taps},
                              .rows = g.r,
                              .dilation_y = g.dilation_y,
                              .dilation_x = g.dilation_x,
                              .flip = g.flip};
  return key;
}

StepPlanePtr StepMaker::publish(Tensor values) {
  auto plane = std::make_shared<StepPlane>();
  plane->values = std::move(values);
  std::vector<MapStats> stats;
  measure_and_reduce(plane->values, *parallel_, stats, plane->levels);
  plane->stats = stats.front();
  plane->version = ++last_version_;
  return plane;
}

ConstView LayerSteps::map_values() const { return after ? after->values.view() : map->view(); }

Result<StepPlanePtr> StepMaker::convolve(const MapRecipe& recipe, conv::Activation activation) {
  conv::Geometry geometry = recipe.geometry;
  geometry.activation = activation;
  const ConstView weights = dense_view(recipe.weights.data(), geometry.weights_shape());
  Tensor values = Tensor::uninitialized(geometry.output_shape());
  const auto report = conv::forward(geometry, input_view(recipe), weights, {&recipe.bias, 1}, values.view(),
                                    choice_of(recipe, weights), workspace_, *parallel_);
  if (!report) return report.error();
  return publish(std::move(values));
}

Status StepMaker::make_first(const MapRecipe& recipe, LayerSteps& steps) {
  const ConstView weights = dense_view(recipe.weights.data(), recipe.geometry.weights_shape());
  Result<Tensor> first = explain::activation_first(recipe.geometry, input_view(recipe), weights, {&recipe.bias, 1});
  if (!first) return first.error();
  Tensor difference = Tensor::uninitialized(first->shape());
  const ConstView map = steps.map_values();
  const std::span<const float> usual(map.data, first->values().size()), other = first->values();
  double sum = 0;
  std::int64_t count = 0;
  for (std::size_t i = 0; i < usual.size(); ++i) {
    const float value = other[i] - usual[i];
    difference.values()[i] = value;
    if (!std::isfinite(value)) continue;
    sum += std::abs(static_cast<double>(value));
    ++count;
  }
  steps.mean_difference = count > 0 ? sum / static_cast<double>(count) : 0;
  steps.first = publish(std::move(*first));
  steps.difference = publish(std::move(difference));
  const MapStats& stats = steps.difference->stats;
  steps.largest_difference = static_cast<double>(std::max(std::abs(stats.min), std::abs(stats.max)));
  return Done{};
}

Status StepMaker::make_map_planes(const StepsJob& job, LayerSteps& steps) {
  if (last_ && last_->map == steps.map) {
    steps.after = last_->after;
    steps.before = last_->before;
    steps.first = last_->first;
    steps.difference = last_->difference;
    steps.mean_difference = last_->mean_difference;
    steps.largest_difference = last_->largest_difference;
  }
  const MapRecipe& recipe = steps.map->recipe;
  if (!steps.map->has_values() && !steps.after) {
    Result<StepPlanePtr> after = convolve(recipe, recipe.geometry.activation);
    if (!after) return after.error();
    steps.after = std::move(*after);
  }
  if (job.wants_before && !steps.before) {
    Result<StepPlanePtr> before = convolve(recipe, conv::Activation::kNone);
    if (!before) return before.error();
    steps.before = std::move(*before);
  }
  return job.wants_first && !steps.first ? make_first(recipe, steps) : Done{};
}

void StepMaker::make_pooled(LayerSteps& steps) {
  const std::optional<PoolSettings>& pool = steps.key.pool;
  if (!pool) return;
  if (last_ && last_->map == steps.map && last_->key.pool == pool && last_->pooled) {
    steps.pooled = last_->pooled;
    return;
  }
  const ConstView map = steps.map_values();
  const explain::PoolParams params = pool_params(*pool);
  if (const Result<Shape> shape = explain::pooled_shape(params, map.shape)) {
    steps.pooled = publish(explain::pool(params, map, *parallel_));
  } else {
    steps.pool_refusal = shape.error().message;
  }
}

Status StepMaker::make_response(LayerSteps& steps) {
  if (!steps.key.slice) return Done{};
  const StepsKey::Slice& slice = *steps.key.slice;
  if (last_ && last_->impulse && last_->key.slice == slice) {
    steps.impulse = last_->impulse;
    steps.is_impulse_dense = last_->is_impulse_dense;
    return Done{};
  }
  const Shape shape{1, 1, slice.rows, std::ssize(slice.weights) / slice.rows};
  conv::Params params;
  params.flip = slice.flip;
  const std::int64_t side =
      std::max(conv::dilated_size(shape.h, slice.dilation_y), conv::dilated_size(shape.w, slice.dilation_x));
  steps.is_impulse_dense = side > kLargestImpulse && (slice.dilation_y > 1 || slice.dilation_x > 1);
  if (!steps.is_impulse_dense) {
    params.dilation_y = slice.dilation_y;
    params.dilation_x = slice.dilation_x;
  }
  Result<Tensor> impulse = explain::impulse_response(params, dense_view(slice.weights.data(), shape), 0, 0);
  if (!impulse) return impulse.error();
  steps.impulse = publish(std::move(*impulse));
  return Done{};
}

std::optional<Result<LayerStepsPtr>> StepMaker::run(const StepsJob& job, const std::atomic<bool>& is_stale) {
  parallel_.use(job.result->settings.threads);
  auto steps = std::make_shared<LayerSteps>();
  steps->key = key_of(job);
  steps->index = job.map;
  steps->name = job.result->settings.bank.filters[static_cast<std::size_t>(job.map)].name;
  steps->map = job.result->maps[static_cast<std::size_t>(job.map)];
  if (const Status made = make_map_planes(job, *steps); !made) return made.error();
  if (is_stale) return std::nullopt;
  make_pooled(*steps);
  if (is_stale) return std::nullopt;
  if (const Status made = make_response(*steps); !made) return made.error();
  last_ = steps;
  return Result<LayerStepsPtr>(LayerStepsPtr(steps));
}

}  // namespace convlens::model
