// What the geometry overlays show, as numbers per row and per column: how often pixels are read, what comes from
// padding, where outputs stand on the input, and the holes that dilation leaves. Separable throughout, so that a large
// picture costs H + W, not H x W. No pixels.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/conv/params.h"
#include "engine/core/tensor.h"

namespace convlens::explain {

// How often each input pixel is read by one map: rows[y] * cols[x] times. Copies that border modes make of a pixel
// count as reads of it.
struct Coverage {
  std::vector<std::int64_t> rows;  // H
  std::vector<std::int64_t> cols;  // W
  std::int64_t at(std::int64_t y, std::int64_t x) const {
    return rows[static_cast<std::size_t>(y)] * cols[static_cast<std::size_t>(x)];
  }
  std::int64_t largest() const;
  // Rows at the bottom and columns at the right that no window reaches: what the floor of the output size drops.
  std::int64_t dropped_rows() const;
  std::int64_t dropped_cols() const;
  // Pixels that nothing reads, anywhere: dropped ones and those that a stride beyond the filter steps over.
  std::int64_t unread_pixels() const;
};
Coverage coverage(const conv::Geometry& geometry);

// Which share of each output's R x S window lies outside the picture: 1 - rows[p] * cols[q], in [0, 1].
struct PaddingShare {
  std::vector<double> rows;  // P: share of the R taps that stand on rows of the picture
  std::vector<double> cols;  // Q
  double at(std::int64_t p, std::int64_t q) const {
    return 1 - rows[static_cast<std::size_t>(p)] * cols[static_cast<std::size_t>(q)];
  }
  // Outputs with any padding in their window.
  std::int64_t touched_outputs() const;
};
PaddingShare padding_share(const conv::Geometry& geometry);

// Where outputs stand along one axis: output i has the centre of its window at first + i * step, in input pixels,
// 0 being the centre of the first one; it may lie between two pixels.
struct Alignment {
  double first = 0;
  double step = 1;
  std::int64_t count = 0;
  // How far the middle of all outputs lies right of (below) the middle of the picture: 0 where padding is even and the
  // stride divides; a map of one's own is shifted by this much against the picture.
  double shift = 0;
  double centre(std::int64_t output) const { return first + step * static_cast<double>(output); }
};
Alignment alignment(const conv::Geometry& geometry, conv::Axis axis);

// The grid that the stride samples of the map with stride 1: every stride-th output, one of stride_y * stride_x.
struct SamplingGrid {
  int stride_y = 1, stride_x = 1;
  double kept = 1;  // share of the positions: 1 / (stride_y * stride_x)
};
SamplingGrid sampling_grid(const conv::Geometry& geometry);

// One layer of a stack, along one axis.
struct StackLayer {
  std::int64_t taps = 3;
  std::int64_t dilation = 1;
  std::int64_t stride = 1;
};
// In how many ways the output of a stack (first layer first) reads each input offset of its receptive field: the field
// is as long as the vector, a 0 is a hole. Two layers of three taps with dilation 2 give 1 0 2 0 3 0 2 0 1: half of
// the input is never seen together. Yu and Koltun, 2016; the holes are named "gridding" by Wang et al., 2018. Counts
// beyond 2^62 stay there.
std::vector<std::int64_t> stack_paths(std::span<const StackLayer> layers);
// The share of the field that is holes, in [0, 1).
double hole_share(std::span<const std::int64_t> paths);
// Into how many interleaved grids a dilation cuts the outputs along an axis: dilation / gcd(stride, dilation). Outputs
// p and p' read a common position only where p - p' is a multiple of it. (Only borders that copy pixels mix them.)
std::int64_t interleaved_grids(const conv::Geometry& geometry, conv::Axis axis);

// Rows times columns as a plane (1,1,H,W) or (1,1,P,Q), for drawing.
Tensor to_plane(const Coverage& coverage);
Tensor to_plane(const PaddingShare& share);

// What the overlays say, a line each.
std::string geometry_in_words(const conv::Geometry& geometry);

}  // namespace convlens::explain
