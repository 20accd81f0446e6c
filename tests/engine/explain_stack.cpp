// Stacks of layers against the networks that run them, against plain loops in double, and against brute force.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>
#include <set>
#include <tuple>
#include <vector>

#include "engine/core/random.h"
#include "engine/explain/composed_filter.h"
#include "engine/explain/probe_text.h"
#include "engine/explain/receptive_field.h"
#include "engine/explain/stack.h"
#include "engine/explain/stack_gradient.h"
#include "engine/explain/stack_presets.h"
#include "engine/explain/stack_probe.h"
#include "engine/explain/strongest.h"
#include "engine/nn/reference.h"
#include "tests/engine/nn_models.h"

namespace convlens {
namespace {

using explain::Stack;
using explain::Unit;
using nn::LayerKind;
using nn::reference::Values;

struct Run {
  Stack stack;
  std::vector<Tensor> levels;
  std::vector<const Tensor*> pointers() const {
    std::vector<const Tensor*> all;
    for (const Tensor& level : levels) all.push_back(&level);
    return all;
  }
};

Tensor random_picture(const nn::ModelSpec& model, std::uint64_t seed) {
  Random random(seed);
  Tensor picture = Tensor::uninitialized({1, model.channels, model.height, model.width});
  for (float& v : picture.values()) v = random.uniform(-1.0f, 1.0f);
  return picture;
}

Run run(const nn::ModelSpec& model, const explain::StackParameters& parameters, Tensor picture) {
  auto stack = explain::make_stack(model, parameters);
  REQUIRE_MESSAGE(stack.ok(), (stack ? std::string() : stack.error().message));
  Run result{std::move(*stack), {}};
  conv::Workspace workspace;
  const Parallel parallel(1);
  result.levels.push_back(std::move(picture));
  for (const auto& layer : result.stack.layers) {
    auto next = explain::run_layer(*layer, result.levels.back().view(), workspace, parallel);
    REQUIRE(next);
    result.levels.push_back(std::move(*next));
  }
  return result;
}

// Chains of every kind of layer with random parameters, small enough for brute force.
class RandomChains {
 public:
  explicit RandomChains(std::uint64_t seed) : random_(seed) {}

  int between(int lo, int hi) { return lo + static_cast<int>(random_.below(static_cast<std::uint32_t>(hi - lo + 1))); }

  nn::ModelSpec next(int most_layers, bool may_be_flat) {
    for (;;) {
      nn::ModelSpec model{"random", between(1, 3), between(3, 12), between(3, 12), 10, {}};
      const int count = between(1, most_layers);
      bool is_flat = false;
      for (int i = 0; i < count; ++i) {
        nn::LayerSpec layer = is_flat ? flat_layer() : maps_layer();
        if (!is_flat && may_be_flat && between(0, 4) == 0) {
          layer = test::plain_layer(LayerKind::kFlatten);
          is_flat = true;
        }
        model.layers.push_back(layer);
      }
      if (!nn::chain_shapes(model).error) return model;
    }
  }

 private:
  conv::Activation activation() { return static_cast<conv::Activation>(between(0, 8)); }

  nn::LayerSpec maps_layer() {
    switch (between(0, 7)) {
      case 0:
        return test::pool_layer(LayerKind::kMaxPool, between(1, 3), between(1, 3), between(0, 3), between(0, 3));
      case 1:
        return test::pool_layer(LayerKind::kAveragePool, between(1, 3), between(1, 3), between(0, 3), between(0, 3));
      case 2:
        return test::activation_layer(activation());
      case 3:
        return between(0, 1) ? test::plain_layer(LayerKind::kBatchNorm) : test::dropout_layer(0.5f);
      default:
        return conv_layer();
    }
  }
  nn::LayerSpec flat_layer() {
    return between(0, 2) ? test::dense_layer(between(1, 6), activation()) : test::activation_layer(activation());
  }
  nn::LayerSpec conv_layer() {
    conv::Params params;
    params.stride_y = between(1, 3), params.stride_x = between(1, 3);
    params.dilation_y = between(1, 3), params.dilation_x = between(1, 3);
    params.padding = static_cast<conv::PaddingMode>(between(0, 4));
    params.custom = {between(0, 3), between(0, 3), between(0, 3), between(0, 3)};
    params.border = static_cast<conv::Border>(between(0, 3));
    params.groups = between(1, 2);
    params.flip = between(0, 1) == 1;
    params.activation = activation();
    nn::LayerSpec layer = test::conv_layer(between(1, 4), between(1, 4), between(1, 4), params);
    layer.bias = between(0, 1) == 1;
    return layer;
  }

  Random random_;
};

TEST_CASE("a stack makes what the network makes, in every layer that a network can have") {
  const auto models = test::test_models();
  CHECK(models.size() > 60);
  for (const test::NamedModel& named : models) {
    CAPTURE(named.name);
    const auto parameters = test::random_parameters(named.model, 31);
    const Run made = run(named.model, parameters, random_picture(named.model, 32));
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

// What an input or output cell of a layer is, counted over channels: brute force needs no cleverness.
using Cells = std::set<std::tuple<std::int64_t, std::int64_t, std::int64_t>>;

Cells cells_before(const explain::ReadyLayer& layer, const Cells& after) {
  Cells before;
  for (const auto& [c, y, x] : after) {
    const Shape& in = layer.input;
    if (layer.geometry) {
      const conv::Geometry& g = *layer.geometry;
      const std::int64_t first = c / g.filters_per_group() * g.channels_per_group();
      for (std::int64_t r = 0; r < g.r; ++r) {
        for (std::int64_t s = 0; s < g.s; ++s) {
          const auto row = conv::border_index(y * g.stride_y - g.pad.top + r * g.dilation_y, g.h, g.border);
          const auto col = conv::border_index(x * g.stride_x - g.pad.left + s * g.dilation_x, g.w, g.border);
          if (row < 0 || col < 0) continue;
          for (std::int64_t i = 0; i < g.channels_per_group(); ++i) before.emplace(first + i, row, col);
        }
      }
    } else if (explain::is_pool(layer.spec.kind)) {
      const explain::PoolWindow w = explain::pool_window(layer.spec, in);
      for (std::int64_t r = 0; r < w.rows; ++r) {
        for (std::int64_t s = 0; s < w.cols; ++s) before.emplace(c, y * w.stride_y + r, x * w.stride_x + s);
      }
    } else if (layer.spec.kind == LayerKind::kFlatten) {
      before.emplace(c / (in.h * in.w), c / in.w % in.h, c % in.w);
    } else {
      before.emplace(c, y, x);
    }
  }
  return before;
}

TEST_CASE("receptive boxes in every earlier level equal brute force") {
  RandomChains chains(41);
  std::size_t boxes = 0, holes = 0;
  for (int round = 0; round < 600; ++round) {
    const nn::ModelSpec model = chains.next(5, true);
    const auto parameters = explain::first_parameters(model, 1);
    REQUIRE(parameters);
    const auto stack = explain::make_stack(model, *parameters);
    REQUIRE(stack);
    const std::vector<Shape> levels = explain::level_shapes(model);
    const std::size_t level = levels.size() - 1;
    const Shape& top = levels[level];
    const Unit unit{chains.between(0, static_cast<int>(top.c) - 1), chains.between(0, static_cast<int>(top.h) - 1),
                    chains.between(0, static_cast<int>(top.w) - 1)};
    const std::vector<explain::Reach> reach = explain::reach_of(model, levels, level, unit);
    REQUIRE(reach.size() == levels.size());
    Cells cells{{unit.c, unit.y, unit.x}};
    for (std::size_t i = level;; --i) {
      std::vector<bool> rows(static_cast<std::size_t>(levels[i].h)), cols(static_cast<std::size_t>(levels[i].w));
      for (const auto& [c, y, x] : cells) rows[static_cast<std::size_t>(y)] = cols[static_cast<std::size_t>(x)] = true;
      // Where one axis reads padding alone nothing is read at all, but the other axis has its rows nevertheless.
      if (!cells.empty()) {
        CHECK(reach[i].rows == rows);
        CHECK(reach[i].cols == cols);
        ++boxes;
        holes += reach[i].row_count() < reach[i].row_span().count();
      }
      if (i == 0) break;
      cells = cells_before(*stack->layers[i - 1], cells);
    }
  }
  CHECK(boxes > 1500);
  CHECK(holes > 50);
}

TEST_CASE("size, jump and start say where units without padding look") {
  RandomChains chains(51);
  int exact = 0;
  for (int round = 0; round < 1500; ++round) {
    nn::ModelSpec model = chains.next(4, true);
    model.height += 20, model.width += 20;
    const bool is_valid = round % 2 == 0;
    for (nn::LayerSpec& layer : model.layers) {
      layer.conv.border = conv::Border::kZero;
      if (is_valid) layer.conv.padding = conv::PaddingMode::kValid;
    }
    if (nn::chain_shapes(model).error) continue;
    const std::vector<Shape> levels = explain::level_shapes(model);
    const auto fields = explain::receptive_fields(model, levels);
    const std::size_t level = levels.size() - 1;
    const bool has_flat =
        std::ranges::any_of(model.layers, [](const nn::LayerSpec& l) { return l.kind == LayerKind::kFlatten; });
    const bool has_dense =
        std::ranges::any_of(model.layers, [](const nn::LayerSpec& l) { return l.kind == LayerKind::kDense; });
    if (has_flat && !has_dense) continue;  // the row of a flat unit is not its own
    const Shape& top = levels[level];
    const Unit unit{0, chains.between(0, static_cast<int>(top.h) - 1), chains.between(0, static_cast<int>(top.w) - 1)};
    const explain::Reach reach = explain::reach_of(model, levels, level, unit).front();
    const auto check = [&](const explain::AxisField& field, std::int64_t i, const explain::Span& span,
                           std::int64_t size) {
      const std::int64_t first = field.start + i * field.jump, last = first + field.size - 1;
      if (span.count() <= 0) return;
      CHECK(span.first >= std::max<std::int64_t>(0, first));
      CHECK(span.last <= std::min(size - 1, last));
      if (!is_valid) return;
      CHECK(span == explain::Span{first, last});
      ++exact;
    };
    check(fields[level].y, unit.y, reach.row_span(), levels[0].h);
    check(fields[level].x, unit.x, reach.col_span(), levels[0].w);
  }
  CHECK(exact > 500);
}

TEST_CASE("the fields of LeNet-5, worked by hand") {
  const auto model = explain::make_stack_model("lenet5");
  REQUIRE(model);
  const auto levels = explain::level_shapes(*model);
  const auto fields = explain::receptive_fields(*model, levels);
  CHECK(fields[1].y == explain::AxisField{5, 1, -2});
  CHECK(fields[2].y == explain::AxisField{6, 2, -2});
  CHECK(fields[3].y == explain::AxisField{14, 2, -2});
  CHECK(fields[4].y == explain::AxisField{16, 4, -2});
  CHECK(fields[5].y == explain::AxisField{16, 4, -2});
  CHECK(fields[6].y == explain::AxisField{32, 0, -2});
  const auto dilated = explain::make_stack_model("dilations");
  REQUIRE(dilated);
  CHECK(explain::receptive_fields(*dilated, explain::level_shapes(*dilated)).back().x == explain::AxisField{15, 1, 0});
  const auto three = explain::make_stack_model("three-3x3");
  REQUIRE(three);
  CHECK(explain::same_field_in_words(*three, explain::level_shapes(*three), 3) ==
        "One 7 × 7 convolution would see as much with 441 weights; these 3 layers have 252 parameters.");
}

// Forward and backward in double with the loops of the reference, layer by layer.
class InDouble {
 public:
  explicit InDouble(const Run& made) : made_(made) {
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

  const Run& made_;
  std::vector<Values> values_;
  std::vector<Values> sums_;  // before the activation of conv and dense layers
};

TEST_CASE("the effective field equals the backward pass in double, and lies inside the theoretical one") {
  RandomChains chains(61);
  conv::Workspace workspace;
  const Parallel parallel(1);
  int telling = 0, before_activation = 0;
  for (int round = 0; round < 400; ++round) {
    const nn::ModelSpec model = chains.next(4, true);
    const Run made = run(model, test::random_parameters(model, 62 + static_cast<std::uint64_t>(round)),
                         random_picture(model, 63 + static_cast<std::uint64_t>(round)));
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
  RandomChains chains(71);
  int steps = 0;
  for (int round = 0; round < 300; ++round) {
    const nn::ModelSpec model = chains.next(4, true);
    const Run made = run(model, test::random_parameters(model, 72 + static_cast<std::uint64_t>(round)),
                         random_picture(model, 73 + static_cast<std::uint64_t>(round)));
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
  RandomChains chains(81);
  int exact = 0, partial = 0;
  for (int round = 0; round < 1000; ++round) {
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
    const Run made = run(model, test::random_parameters(model, 82 + static_cast<std::uint64_t>(round)),
                         random_picture(model, 83 + static_cast<std::uint64_t>(round)));
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
  CHECK(exact > 150);
  CHECK(partial > 50);
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

TEST_CASE("the strongest patches are the largest values that stand apart") {
  const nn::ModelSpec model = *explain::make_stack_model("three-3x3");
  const Run made = run(model, *explain::first_parameters(model, 4), random_picture(model, 5));
  const auto levels = explain::level_shapes(model);
  const Tensor& maps = made.levels[3];
  const auto patches = explain::strongest_patches(model, levels, 3, maps.view(), 1, 6);
  REQUIRE(patches.size() == 6);
  const float* plane = maps.view().plane(0, 1);
  const float largest = *std::max_element(plane, plane + maps.shape().h * maps.shape().w);
  CHECK(patches[0].value == largest);
  for (std::size_t i = 0; i < patches.size(); ++i) {
    const explain::StrongPatch& p = patches[i];
    CHECK(p.value == maps.at(0, 1, p.unit.y, p.unit.x));
    CHECK(p.rows == explain::Span{p.unit.y, p.unit.y + 6});
    CHECK(p.cols == explain::Span{p.unit.x, p.unit.x + 6});
    for (std::size_t j = 0; j < i; ++j) {
      CHECK(patches[j].value >= p.value);
      CHECK((std::abs(patches[j].unit.y - p.unit.y) >= 3 || std::abs(patches[j].unit.x - p.unit.x) >= 3));
    }
  }
}

TEST_CASE("the softmax table adds up as shown") {
  Random random(91);
  for (int round = 0; round < 2000; ++round) {
    std::vector<float> logits(1 + random.below(12));
    for (float& z : logits) z = random.normal() * std::pow(10.0f, random.uniform(-3.0f, 3.0f));
    const explain::SoftmaxProbe probe = explain::probe_softmax(logits);
    REQUIRE(probe.is_finite);
    REQUIRE(probe.rows.size() == logits.size());
    const std::vector<double> shares = explain::softmax(logits);
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < logits.size(); ++i) {
      const explain::SoftmaxRow& row = probe.rows[i];
      CHECK(row.shifted.units == row.logit.units - probe.largest.units);
      CHECK(row.exponential.units == explain::round_to_place(std::exp(explain::to_double(row.shifted)), -6).units);
      CHECK(explain::to_double(row.share) == doctest::Approx(shares[i]).epsilon(0.01).scale(0.01));
      sum += row.exponential.units;
    }
    CHECK(probe.sum.units == sum);
  }
  const std::vector<float> broken{1, NAN, 2};
  CHECK(!explain::probe_softmax(broken).is_finite);
}

TEST_CASE("every value of every layer has a probe that ends at the value") {
  RandomChains chains(101);
  int sums = 0, pools = 0, lines = 0;
  for (int round = 0; round < 300; ++round) {
    const nn::ModelSpec model = chains.next(5, true);
    const Run made = run(model, test::random_parameters(model, 102 + static_cast<std::uint64_t>(round)),
                         random_picture(model, 103 + static_cast<std::uint64_t>(round)));
    for (std::size_t level = 0; level < made.levels.size(); ++level) {
      const Shape& shape = made.levels[level].shape();
      const Unit unit{chains.between(0, static_cast<int>(shape.c) - 1),
                      chains.between(0, static_cast<int>(shape.h) - 1),
                      chains.between(0, static_cast<int>(shape.w) - 1)};
      const float value = made.levels[level].at(0, unit.c, unit.y, unit.x);
      const ConstView input = level > 0 ? made.levels[level - 1].view() : ConstView{};
      const explain::StackProbe probe = explain::probe_unit(made.stack, level, unit, input, value);
      CHECK(probe.title == explain::unit_in_words(made.stack, level, unit));
      const std::string text = explain::to_text(probe, 3);
      CHECK(text.starts_with(probe.title + "\n"));
      if (probe.sum) {
        CHECK(probe.sum->agrees);
        ++sums;
      } else if (probe.pool) {
        CHECK(double{probe.pool->pooled} == doctest::Approx(double{value}).epsilon(1e-5).scale(1e-5));
        ++pools;
      } else {
        // The last number of the last line is the value.
        const std::string& last = probe.lines.back().arithmetic;
        const auto equals = last.rfind("= ");
        if (equals != std::string::npos && made.stack.layers[level - 1]->spec.kind != LayerKind::kFlatten) {
          CHECK(std::stod(last.substr(equals + 2)) == doctest::Approx(double{value}).epsilon(1e-4).scale(1e-4));
        }
        ++lines;
      }
    }
  }
  CHECK(sums > 100);
  CHECK(pools > 50);
  CHECK(lines > 100);
}

TEST_CASE("costs are those that the network counts") {
  for (const explain::StackPreset& preset : explain::stack_presets()) {
    CAPTURE(preset.name);
    const auto model = explain::make_stack_model(preset.name);
    REQUIRE(model);
    const auto levels = explain::level_shapes(*model);
    REQUIRE(levels.size() == model->layers.size() + 1);
    std::int64_t parameters = 0;
    for (std::size_t i = 0; i + 1 < levels.size(); ++i) {
      parameters += explain::layer_cost(model->layers[i], levels[i], levels[i + 1]).parameters;
    }
    CHECK(parameters == nn::count_parameters(*model));
    CHECK(parameters > 0);
    REQUIRE(explain::first_parameters(*model, 3));
  }
  const auto lenet = explain::make_stack_model("lenet5");
  const auto levels = explain::level_shapes(*lenet);
  CHECK(explain::layer_cost(lenet->layers[2], levels[2], levels[3]).arithmetic ==
        "16 × 6 × 5 × 5 + 16 = 2 416; 16 × 10 × 10 × 6 × 5 × 5 = 240 000");
  CHECK(!explain::make_stack_model("resnet"));
}

TEST_CASE("equal layers are shared with the stack before, and misfits are refused in words") {
  auto model = *explain::make_stack_model("lenet5");
  const auto parameters = *explain::first_parameters(model, 1);
  const auto first = explain::make_stack(model, parameters);
  REQUIRE(first);
  model.layers[2].conv.stride_x = 2;
  const auto changed = explain::first_parameters(model, 1);
  REQUIRE(changed);
  const auto second = explain::make_stack(model, *changed, &*first);
  REQUIRE(second);
  CHECK(second->layers[0] == first->layers[0]);
  CHECK(second->layers[1] == first->layers[1]);
  CHECK(second->layers[2] != first->layers[2]);
  model.layers[2].rows = 40;
  CHECK(!explain::first_parameters(model, 1));
  model = *explain::make_stack_model("three-3x3");
  model.height = model.width = 4096;
  model.layers[0].filters = 64;
  const auto large = explain::make_stack(model, *explain::first_parameters(model, 1));
  REQUIRE(!large);
  CHECK(large.error().message.find("gibibyte") != std::string::npos);
  auto few = parameters;
  few.pop_back();
  CHECK(!explain::make_stack(*explain::make_stack_model("lenet5"), few));
}

TEST_CASE("a chain may end with anything and says what does not fit") {
  nn::ModelSpec model = *explain::make_stack_model("three-3x3");
  CHECK(!nn::layer_shapes(model));
  nn::ChainShapes chain = nn::chain_shapes(model);
  CHECK(!chain.error);
  CHECK(chain.shapes.back() == Shape{1, 3, 122, 122});
  model.height = 6;
  chain = nn::chain_shapes(model);
  REQUIRE(chain.error);
  CHECK(chain.shapes.size() == 2);
  CHECK(chain.error->message.find("layer 3 (conv)") != std::string::npos);
  CHECK(nn::list_parameters(model).empty());
}

}  // namespace
}  // namespace convlens
