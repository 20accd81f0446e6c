// Sums of differences in double, and the SSIM of each plane by separable Gaussian means.
#include "engine/explain/compare.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <limits>
#include <vector>

namespace convlens::explain {
namespace {

void extend(ValueRange& range, bool& is_first, double value) {
  if (!std::isfinite(value)) return;
  range.low = is_first ? value : std::min(range.low, value);
  range.high = is_first ? value : std::max(range.high, value);
  is_first = false;
}

bool is_same(float a, float b) { return std::memcmp(&a, &b, sizeof a) == 0 || (std::isnan(a) && std::isnan(b)); }

// Some rows of a plane in double.
struct Plane {
  std::int64_t rows = 0, cols = 0;
  std::vector<double> values;
};

Plane read(ConstView view, std::int64_t n, std::int64_t c, std::int64_t first_row, std::int64_t rows) {
  Plane plane{rows, view.shape.w, {}};
  plane.values.reserve(static_cast<std::size_t>(plane.rows * plane.cols));
  for (std::int64_t y = 0; y < plane.rows; ++y) {
    const float* row = view.row(n, c, first_row + y);
    plane.values.insert(plane.values.end(), row, row + plane.cols);
  }
  return plane;
}

bool is_finite(const Plane& plane) {
  return std::ranges::all_of(plane.values, [](double value) { return std::isfinite(value); });
}

Plane times(const Plane& a, const Plane& b) {
  Plane result{a.rows, a.cols, a.values};
  for (std::size_t i = 0; i < result.values.size(); ++i) result.values[i] *= b.values[i];
  return result;
}

constexpr std::int64_t kWindow = 11;
constexpr double kSigma = 1.5;

// Sum 1; as many taps as fit on `size`, odd.
std::vector<double> gaussian_for(std::int64_t size) {
  const std::int64_t taps = std::min(kWindow, size % 2 == 1 ? size : size - 1);
  std::vector<double> weights;
  double sum = 0;
  for (std::int64_t i = 0; i < taps; ++i) {
    const double x = static_cast<double>(i - taps / 2) / kSigma;
    weights.push_back(std::exp(-0.5 * x * x));
    sum += weights.back();
  }
  for (double& weight : weights) weight /= sum;
  return weights;
}

// Weighted means over the windows that lie inside.
Plane local_means(const Plane& plane, const std::vector<double>& down, const std::vector<double>& across) {
  const std::int64_t cols = plane.cols - std::ssize(across) + 1;
  const std::int64_t rows = plane.rows - std::ssize(down) + 1;
  std::vector<double> narrow(static_cast<std::size_t>(plane.rows * cols), 0);
  for (std::int64_t y = 0; y < plane.rows; ++y) {
    double* out = narrow.data() + y * cols;
    for (std::size_t i = 0; i < across.size(); ++i) {
      const double* in = plane.values.data() + y * plane.cols + static_cast<std::int64_t>(i);
      for (std::int64_t x = 0; x < cols; ++x) out[x] += across[i] * in[x];
    }
  }
  Plane means{rows, cols, std::vector<double>(static_cast<std::size_t>(rows * cols), 0)};
  for (std::int64_t y = 0; y < rows; ++y) {
    double* out = means.values.data() + y * cols;
    for (std::size_t i = 0; i < down.size(); ++i) {
      const double* in = narrow.data() + (y + static_cast<std::int64_t>(i)) * cols;
      for (std::int64_t x = 0; x < cols; ++x) out[x] += down[i] * in[x];
    }
  }
  return means;
}

// The sum of the similarities of all windows inside these rows.
double sum_of_ssim(const Plane& a, const Plane& b, const std::vector<double>& down, const std::vector<double>& across,
                   double peak) {
  const Plane mean_a = local_means(a, down, across), mean_b = local_means(b, down, across);
  const Plane square_a = local_means(times(a, a), down, across), square_b = local_means(times(b, b), down, across);
  const Plane cross = local_means(times(a, b), down, across);
  const double c1 = 0.01 * peak * 0.01 * peak, c2 = 0.03 * peak * 0.03 * peak;
  double sum = 0;
  for (std::size_t i = 0; i < cross.values.size(); ++i) {
    const double ma = mean_a.values[i], mb = mean_b.values[i];
    const double variances = square_a.values[i] - ma * ma + square_b.values[i] - mb * mb;
    const double covariance = cross.values[i] - ma * mb;
    sum += (2 * ma * mb + c1) * (2 * covariance + c2) / ((ma * ma + mb * mb + c1) * (variances + c2));
  }
  return sum;
}

// Rows of windows that are worked on together, so that their means stay in the cache.
constexpr std::int64_t kBand = 32;

// NaN where a value is not finite.
double ssim_of(ConstView a, ConstView b, std::int64_t n, std::int64_t c, double peak) {
  const std::vector<double> down = gaussian_for(a.shape.h), across = gaussian_for(a.shape.w);
  const std::int64_t window_rows = a.shape.h - std::ssize(down) + 1;
  const std::int64_t window_cols = a.shape.w - std::ssize(across) + 1;
  double sum = 0;
  for (std::int64_t first = 0; first < window_rows; first += kBand) {
    const std::int64_t rows = std::min(kBand, window_rows - first) + std::ssize(down) - 1;
    const Plane band_a = read(a, n, c, first, rows), band_b = read(b, n, c, first, rows);
    if (!is_finite(band_a) || !is_finite(band_b)) return std::numeric_limits<double>::quiet_NaN();
    sum += sum_of_ssim(band_a, band_b, down, across, peak);
  }
  return sum / static_cast<double>(window_rows * window_cols);
}

double mean_ssim(ConstView a, ConstView b, double peak) {
  if (!(peak > 0)) return 1;
  double sum = 0;
  int planes = 0;
  for (std::int64_t n = 0; n < a.shape.n; ++n) {
    for (std::int64_t c = 0; c < a.shape.c; ++c) {
      const double ssim = ssim_of(a, b, n, c, peak);
      if (std::isnan(ssim)) continue;
      sum += ssim;
      ++planes;
    }
  }
  return planes > 0 ? sum / planes : std::numeric_limits<double>::quiet_NaN();
}

// Everything but the SSIM; sums in `comparison` until finish() divides them.
class Sums {
 public:
  explicit Sums(Comparison& comparison) : result_(comparison) {}

  // Returns a - b, NaN where it is left out.
  double add(float a, float b, const std::array<std::int64_t, 4>& at) {
    ++result_.count;
    result_.equal += is_same(a, b);
    extend(result_.range_a, is_first_a_, static_cast<double>(a));
    extend(result_.range_b, is_first_b_, static_cast<double>(b));
    if (!std::isfinite(a) || !std::isfinite(b)) {
      ++result_.not_finite;
      return std::numeric_limits<double>::quiet_NaN();
    }
    const double difference = static_cast<double>(a) - static_cast<double>(b);
    result_.mean += difference;
    result_.mean_absolute += std::abs(difference);
    result_.rms += difference * difference;
    if (std::abs(difference) > result_.largest) {
      result_.largest = std::abs(difference);
      result_.largest_at = at;
    }
    return difference;
  }

  void finish() {
    const double compared = static_cast<double>(std::max<std::int64_t>(1, result_.count - result_.not_finite));
    result_.mean /= compared;
    result_.mean_absolute /= compared;
    result_.rms = std::sqrt(result_.rms / compared);
    if (!is_first_a_ || !is_first_b_) {
      const ValueRange& a = is_first_a_ ? result_.range_b : result_.range_a;
      const ValueRange& b = is_first_b_ ? result_.range_a : result_.range_b;
      result_.peak = std::max(a.high, b.high) - std::min(a.low, b.low);
    }
    result_.psnr_db =
        result_.rms > 0 ? 20 * std::log10(result_.peak / result_.rms) : std::numeric_limits<double>::infinity();
  }

 private:
  Comparison& result_;
  bool is_first_a_ = true, is_first_b_ = true;
};

}  // namespace

Comparison compare(ConstView a, ConstView b, Tensor* difference) {
  assert(a.shape == b.shape);
  Comparison result;
  Sums sums(result);
  if (difference) difference->reshape_uninitialized(a.shape);
  float* out = difference ? difference->data() : nullptr;
  for (std::int64_t n = 0; n < a.shape.n; ++n) {
    for (std::int64_t c = 0; c < a.shape.c; ++c) {
      for (std::int64_t y = 0; y < a.shape.h; ++y) {
        const float* row_a = a.row(n, c, y);
        const float* row_b = b.row(n, c, y);
        for (std::int64_t x = 0; x < a.shape.w; ++x) {
          const double d = sums.add(row_a[x], row_b[x], {n, c, y, x});
          if (out) *out++ = static_cast<float>(d);
        }
      }
    }
  }
  sums.finish();
  result.ssim = mean_ssim(a, b, result.peak);
  return result;
}

std::string to_text(const Comparison& c) {
  std::array<char, 512> text;
  std::snprintf(text.data(), text.size(),
                "A from %.6g to %.6g, B from %.6g to %.6g\n"
                "largest difference %.6g (map %lld, row %lld, column %lld), mean of |A - B| %.6g, mean of A - B %.6g\n"
                "PSNR %.2f dB, SSIM %.4f\n",
                c.range_a.low, c.range_a.high, c.range_b.low, c.range_b.high, c.largest,
                static_cast<long long>(c.largest_at[1]), static_cast<long long>(c.largest_at[2]),
                static_cast<long long>(c.largest_at[3]), c.mean_absolute, c.mean, c.psnr_db, c.ssim);
  std::string lines = text.data();
  if (c.not_finite > 0) {
    lines += std::to_string(c.not_finite) + " of " + std::to_string(c.count) + " pairs are not finite and left out\n";
  }
  if (c.equal == c.count) lines += "the same in every bit\n";
  return lines;
}

}  // namespace convlens::explain
