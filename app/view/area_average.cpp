// Weights per axis, then rows before columns.
#include "app/view/area_average.h"

#include <algorithm>
#include <cmath>

namespace convlens::view {

void AxisWeights::prepare(double origin, double step, int count, std::int64_t texels, double picture_lo,
                          double picture_hi) {
  // Less than this of a texel is rounding of the grid, not part of the footprint.
  constexpr double kSliver = 1e-4;
  pixels_.clear();
  weights_.clear();
  border_.clear();
  const double reach = 0.5 * std::max(step, 1.0);
  for (int i = 0; i < count; ++i) {
    const double from = origin + i * step;
    const double center = from + 0.5 * step;
    const double lo = std::max(center - reach, 0.0);
    const double hi = std::min(center + reach, static_cast<double>(texels));
    Pixel pixel;
    pixel.weights = static_cast<std::int32_t>(weights_.size());
    pixel.coverage = static_cast<float>(
        std::clamp((std::min(from + step, picture_hi) - std::max(from, picture_lo)) / step, 0.0, 1.0));
    pixel.first = std::clamp<std::int64_t>(static_cast<std::int64_t>(std::floor(lo + kSliver)), 0, texels - 1);
    const std::int64_t last =
        std::clamp<std::int64_t>(static_cast<std::int64_t>(std::ceil(hi - kSliver)) - 1, pixel.first, texels - 1);
    pixel.count = static_cast<std::int32_t>(last - pixel.first + 1);
    double total = 0;
    for (std::int64_t texel = pixel.first; texel <= last; ++texel) {
      const auto edge = static_cast<double>(texel);
      total += std::max(std::min(hi, edge + 1) - std::max(lo, edge), kSliver);
    }
    for (std::int64_t texel = pixel.first; texel <= last; ++texel) {
      const auto edge = static_cast<double>(texel);
      weights_.push_back(static_cast<float>(std::max(std::min(hi, edge + 1) - std::max(lo, edge), kSliver) / total));
    }
    if (pixel.coverage < 1) border_.push_back(i);
    pixels_.push_back(pixel);
  }
  make_triples();
}

void AxisWeights::make_triples() {
  triples_.clear();
  const bool fits = std::all_of(pixels_.begin(), pixels_.end(), [](const Pixel& pixel) { return pixel.count <= 3; });
  if (!fits) return;
  for (const Pixel& pixel : pixels_) {
    const float* w = weights(pixel);
    const auto at = static_cast<std::int32_t>(pixel.first - pixels_.front().first);
    switch (pixel.count) {
      case 1:
        triples_.push_back({at, at, at, 0.5f * w[0], 0.25f * w[0], 0.25f * w[0]});
        break;
      case 2:
        triples_.push_back({at, at + 1, at + 1, w[0], 0.5f * w[1], 0.5f * w[1]});
        break;
      default:
        triples_.push_back({at, at + 1, at + 2, w[0], w[1], w[2]});
    }
  }
}

void average_row(const float* plane, std::int64_t plane_width, const AxisWeights& across, const AxisWeights& down,
                 std::size_t y, std::vector<float>& scratch, float* out) {
  const AxisWeights::Pixel& row = down.pixels()[y];
  const float* row_weights = down.weights(row);
  const std::int64_t begin = across.pixels().front().first;
  const std::int64_t end = across.pixels().back().first + across.pixels().back().count;
  const auto width = static_cast<std::size_t>(end - begin);
  const float* source = plane + row.first * plane_width + begin;
  const float* means = source;
  if (row.count > 1) {
    scratch.resize(width);
    float* sums = scratch.data();
    for (std::size_t x = 0; x < width; ++x) sums[x] = row_weights[0] * source[x];
    for (std::int32_t k = 1; k < row.count; ++k) {
      const float* next = source + k * plane_width;
      const float weight = row_weights[k];
      for (std::size_t x = 0; x < width; ++x) sums[x] += weight * next[x];
    }
    means = sums;
  }
  for (const AxisWeights::Triple& t : across.triples()) {
    *out++ = t.weight_a * means[t.a] + t.weight_b * means[t.b] + t.weight_c * means[t.c];
  }
  if (!across.triples().empty()) return;
  for (const AxisWeights::Pixel& pixel : across.pixels()) {
    const float* weights = across.weights(pixel);
    const float* values = means + (pixel.first - begin);
    float sum = weights[0] * values[0];
    for (std::int32_t k = 1; k < pixel.count; ++k) sum += weights[k] * values[k];
    *out++ = sum;
  }
}

}  // namespace convlens::view
