// A quantile of magnitudes from evenly spread samples. Exact extremes are reduce.cpp's.
#include "app/model/outliers.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace convlens::model {

namespace {

constexpr std::int64_t kSamples = 16384;
constexpr std::int64_t kFewest = 400;  // two samples beyond the quantile

// A step that visits every column: one that shares a factor with the width would see the same few for ever.
std::int64_t sample_step(std::int64_t count, std::int64_t width) {
  std::int64_t step = (count + kSamples - 1) / kSamples;
  while (step > 1 && std::gcd(step, width) != 1) ++step;
  return std::max<std::int64_t>(step, 1);
}

}  // namespace

float bulk_magnitude(std::span<const float> plane, std::int64_t width, float largest) {
  const auto count = static_cast<std::int64_t>(plane.size());
  const std::int64_t step = sample_step(count, width);
  std::array<float, kSamples> samples;
  std::size_t taken = 0;
  for (std::int64_t i = 0; i < count; i += step) {
    const float value = std::abs(plane[static_cast<std::size_t>(i)]);
    if (value > 0 && std::isfinite(value)) samples[taken++] = value;
  }
  if (static_cast<std::int64_t>(taken) < kFewest) return largest;
  const auto rank = static_cast<std::ptrdiff_t>(std::ceil((1 - kOutlierShare) * static_cast<double>(taken))) - 1;
  const auto bulk = samples.begin() + rank;
  std::nth_element(samples.begin(), bulk, samples.begin() + static_cast<std::ptrdiff_t>(taken));
  return *bulk;
}

}  // namespace convlens::model
