// Which reduction a scale asks for, and the box averages made on the way to the GPU, against sums in double.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "app/view/texel_window.h"
#include "engine/core/random.h"

using namespace convlens;
using view::TexelWindow;

namespace {

double box_mean(const std::vector<float>& plane, std::int64_t width, std::int64_t height, std::int64_t step,
                std::int64_t x, std::int64_t y) {
  double sum = 0;
  int count = 0;
  for (std::int64_t row = y * step; row < std::min((y + 1) * step, height); ++row) {
    for (std::int64_t col = x * step; col < std::min((x + 1) * step, width); ++col, ++count) {
      sum += static_cast<double>(plane[static_cast<std::size_t>(row * width + col)]);
    }
  }
  return sum / count;
}

}  // namespace

TEST_CASE("the reduction follows the scale in powers of two") {
  CHECK(view::factor_for_scale(128, 1000, 1000) == 1);
  CHECK(view::factor_for_scale(1, 1000, 1000) == 1);
  CHECK(view::factor_for_scale(0.63, 1000, 1000) == 1);
  CHECK(view::factor_for_scale(0.6, 1000, 1000) == 2);
  CHECK(view::factor_for_scale(0.3125, 1000, 1000) == 4);
  CHECK(view::factor_for_scale(0.25, 1000, 1000) == 4);
  CHECK(view::factor_for_scale(0.05, 1000, 1000) == 16);
  CHECK(view::factor_for_scale(1e-9, 1000, 1000) == 1024);
}

TEST_CASE("at every scale below one a texel is between five eighths and five quarters of a screen pixel") {
  CHECK(rc::check([] {
    const double scale = std::exp2(-*rc::gen::inRange(0, 12000) / 1000.0);
    const double texel = scale * static_cast<double>(view::factor_for_scale(scale, 1 << 20, 1));
    RC_ASSERT(texel <= 1.25);
    RC_ASSERT(texel > 0.625 - 1e-12);
  }));
}

TEST_CASE("reduce_window averages the boxes, ragged edges included") {
  CHECK(rc::check([] {
    const std::int64_t width = *rc::gen::inRange(1, 70);
    const std::int64_t height = *rc::gen::inRange(1, 70);
    const std::int64_t step = std::int64_t{1} << *rc::gen::inRange(0, 5);
    const std::int64_t texels_x = (width + step - 1) / step;
    const std::int64_t texels_y = (height + step - 1) / step;
    TexelWindow window;
    window.factor = step;
    window.x0 = *rc::gen::inRange<std::int64_t>(0, texels_x);
    window.y0 = *rc::gen::inRange<std::int64_t>(0, texels_y);
    window.x1 = *rc::gen::inRange<std::int64_t>(window.x0, texels_x) + 1;
    window.y1 = *rc::gen::inRange<std::int64_t>(window.y0, texels_y) + 1;
    Random random(static_cast<std::uint64_t>(*rc::gen::inRange(0, 1 << 30)));
    std::vector<float> plane(static_cast<std::size_t>(width * height));
    for (float& value : plane) value = random.uniform(-3, 3);
    std::vector<float> out(static_cast<std::size_t>(window.width() * window.height()) + 1, 77.0f);
    view::reduce_window(plane.data(), width, height, 1, window, out.data());
    for (std::int64_t y = window.y0; y < window.y1; ++y) {
      for (std::int64_t x = window.x0; x < window.x1; ++x) {
        const float value = out[static_cast<std::size_t>((y - window.y0) * window.width() + x - window.x0)];
        RC_ASSERT(std::fabs(static_cast<double>(value) - box_mean(plane, width, height, step, x, y)) < 1e-5);
      }
    }
    RC_ASSERT(out.back() == 77.0f);
  }));
}

TEST_CASE("NaN stays visible in a reduced picture") {
  std::vector<float> plane(64, 1.0f);
  plane[9] = std::numeric_limits<float>::quiet_NaN();
  std::vector<float> out(16);
  view::reduce_window(plane.data(), 8, 8, 1, {2, 0, 0, 4, 4}, out.data());
  CHECK(std::isnan(out[0]));
  CHECK(out[1] == 1.0f);
}
