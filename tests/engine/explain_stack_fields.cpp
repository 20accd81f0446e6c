// What a unit of a stack looks at, against brute force and by hand: receptive fields, and the patches that excite it
// most.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <tuple>
#include <vector>

#include "engine/explain/receptive_field.h"
#include "engine/explain/stack.h"
#include "engine/explain/stack_presets.h"
#include "engine/explain/strongest.h"
#include "tests/engine/stack_runs.h"

namespace convlens {
namespace {

using explain::Unit;
using nn::LayerKind;

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
  test::RandomChains chains(41);
  std::size_t boxes = 0, holes = 0;
  for (int round = 0; round < 2000; ++round) {
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
  CHECK(boxes > 5000);
  CHECK(holes > 150);
}

TEST_CASE("size, jump and start say where units without padding look") {
  test::RandomChains chains(51);
  int exact = 0;
  for (int round = 0; round < 2500; ++round) {
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

TEST_CASE("the strongest patches are the largest values that stand apart") {
  const nn::ModelSpec model = *explain::make_stack_model("three-3x3");
  const test::StackRun made =
      test::run_stack(model, *explain::first_parameters(model, 4), test::random_picture(model, 5));
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

}  // namespace
}  // namespace convlens
