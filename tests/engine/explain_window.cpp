// Input windows and weight footprints against brute force: plain loops over every output position, and the kernels.
#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "engine/conv/conv.h"
#include "engine/core/random.h"
#include "engine/explain/window.h"

namespace convlens {
namespace {

using Cell = std::pair<std::int64_t, std::int64_t>;

// Random small convolutions of one channel and one filter that fit.
std::vector<conv::Geometry> random_geometries(std::uint64_t seed, std::size_t count) {
  Random random(seed);
  const auto between = [&](int lo, int hi) {
    return lo + static_cast<int>(random.below(static_cast<std::uint32_t>(hi - lo + 1)));
  };
  std::vector<conv::Geometry> geometries;
  while (geometries.size() < count) {
    conv::Params params;
    params.stride_y = between(1, 3), params.stride_x = between(1, 3);
    params.dilation_y = between(1, 3), params.dilation_x = between(1, 3);
    params.padding = static_cast<conv::PaddingMode>(between(0, 4));
    params.custom = {between(0, 4), between(0, 4), between(0, 4), between(0, 4)};
    params.border = static_cast<conv::Border>(between(0, 3));
    params.flip = between(0, 1) == 1;
    const Shape input{1, 1, between(1, 9), between(1, 9)};
    const Shape weights{1, 1, between(1, 4), between(1, 4)};
    if (const auto geometry = conv::resolve(params, input, weights)) geometries.push_back(*geometry);
  }
  return geometries;
}

// The weighted sum that a window describes.
double sum_of_window(const explain::InputWindow& window, const Tensor& input, const Tensor& weights) {
  double sum = 0;
  for (const explain::Tap& row : window.rows) {
    for (const explain::Tap& col : window.cols) {
      if (row.source < 0 || col.source < 0) continue;
      sum += double{input.at(0, 0, row.source, col.source)} * double{weights.at(0, 0, row.weight, col.weight)};
    }
  }
  return sum;
}

TEST_CASE("a window worked by hand: stride 2, dilation 2, one row and column of padding") {
  conv::Params params;
  params.stride_y = params.stride_x = 2;
  params.dilation_x = 2;
  params.padding = conv::PaddingMode::kCustom;
  params.custom = {1, 1, 1, 1};
  params.border = conv::Border::kReflect;
  const auto geometry = conv::resolve(params, {1, 1, 5, 7}, {1, 1, 3, 3});
  REQUIRE(geometry);

  const explain::InputWindow window = explain::input_window(*geometry, 0, 1);
  CHECK(window.rows == std::vector<explain::Tap>{{0, -1, 1}, {1, 0, 0}, {2, 1, 1}});
  CHECK(window.cols == std::vector<explain::Tap>{{0, 1, 1}, {1, 3, 3}, {2, 5, 5}});
  CHECK(window.rows[0].is_padding());
  CHECK_FALSE(window.rows[1].is_padding());

  const explain::WeightFootprint footprint = explain::weight_footprint(*geometry, 2, 0);
  CHECK(footprint.rows == explain::Positions{1, 2, 3});
  CHECK(footprint.cols == explain::Positions{-1, 2, 3});
  CHECK(footprint.rows.last() == 5);
}

TEST_CASE("zero padding reads nothing and a true convolution counts the weights down") {
  conv::Params params;
  params.flip = true;
  const auto geometry = conv::resolve(params, {1, 1, 4, 4}, {1, 1, 3, 3});
  REQUIRE(geometry);
  const explain::InputWindow window = explain::input_window(*geometry, 3, 0);
  CHECK(window.rows == std::vector<explain::Tap>{{2, 2, 2}, {1, 3, 3}, {0, 4, -1}});
  CHECK(window.cols == std::vector<explain::Tap>{{2, -1, -1}, {1, 0, 0}, {0, 1, 1}});
  CHECK(window.cols[0].is_padding());
  CHECK_FALSE(window.cols[1].is_padding());
}

TEST_CASE("the weighted sum over every window is what the reference kernel computes") {
  Random random(11);
  Parallel parallel(1);
  conv::Workspace workspace;
  int not_zero = 0;
  for (const conv::Geometry& geometry : random_geometries(7, 2000)) {
    Tensor input(geometry.input_shape());
    Tensor weights(geometry.weights_shape());
    for (float& value : input.values()) value = static_cast<float>(random.below(9)) - 4;
    for (float& value : weights.values()) value = static_cast<float>(random.below(9)) - 4;
    Tensor output(geometry.output_shape());
    const auto report = conv::forward(geometry, input.view(), weights.view(), {}, output.view(), {"reference", "auto"},
                                      workspace, parallel);
    REQUIRE(report);
    for (std::int64_t p = 0; p < geometry.p; ++p) {
      for (std::int64_t q = 0; q < geometry.q; ++q) {
        CHECK(sum_of_window(explain::input_window(geometry, p, q), input, weights) == output.at(0, 0, p, q));
        not_zero += output.at(0, 0, p, q) != 0;
      }
    }
  }
  CHECK(not_zero > 500);
}

TEST_CASE("a weight's footprint is every cell that any window pairs with it") {
  for (const conv::Geometry& geometry : random_geometries(23, 2000)) {
    for (std::int64_t r = 0; r < geometry.r; ++r) {
      for (std::int64_t s = 0; s < geometry.s; ++s) {
        std::set<Cell> expected;
        for (std::int64_t p = 0; p < geometry.p; ++p) {
          for (std::int64_t q = 0; q < geometry.q; ++q) {
            const explain::InputWindow window = explain::input_window(geometry, p, q);
            for (const explain::Tap& row : window.rows) {
              for (const explain::Tap& col : window.cols) {
                if (row.weight == r && col.weight == s) expected.insert({row.position, col.position});
              }
            }
          }
        }
        std::set<Cell> found;
        const explain::WeightFootprint footprint = explain::weight_footprint(geometry, r, s);
        for (std::int64_t i = 0; i < footprint.rows.count; ++i) {
          for (std::int64_t j = 0; j < footprint.cols.count; ++j) {
            found.insert(
                {footprint.rows.first + i * footprint.rows.step, footprint.cols.first + j * footprint.cols.step});
          }
        }
        REQUIRE_FALSE(expected.empty());
        CHECK(found == expected);
      }
    }
  }
}

TEST_CASE("the outputs of an input row or column are those whose windows stand on it") {
  int touched = 0;
  for (const conv::Geometry& geometry : random_geometries(31, 2000)) {
    for (std::int64_t y = 0; y < geometry.h; ++y) {
      std::vector<std::int64_t> expected;
      for (std::int64_t p = 0; p < geometry.p; ++p) {
        const auto rows = explain::input_window(geometry, p, 0).rows;
        if (std::any_of(rows.begin(), rows.end(), [&](const explain::Tap& tap) { return tap.position == y; })) {
          expected.push_back(p);
        }
      }
      touched += !expected.empty();
      CHECK(explain::outputs_of_row(geometry, y) == expected);
    }
    for (std::int64_t x = 0; x < geometry.w; ++x) {
      std::vector<std::int64_t> expected;
      for (std::int64_t q = 0; q < geometry.q; ++q) {
        const auto cols = explain::input_window(geometry, 0, q).cols;
        if (std::any_of(cols.begin(), cols.end(), [&](const explain::Tap& tap) { return tap.position == x; })) {
          expected.push_back(q);
        }
      }
      CHECK(explain::outputs_of_col(geometry, x) == expected);
    }
  }
  CHECK(touched > 100);
}

TEST_CASE("a row or column is read where a one in it changes some output of a filter of ones") {
  Parallel parallel(1);
  conv::Workspace workspace;
  int not_read = 0;
  for (const conv::Geometry& geometry : random_geometries(41, 2000)) {
    Tensor weights(geometry.weights_shape());
    for (float& weight : weights.values()) weight = 1;
    Tensor output(geometry.output_shape());
    const auto changes_output = [&](const Tensor& input) {
      REQUIRE(conv::forward(geometry, input.view(), weights.view(), {}, output.view(), {"reference", "auto"}, workspace,
                            parallel));
      return std::any_of(output.values().begin(), output.values().end(), [](float value) { return value != 0; });
    };
    const std::vector<bool> rows = explain::rows_read(geometry);
    const std::vector<bool> cols = explain::cols_read(geometry);
    for (std::int64_t y = 0; y < geometry.h; ++y) {
      Tensor input(geometry.input_shape());
      for (std::int64_t x = 0; x < geometry.w; ++x) input.at(0, 0, y, x) = 1;
      // Every column may be unread only where the other axis reads padding zeros alone.
      const bool some_col = std::find(cols.begin(), cols.end(), true) != cols.end();
      CHECK(changes_output(input) == (rows[static_cast<std::size_t>(y)] && some_col));
      not_read += !rows[static_cast<std::size_t>(y)];
    }
    for (std::int64_t x = 0; x < geometry.w; ++x) {
      Tensor input(geometry.input_shape());
      for (std::int64_t y = 0; y < geometry.h; ++y) input.at(0, 0, y, x) = 1;
      const bool some_row = std::find(rows.begin(), rows.end(), true) != rows.end();
      CHECK(changes_output(input) == (cols[static_cast<std::size_t>(x)] && some_row));
    }
  }
  CHECK(not_read > 20);
}

}  // namespace
}  // namespace convlens
