// The definition of the convolution as plain loops with double accumulation: the lesson and the yardstick, not fast.
#include "engine/conv/kernels/kernel.h"

namespace convlens::conv {
namespace {

// One output value before the activation.
double weighted_sum(const Job& job, std::int64_t n, std::int64_t k, std::int64_t p, std::int64_t q) {
  const Geometry& g = job.geometry;
  const std::int64_t first_channel = k / g.filters_per_group() * g.channels_per_group();
  double sum = job.bias_of(k);
  for (std::int64_t c = 0; c < g.channels_per_group(); ++c) {
    for (std::int64_t r = 0; r < g.r; ++r) {
      const std::int64_t y = border_index(p * g.stride_y + r * g.dilation_y - g.pad.top, g.h, g.border);
      if (y < 0) continue;
      for (std::int64_t s = 0; s < g.s; ++s) {
        const std::int64_t x = border_index(q * g.stride_x + s * g.dilation_x - g.pad.left, g.w, g.border);
        if (x < 0) continue;
        const float weight = g.flip ? job.weights.at(k, c, g.r - 1 - r, g.s - 1 - s) : job.weights.at(k, c, r, s);
        sum += static_cast<double>(weight) * static_cast<double>(job.input.at(n, first_channel + c, y, x));
      }
    }
  }
  return sum;
}

// One multiply-add after another, in double and through the border's index.
double estimate(const Geometry& g, ConstView) {
  return 2e-6 * static_cast<double>(g.multiply_adds()) + 5e-6 * static_cast<double>(g.output_shape().size()) + 3e-3;
}

std::string run(const Job& job, std::int64_t) {
  const Geometry& g = job.geometry;
  job.start_progress(g.n * g.k * g.p);
  job.for_each_task(g.n * g.k * g.p, [&](std::int64_t row, int) {
    const std::int64_t p = row % g.p;
    const std::int64_t k = row / g.p % g.k;
    const std::int64_t n = row / g.p / g.k;
    for (std::int64_t q = 0; q < g.q; ++q) {
      job.output.at(n, k, p, q) = static_cast<float>(activate(weighted_sum(job, n, k, p, q), g.activation));
    }
  });
  return "none";
}

}  // namespace

constinit const Kernel kReference{{"reference", "Plain loops in double precision: the definition", false, true},
                                  never_refuses,
                                  estimate,
                                  nullptr,
                                  run};

}  // namespace convlens::conv
