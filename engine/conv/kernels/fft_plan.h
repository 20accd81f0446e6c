// How the fft kernel cuts a convolution into tiles, and the tables of its transforms. Shapes only; no pixels.
#pragma once

#include <bit>
#include <cstdint>

#include "engine/conv/params.h"

namespace convlens::conv {
namespace fft {

// Columns that are transformed together, and doubles of one position of them: real parts, then imaginary parts.
inline constexpr int kWide = 8;
inline constexpr int kCell = 2 * kWide;

// Largest side of a tile. Filters may span three quarters of it.
inline constexpr std::int64_t kMaxSide = 1024;
inline constexpr std::int64_t kMaxSpan = 768;

struct FftPlan {
  std::int64_t side_y = 0;  // of a tile, in pixels; powers of two
  std::int64_t side_x = 0;
  std::int64_t rows = 0;  // outputs of a tile
  std::int64_t columns = 0;
  std::int64_t tiles_y = 0;
  std::int64_t tiles_x = 0;
  std::int64_t pairs = 0;   // of tiles of all images: one is the real part, the other the imaginary
  std::int64_t chunks = 0;  // tasks that share the filters of a group, each with transforms of the picture of its own

  // Floats of a copied tile. An odd number of cache lines keeps its rows from falling on the same cache sets.
  std::int64_t pixel_pitch() const { return side_x + 16; }
  std::int64_t pixel_plane() const { return side_y * pixel_pitch(); }
  std::int64_t spectrum_doubles() const { return side_y * side_x * 2; }
};

// The cheapest tiles. They depend on the picture, the filters' size and the geometry, never on the number of filters
// or threads, so that a map's bits do not depend on the other maps. Only for filters that span at most kMaxSpan.
FftPlan plan_fft(const Geometry& geometry);
// Expected milliseconds on one core of the whole convolution by that plan.
double fft_milliseconds(const Geometry& geometry, const FftPlan& plan);

// Whether n is an odd power of two.
constexpr bool is_odd_power(std::int64_t n) { return std::countr_zero(static_cast<std::uint64_t>(n)) % 2 == 1; }
// Doubles of the roots of a transform of n positions.
constexpr std::int64_t root_doubles(std::int64_t n) {
  std::int64_t count = 0;
  for (; n >= 4; n /= 4) count += n / 4 * 6;
  return count;
}
// For sizes n, n / 4, ... and each position j < size / 4: exp(-2 pi i m j / size) for m = 1, 2, 3.
void fill_roots(std::int64_t n, double* roots);

}  // namespace fft
}  // namespace convlens::conv
