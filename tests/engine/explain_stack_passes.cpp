// What flows through a stack, against the networks that run it and plain loops in double: values, gradients, paths, one
// composed filter.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>
#include <vector>

#include "engine/explain/composed_filter.h"
#include "engine/explain/probe.h"
#include "engine/explain/receptive_field.h"
#include "engine/explain/stack.h"
#include "engine/explain/stack_gradient.h"
#include "engine/explain/stack_presets.h"
#include "engine/nn/reference.h"
#include "tests/engine/stack_runs.h"

namespace convlens {
namespace {

using explain::Unit;
using nn::LayerKind;
using nn::reference::Values;

TEST_CASE("a stack makes what the network makes, in every layer that a network can have") {
  const auto models = test::test_models();
  CHECK(models.size() > 60);
  for (const test::NamedModel& named : models) {
    CAPTURE(named.name);
    const auto parameters = test::random_parameters(named.model, 31);
    const test::StackRun made = test::run_stack(named.model, parameters, test::random_picture(named.model, 32));
    auto network = nn::Network::create(named.model, {.batch = 1, .can_learn = false});
    REQUIRE(network);
    test::write_parameters(*network, parameters);
    std::vector<float> logits(static_cast<std::size_t>(named.model.classes));
    network->infer(made.levels.front().data(), 1, logits.data());
    const auto mine = made.levels.back().values();
    REQUIRE(mine.size() == logits.size());
    CHECK(test::relative_error({logits.begin(), logits.end()}, {mine.begin(), mine.end()}) < 3e-5);
  }
}

// Forward and backward in double with the loops of the reference, layer by layer.
class InDouble {
 public:
  explicit InDouble(const test::StackRun& made) : made_(made) {
    values_.emplace_back(made.levels[0].values().begin(), made.levels[0].values().end());
    for (std::size_t i = 0; i < made.stack.layers.size(); ++i) forward(*made.stack.layers[i]);
  }

  const Values& level(std::size_t i) const { return values_[i]; }

  Values gradient(std::size_t level, std::size_t index, bool skips_activation) const {
    Values gradient(values_[level].size());
    gradient[index] = 1;
    for (std::size_t i = level; i-- > 0;) {
      gradient = backward(i, gradient, skips_activation && i + 1 == level);
    }
    return gradient;
  }

 private:
  static Values doubles(std::span<const float> values) { return {values.begin(), values.end()}; }
  static nn::reference::Windows windows_of(const explain::ReadyLayer& layer) {
    const explain::PoolWindow w = explain::pool_window(layer.spec, layer.input);
    return {layer.input, w.rows, w.cols, w.stride_y, w.stride_x};
  }
  static nn::reference::Statistics statistics_of(const explain::ReadyLayer& layer) {
    return {doubles(layer.mean), doubles(layer.variance)};
  }

  void forward(const explain::ReadyLayer& layer) {
    const Values& x = values_.back();
    Values sums, y;
    if (layer.geometry) {
      sums = nn::reference::conv_forward(*layer.geometry, x, doubles(layer.weights.values()), doubles(layer.bias));
      y = nn::reference::activation_forward(layer.geometry->activation, sums);
    } else if (layer.spec.kind == LayerKind::kMaxPool) {
      y = nn::reference::max_pool_forward(windows_of(layer), x);
    } else if (explain::is_pool(layer.spec.kind)) {
      y = nn::reference::average_pool_forward(windows_of(layer), x);
    } else if (layer.spec.kind == LayerKind::kActivation) {
      y = nn::reference::activation_forward(layer.spec.activation, x);
    } else if (layer.spec.kind == LayerKind::kBatchNorm) {
      y = nn::reference::batch_norm_forward(layer.input, x, statistics_of(layer), double{layer.spec.epsilon},
                                            doubles(layer.scale), doubles(layer.shift));
    } else {
      y = x;
    }
    sums_.push_back(std::move(sums));
    values_.push_back(std::move(y));
  }

  Values backward(std::size_t i, const Values& dy, bool skips_activation) const {
    const explain::ReadyLayer& layer = *made_.stack.layers[i];
    const Values& x = values_[i];
    if (layer.geometry) {
      const Values w = doubles(layer.weights.values());
      Values dw(w.size()), db;
      const Values ds =
          skips_activation ? dy : nn::reference::activation_backward(layer.geometry->activation, sums_[i], dy);
      return nn::reference::conv_backward(*layer.geometry, x, w, ds, dw, db);
    }
    if (layer.spec.kind == LayerKind::kMaxPool) return nn::reference::max_pool_backward(windows_of(layer), x, dy);
    if (explain::is_pool(layer.spec.kind)) return nn::reference::average_pool_backward(windows_of(layer), dy);
    if (layer.spec.kind == LayerKind::kActivation) {
      return nn::reference::activation_backward(layer.spec.activation, x, dy);
    }
    if (layer.spec.kind == LayerKind::kBatchNorm) {
      Values d_scale(layer.scale.size()), d_shift(layer.shift.size());
      return nn::reference::batch_norm_backward(layer.input, x, statistics_of(layer), false, double{layer.spec.epsilon},
                                                doubles(layer.scale), dy, d_scale, d_shift);
    }
    return dy;
  }

  const test::StackRun& made_;
  std::vector<Values> values_;
  std::vector<Values> sums_;  // before the activation of conv and dense layers
};

TEST_CASE("the effective field equals the backward pass in double, and lies inside the theoretical one") {
  test::RandomChains chains(61);
  conv::Workspace workspace;
  const Parallel parallel(1);
  int telling = 0, before_activation = 0;
  for (int round = 0; round < 400; ++round) {
    const nn::ModelSpec model = chains.next(4, true);
    const test::StackRun made =
        test::run_stack(model, test::random_parameters(model, 62 + static_cast<std::uint64_t>(round)),
                        test::random_picture(model, 63 + static_cast<std::uint64_t>(round)));
    const InDouble doubles(made);
    const std::size_t level = made.levels.size() - 1;
    const Shape& top = made.levels[level].shape();
    const auto index = static_cast<std::size_t>(chains.between(0, static_cast<int>(top.size()) - 1));
    const auto i = static_cast<std::int64_t>(index);
    const Unit unit{i / (top.h * top.w), i / top.w % top.h, i % top.w};
    const auto field = explain::effective_field(made.stack, made.pointers(), level, unit, workspace, parallel);
    REQUIRE(field);
    const Values expected = doubles.gradient(level, index, field->is_before_activation);
    before_activation += field->is_before_activation;
    const Tensor& got = field->picture.values;
    const Shape& picture = made.levels[0].shape();
    double largest = 0, worst = 0, total = 0;
    for (const double v : expected) largest = std::max(largest, std::abs(v)), total += std::abs(v);
    for (std::int64_t c = 0; c < picture.c; ++c) {
      for (std::int64_t y = 0; y < picture.h; ++y) {
        for (std::int64_t x = 0; x < picture.w; ++x) {
          const std::int64_t r = y - field->picture.row, s = x - field->picture.col;
          const bool is_covered = r >= 0 && r < got.shape().h && s >= 0 && s < got.shape().w;
          const double mine = is_covered ? double{got.at(0, c, r, s)} : 0;
          const auto at = static_cast<std::size_t>((c * picture.h + y) * picture.w + x);
          worst = std::max(worst, std::abs(mine - expected[at]));
        }
      }
    }
    CHECK(worst <= 1e-4 * std::max(largest, 1e-3));
    CHECK(field->total == doctest::Approx(total).epsilon(1e-3).scale(1e-3));
    if (largest == 0) continue;
    ++telling;
    CHECK(field->central_share > 0);
    const auto reach = explain::reach_of(model, explain::level_shapes(model), level, unit);
    for (std::int64_t y = 0; y < picture.h; ++y) {
      for (std::int64_t x = 0; x < picture.w; ++x) {
        if (reach[0].rows[static_cast<std::size_t>(y)] && reach[0].cols[static_cast<std::size_t>(x)]) continue;
        for (std::int64_t c = 0; c < picture.c; ++c) {
          CHECK(expected[static_cast<std::size_t>((c * picture.h + y) * picture.w + x)] == 0);
        }
      }
    }
  }
  CHECK(telling > 200);
  CHECK(before_activation > 10);
}

TEST_CASE("the path takes the largest product of every sum, and the winner of every window") {
  test::RandomChains chains(71);
  int steps = 0;
  for (int round = 0; round < 300; ++round) {
    const nn::ModelSpec model = chains.next(4, true);
    const test::StackRun made =
        test::run_stack(model, test::random_parameters(model, 72 + static_cast<std::uint64_t>(round)),
                        test::random_picture(model, 73 + static_cast<std::uint64_t>(round)));
    const std::size_t level = made.levels.size() - 1;
    const Shape& top = made.levels[level].shape();
    const Unit unit{0, top.h / 2, top.w / 2};
    const auto pointers = made.pointers();
    const auto path = explain::contribution_path(made.stack, pointers, level, unit);
    REQUIRE(!path.empty());
    CHECK(path[0].unit == unit);
    for (std::size_t i = 1; i < path.size(); ++i) {
      const explain::PathStep& step = path[i];
      CHECK(step.level == level - i);
      CHECK(step.value == made.levels[step.level].at(0, step.unit.c, step.unit.y, step.unit.x));
      CHECK(step.share <= 1);
      const explain::ReadyLayer& layer = *made.stack.layers[step.level];
      const Unit& from = path[i - 1].unit;
      if (layer.geometry) {
        double best = 0, all = 0;
        const explain::Probe probe =
            explain::probe_output(*layer.geometry, made.levels[step.level].view(), layer.weights.view(), layer.bias,
                                  {0, from.c, from.y, from.x});
        for (const explain::ProbeCell& cell : probe.cells) {
          const double product = cell.is_zero() ? 0 : double{cell.input_value} * double{cell.weight_value};
          best = std::max(best, std::abs(product));
          all += std::abs(product);
        }
        CHECK(std::abs(step.contribution) == best);
        CHECK(step.share == doctest::Approx(all > 0 ? best / all : 0));
      } else if (layer.spec.kind == LayerKind::kMaxPool || layer.spec.kind == LayerKind::kFlatten) {
        CHECK(step.value == path[i - 1].value);
      }
      ++steps;
    }
  }
  CHECK(steps > 500);
}

TEST_CASE("one composed filter gives what the linear layers give") {
  test::RandomChains chains(81);
  int exact = 0, partial = 0;
  for (int round = 0; round < 6000; ++round) {
    nn::ModelSpec model{"linear", chains.between(1, 3), chains.between(10, 22), chains.between(10, 22), 10, {}};
    const int count = chains.between(1, 3);
    for (int i = 0; i < count; ++i) {
      conv::Params params;
      params.stride_y = chains.between(1, 2), params.stride_x = chains.between(1, 2);
      params.dilation_y = chains.between(1, 2), params.dilation_x = chains.between(1, 2);
      params.padding =
          round % 2 == 0 ? conv::PaddingMode::kValid : static_cast<conv::PaddingMode>(chains.between(0, 3));
      params.flip = chains.between(0, 1) == 1;
      params.groups = chains.between(1, 2);
      model.layers.push_back(
          test::conv_layer(chains.between(1, 4), chains.between(1, 3), chains.between(1, 3), params));
      if (chains.between(0, 3) == 0) model.layers.push_back(test::dropout_layer(0.5f));
    }
    if (nn::chain_shapes(model).error) continue;
    const test::StackRun made =
        test::run_stack(model, test::random_parameters(model, 82 + static_cast<std::uint64_t>(round)),
                        test::random_picture(model, 83 + static_cast<std::uint64_t>(round)));
    const auto one = explain::compose(made.stack, 0, made.stack.layers.size());
    REQUIRE_MESSAGE(one.ok(), (one ? std::string() : one.error().message));
    conv::Params params;
    params.stride_y = static_cast<int>(one->stride_y), params.stride_x = static_cast<int>(one->stride_x);
    params.padding = conv::PaddingMode::kCustom;
    params.custom = one->pad;
    const auto geometry = conv::resolve(params, made.levels[0].shape(), one->weights.shape());
    REQUIRE_MESSAGE(geometry.ok(), (geometry ? std::string() : geometry.error().message));
    Tensor maps = Tensor::uninitialized(geometry->output_shape());
    conv::Workspace workspace;
    REQUIRE(conv::forward(*geometry, made.levels[0].view(), one->weights.view(), one->bias, maps.view(), {}, workspace,
                          Parallel(1)));
    const Tensor& expected = made.levels.back();
    const bool is_whole =
        one->row0 == 0 && one->col0 == 0 && one->row1 == expected.shape().h && one->col1 == expected.shape().w;
    if (one->is_exact_everywhere) {
      CHECK(is_whole);
      CHECK(maps.shape() == expected.shape());
    }
    double largest = 1e-3, worst = 0;
    std::int64_t compared = 0;
    for (const float v : expected.values()) largest = std::max(largest, std::abs(double{v}));
    for (std::int64_t k = 0; k < expected.shape().c; ++k) {
      for (std::int64_t p = one->row0; p < one->row1; ++p) {
        for (std::int64_t q = one->col0; q < one->col1; ++q, ++compared) {
          worst = std::max(worst, std::abs(double{maps.at(0, k, p, q)} - double{expected.at(0, k, p, q)}));
        }
      }
    }
    CHECK(worst < 1e-5 * largest);
    exact += one->is_exact_everywhere && compared > 0;
    partial += !one->is_exact_everywhere && compared > 0;
  }
  CHECK(exact + partial > 2000);
  CHECK(exact > 800);
  CHECK(partial > 300);
}

TEST_CASE("what bends or copies cannot be one filter, and the layer is named") {
  auto model = explain::make_stack_model("two-linear");
  REQUIRE(model);
  const auto made = [](const nn::ModelSpec& m) { return *explain::make_stack(m, *explain::first_parameters(m, 1)); };
  const auto one = explain::compose(made(*model), 0, 2);
  REQUIRE(one);
  CHECK(one->weights.shape() == Shape{1, 1, 7, 7});
  CHECK(one->is_exact_everywhere);
  model->layers[0].conv.activation = conv::Activation::kRelu;
  const auto bent = explain::compose(made(*model), 0, 2);
  REQUIRE(!bent);
  CHECK(bent.error().message == "layer 1 (conv) cannot be part of one filter: its activation bends what it makes");
}

}  // namespace
}  // namespace convlens
