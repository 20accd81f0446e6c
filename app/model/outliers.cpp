// A quantile of magnitudes from evenly spread samples. Exact extremes are reduce.cpp's.
#include "app/model/outliers.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <vector>

namespace convlens::model {

namespace {

constexpr std::int64_t kSamples = 16384;
constexpr std::ptrdiff_t kFewest = 400;  // two samples beyond the quantile

// Sorts magnitudes as far as it has to.
float bulk_of(std::span<float> magnitudes, float largest) {
  if (std::ssize(magnitudes) < kFewest) return largest;
  const double share = (1 - kOutlierShare) * static_cast<double>(magnitudes.size());
  const auto bulk = magnitudes.begin() + static_cast<std::ptrdiff_t>(std::ceil(share)) - 1;
  std::nth_element(magnitudes.begin(), bulk, magnitudes.end());
  return *bulk;
}

bool counts(float magnitude) { return magnitude > 0 && std::isfinite(magnitude); }

}  // namespace

// A step that visits every column: one that shares a factor with the width would see the same few for ever.
std::int64_t sample_step(std::int64_t count, std::int64_t width) {
  std::int64_t step = (count + kSamples - 1) / kSamples;
  while (step > 1 && std::gcd(step, width) != 1) ++step;
  return std::max<std::int64_t>(step, 1);
}

float bulk_magnitude(std::span<const float> plane, std::int64_t width, float largest) {
  const auto count = static_cast<std::int64_t>(plane.size());
  const std::int64_t step = sample_step(count, width);
  std::array<float, kSamples> magnitudes;
  std::size_t taken = 0;
  for (std::int64_t i = 0; i < count; i += step) {
    const float magnitude = std::abs(plane[static_cast<std::size_t>(i)]);
    if (counts(magnitude)) magnitudes[taken++] = magnitude;
  }
  return bulk_of(std::span(magnitudes).first(taken), largest);
}

float bulk_of_samples(std::span<const float> samples, float largest) {
  std::vector<float> magnitudes;
  magnitudes.reserve(samples.size());
  for (const float value : samples) {
    if (counts(std::abs(value))) magnitudes.push_back(std::abs(value));
  }
  return bulk_of(magnitudes, largest);
}

}  // namespace convlens::model
