// Backward from one unit: only the rows and columns that it can see are carried along.
#include "engine/explain/stack_gradient.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <optional>
#include <utility>

#include "engine/conv/backward.h"
#include "engine/explain/stack_backward.h"

namespace convlens::explain {
namespace {

using nn::LayerKind;

constexpr double kMostOfIt = 0.95;

LevelGradient one_hot(const Shape& level, const Unit& unit) {
  LevelGradient gradient{unit.y, unit.x, Tensor({1, level.c, 1, 1})};
  gradient.values.at(0, unit.c, 0, 0) = 1;
  return gradient;
}

// The slope of the unit's own activation where it has one, in its conv or dense layer.
std::optional<double> own_slope(const StackBackward& backward, const ReadyLayer& layer, std::size_t index,
                                const Unit& unit) {
  if (!layer.geometry || layer.geometry->activation == conv::Activation::kNone) return std::nullopt;
  return conv::activation_slope(backward.sum_behind(layer, index, unit), layer.geometry->activation);
}

void measure(EffectiveField& field) {
  const Shape& shape = field.picture.values.shape();
  field.strength = Tensor({1, 1, shape.h, shape.w});
  for (std::int64_t c = 0; c < shape.c; ++c) {
    const float* from = field.picture.values.view().plane(0, c);
    for (std::int64_t i = 0; i < shape.h * shape.w; ++i) field.strength.data()[i] += std::abs(from[i]);
  }
  for (const float v : field.strength.values()) field.total += double{v};
  if (!(field.total > 0)) return;
  // Shrinks the box evenly from all sides, as long as enough stays inside.
  double best = 1;
  for (std::int64_t step = 1; step * 2 < std::min(shape.h, shape.w); ++step) {
    double inside = 0;
    const std::int64_t x0 = step * shape.w / std::min(shape.h, shape.w);
    const std::int64_t y0 = step * shape.h / std::min(shape.h, shape.w);
    for (std::int64_t y = y0; y < shape.h - y0; ++y) {
      for (std::int64_t x = x0; x < shape.w - x0; ++x) inside += double{field.strength.at(0, 0, y, x)};
    }
    if (inside < kMostOfIt * field.total) break;
    best = static_cast<double>((shape.h - 2 * y0) * (shape.w - 2 * x0)) / static_cast<double>(shape.h * shape.w);
  }
  field.central_share = best;
}

}  // namespace

Result<EffectiveField> effective_field(const Stack& stack, LevelValues values, std::size_t level, const Unit& unit,
                                       conv::Workspace& workspace, const Parallel& parallel,
                                       const std::atomic<bool>* is_cancelled) {
  assert(level >= 1 && level < stack.levels() && values.size() > level);
  StackBackward backward(stack, values, workspace, parallel);
  EffectiveField field;
  LevelGradient gradient = one_hot(stack.level_shape(level), unit);
  if (const auto slope = own_slope(backward, *stack.layers[level - 1], level - 1, unit); slope && *slope == 0) {
    // A copy of the last layer without its activation.
    field.is_before_activation = true;
    Stack linear = stack;
    auto layer = std::make_shared<ReadyLayer>();
    const ReadyLayer& own = *stack.layers[level - 1];
    layer->spec = own.spec, layer->input = own.input, layer->output = own.output, layer->geometry = own.geometry;
    layer->geometry->activation = conv::Activation::kNone;
    layer->weights = own.weights.clone();
    linear.layers[level - 1] = std::move(layer);
    gradient = StackBackward(linear, values, workspace, parallel).through(level - 1, std::move(gradient));
  } else {
    gradient = backward.through(level - 1, std::move(gradient));
  }
  for (std::size_t i = level - 1; i-- > 0;) {
    if (is_cancelled != nullptr && *is_cancelled) return Error{"cancelled"};
    gradient = backward.through(i, std::move(gradient));
  }
  field.picture = std::move(gradient);
  measure(field);
  return field;
}

std::vector<PathStep> contribution_path(const Stack& stack, LevelValues values, std::size_t level, const Unit& unit) {
  conv::Workspace unused;
  const Parallel alone(1);
  const StackBackward backward(stack, values, unused, alone);
  const auto value_of = [&](std::size_t l, const Unit& u) { return backward.value(l, u.c, u.y, u.x); };
  std::vector<PathStep> path{{level, unit, value_of(level, unit), 0, 1}};
  for (std::size_t i = level; i-- > 0;) {
    const ReadyLayer& layer = *stack.layers[i];
    const Unit& from = path.back().unit;
    PathStep best{i, from, 0, 0, 1};
    double all = 0;
    bool has_one = false;
    const auto offer = [&](const Unit& input, double contribution) {
      all += std::abs(contribution);
      if (has_one && !(std::abs(contribution) > std::abs(best.contribution))) return;
      has_one = true;
      best.unit = input;
      best.contribution = contribution;
    };
    if (layer.geometry) {
      backward.for_each_product(*layer.geometry, layer, i, from, offer);
    } else if (is_pool(layer.spec.kind)) {
      const PoolWindow window = pool_window(layer.spec, layer.input);
      const Unit corner{from.c, from.y * window.stride_y, from.x * window.stride_x};
      if (layer.spec.kind == LayerKind::kMaxPool) {
        const Unit winner = backward.winner_of(i, window, corner);
        offer(winner, double{value_of(i, winner)});
      } else {
        const auto count = static_cast<double>(window.rows * window.cols);
        for (std::int64_t y = corner.y; y < corner.y + window.rows; ++y) {
          for (std::int64_t x = corner.x; x < corner.x + window.cols; ++x) {
            offer({from.c, y, x}, double{backward.value(i, from.c, y, x)} / count);
          }
        }
      }
    } else if (layer.spec.kind == LayerKind::kFlatten) {
      const Unit there = unit_of_flat(layer.input, from.c);
      offer(there, double{value_of(i, there)});
    } else {
      offer(from, double{value_of(i, from)});
    }
    if (!has_one) break;
    best.value = value_of(i, best.unit);
    best.share = all > 0 ? std::abs(best.contribution) / all : 0;
    path.push_back(best);
  }
  return path;
}

}  // namespace convlens::explain
