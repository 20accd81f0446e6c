// Every layer goes back through StackBackward; sums of products borrow the probe of an output, as one of a dense layer.
#include "engine/explain/loss_gradient.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "engine/conv/backward.h"
#include "engine/explain/pixel_probe.h"
#include "engine/explain/probe.h"
#include "engine/explain/stack_backward.h"

namespace convlens::explain {
namespace {

using nn::LayerKind;
using nn::ParameterRole;

std::size_t at(std::int64_t i) { return static_cast<std::size_t>(i); }

// d loss / d logit = share - [is label].
Tensor start_of(std::span<const float> logits, std::int64_t label, LossGradient& found) {
  found.probabilities = softmax(logits);
  const auto top = double{*std::ranges::max_element(logits)};
  double sum = 0;
  for (const float z : logits) sum += std::exp(double{z} - top);
  found.loss = std::log(sum) + top - double{logits[at(label)]};
  Tensor delta({1, std::ssize(logits), 1, 1});
  for (std::size_t i = 0; i < logits.size(); ++i) {
    delta.data()[i] = static_cast<float>(found.probabilities[i] - (at(label) == i ? 1 : 0));
  }
  return delta;
}

struct LayerGradients {
  Tensor weights;
  std::vector<float> bias, scale, shift;
};

// Batch norm by its running statistics: y = scale (x - mean) / deviation + shift.
void add_batch_norm(const ReadyLayer& layer, ConstView input, ConstView delta, LayerGradients& found) {
  for (std::int64_t c = 0; c < layer.input.c; ++c) {
    const double deviation = deviation_of(layer, c);
    double scale = 0, shift = 0;
    const float *x = input.plane(0, c), *d = delta.plane(0, c);
    for (std::int64_t i = 0; i < layer.input.h * layer.input.w; ++i) {
      scale += double{d[i]} * (double{x[i]} - double{layer.mean[at(c)]}) / deviation;
      shift += double{d[i]};
    }
    found.scale.push_back(static_cast<float>(scale));
    found.shift.push_back(static_cast<float>(shift));
  }
}

std::vector<float> values_of(const LayerGradients& found, const nn::ParameterInfo& info) {
  switch (info.role) {
    case ParameterRole::kWeight:
      return {found.weights.values().begin(), found.weights.values().end()};
    case ParameterRole::kBias:
      return found.bias;
    case ParameterRole::kScale:
      return found.scale;
    case ParameterRole::kShift:
      return found.shift;
    case ParameterRole::kMean:
    case ParameterRole::kVariance:
      break;
  }
  return std::vector<float>(at(info.count()));
}

// Gives every term its digits. The terms are the inputs and weights of an output of a dense layer, which has a probe.
void show(GradientSum& sum) {
  if (sum.terms.empty()) {
    sum.shown = sum.sum = round_to_digits(double{sum.gradient}, 5);
    return;
  }
  conv::Geometry g;
  g.n = g.h = g.w = g.k = g.r = g.s = g.p = g.q = 1;
  g.c = std::ssize(sum.terms);
  std::vector<float> deltas, factors;
  for (const GradientTerm& term : sum.terms) {
    deltas.push_back(term.delta_value);
    factors.push_back(term.factor_value);
  }
  ProbeOptions options;
  options.map_value = sum.gradient;
  const Probe probe = probe_output(g, dense_view<const float>(deltas.data(), g.input_shape()),
                                   dense_view<const float>(factors.data(), g.weights_shape()), {}, {}, options);
  for (std::size_t i = 0; i < sum.terms.size(); ++i) {
    GradientTerm& term = sum.terms[i];
    term.delta = probe.cells[i].input;
    term.factor = probe.cells[i].weight;
    term.product = probe.cells[i].product;
  }
  sum.sum = probe.sum;
  sum.shown = probe.value;
  sum.agrees = probe.agrees;
}

// The outputs of a conv or dense layer that read the value, with the weights by which they do.
void add_reads(const ReadyLayer& layer, ConstView sums, const Unit& unit, GradientSum& sum) {
  const conv::Geometry& g = *layer.geometry;
  const PixelReads reads = pixel_reads(g, unit.y, unit.x);
  const FilterRange filters = filters_of_channel(g, unit.c);
  const std::int64_t channel = unit.c % g.channels_per_group();
  for (std::int64_t k = filters.first; k < filters.first + filters.count; ++k) {
    for (const AxisRead& row : reads.rows) {
      for (const AxisRead& col : reads.cols) {
        GradientTerm term;
        term.output = {k, row.output, col.output};
        term.row = row.position, term.col = col.position;
        term.weight_row = row.weight, term.weight_col = col.weight;
        term.is_padding = row.position != unit.y || col.position != unit.x;
        term.delta_value = sums.at(0, k, row.output, col.output);
        term.factor_value = layer.weights.at(k, channel, row.weight, col.weight);
        sum.terms.push_back(term);
      }
    }
  }
}

// The windows in which the value wins, or all that hold it.
void add_windows(const ReadyLayer& layer, std::size_t index, const StackBackward& backward, ConstView delta,
                 const Unit& unit, GradientSum& sum) {
  const PoolWindow window = pool_window(layer.spec, layer.input);
  for (std::int64_t p = 0; p < layer.output.h; ++p) {
    if (unit.y < p * window.stride_y || unit.y >= p * window.stride_y + window.rows) continue;
    for (std::int64_t q = 0; q < layer.output.w; ++q) {
      if (unit.x < q * window.stride_x || unit.x >= q * window.stride_x + window.cols) continue;
      const Unit corner{unit.c, p * window.stride_y, q * window.stride_x};
      const bool is_max = layer.spec.kind == LayerKind::kMaxPool;
      if (is_max && backward.winner_of(index, window, corner) != unit) continue;
      GradientTerm term;
      term.output = {unit.c, p, q};
      term.row = unit.y, term.col = unit.x;
      term.delta_value = delta.at(0, unit.c, p, q);
      term.factor_value = is_max ? 1.0f : 1.0f / static_cast<float>(window.rows * window.cols);
      sum.terms.push_back(term);
    }
  }
}

// What one value of a layer that treats each alone passes on to the same one.
void add_own(const ReadyLayer& layer, float value, ConstView delta, const Unit& unit, GradientSum& sum) {
  GradientTerm term;
  term.output = unit;
  term.row = unit.y, term.col = unit.x;
  term.factor_value = 1;
  if (layer.spec.kind == LayerKind::kFlatten) {
    term.output = {(unit.c * layer.input.h + unit.y) * layer.input.w + unit.x, 0, 0};
  } else if (layer.spec.kind == LayerKind::kActivation) {
    term.factor_value = static_cast<float>(conv::activation_slope(double{value}, layer.spec.activation));
  } else if (layer.spec.kind == LayerKind::kBatchNorm) {
    term.factor_value = static_cast<float>(double{layer.scale[at(unit.c)]} / deviation_of(layer, unit.c));
  }
  term.delta_value = delta.at(0, term.output.c, term.output.y, term.output.x);
  sum.terms.push_back(term);
}

}  // namespace

Result<LossGradient> loss_gradient(const Stack& stack, LevelValues values, std::int64_t label,
                                   conv::Workspace& workspace, const Parallel& parallel,
                                   const std::atomic<bool>* is_cancelled) {
  assert(values.size() == stack.levels());
  const Shape last = stack.level_shape(stack.layers.size());
  if (last.h != 1 || last.w != 1) {
    return Error{"the last layer makes maps of " + to_string(last) + ": a loss needs one number per class"};
  }
  if (label < 0 || label >= last.c) {
    return Error{"there is no class " + std::to_string(label) + " among " + std::to_string(last.c)};
  }
  LossGradient found;
  found.deltas.resize(stack.levels());
  found.sums.resize(stack.layers.size());
  found.deltas.back() = start_of(values.back()->values(), label, found);
  StackBackward backward(stack, values, workspace, parallel);
  std::vector<LayerGradients> layers(stack.layers.size());
  for (std::size_t i = stack.layers.size(); i-- > 0;) {
    if (is_cancelled != nullptr && *is_cancelled) return Error{"cancelled"};
    const ReadyLayer& layer = *stack.layers[i];
    const Tensor& delta = found.deltas[i + 1];
    LevelGradient below = backward.through(i, {0, 0, delta.clone()}, &found.sums[i]);
    const bool is_whole = below.values.shape() == layer.input;
    found.deltas[i] = is_whole ? std::move(below.values) : widened(below, layer.input).values;
    if (layer.geometry) {
      layers[i].weights = Tensor::uninitialized(layer.geometry->weights_shape());
      layers[i].bias.resize(layer.bias.size());
      conv::backward_weights(*layer.geometry, values[i]->view(), found.sums[i].view(), layers[i].weights.view(),
                             layers[i].bias, conv::BackwardMethod::kMatrix, workspace, parallel);
    } else if (layer.spec.kind == LayerKind::kBatchNorm) {
      add_batch_norm(layer, values[i]->view(), delta.view(), layers[i]);
    }
  }
  for (const nn::ParameterInfo& info : nn::list_parameters(stack.model)) {
    found.parameters.push_back(values_of(layers[info.layer], info));
  }
  return found;
}

std::vector<std::size_t> GradientSum::by_size() const {
  std::vector<std::size_t> order(terms.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  // All products have one place where they are finite; those that are not come first.
  const auto size = [&](std::size_t i) {
    const Decimal& product = terms[i].product;
    return product.is_finite() ? std::abs(product.units) : std::numeric_limits<std::int64_t>::max();
  };
  std::ranges::stable_sort(order, std::ranges::greater{}, size);
  return order;
}

WeightGradient weight_gradient_map(const ReadyLayer& layer, ConstView input, ConstView sums, const WeightIndex& index,
                                   float gradient) {
  const conv::Geometry& g = *layer.geometry;
  assert(input.shape == g.input_shape() && sums.shape == g.output_shape());
  WeightGradient found;
  found.at = index;
  found.channel = index.k / g.filters_per_group() * g.channels_per_group() + index.c;
  found.products = Tensor({1, 1, g.p, g.q});
  found.sum.gradient = gradient;
  const WeightFootprint footprint = weight_footprint(g, index.r, index.s);
  for (std::int64_t p = 0; p < g.p; ++p) {
    const std::int64_t y = footprint.rows.first + p * footprint.rows.step;
    const std::int64_t from_y = conv::border_index(y, g.h, g.border);
    for (std::int64_t q = 0; q < g.q; ++q) {
      const std::int64_t x = footprint.cols.first + q * footprint.cols.step;
      const std::int64_t from_x = conv::border_index(x, g.w, g.border);
      GradientTerm term;
      term.output = {index.k, p, q};
      term.row = y, term.col = x;
      term.weight_row = static_cast<int>(index.r), term.weight_col = static_cast<int>(index.s);
      term.is_padding = from_y < 0 || from_x < 0 || y != from_y || x != from_x;
      found.padding_positions += term.is_padding;
      if (from_y < 0 || from_x < 0) continue;
      term.delta_value = sums.at(0, index.k, p, q);
      term.factor_value = input.at(0, found.channel, from_y, from_x);
      found.products.at(0, 0, p, q) = term.delta_value * term.factor_value;
      found.sum.terms.push_back(term);
    }
  }
  show(found.sum);
  return found;
}

GradientSum pixel_delta(const Stack& stack, LevelValues values, const LossGradient& gradient, std::size_t level,
                        const Unit& unit) {
  GradientSum sum;
  sum.gradient = gradient.deltas[level].at(0, unit.c, unit.y, unit.x);
  if (level < stack.layers.size()) {
    const ReadyLayer& layer = *stack.layers[level];
    const ConstView delta = gradient.deltas[level + 1].view();
    if (layer.geometry) {
      add_reads(layer, gradient.sums[level].view(), unit, sum);
    } else if (is_pool(layer.spec.kind)) {
      conv::Workspace unused;
      const Parallel alone(1);
      add_windows(layer, level, StackBackward(stack, values, unused, alone), delta, unit, sum);
    } else {
      add_own(layer, values[level]->at(0, unit.c, unit.y, unit.x), delta, unit, sum);
    }
  }
  show(sum);
  return sum;
}

}  // namespace convlens::explain
