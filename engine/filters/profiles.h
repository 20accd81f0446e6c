// One-dimensional weight profiles from which separable filters are made. Internal to filters.
#pragma once

#include <vector>

namespace convlens::filters {

using Profile = std::vector<double>;

// Row n of Pascal's triangle divided by its sum: [1 2 1]/4, [1 4 6 4 1]/16. Sum 1. n >= 1.
Profile binomial(int n);

// Gaussian blur of n taps, sum 1: binomial up to 5 taps (the textbook ones), sampled above with the width that OpenCV
// derives from the size, sigma = 0.3((n - 1)/2 - 1) + 0.8.
Profile gaussian(int n);

// exp(-x^2 / 2 sigma^2) sampled at n taps around the middle, sum 1.
Profile sampled_gaussian(int n, double sigma);

// n equal taps, sum 1.
Profile box(int n);

// Derivatives of n >= 2 taps that answer a ramp of slope 1 with 1.
// Difference [-1 0 1]/2 (or [-1 1] for even n) widened by binomial smoothing, as in Sobel's and Scharr's operators.
Profile smooth_difference(int n);
// The slope of the least-squares line through n samples, as in Prewitt's operator.
Profile fitted_slope(int n);

// Scharr's smoothing [3 10 3]/16, widened by binomial smoothing; binomial below three taps. Sum 1.
// H. Scharr, "Optimal operators in digital image processing", 2000.
Profile scharr_smoothing(int n);

}  // namespace convlens::filters
