// Gains by the definition of the Fourier transform; peaks and bands by looking at every sample.
#include "engine/explain/response.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numbers>

#include "engine/core/text.h"

namespace convlens::explain {
namespace {

constexpr double kSame = 1e-9;      // relative: magnitudes this near are one
constexpr double kRounding = 1e-6;  // of the sum of absolute weights: gains below it are 0

double signed_frequency(std::int64_t u, std::int64_t n) {
  return static_cast<double>(2 * u <= n ? u : u - n) / static_cast<double>(n);
}

std::string shown(double value) { return formatted("%.3g", value); }

}  // namespace

double gain_at(const conv::Geometry& g, ConstView weights, std::int64_t k, std::int64_t c, double fy, double fx) {
  const double turn_y = 2 * std::numbers::pi * fy * g.dilation_y, turn_x = 2 * std::numbers::pi * fx * g.dilation_x;
  std::complex<double> sum;
  for (std::int64_t r = 0; r < weights.shape.h; ++r) {
    const float* row = weights.row(k, c, r);
    for (std::int64_t s = 0; s < weights.shape.w; ++s) {
      const double angle = turn_y * static_cast<double>(r) + turn_x * static_cast<double>(s);
      sum += std::polar(1.0, angle) * static_cast<double>(row[s]);
    }
  }
  return std::abs(sum);
}

Peak peak_of(const ComplexGrid& response) {
  double largest = 0;
  for (const std::complex<double>& value : response.values) largest = std::max(largest, std::abs(value));
  Peak peak;
  bool is_first = true;
  for (std::int64_t u = 0; u < response.rows; ++u) {
    for (std::int64_t v = 0; v < response.cols; ++v) {
      const double gain = std::abs(response.at(u, v));
      if (gain < largest * (1 - kSame)) continue;
      Peak found{gain, signed_frequency(u, response.rows), signed_frequency(v, response.cols)};
      if (found.fx < 0 || (found.fx == 0 && found.fy < 0)) {
        found.fx = -found.fx;
        found.fy = -found.fy;
      }
      if (is_first || std::hypot(found.fy, found.fx) < std::hypot(peak.fy, peak.fx)) peak = found;
      is_first = false;
    }
  }
  return peak;
}

std::vector<double> gains_along(const conv::Geometry& g, ConstView weights, std::int64_t k, std::int64_t c, double fy,
                                double fx, std::int64_t count) {
  assert(count >= 2);
  double most = 0;
  for (std::int64_t r = 0; r < weights.shape.h; ++r) {
    for (std::int64_t s = 0; s < weights.shape.w; ++s) most += std::abs(static_cast<double>(weights.at(k, c, r, s)));
  }
  std::vector<double> gains;
  for (std::int64_t i = 0; i < count; ++i) {
    const double share = static_cast<double>(i) / static_cast<double>(count - 1);
    const double gain = gain_at(g, weights, k, c, fy * share, fx * share);
    gains.push_back(gain > kRounding * most ? gain : 0);
  }
  return gains;
}

std::optional<Band> half_power_band(std::span<const double> gains) {
  if (gains.size() < 2) return std::nullopt;
  const double largest = *std::ranges::max_element(gains);
  if (!(largest > 0)) return std::nullopt;
  const auto last = static_cast<std::int64_t>(gains.size()) - 1;
  const auto gain = [&](std::int64_t i) { return gains[static_cast<std::size_t>(i)]; };
  std::int64_t top = 0;
  while (gain(top) < largest * (1 - kSame)) ++top;
  const double limit = largest / std::numbers::sqrt2;
  // Between sample i, which is in the band, and its neighbour, which is not.
  const auto crossing = [&](std::int64_t i, std::int64_t neighbour) {
    const double share = (gain(i) - limit) / (gain(i) - gain(neighbour));
    return (static_cast<double>(i) + share * static_cast<double>(neighbour - i)) / static_cast<double>(last);
  };
  std::int64_t low = top, high = top;
  while (low > 0 && gain(low - 1) >= limit) --low;
  while (high < last && gain(high + 1) >= limit) ++high;
  return Band{.gain = largest,
              .at = static_cast<double>(top) / static_cast<double>(last),
              .low = low > 0 ? crossing(low, low - 1) : 0,
              .high = high < last ? crossing(high, high + 1) : 1};
}

std::string wave_in_words(double fy, double fx) {
  if (fy == 0 && fx == 0) return "frequency 0: the mean";
  return shown(fx) + " across, " + shown(fy) + " down cycles/px, period " + shown(1 / std::hypot(fy, fx)) + " px";
}

std::string in_words(const Peak& peak) { return "gain " + shown(peak.gain) + " at " + wave_in_words(peak.fy, peak.fx); }

std::string in_words(const std::optional<Band>& band, double reach) {
  if (!band) return "nothing passes";
  const double low = band->low * reach, high = band->high * reach;
  if (band->low == 0 && band->high == 1) return "every wave, gain " + shown(band->gain) + " at most";
  if (band->low == 0) return "up to " + shown(high) + " cycles/px (waves of " + shown(1 / high) + " px and longer)";
  if (band->high == 1) return "from " + shown(low) + " cycles/px on (waves of " + shown(1 / low) + " px and shorter)";
  return shown(low) + " to " + shown(high) + " cycles/px (waves of " + shown(1 / high) + " to " + shown(1 / low) +
         " px), most at " + shown(band->at * reach);
}

}  // namespace convlens::explain
