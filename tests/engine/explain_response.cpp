// Gains, peaks and bands against the sampled transfer function and against filters whose answer is known by hand.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "engine/explain/response.h"
#include "engine/explain/spectrum.h"
#include "engine/filters/presets.h"
#include "tests/engine/conv_oracle.h"

namespace convlens::test {
namespace {

conv::Geometry slice_of(const Tensor& weights) {
  conv::Geometry g;
  g.r = weights.shape().h;
  g.s = weights.shape().w;
  return g;
}

Tensor preset(const char* name, int size) {
  filters::PresetArgs args;
  args.rows = args.cols = size;
  const auto values = filters::make_preset(name, args);
  REQUIRE(values);
  Tensor weights({1, 1, size, size});
  std::ranges::copy(*values, weights.data());
  return weights;
}

TEST_CASE("the gain is the transfer function's magnitude, for every frequency of the grid and every parameter") {
  Random random(29);
  int tried = 0, dilated = 0, flipped = 0;
  while (tried < 2000) {
    const Case c = random_case(random, 2000);
    const auto geometry = conv::resolve(c.params, c.input, c.weights);
    if (!geometry) continue;
    const Data data = make_data(c);
    const std::int64_t k = geometry->k - 1, channel = geometry->channels_per_group() - 1;
    const std::int64_t rows = 1 + random.below(9), cols = 1 + random.below(9);
    const explain::ComplexGrid grid =
        explain::transfer_function(*geometry, data.weights.view(), k, channel, rows, cols);
    double worst = 0;
    for (std::int64_t u = 0; u < rows; ++u) {
      for (std::int64_t v = 0; v < cols; ++v) {
        const double gain = explain::gain_at(*geometry, data.weights.view(), k, channel,
                                             static_cast<double>(u) / static_cast<double>(rows),
                                             static_cast<double>(v) / static_cast<double>(cols));
        worst = std::max(worst, std::abs(gain - std::abs(grid.at(u, v))));
      }
    }
    CHECK(worst < 1e-9 * static_cast<double>(geometry->r * geometry->s) * 10);
    ++tried;
    dilated += c.params.dilation_x > 1, flipped += c.params.flip;
  }
  CHECK(std::min(dilated, flipped) > 200);
}

TEST_CASE("peaks of filters known by hand") {
  const auto peak = [](const char* name, int size) {
    const Tensor weights = preset(name, size);
    return explain::peak_of(explain::transfer_function(slice_of(weights), weights.view(), 0, 0, 64, 64));
  };
  // |2 i sin(2 pi fx)| (2 + 2 cos(2 pi fy))
  const explain::Peak sobel = peak("sobel-x", 3);
  CHECK(sobel.gain == doctest::Approx(8));
  CHECK(sobel.fy == 0);
  CHECK(sobel.fx == 0.25);
  const explain::Peak down = peak("sobel-y", 3);
  CHECK(down.fy == 0.25);
  CHECK(down.fx == 0);
  const explain::Peak box = peak("box", 5);
  CHECK(box.gain == doctest::Approx(1));
  CHECK(std::hypot(box.fy, box.fx) == 0);
  const explain::Peak laplacian = peak("laplacian-4", 3);
  CHECK(std::abs(laplacian.fy) == 0.5);
  CHECK(laplacian.fx == 0.5);
}

TEST_CASE("the half-power band of a line") {
  const std::vector<double> peak_inside = {0, 1, 2, 1, 0};
  const auto band = explain::half_power_band(peak_inside);
  REQUIRE(band);
  CHECK(band->gain == 2);
  CHECK(band->at == 0.5);
  // The line falls by 1 for each quarter: 2 - sqrt 2 of a quarter on each side.
  const double width = (2 - std::numbers::sqrt2) / 4;
  CHECK(band->low == doctest::Approx(0.5 - width));
  CHECK(band->high == doctest::Approx(0.5 + width));
  const auto low_pass = explain::half_power_band(std::vector<double>{4, 4, 0});
  REQUIRE(low_pass);
  CHECK(low_pass->low == 0);
  CHECK(low_pass->at == 0);
  CHECK(low_pass->high == doctest::Approx(0.5 + 0.5 * (1 - 1 / std::numbers::sqrt2)));
  const auto all = explain::half_power_band(std::vector<double>{1, 1});
  REQUIRE(all);
  CHECK(all->high == 1);
  CHECK_FALSE(explain::half_power_band(std::vector<double>{0, 0, 0}));
}

TEST_CASE("the band of [1 2 1] / 4 ends where cos^2 falls to half power, and its words say so") {
  Tensor weights({1, 1, 1, 3});
  weights.data()[0] = weights.data()[2] = 0.25F;
  weights.data()[1] = 0.5F;
  // cos^2(pi f) = 1 / sqrt 2.
  const double expected = std::acos(std::sqrt(1 / std::numbers::sqrt2)) / std::numbers::pi;
  const auto gains = explain::gains_along(slice_of(weights), weights.view(), 0, 0, 0, 0.5, 257);
  CHECK(gains.front() == doctest::Approx(1));
  CHECK(gains.back() == doctest::Approx(0).scale(1));
  const auto band = explain::half_power_band(gains);
  REQUIRE(band);
  CHECK(band->high * 0.5 == doctest::Approx(expected).epsilon(1e-4));
  CHECK(explain::in_words(band, 0.5) == "up to 0.182 cycles/px (waves of 5.49 px and longer)");
  CHECK(explain::in_words(std::nullopt, 0.5) == "nothing passes");
}

TEST_CASE("what rounding leaves of 0 is nothing") {
  Tensor weights({1, 1, 1, 3});
  weights.data()[0] = weights.data()[2] = 0.1F;
  weights.data()[1] = -0.2F;
  weights.data()[2] = std::nextafter(0.1F, 1.0F);
  const auto down = explain::gains_along(slice_of(weights), weights.view(), 0, 0, 0.5, 0, 33);
  CHECK(std::ranges::all_of(down, [](double gain) { return gain == 0; }));
  CHECK_FALSE(explain::half_power_band(down));
  const auto across = explain::gains_along(slice_of(weights), weights.view(), 0, 0, 0, 0.5, 33);
  CHECK(across.front() == 0);
  CHECK(across.back() == doctest::Approx(0.4));
}

TEST_CASE("waves and peaks in words") {
  CHECK(explain::wave_in_words(0, 0) == "frequency 0: the mean");
  CHECK(explain::wave_in_words(-0.3, 0.4) == "0.4 across, -0.3 down cycles/px, period 2 px");
  CHECK(explain::in_words(explain::Peak{8, 0, 0.25}) == "gain 8 at 0.25 across, 0 down cycles/px, period 4 px");
}

}  // namespace
}  // namespace convlens::test
