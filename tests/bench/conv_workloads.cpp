// Workloads and their verification. No clock in here.
#include "tests/bench/conv_workloads.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "engine/core/random.h"

namespace convlens::bench {
namespace {

constexpr std::array kWorkloads = {
    Workload{"live-1080p-3x8-k3", {1, 3, 1080, 1920}, {8, 3, 3, 3}},
    Workload{"live-1080p-3x8-k3-gelu", {1, 3, 1080, 1920}, {8, 3, 3, 3}, 1, 1, 1, conv::Activation::kGelu},
    Workload{"live-1080p-3x8-k5", {1, 3, 1080, 1920}, {8, 3, 5, 5}},
    Workload{"live-1080p-3x8-k3-stride2", {1, 3, 1080, 1920}, {8, 3, 3, 3}, 2},
    Workload{"live-1080p-3x8-k3-dilation4", {1, 3, 1080, 1920}, {8, 3, 3, 3}, 1, 4},
    Workload{"live-1080p-3x32-k3", {1, 3, 1080, 1920}, {32, 3, 3, 3}},
    Workload{"plane-1080p-k3", {1, 1, 1080, 1920}, {1, 1, 3, 3}},
    Workload{"plane-1080p-k7", {1, 1, 1080, 1920}, {1, 1, 7, 7}},
    Workload{"plane-1080p-k15", {1, 1, 1080, 1920}, {1, 1, 15, 15}},
    Workload{"plane-4k-k3", {1, 1, 2160, 3840}, {1, 1, 3, 3}},
    Workload{"depthwise-224-32-k3", {1, 32, 224, 224}, {32, 1, 3, 3}, 1, 1, 32},
    Workload{"deep-56-128x128-k3", {1, 128, 56, 56}, {128, 128, 3, 3}},
    Workload{"deep-112-64x128-k1", {1, 64, 112, 112}, {128, 64, 1, 1}},
};

}  // namespace

std::span<const Workload> workloads() { return kWorkloads; }

conv::Geometry geometry_of(const Workload& w) {
  conv::Params params;
  params.stride_y = params.stride_x = w.stride;
  params.dilation_y = params.dilation_x = w.dilation;
  params.groups = w.groups;
  params.activation = w.activation;
  auto geometry = conv::resolve(params, w.input, w.weights);
  if (!geometry) throw std::logic_error(std::string(w.name) + ": " + geometry.error().message);
  return *geometry;
}

Run::Run(const Workload& workload, const conv::KernelChoice& choice, int threads)
    : geometry_(geometry_of(workload)),
      choice_(choice),
      parallel_(threads),
      input_(Tensor::uninitialized(workload.input)),
      weights_(Tensor::uninitialized(workload.weights)),
      output_(Tensor::uninitialized(geometry_.output_shape())) {
  Random random(7);
  for (float& value : input_.values()) value = random.uniform(-1, 1);
  for (float& value : weights_.values()) value = random.uniform(-1, 1);
}

void Run::once() {
  const auto report =
      conv::forward(geometry_, input_.view(), weights_.view(), {}, output_.view(), choice_, workspace_, parallel_);
  if (!report) throw std::runtime_error(report.error().message);
}

std::string Run::verify() {
  // An output that is never written must not pass.
  std::ranges::fill(output_.values(), std::numeric_limits<float>::quiet_NaN());
  const auto report =
      conv::forward(geometry_, input_.view(), weights_.view(), {}, output_.view(), choice_, workspace_, parallel_);
  if (!report) return report.error().message;
  const conv::Geometry& g = geometry_;
  Random random(11);
  for (int sample = 0; sample < 4000; ++sample) {
    const auto draw = [&](std::int64_t count) {
      // Every other one at an edge.
      const std::int64_t i = random.below(static_cast<std::uint32_t>(count));
      return sample % 2 ? i : (random.below(2) ? count - 1 : 0);
    };
    const std::int64_t k = random.below(static_cast<std::uint32_t>(g.k));
    const std::int64_t p = draw(g.p);
    const std::int64_t q = draw(g.q);
    const std::int64_t first_channel = k / g.filters_per_group() * g.channels_per_group();
    double sum = 0;
    double magnitude = 0;
    for (std::int64_t c = 0; c < g.channels_per_group(); ++c) {
      for (std::int64_t r = 0; r < g.r; ++r) {
        for (std::int64_t s = 0; s < g.s; ++s) {
          const std::int64_t y = p * g.stride_y + r * g.dilation_y - g.pad.top;
          const std::int64_t x = q * g.stride_x + s * g.dilation_x - g.pad.left;
          if (y < 0 || y >= g.h || x < 0 || x >= g.w) continue;
          const double product = double{weights_.at(k, c, r, s)} * double{input_.at(0, first_channel + c, y, x)};
          sum += product;
          magnitude += std::abs(product);
        }
      }
    }
    const double error = std::abs(double{output_.at(0, k, p, q)} - conv::activate(sum, g.activation));
    if (!(error <= 1e-5 * magnitude)) {
      return "wrong at filter " + std::to_string(k) + " row " + std::to_string(p) + " column " + std::to_string(q);
    }
  }
  return "";
}

double Run::least_bytes() const {
  return sizeof(float) * static_cast<double>(input_.size() + weights_.size() + output_.size());
}

}  // namespace convlens::bench
