// Convolution seen in frequencies: the response of a filter, the spectrum of a plane, their product rule on circular
// borders, and what a stride folds over. Frequencies are in cycles per pixel of the input, from -1/2 to 1/2.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/conv/params.h"
#include "engine/core/error.h"
#include "engine/core/tensor.h"
#include "engine/explain/fourier.h"

namespace convlens::explain {

// The spectrum of plane (n, c).
ComplexGrid spectrum_of(ConstView planes, std::int64_t n, std::int64_t c);

// The transfer function T of slice (k, c) of a layer on a rows x cols circular input: by T, the spectrum of input
// channel c becomes its part of map k's spectrum before bias and activation, at stride 1. Dilation, padding offset and
// flip are in it: T[u,v] = sum over r, s of w[r,s] exp(+2 pi i (u y / rows + v x / cols)), where (y, x) is the input
// position that w[r,s] multiplies for output (0,0). Its magnitude is the filter's response, zero-padded to the grid.
ComplexGrid transfer_function(const conv::Geometry& geometry, ConstView weights, std::int64_t k, std::int64_t c,
                              std::int64_t rows, std::int64_t cols);

// Magnitudes with frequency 0 at row rows/2, column cols/2, negative frequencies above and left: (1,1,rows,cols).
Tensor magnitude_picture(const ComplexGrid& spectrum);
// The same in decibels below the largest magnitude: 20 log10(|X| / max), nothing below `floor_db`. A spectrum of
// zeros is floor_db everywhere.
Tensor decibel_picture(const ComplexGrid& spectrum, double floor_db = -120);

// |transfer_function| of a bare R x S slice at dilation 1, centred: (1,1,rows,cols), rows, cols >= 1.
Tensor magnitude_response(ConstView weights, std::int64_t k, std::int64_t c, std::int64_t rows, std::int64_t cols);

// Map k before bias and activation, computed as products of spectra: sum over channels of T * X. For stride 1 and
// circular borders; the error says which of the two does not hold. (1,1,P,Q).
Result<Tensor> map_by_product_rule(const conv::Geometry& geometry, ConstView input, ConstView weights, std::int64_t n,
                                   std::int64_t k);

// Frequencies up to which a stride keeps waves apart: |fy| < rows, |fx| < cols.
struct NyquistBox {
  double rows = 0.5;  // 1 / (2 stride_y)
  double cols = 0.5;
};
NyquistBox nyquist_box(int stride_y, int stride_x);

// Where a wave of `frequency` cycles per input pixel appears after sampling every stride-th value, in cycles per input
// pixel, in [-1/(2 stride), 1/(2 stride)): equal to `frequency` inside the box, folded outside.
double alias_of(double frequency, int stride);

// The share of a spectrum's energy outside the box, which the stride folds in. The mean (frequency 0) is left out:
// it would drown the rest.
double folded_share(const ComplexGrid& spectrum, const NyquistBox& box);

// The spectrum after taking every stride_y-th row and stride_x-th column of the plane behind `spectrum`: the mean of
// the stride_y * stride_x spectra that fall onto each other, (rows / stride_y) x (cols / stride_x). The strides divide
// rows and cols.
ComplexGrid fold(const ComplexGrid& spectrum, int stride_y, int stride_x);

// What slice (k, c) of the layer makes of a picture that is 0 but for one 1 in its middle, as the engine computes it at
// stride 1, padding full: (1,1,P,Q) of 2 d (R-1) + 1 rows. A correlation shows the filter turned by 180 degrees, a
// convolution the filter itself.
Result<Tensor> impulse_response(const conv::Params& params, ConstView weights, std::int64_t k, std::int64_t c);

}  // namespace convlens::explain
