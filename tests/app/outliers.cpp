// The magnitude of the bulk: close to the true quantile, blind to zeros, and the largest value where few are not zero.
#include "app/model/outliers.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "engine/core/random.h"

namespace convlens::model {
namespace {

TEST_CASE("Few values other than zero keep the full range") {
  std::vector<float> impulse(640 * 480, 0.0F);
  impulse[640 * 240 + 320] = -3;
  CHECK(bulk_magnitude(impulse, 640, 3) == 3);
  CHECK(bulk_magnitude(std::vector<float>(640 * 480, 0.0F), 640, 0) == 0);
  CHECK(bulk_magnitude({}, 1, 0) == 0);
}

TEST_CASE("Single extremes do not count, whatever the width and however many zeros there are") {
  Random random(7);
  for (const std::int64_t width : {1, 3, 64, 640, 641, 1024}) {
    std::vector<float> plane(static_cast<std::size_t>(width * 700), 0.0F);
    const bool has_zeros = width > 600;
    std::vector<float> magnitudes;
    for (float& value : plane) {
      if (has_zeros && random.below(2) == 0) continue;
      value = static_cast<float>(random.below(20001)) / 10000.0F - 1.0F;
      if (value != 0) magnitudes.push_back(std::abs(value));
    }
    const auto rank = static_cast<std::ptrdiff_t>((1 - kOutlierShare) * static_cast<double>(magnitudes.size()));
    std::nth_element(magnitudes.begin(), magnitudes.begin() + rank, magnitudes.end());
    const float truth = magnitudes[static_cast<std::size_t>(rank)];
    plane[0] = 1e6F;
    plane[1] = -std::numeric_limits<float>::infinity();
    plane[2] = std::numeric_limits<float>::quiet_NaN();
    const float bulk = bulk_magnitude(plane, width, 1e6F);
    CHECK(bulk > 0.97F * truth);
    CHECK(bulk < 1.03F * truth);
  }
}

TEST_CASE("Every column is sampled: a single bright one is part of the bulk") {
  std::vector<float> plane(640 * 512, 0.01F);
  for (std::size_t row = 0; row < 512; ++row) {
    for (std::size_t col = 100; col < 110; ++col) plane[row * 640 + col] = 5;  // 1.6 % of the values
  }
  CHECK(bulk_magnitude(plane, 640, 5) == 5);
}

}  // namespace
}  // namespace convlens::model
