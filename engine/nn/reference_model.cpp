// A model's forward and backward pass in double, layer after layer.
#include <algorithm>
#include <cassert>
#include <cmath>
#include <functional>
#include <limits>

#include "engine/nn/dropout_draw.h"
#include "engine/nn/reference.h"

namespace convlens::nn::reference {
namespace {

// Turns the gradient at a layer's output into the one at its input.
using Backward = std::function<Values(const Values&)>;

bool has_kink(conv::Activation a) {
  return a == conv::Activation::kRelu || a == conv::Activation::kLeakyRelu || a == conv::Activation::kAbs;
}

struct Walk {
  const ModelSpec& model;
  const std::vector<Values>& parameters;
  const Pass& pass;
  Outcome& outcome;
  std::int64_t n;

  Values x;
  Shape shape;  // of x
  Shape maps;   // before the last flatten: the order that dropout counts in
  std::size_t next_parameter = 0;
  std::vector<Backward> backward;

  // The next parameter and its gradient, or empty ones where the layer has none.
  struct Tensors {
    const Values& values;
    Values& gradients;
  };
  Tensors take(bool exists) {
    static const Values kNone;
    if (!exists) return {kNone, none};
    const std::size_t i = next_parameter++;
    return {parameters[i], outcome.gradients[i]};
  }

  void activate(conv::Activation activation) {
    if (activation == conv::Activation::kNone) return;
    if (has_kink(activation)) {
      for (const double v : x) outcome.nearest_kink = std::min(outcome.nearest_kink, std::abs(v));
    }
    backward.push_back([activation, x = x](const Values& dy) { return activation_backward(activation, x, dy); });
    x = activation_forward(activation, x);
  }

  void convolve(const LayerSpec& layer) {
    auto geometry = conv_geometry(layer, {n, shape.c, shape.h, shape.w});
    assert(geometry);
    const conv::Geometry g = *geometry;
    const Tensors w = take(true), b = take(layer.bias);
    backward.push_back(
        [g, x = x, w, b](const Values& dy) { return conv_backward(g, x, w.values, dy, w.gradients, b.gradients); });
    x = conv_forward(g, x, w.values, b.values);
    shape = g.output_shape();
    maps = shape;
    activate(layer.conv.activation);
  }

  void connect(const LayerSpec& layer) {
    const Tensors w = take(true), b = take(layer.bias);
    const std::int64_t inputs = shape.c, outputs = layer.outputs;
    backward.push_back([n = n, inputs, outputs, x = x, w, b](const Values& dy) {
      return dense_backward(n, inputs, outputs, x, w.values, dy, w.gradients, b.gradients);
    });
    x = dense_forward(n, inputs, outputs, x, w.values, b.values);
    maps = shape = {n, outputs, 1, 1};
    activate(layer.activation);
  }

  void pool(const LayerSpec& layer) {
    Windows windows{{n, shape.c, shape.h, shape.w}, layer.rows, layer.cols, layer.stride_y, layer.stride_x};
    if (windows.stride_y == 0) windows.stride_y = windows.rows;
    if (windows.stride_x == 0) windows.stride_x = windows.cols;
    if (layer.kind == LayerKind::kGlobalAverage) windows = {windows.input, shape.h, shape.w, shape.h, shape.w};
    const bool is_max = layer.kind == LayerKind::kMaxPool;
    if (is_max) note_ties(windows);
    backward.push_back([windows, is_max, x = x](const Values& dy) {
      return is_max ? max_pool_backward(windows, x, dy) : average_pool_backward(windows, dy);
    });
    x = is_max ? max_pool_forward(windows, x) : average_pool_forward(windows, x);
    maps = shape = {n, shape.c, windows.p(), windows.q()};
  }

  // A second value close to a window's largest is a kink as well; values cut to the same constant by ReLU are not.
  void note_ties(const Windows& w) {
    const Values largest = max_pool_forward(w, x);
    Values ones(largest.size(), 1.0);
    const Values winners = max_pool_backward(w, x, ones);
    for (std::int64_t plane = 0; plane < n * shape.c; ++plane) {
      for (std::int64_t p = 0; p < w.p(); ++p) {
        for (std::int64_t q = 0; q < w.q(); ++q) {
          const double top = largest[static_cast<std::size_t>((plane * w.p() + p) * w.q() + q)];
          if (top == 0) continue;
          double second = -std::numeric_limits<double>::infinity();
          bool seen = false;
          for (std::int64_t r = 0; r < w.rows; ++r) {
            for (std::int64_t s = 0; s < w.cols; ++s) {
              const auto i =
                  static_cast<std::size_t>((plane * shape.h + p * w.stride_y + r) * shape.w + q * w.stride_x + s);
              if (x[i] == top && !seen) {
                seen = true;
              } else {
                second = std::max(second, x[i]);
              }
            }
          }
          outcome.nearest_kink = std::min(outcome.nearest_kink, top - second);
        }
      }
    }
  }

  void normalise(const LayerSpec& layer) {
    const Tensors scale = take(true), shift = take(true), mean = take(true), variance = take(true);
    const Shape own{n, shape.c, shape.h, shape.w};
    const Statistics statistics =
        pass.is_training ? batch_statistics(own, x) : Statistics{mean.values, variance.values};
    const double epsilon = static_cast<double>(layer.epsilon);
    backward.push_back([own, x = x, statistics, of_batch = pass.is_training, epsilon, scale, shift](const Values& dy) {
      return batch_norm_backward(own, x, statistics, of_batch, epsilon, scale.values, dy, scale.gradients,
                                 shift.gradients);
    });
    x = batch_norm_forward(own, x, statistics, epsilon, scale.values, shift.values);
  }

  void drop(const LayerSpec& layer, std::size_t index) {
    if (!pass.is_training || layer.rate == 0) return;
    const DropoutDraw draw(layer.rate, pass.seed, pass.step, index);
    Values factor(x.size());
    const std::int64_t area = maps.h * maps.w, size = maps.c * area;
    for (std::int64_t i = 0; i < n * size; ++i) {
      const std::int64_t image = i / size, c = i % size / area, pixel = i % area;
      const bool keeps = draw.keeps(static_cast<std::uint32_t>(image * size + pixel * maps.c + c));
      factor[static_cast<std::size_t>(i)] = keeps ? static_cast<double>(draw.scale) : 0;
    }
    const auto times_factor = [factor](const Values& v) {
      Values out = v;
      for (std::size_t i = 0; i < out.size(); ++i) out[i] *= factor[i];
      return out;
    };
    x = times_factor(x);
    backward.push_back(times_factor);
  }

  void layer(std::size_t index) {
    const LayerSpec& spec = model.layers[index];
    switch (spec.kind) {
      case LayerKind::kConv:
        return convolve(spec);
      case LayerKind::kDense:
        return connect(spec);
      case LayerKind::kActivation:
        return activate(spec.activation);
      case LayerKind::kMaxPool:
      case LayerKind::kAveragePool:
      case LayerKind::kGlobalAverage:
        return pool(spec);
      case LayerKind::kBatchNorm:
        return normalise(spec);
      case LayerKind::kDropout:
        return drop(spec, index);
      case LayerKind::kFlatten:
        shape = {n, shape.c * shape.h * shape.w, 1, 1};
        return;
    }
  }

  Values none = {};
};

}  // namespace

Outcome evaluate(const ModelSpec& model, const std::vector<Values>& parameters, const Values& images,
                 std::span<const std::int32_t> labels, const Pass& pass) {
  Outcome outcome;
  outcome.nearest_kink = std::numeric_limits<double>::infinity();
  for (const Values& p : parameters) outcome.gradients.emplace_back(p.size());
  const auto n = std::ssize(labels);
  const Shape picture{n, model.channels, model.height, model.width};
  assert(std::ssize(images) == picture.size());
  Walk walk{model, parameters, pass, outcome, n, images, picture, picture, 0, {}};
  for (std::size_t i = 0; i < model.layers.size(); ++i) walk.layer(i);
  outcome.logits = walk.x;
  Values gradient;
  outcome.loss = softmax_cross_entropy(n, model.classes, walk.x, labels, pass.smoothing, &gradient);
  for (auto step = walk.backward.rbegin(); step != walk.backward.rend(); ++step) gradient = (*step)(gradient);
  outcome.input_gradient = std::move(gradient);
  return outcome;
}

}  // namespace convlens::nn::reference
