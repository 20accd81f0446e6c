// Runs an experiment and verifies samples of its output against sums in double.
#include "tests/bench/conv_run.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "engine/core/random.h"

namespace convlens::bench {
namespace {

constexpr std::int64_t kSamples = 4000;
// Fewer samples of filters so large that the check would take longer than the measurement.
constexpr std::int64_t kSampledProducts = 20'000'000;

struct Sum {
  double value = 0;
  double magnitude = 0;
};

Sum exact_sum(const conv::Geometry& g, const Tensor& input, const Tensor& weights, std::int64_t n, std::int64_t k,
              std::int64_t p, std::int64_t q) {
  const std::int64_t first_channel = k / g.filters_per_group() * g.channels_per_group();
  Sum sum;
  for (std::int64_t c = 0; c < g.channels_per_group(); ++c) {
    for (std::int64_t r = 0; r < g.r; ++r) {
      const std::int64_t y = conv::border_index(p * g.stride_y + r * g.dilation_y - g.pad.top, g.h, g.border);
      for (std::int64_t s = 0; s < g.s && y >= 0; ++s) {
        const std::int64_t x = conv::border_index(q * g.stride_x + s * g.dilation_x - g.pad.left, g.w, g.border);
        if (x < 0) continue;
        const double product = double{weights.at(k, c, r, s)} * double{input.at(n, first_channel + c, y, x)};
        sum.value += product;
        sum.magnitude += std::abs(product);
      }
    }
  }
  return sum;
}

}  // namespace

ConvRun::ConvRun(const experiments::Experiment& experiment, int threads)
    : geometry_(geometry_of(experiment)),
      parallel_(threads),
      input_(input_of(experiment)),
      weights_(weights_of(experiment)),
      output_(Tensor::uninitialized(geometry_.output_shape())) {}

conv::Report ConvRun::once(const conv::KernelChoice& choice) {
  const auto report =
      conv::forward(geometry_, input_.view(), weights_.view(), {}, output_.view(), choice, workspace_, parallel_);
  if (!report) throw std::runtime_error(report.error().message);
  return *report;
}

std::string ConvRun::verify(const conv::KernelChoice& choice) {
  // An output that is never written must not pass.
  std::ranges::fill(output_.values(), std::numeric_limits<float>::quiet_NaN());
  try {
    once(choice);
  } catch (const std::runtime_error& refused) {
    return refused.what();
  }
  const conv::Geometry& g = geometry_;
  Random random(11);
  const std::int64_t samples =
      std::clamp<std::int64_t>(kSampledProducts / (g.channels_per_group() * g.r * g.s), 100, kSamples);
  for (std::int64_t sample = 0; sample < samples; ++sample) {
    const auto draw = [&](std::int64_t count) {
      // Every other one at an edge.
      const std::int64_t i = random.below(static_cast<std::uint32_t>(count));
      return sample % 2 ? i : (random.below(2) ? count - 1 : 0);
    };
    const std::int64_t n = random.below(static_cast<std::uint32_t>(g.n));
    const std::int64_t k = random.below(static_cast<std::uint32_t>(g.k));
    const std::int64_t p = draw(g.p);
    const std::int64_t q = draw(g.q);
    const Sum sum = exact_sum(g, input_, weights_, n, k, p, q);
    const double error = std::abs(double{output_.at(n, k, p, q)} - conv::activate(sum.value, g.activation));
    if (!(error <= 1e-5 * sum.magnitude)) {
      return "wrong at filter " + std::to_string(k) + " row " + std::to_string(p) + " column " + std::to_string(q);
    }
  }
  return "";
}

double ConvRun::least_bytes() const {
  return sizeof(float) * static_cast<double>(input_.size() + weights_.size() + output_.size());
}

}  // namespace convlens::bench
