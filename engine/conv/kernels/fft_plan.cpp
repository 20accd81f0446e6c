// The choice of tiles for the fft kernel and its roots of unity.
#include "engine/conv/kernels/fft_plan.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "engine/core/integers.h"

namespace convlens::conv {
namespace fft {
namespace {

constexpr std::int64_t kMinSide = 16;

// Nanoseconds of one transform of a tile with its part of copying and storing: each doubling adds a step, and beyond
// the second-level cache every point waits for memory too.
double transform_cost(double points) {
  const double steps = std::log2(points);
  return points * (0.105 * steps + 0.6 * std::max(0.0, steps - 15.5));
}

// Nanoseconds of one product of spectra, which come from the further away the more of them there are.
double product_cost(double points, double spectra) {
  constexpr double kMegabytes = 16.0 / (1024 * 1024);
  return points * (0.3 + 0.1 * std::log2(std::max(1.0, points * spectra * kMegabytes)));
}

FftPlan plan_of(const Geometry& g, std::int64_t side_y, std::int64_t side_x) {
  FftPlan plan;
  plan.side_y = side_y;
  plan.side_x = side_x;
  plan.rows = std::min(g.p, (side_y - dilated_size(g.r, g.dilation_y)) / g.stride_y + 1);
  plan.columns = std::min(g.q, (side_x - dilated_size(g.s, g.dilation_x)) / g.stride_x + 1);
  plan.tiles_y = ceil_div(g.p, plan.rows);
  plan.tiles_x = ceil_div(g.q, plan.columns);
  // As equal as possible.
  plan.rows = ceil_div(g.p, plan.tiles_y);
  plan.columns = ceil_div(g.q, plan.tiles_x);
  plan.pairs = ceil_div(g.n * plan.tiles_y * plan.tiles_x, 2);
  constexpr std::int64_t kEnoughTasks = 8;
  plan.chunks = std::clamp<std::int64_t>(ceil_div(kEnoughTasks, plan.pairs * g.groups), 1, g.filters_per_group());
  return plan;
}

}  // namespace

FftPlan plan_fft(const Geometry& g) {
  const auto first_side = [](std::int64_t span) {
    return std::max(kMinSide, static_cast<std::int64_t>(std::bit_ceil(static_cast<std::uint64_t>(span))));
  };
  const auto channels = static_cast<double>(g.channels_per_group());
  FftPlan best;
  double least = std::numeric_limits<double>::infinity();
  for (std::int64_t y = first_side(dilated_size(g.r, g.dilation_y)); y <= kMaxSide; y *= 2) {
    for (std::int64_t x = first_side(dilated_size(g.s, g.dilation_x)); x <= kMaxSide; x *= 2) {
      const FftPlan plan = plan_of(g, y, x);
      const auto points = static_cast<double>(y * x);
      const auto pairs = static_cast<double>(plan.pairs);
      // For each filter one transform back, a forward one that it shares with others, and its own.
      const double cost =
          (2 * pairs + 1) * transform_cost(points) + pairs * channels * product_cost(points, 8 * channels);
      if (cost >= least) continue;
      least = cost;
      best = plan;
    }
  }
  return best;
}

double fft_milliseconds(const Geometry& g, const FftPlan& plan) {
  const auto pairs = static_cast<double>(plan.pairs);
  const auto filters = static_cast<double>(g.k);
  const auto products = filters * static_cast<double>(g.channels_per_group());
  const double forward = pairs * static_cast<double>(g.c * plan.chunks);
  const double transforms = forward + pairs * filters + products;
  const auto points = static_cast<double>(plan.side_y * plan.side_x);
  return 1e-6 * (transforms * transform_cost(points) + pairs * products * product_cost(points, products)) + 0.01;
}

void fill_roots(std::int64_t n, double* roots) {
  for (std::int64_t size = n; size >= 4; size /= 4) {
    for (std::int64_t j = 0; j < size / 4; ++j) {
      for (std::int64_t m = 1; m <= 3; ++m) {
        const double angle = -2 * std::numbers::pi * static_cast<double>(m * j) / static_cast<double>(size);
        *roots++ = std::cos(angle);
        *roots++ = std::sin(angle);
      }
    }
  }
}

}  // namespace fft
}  // namespace convlens::conv
