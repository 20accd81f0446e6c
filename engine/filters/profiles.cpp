// One-dimensional weight profiles. Knows nothing about names, channels or two dimensions.
#include "engine/filters/profiles.h"

#include <cmath>
#include <cstddef>

namespace convlens::filters {
namespace {

Profile convolve(const Profile& a, const Profile& b) {
  Profile out(a.size() + b.size() - 1, 0.0);
  for (std::size_t i = 0; i < a.size(); ++i) {
    for (std::size_t j = 0; j < b.size(); ++j) out[i + j] += a[i] * b[j];
  }
  return out;
}

}  // namespace

Profile binomial(int n) {
  // Averaging neighbours keeps the sum at 1, where the integers of row 255 would leave float's range.
  Profile out{1.0};
  for (int i = 1; i < n; ++i) out = convolve(out, {0.5, 0.5});
  return out;
}

Profile sampled_gaussian(int n, double sigma) {
  Profile out(static_cast<std::size_t>(n));
  const double middle = (n - 1) / 2.0;
  double sum = 0;
  for (int i = 0; i < n; ++i) {
    const double x = (i - middle) / sigma;
    sum += out[static_cast<std::size_t>(i)] = std::exp(-0.5 * x * x);
  }
  for (double& value : out) value /= sum;
  return out;
}

Profile gaussian(int n) { return n <= 5 ? binomial(n) : sampled_gaussian(n, 0.3 * ((n - 1) / 2.0 - 1) + 0.8); }

Profile box(int n) { return Profile(static_cast<std::size_t>(n), 1.0 / n); }

Profile smooth_difference(int n) {
  return n % 2 == 1 ? convolve(binomial(n - 2), {-0.5, 0.0, 0.5}) : convolve(binomial(n - 1), {-1.0, 1.0});
}

Profile fitted_slope(int n) {
  Profile out(static_cast<std::size_t>(n));
  const double middle = (n - 1) / 2.0;
  double squares = 0;
  for (int i = 0; i < n; ++i) squares += (i - middle) * (i - middle);
  for (int i = 0; i < n; ++i) out[static_cast<std::size_t>(i)] = (i - middle) / squares;
  return out;
}

Profile scharr_smoothing(int n) {
  return n < 3 ? binomial(n) : convolve(binomial(n - 2), {3.0 / 16, 10.0 / 16, 3.0 / 16});
}

}  // namespace convlens::filters
