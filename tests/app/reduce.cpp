// Reduced copies and statistics against plain loops over every pixel.
#include "app/model/reduce.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "engine/core/random.h"

namespace convlens::model {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

Tensor random_tensor(const Shape& shape, Random& random, float offset = 0) {
  Tensor tensor(shape);
  for (float& value : tensor.values()) value = offset + random.normal();
  return tensor;
}

struct Box {
  double mean = 0;
  double absolute = 0;  // mean of |x|, the scale of rounding errors
};

// Mean of the block of side `factor` whose reduced pixel is (y, x).
Box box(const Tensor& tensor, std::int64_t c, std::int64_t y, std::int64_t x, std::int64_t factor) {
  const Shape& shape = tensor.shape();
  Box result;
  std::int64_t count = 0;
  for (std::int64_t i = y * factor; i < std::min((y + 1) * factor, shape.h); ++i) {
    for (std::int64_t j = x * factor; j < std::min((x + 1) * factor, shape.w); ++j) {
      result.mean += static_cast<double>(tensor.at(0, c, i, j));
      result.absolute += std::abs(static_cast<double>(tensor.at(0, c, i, j)));
      ++count;
    }
  }
  result.mean /= static_cast<double>(count);
  result.absolute /= static_cast<double>(count);
  return result;
}

void check_levels(const Tensor& tensor, const std::vector<Tensor>& levels) {
  const Shape& shape = tensor.shape();
  std::int64_t factor = 1;
  Shape expected = shape;
  std::size_t count = 0;
  while (std::max(expected.h, expected.w) > kSmallestLevel) {
    factor *= 4;
    expected = {1, shape.c, (shape.h + factor - 1) / factor, (shape.w + factor - 1) / factor};
    RC_ASSERT(count < levels.size());
    const Tensor& level = levels[count++];
    RC_ASSERT(level.shape() == expected);
    for (std::int64_t c = 0; c < expected.c; ++c) {
      for (std::int64_t y = 0; y < expected.h; ++y) {
        for (std::int64_t x = 0; x < expected.w; ++x) {
          const Box truth = box(tensor, c, y, x, factor);
          RC_ASSERT(std::abs(static_cast<double>(level.at(0, c, y, x)) - truth.mean) <= 1e-5 * truth.absolute + 1e-12);
        }
      }
    }
  }
  RC_ASSERT(count == levels.size());
}

TEST_CASE("levels are the means of the pixels under them, also at ragged edges") {
  CHECK(rc::check("levels against plain loops", [](std::uint64_t seed) {
    Random random(seed);
    const bool is_tall = random.below(2) == 0;
    const std::int64_t small = 1 + random.below(40);
    const std::int64_t large = 1 + random.below(random.below(4) == 0 ? 4500 : 600);
    const Shape shape{1, 1 + random.below(3), is_tall ? large : small, is_tall ? small : large};
    const Tensor tensor = random_tensor(shape, random, random.uniform(-3, 3));
    check_levels(tensor, reduced_levels(tensor, Parallel(2)));
  }));
}

TEST_CASE("a small picture has no levels") {
  CHECK(level_count({1, 1, 256, 256}) == 0);
  CHECK(level_count({1, 1, 257, 1}) == 1);
  CHECK(level_count({1, 1, 1, 1025}) == 2);
  CHECK(level_count({1, 3, 10000, 10000}) == 3);
}

MapStats plain_stats(const Tensor& maps, std::int64_t c) {
  std::vector<double> finite;
  const Shape& shape = maps.shape();
  for (std::int64_t i = 0; i < shape.h * shape.w; ++i) {
    const float value = maps.view().plane(0, c)[i];
    if (std::isfinite(value)) finite.push_back(static_cast<double>(value));
  }
  MapStats stats;
  stats.not_finite = shape.h * shape.w - static_cast<std::int64_t>(finite.size());
  if (finite.empty()) return stats;
  stats.min = static_cast<float>(*std::min_element(finite.begin(), finite.end()));
  stats.max = static_cast<float>(*std::max_element(finite.begin(), finite.end()));
  for (const double value : finite) stats.mean += value;
  stats.mean /= static_cast<double>(finite.size());
  double squares = 0;
  for (const double value : finite) squares += (value - stats.mean) * (value - stats.mean);
  stats.standard_deviation = std::sqrt(squares / static_cast<double>(finite.size()));
  return stats;
}

TEST_CASE("statistics over the finite values") {
  CHECK(rc::check("statistics against plain loops", [](std::uint64_t seed) {
    Random random(seed);
    const Shape shape{1, 1 + random.below(4), 1 + random.below(300), 1 + random.below(300)};
    const float offset = random.below(3) == 0 ? 100.0F : 0.0F;
    Tensor maps = random_tensor(shape, random, offset);
    if (random.below(2) == 0) {
      for (std::uint32_t i = random.below(20); i > 0; --i) {
        const auto at = random.below(static_cast<std::uint32_t>(maps.size()));
        maps.values()[at] = random.below(3) == 0 ? kNan : random.below(2) == 0 ? kInfinity : -kInfinity;
      }
    }
    std::vector<MapStats> stats;
    std::vector<Tensor> levels;
    measure_and_reduce(maps, Parallel(2), stats, levels);
    RC_ASSERT(stats.size() == static_cast<std::size_t>(shape.c));
    for (std::int64_t c = 0; c < shape.c; ++c) {
      const MapStats truth = plain_stats(maps, c);
      const MapStats& seen = stats[static_cast<std::size_t>(c)];
      RC_ASSERT(seen.min == truth.min);
      RC_ASSERT(seen.max == truth.max);
      RC_ASSERT(seen.not_finite == truth.not_finite);
      const double scale = std::max(std::abs(double(truth.min)), std::abs(double(truth.max)));
      RC_ASSERT(std::abs(seen.mean - truth.mean) <= 1e-12 * scale);
      RC_ASSERT(std::abs(seen.standard_deviation - truth.standard_deviation) <= 1e-6 * scale);
    }
  }));
}

TEST_CASE("a map of nothing finite has zero statistics") {
  Tensor maps({1, 1, 3, 300});
  std::fill(maps.values().begin(), maps.values().end(), kNan);
  std::vector<MapStats> stats;
  std::vector<Tensor> levels;
  measure_and_reduce(maps, Parallel(1), stats, levels);
  REQUIRE(stats.size() == 1);
  CHECK(stats[0].not_finite == 900);
  CHECK(stats[0].min == 0);
  CHECK(stats[0].max == 0);
  REQUIRE(levels.size() == 1);
  CHECK(std::isnan(levels[0].at(0, 0, 0, 74)));
}

TEST_CASE("the largest floats do not overflow the statistics") {
  Tensor maps({1, 1, 64, 64});
  std::fill(maps.values().begin(), maps.values().end(), std::numeric_limits<float>::max());
  std::vector<MapStats> stats;
  std::vector<Tensor> levels;
  measure_and_reduce(maps, Parallel(1), stats, levels);
  CHECK(stats[0].not_finite == 0);
  CHECK(stats[0].max == std::numeric_limits<float>::max());
  CHECK(stats[0].mean == doctest::Approx(static_cast<double>(std::numeric_limits<float>::max())));
}

TEST_CASE("the same bits for every number of threads, and no new memory the second time") {
  Random random(5);
  const Tensor maps = random_tensor({1, 3, 517, 1031}, random, 2);
  std::vector<MapStats> one;
  std::vector<MapStats> four;
  std::vector<Tensor> one_levels;
  std::vector<Tensor> four_levels;
  measure_and_reduce(maps, Parallel(1), one, one_levels);
  measure_and_reduce(maps, Parallel(4), four, four_levels);
  REQUIRE(one.size() == 3);
  for (std::size_t c = 0; c < 3; ++c) {
    CHECK(one[c].mean == four[c].mean);
    CHECK(one[c].standard_deviation == four[c].standard_deviation);
  }
  REQUIRE(one_levels.size() == four_levels.size());
  REQUIRE(one_levels.size() == 2);
  for (std::size_t i = 0; i < one_levels.size(); ++i) {
    CHECK(std::equal(one_levels[i].values().begin(), one_levels[i].values().end(), four_levels[i].values().begin()));
  }
  const float* before = one_levels[0].data();
  measure_and_reduce(maps, Parallel(1), one, one_levels);
  CHECK(one_levels[0].data() == before);
}

}  // namespace
}  // namespace convlens::model
