// A filter's response in a few numbers: its gain at any frequency, where it is largest, and how far the half-power band
// around that reaches. Frequencies are in cycles per pixel of the input. Spectra of pictures are spectrum.h's.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/conv/params.h"
#include "engine/core/tensor.h"
#include "engine/explain/fourier.h"

namespace convlens::explain {

// |T(fy, fx)| of slice (k, c) of a layer: what transfer_function() samples on a grid, at one frequency. Dilation is in
// it; stride, padding and flip do not change it.
double gain_at(const conv::Geometry& geometry, ConstView weights, std::int64_t k, std::int64_t c, double fy, double fx);

// The largest magnitude of a response. Of a wave and its twin at the opposite frequency the one with fx > 0 (fy >= 0
// where fx is 0); of several equal magnitudes the one of the lowest frequency.
struct Peak {
  double gain = 0;
  double fy = 0, fx = 0;
};
Peak peak_of(const ComplexGrid& response);
// "gain 8 at 0.25 across, 0 down cycles/px, period 4 px"
std::string in_words(const Peak& peak);
// "0.25 across, 0 down cycles/px, period 4 px"; "frequency 0: the mean"
std::string wave_in_words(double fy, double fx);

// The gain at `count` >= 2 frequencies from 0 to (fy, fx), evenly spaced, both ends included. What the rounding of
// float weights leaves of a gain of 0 is 0.
std::vector<double> gains_along(const conv::Geometry& geometry, ConstView weights, std::int64_t k, std::int64_t c,
                                double fy, double fx, std::int64_t count);

// The half-power band of such a line: around its largest gain, where the gain is at least 1/sqrt(2) of it (3 dB). Ends
// between two samples are interpolated linearly. Positions are shares of the line, in [0, 1].
struct Band {
  double gain = 0;  // the largest
  double at = 0;    // where that is; the first place of several
  double low = 0, high = 1;
};
// None where every gain is 0.
std::optional<Band> half_power_band(std::span<const double> gains);

// "up to 0.19 cycles/px (waves of 5.3 px and longer)": `reach` is the frequency at the line's far end.
std::string in_words(const std::optional<Band>& band, double reach);

}  // namespace convlens::explain
