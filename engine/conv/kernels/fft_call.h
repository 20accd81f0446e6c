// What the parts of the fft kernel share during a call: tables, spectra, each worker's memory and the tiles of a task.
#pragma once

#include <cstdint>

#include "engine/conv/kernels/fft_plan.h"
#include "engine/conv/kernels/kernel.h"

namespace convlens::conv::fft {

inline constexpr double kWeak = 1e-9;
inline constexpr double kNoise = 1e-14;

// A call of the kernel, prepared. Spectra hold spectrum_doubles() each.
struct Call {
  const Job& job;
  const FftPlan& plan;
  const float* weights;  // [K][C/groups][R][S], rotated for a true convolution
  const double* sums;    // of absolute weights: [K][C/groups]
  const double* roots_y;
  const double* roots_x;
  double* filters;  // spectra: [K][C/groups]
  double* scratch;  // scratch_doubles() for each worker
};

// A worker's memory.
struct Scratch {
  double* channels;      // spectra of the pair's channels
  double* product;       // one spectrum
  double* column;        // side_y cells
  double* largest;       // absolute value of each channel, for both tiles
  float* pixels;         // [2][C/groups][side_y][pixel_pitch]
  std::int32_t* counts;  // for each tile, of values that are not zero above and left of a corner
};
inline std::int64_t count_corners(const FftPlan& plan) { return (plan.side_y + 1) * (plan.side_x + 1); }
inline std::int64_t scratch_doubles(const Geometry& g, const FftPlan& plan) {
  const std::int64_t channels = g.channels_per_group();
  return plan.spectrum_doubles() * (channels + 1) + plan.side_y * kCell + 2 * channels + channels * plan.pixel_plane() +
         count_corners(plan) + kCell;
}
inline Scratch scratch_of(const Call& call, int worker) {
  const Geometry& g = call.job.geometry;
  const FftPlan& plan = call.plan;
  const std::int64_t channels = g.channels_per_group();
  Scratch s;
  // Whole cache lines for each, so that vectors are aligned.
  const std::int64_t stride = (scratch_doubles(g, plan) + kWide - 1) / kWide * kWide;
  s.channels = call.scratch + worker * stride;
  s.product = s.channels + channels * plan.spectrum_doubles();
  s.column = s.product + plan.spectrum_doubles();
  s.pixels = reinterpret_cast<float*>(s.column + plan.side_y * kCell);
  s.largest = s.column + plan.side_y * kCell + channels * plan.pixel_plane();
  s.counts = reinterpret_cast<std::int32_t*>(s.largest + 2 * channels);
  return s;
}

// One tile of a pair; a pair at the end may have one only.
struct Tile {
  bool exists = false;
  bool is_finite = true;
  bool has_counts = false;
  std::int64_t n = 0, p0 = 0, q0 = 0, rows = 0, columns = 0;
};

}  // namespace convlens::conv::fft
