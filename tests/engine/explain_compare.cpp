// Differences of maps against plain loops and against SSIM written from its definition; pooling against plain loops.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "engine/core/random.h"
#include "engine/explain/compare.h"
#include "engine/explain/pooling.h"

namespace convlens {
namespace {

Tensor random_tensor(Random& random, const Shape& shape) {
  Tensor tensor(shape);
  for (float& value : tensor.values()) value = random.uniform(-1, 1);
  return tensor;
}

// SSIM as the paper writes it: a two-dimensional window, weighted moments about the local means.
double ssim_by_definition(const Tensor& a, const Tensor& b, double peak) {
  const std::int64_t h = a.shape().h, w = a.shape().w;
  constexpr std::int64_t kRadius = 5;
  const double c1 = std::pow(0.01 * peak, 2), c2 = std::pow(0.03 * peak, 2);
  double total = 0;
  std::int64_t windows = 0;
  for (std::int64_t y = kRadius; y < h - kRadius; ++y) {
    for (std::int64_t x = kRadius; x < w - kRadius; ++x) {
      double weight_sum = 0, mean_a = 0, mean_b = 0;
      const auto for_each = [&](const auto& visit) {
        for (std::int64_t i = -kRadius; i <= kRadius; ++i) {
          for (std::int64_t j = -kRadius; j <= kRadius; ++j) {
            const double weight = std::exp(-static_cast<double>(i * i + j * j) / (2 * 1.5 * 1.5));
            visit(weight, static_cast<double>(a.at(0, 0, y + i, x + j)), static_cast<double>(b.at(0, 0, y + i, x + j)));
          }
        }
      };
      for_each([&](double weight, double va, double vb) {
        weight_sum += weight, mean_a += weight * va, mean_b += weight * vb;
      });
      mean_a /= weight_sum, mean_b /= weight_sum;
      double var_a = 0, var_b = 0, covariance = 0;
      for_each([&](double weight, double va, double vb) {
        var_a += weight / weight_sum * (va - mean_a) * (va - mean_a);
        var_b += weight / weight_sum * (vb - mean_b) * (vb - mean_b);
        covariance += weight / weight_sum * (va - mean_a) * (vb - mean_b);
      });
      total += (2 * mean_a * mean_b + c1) * (2 * covariance + c2) /
               ((mean_a * mean_a + mean_b * mean_b + c1) * (var_a + var_b + c2));
      ++windows;
    }
  }
  return total / static_cast<double>(windows);
}

TEST_CASE("a comparison by hand") {
  Tensor a({1, 1, 1, 4}), b({1, 1, 1, 4});
  std::ranges::copy(std::vector<float>{0, 1, 2, 3}, a.data());
  std::ranges::copy(std::vector<float>{0, 1, 4, 2}, b.data());
  Tensor difference;
  const explain::Comparison c = explain::compare(a.view(), b.view(), &difference);
  CHECK(std::ranges::equal(difference.values(), std::vector<float>{0, 0, -2, 1}));
  CHECK(c.largest == 2);
  CHECK(c.largest_at == std::array<std::int64_t, 4>{0, 0, 0, 2});
  CHECK(c.mean_absolute == 0.75);
  CHECK(c.mean == -0.25);
  CHECK(c.rms == doctest::Approx(std::sqrt(5.0 / 4)));
  CHECK(c.peak == 4);
  CHECK(c.psnr_db == doctest::Approx(20 * std::log10(4 / std::sqrt(1.25))));
  CHECK(c.range_a.high == 3);
  CHECK(c.range_b.high == 4);
  CHECK(c.equal == 2);
}

TEST_CASE("equal maps are equal in every number") {
  Random random(1);
  const Tensor a = random_tensor(random, {2, 3, 14, 17});
  const explain::Comparison c = explain::compare(a.view(), a.view());
  CHECK(c.largest == 0);
  CHECK(std::isinf(c.psnr_db));
  CHECK(c.ssim == doctest::Approx(1));
  CHECK(c.equal == a.size());
  const Tensor flat({1, 1, 3, 3});
  CHECK(explain::compare(flat.view(), flat.view()).ssim == 1);
}

TEST_CASE("SSIM is what the paper defines, mean over planes") {
  Random random(2);
  for (int i = 0; i < 12; ++i) {
    const Shape shape{1, 1, 11 + static_cast<std::int64_t>(random.below(70)),
                      11 + static_cast<std::int64_t>(random.below(9))};
    const Tensor a = random_tensor(random, shape);
    Tensor b = a.clone();
    const float noise = 0.1f * static_cast<float>(i);
    for (float& value : b.values()) value += noise * random.uniform(-1, 1);
    const explain::Comparison c = explain::compare(a.view(), b.view());
    CHECK(c.ssim == doctest::Approx(ssim_by_definition(a, b, c.peak)).epsilon(1e-9));
    if (i > 5) CHECK(c.ssim < 0.98);
  }
  const Tensor small_a = random_tensor(random, {1, 2, 4, 3}), small_b = random_tensor(random, {1, 2, 4, 3});
  CHECK(std::abs(explain::compare(small_a.view(), small_b.view()).ssim) < 0.99);
}

TEST_CASE("values that are not finite are counted and left out") {
  const float nan = std::numeric_limits<float>::quiet_NaN(), inf = std::numeric_limits<float>::infinity();
  Tensor a({1, 1, 1, 5}), b({1, 1, 1, 5});
  std::ranges::copy(std::vector<float>{1, nan, inf, 2, nan}, a.data());
  std::ranges::copy(std::vector<float>{2, nan, inf, nan, 1}, b.data());
  Tensor difference;
  const explain::Comparison c = explain::compare(a.view(), b.view(), &difference);
  CHECK(c.not_finite == 4);
  CHECK(c.equal == 2);
  CHECK(c.mean_absolute == 1);
  CHECK(difference.data()[0] == -1);
  CHECK(std::isnan(difference.data()[1]));
  CHECK(std::isnan(c.ssim));
}

TEST_CASE("pooling is the largest or the mean of the cells inside, and its probe adds up as shown") {
  Random random(4);
  int padded = 0, average = 0, overlapping = 0, cases = 0;
  while (cases < 1500) {
    explain::PoolParams params;
    params.kind = random.below(2) == 0 ? explain::PoolKind::kMax : explain::PoolKind::kAverage;
    const auto up_to = [&](int most) { return static_cast<int>(random.below(static_cast<std::uint32_t>(most + 1))); };
    params.size_y = 1 + up_to(3), params.size_x = 1 + up_to(3);
    params.stride_y = 1 + up_to(3), params.stride_x = 1 + up_to(3);
    params.pad = {up_to(params.size_y - 1), up_to(params.size_y - 1), up_to(params.size_x - 1),
                  up_to(params.size_x - 1)};
    const Shape shape{1 + up_to(1), 1 + up_to(2), 1 + up_to(8), 1 + up_to(8)};
    const auto pooled_shape = explain::pooled_shape(params, shape);
    if (!pooled_shape) continue;
    ++cases;
    const Tensor maps = random_tensor(random, shape);
    const Tensor pooled = explain::pool(params, maps.view());
    REQUIRE(pooled.shape() == *pooled_shape);
    const std::int64_t n = shape.n - 1, k = shape.c - 1, p = up_to(static_cast<int>(pooled_shape->h - 1)),
                       q = up_to(static_cast<int>(pooled_shape->w - 1));
    double largest = -std::numeric_limits<double>::infinity(), sum = 0;
    int inside = 0;
    for (int i = 0; i < params.size_y; ++i) {
      for (int j = 0; j < params.size_x; ++j) {
        const std::int64_t y = p * params.stride_y + i - params.pad.top, x = q * params.stride_x + j - params.pad.left;
        if (y < 0 || y >= shape.h || x < 0 || x >= shape.w) continue;
        const double value = static_cast<double>(maps.at(n, k, y, x));
        largest = std::max(largest, value), sum += value, ++inside;
      }
    }
    REQUIRE(inside > 0);
    const explain::PoolProbe probe = explain::probe_pool(params, maps.view(), n, k, p, q);
    CHECK(std::ssize(probe.cells) == inside);
    CHECK(probe.outside == params.size_y * params.size_x - inside);
    const float found = pooled.at(n, k, p, q);
    CHECK(probe.pooled == found);
    std::int64_t units = 0;
    for (const explain::PoolCell& cell : probe.cells) {
      units += cell.shown.units;
      CHECK(cell.wins == (params.kind == explain::PoolKind::kMax && static_cast<double>(cell.value) == largest));
    }
    CHECK(probe.sum.units == units);
    if (params.kind == explain::PoolKind::kMax) {
      CHECK(static_cast<double>(found) == largest);
      CHECK(probe.value == explain::round_to_place(largest, probe.value.place));
    } else {
      CHECK(static_cast<double>(found) == doctest::Approx(sum / inside));
      const double exact = static_cast<double>(units) / inside;
      CHECK(std::abs(static_cast<double>(probe.value.units) - exact) <= 0.5 + 1e-6);
      ++average;
    }
    padded += probe.outside > 0, overlapping += params.stride_x < params.size_x;
  }
  CHECK(std::min({padded, average, overlapping}) > 200);
}

TEST_CASE("pooling parameters that do not fit are refused") {
  explain::PoolParams params;
  CHECK_FALSE(explain::pooled_shape(params, {1, 1, 1, 5}));
  CHECK(explain::pooled_shape(params, {1, 1, 2, 5}));
  params.pad.left = 2;
  CHECK_FALSE(explain::pooled_shape(params, {1, 1, 8, 8}));
  params.pad.left = 0;
  params.stride_x = 0;
  CHECK_FALSE(explain::pooled_shape(params, {1, 1, 8, 8}));
}

TEST_CASE("the winner is named; NaN wins") {
  Tensor maps({1, 1, 2, 2});
  std::ranges::copy(std::vector<float>{0.5f, -3, 2, 2}, maps.data());
  CHECK(explain::to_text(explain::probe_pool({}, maps.view(), 0, 0, 0, 0)) ==
        "  (0,0)  0.5000\n  (0,1)  -3.0000\n  (1,0)  2.0000  wins\n  (1,1)  2.0000\nmaximum = 2.0000\n");
  maps.at(0, 0, 1, 1) = std::numeric_limits<float>::quiet_NaN();
  const explain::PoolProbe probe = explain::probe_pool({}, maps.view(), 0, 0, 0, 0);
  CHECK(probe.cells[3].wins);
  CHECK(std::isnan(probe.pooled));
}

TEST_CASE("an activation before the convolution is another map") {
  conv::Params params;
  params.activation = conv::Activation::kRelu;
  params.padding = conv::PaddingMode::kValid;
  const auto geometry = conv::resolve(params, {1, 1, 1, 2}, {1, 1, 1, 2});
  REQUIRE(geometry);
  Tensor input({1, 1, 1, 2}), weights({1, 1, 1, 2});
  std::ranges::copy(std::vector<float>{-3, 2}, input.data());
  std::ranges::copy(std::vector<float>{1, -1}, weights.data());
  const std::vector<float> bias = {0.5f};
  const auto first = explain::activation_first(*geometry, input.view(), weights.view(), bias);
  REQUIRE(first);
  CHECK(first->data()[0] == -1.5f);  // relu(-3) * 1 + relu(2) * -1 + 0.5; the usual order gives relu(-4.5) = 0
}

}  // namespace
}  // namespace convlens
