// A/B: how two sets of maps differ, in numbers and as a picture.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "engine/core/tensor.h"

namespace convlens::explain {

struct ValueRange {
  double low = 0, high = 0;  // of the finite values; 0, 0 where there are none
  double span() const { return high - low; }
};

struct Comparison {
  ValueRange range_a, range_b;
  double peak = 0;                           // span of both together: the scale of PSNR and SSIM
  double largest = 0;                        // |a - b|
  std::array<std::int64_t, 4> largest_at{};  // image, map, row, column
  double mean_absolute = 0;                  // of |a - b|
  double mean = 0;                           // of a - b
  double rms = 0;                            // root of the mean of (a - b)^2
  // 20 log10(peak / rms), in decibels; infinite for equal sets.
  double psnr_db = 0;
  // Mean structural similarity over all planes; 1 for equal sets. Z. Wang, A. C. Bovik, H. R. Sheikh and E. P.
  // Simoncelli, "Image quality assessment: from error visibility to structural similarity", 2004: Gaussian window of
  // 11 x 11 and sigma 1.5 (smaller, and odd, on smaller planes), K1 = 0.01, K2 = 0.03, L = peak, windows inside the
  // plane. Planes with values that are not finite are left out.
  double ssim = 1;
  std::int64_t equal = 0;  // values with the same bits, or both NaN
  std::int64_t count = 0;
  std::int64_t not_finite = 0;  // pairs left out of all means because one of them is not finite
};

// Both of the same shape. `difference`, where given, becomes a - b; NaN where one of them is not finite.
Comparison compare(ConstView a, ConstView b, Tensor* difference = nullptr);

// Lines for people.
std::string to_text(const Comparison& comparison);

}  // namespace convlens::explain
