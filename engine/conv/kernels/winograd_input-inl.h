// The winograd kernel's way in: a block of tiles cut into segments, transformed and judged.

#if defined(CONVLENS_WINOGRAD_INPUT_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef CONVLENS_WINOGRAD_INPUT_INL_H_
#undef CONVLENS_WINOGRAD_INPUT_INL_H_
#else
#define CONVLENS_WINOGRAD_INPUT_INL_H_
#endif

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>

#include <hwy/cache_control.h>
#include <hwy/highway.h>

#include "engine/conv/kernels/matrix_tile-inl.h"
#include "engine/conv/kernels/winograd_transform-inl.h"
#include "engine/conv/kernels/winograd_weights.h"

HWY_BEFORE_NAMESPACE();
namespace convlens::conv {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

inline constexpr std::int64_t kMostTiles = kMatrixVectors * kMatrixLanes;
static_assert(kPlainColumns % kMostTiles == 0);

// Consecutive tiles of one row of tiles.
struct Segment {
  std::int64_t n, tile_row, tile_column, count;
  std::int64_t first;                       // tile of the block
  std::array<std::int64_t, kTileInputs> y;  // input rows, -1 for a row of zeros
  std::int64_t x0, columns;                 // first input column and how many are read
  float* magnitudes;                        // kTileOutputs + 1 rows
  std::int64_t pitch;                       // of these
};

struct Block {
  std::int64_t group, first_block, end_block;  // filter blocks
  std::int64_t first_tile, tiles, vectors;     // tiles are counted along all images
  std::int64_t segments = 0;
  std::array<Segment, kMostTiles> segment;
  std::int64_t plain_tiles = 0;  // those to compute by plain sums, counted along all images
  std::array<std::int64_t, kMostTiles> plain_tile;
  float *values, *products, *copies, *rows, *zeros, *magnitudes;
};

// Cuts the block's tiles at the ends of rows and clears their sums.
inline void make_segments(const WinogradCall& call, Block& block) {
  const Geometry& g = call.job.geometry;
  const WinogradPlan& plan = call.plan;
  float* magnitudes = block.magnitudes;
  for (std::int64_t first = 0; first < block.tiles;) {
    Segment& s = block.segment[static_cast<std::size_t>(block.segments++)];
    const std::int64_t row = (block.first_tile + first) / plan.tile_columns;
    s.n = row / plan.tile_rows;
    s.tile_row = row % plan.tile_rows;
    s.tile_column = (block.first_tile + first) % plan.tile_columns;
    s.count = std::min(block.tiles - first, plan.tile_columns - s.tile_column);
    s.first = first;
    // Inputs of no output are zero, whatever the border: they only add to the error.
    const std::int64_t rows = std::min(kTileOutputs, g.p - s.tile_row * kTileOutputs) + 2;
    for (std::int64_t i = 0; i < kTileInputs; ++i) {
      s.y[static_cast<std::size_t>(i)] =
          i < rows ? border_index(s.tile_row * kTileOutputs + i - g.pad.top, g.h, g.border) : -1;
    }
    s.x0 = s.tile_column * kTileOutputs - g.pad.left;
    s.columns = std::min(kTileOutputs * s.count, g.q - s.tile_column * kTileOutputs) + 2;
    s.magnitudes = magnitudes;
    s.pitch = (kTileOutputs * s.count + 2 + kMatrixLanes - 1) / kMatrixLanes * kMatrixLanes;
    magnitudes += (kTileOutputs + 1) * s.pitch;
    first += s.count;
  }
  std::fill(block.magnitudes, magnitudes, 0.0f);
}

// Copies `count` floats; whole vectors, the last of which may overlap the one before.
HWY_INLINE void copy_floats(const float* from, std::int64_t count, float* to) {
  const hn::ScalableTag<float> d;
  if (count < kMatrixLanes) {
    for (std::int64_t i = 0; i < count; ++i) to[i] = from[i];
    return;
  }
  for (std::int64_t i = 0; i < count - kMatrixLanes; i += kMatrixLanes) hn::StoreU(hn::LoadU(d, from + i), d, to + i);
  hn::StoreU(hn::LoadU(d, from + count - kMatrixLanes), d, to + count - kMatrixLanes);
}

// The six input rows of a segment: in the picture where it has them all, otherwise copied with their borders.
HWY_INLINE void find_rows(const WinogradCall& call, const Block& block, const Segment& s, std::int64_t channel,
                          std::int64_t columns, std::array<const float*, kTileInputs>& rows) {
  const Geometry& g = call.job.geometry;
  const bool is_inside = s.x0 >= 0 && s.x0 + columns <= g.w && s.columns == kTileOutputs * s.count + 2;
  const std::int64_t begin = std::clamp<std::int64_t>(-s.x0, 0, s.columns);
  const std::int64_t end = std::clamp<std::int64_t>(g.w - s.x0, begin, s.columns);
  // Rows of a plane are too short for the hardware to foresee those of the next.
  const bool has_next = channel % g.channels_per_group() + 1 < g.channels_per_group();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    rows[i] = block.zeros;
    if (s.y[i] < 0) continue;
    const float* row = call.job.input.row(s.n, channel, s.y[i]);
    for (std::int64_t j = begin; has_next && j < end; j += 16) {
      hwy::Prefetch(row + call.job.input.plane_stride + s.x0 + j);
    }
    if (is_inside) {
      rows[i] = row + s.x0;
      continue;
    }
    float* copy = block.copies + static_cast<std::int64_t>(i) * call.plan.row_pitch;
    std::fill(copy + s.columns, copy + columns, 0.0f);
    copy_floats(row + s.x0 + begin, end - begin, copy + begin);
    const auto fill_border = [&](std::int64_t from, std::int64_t to) {
      for (std::int64_t j = from; j < to; ++j) {
        const std::int64_t x = border_index(s.x0 + j, g.w, g.border);
        copy[j] = x < 0 ? 0.0f : row[x];
      }
    };
    fill_border(0, begin);
    fill_border(end, s.columns);
    rows[i] = copy;
  }
}

// Adds a channel's absolute values, three rows at a time, and its squares, six rows at a time, to the sums by which
// tiles are judged.
template <class Vec>
HWY_INLINE void add_magnitudes(const Vec (&x)[6], Vec share, float* sums, std::int64_t pitch) {
  const hn::ScalableTag<float> d;
  const auto middle_low = hn::Add(hn::Abs(x[1]), hn::Abs(x[2]));
  const auto middle_high = hn::Add(hn::Abs(x[3]), hn::Abs(x[4]));
  const Vec window[4] = {hn::Add(hn::Abs(x[0]), middle_low), hn::Add(middle_low, hn::Abs(x[3])),
                         hn::Add(hn::Abs(x[2]), middle_high), hn::Add(middle_high, hn::Abs(x[5]))};
  HWY_UNROLL(4)
  for (int i = 0; i < 4; ++i) {
    hn::StoreU(hn::MulAdd(share, window[i], hn::LoadU(d, sums + i * pitch)), d, sums + i * pitch);
  }
  auto even = hn::MulAdd(x[0], x[0], hn::LoadU(d, sums + 4 * pitch));
  auto odd = hn::Mul(x[1], x[1]);
  even = hn::MulAdd(x[2], x[2], even);
  odd = hn::MulAdd(x[3], x[3], odd);
  even = hn::MulAdd(x[4], x[4], even);
  odd = hn::MulAdd(x[5], x[5], odd);
  hn::StoreU(hn::Add(even, odd), d, sums + 4 * pitch);
}

// x[i] for the next tile, and `last` after the last.
template <class D, class Vec>
HWY_INLINE Vec next_tile(D d, Vec x, float last) {
  const hn::RebindToSigned<D> di;
  const auto lane = hn::Iota(di, 0);
  const auto is_last = hn::RebindMask(d, hn::Eq(lane, hn::Set(di, kMatrixLanes - 1)));
  const auto next =
      hn::IfThenElse(hn::Eq(lane, hn::Set(di, kMatrixLanes - 1)), hn::Zero(di), hn::Add(lane, hn::Set(di, 1)));
  return hn::IfThenElse(is_last, hn::Set(d, last), hn::TableLookupLanes(x, hn::IndicesFromVec(d, next)));
}

// V of one channel of a segment. Rows first, which needs no shuffles; then columns, four tiles' columns apart.
inline void transform_segment(const WinogradCall& call, const Block& block, const Segment& s, std::int64_t c) {
  const hn::ScalableTag<float> d;
  using Vec = hn::Vec<decltype(d)>;
  const WinogradPlan& plan = call.plan;
  const std::int64_t channels = call.job.geometry.channels_per_group();
  const std::int64_t channel = block.group * channels + c;
  const auto share = hn::Set(d, call.shares[channel]);
  const std::int64_t columns = s.pitch;
  std::array<const float*, kTileInputs> rows;
  find_rows(call, block, s, channel, columns, rows);
  for (std::int64_t j = 0; j < columns; j += kMatrixLanes) {
    Vec x[6], v[6];
    HWY_UNROLL(6)
    for (std::size_t i = 0; i < 6; ++i) x[i] = hn::LoadU(d, rows[i] + j);
    add_magnitudes(x, share, s.magnitudes + j, s.pitch);
    transform_input(d, x, v);
    HWY_UNROLL(6)
    for (int i = 0; i < 6; ++i) hn::StoreU(v[i], d, block.rows + i * plan.row_pitch + j);
  }
  float* values = block.values + c * block.vectors * kMatrixLanes + s.first;
  for (std::int64_t t = 0; t < s.count; t += kMatrixLanes) {
    for (std::int64_t i = 0; i < kTileInputs; ++i) {
      const float* row = block.rows + i * plan.row_pitch + kTileOutputs * t;
      Vec x[6], v[6];
      hn::LoadInterleaved4(d, row, x[0], x[1], x[2], x[3]);
      x[4] = next_tile(d, x[0], row[kTileOutputs * kMatrixLanes]);
      x[5] = next_tile(d, x[1], row[kTileOutputs * kMatrixLanes + 1]);
      transform_input(d, x, v);
      // What falls behind the segment is written again by the next segment or the next channel, or never read.
      HWY_UNROLL(6)
      for (int k = 0; k < 6; ++k) hn::StoreU(v[k], d, values + (i * kTileInputs + k) * plan.value_pitch + t);
    }
  }
}

// Whether every output of a tile has enough of its own beside the tile's rounding errors. These grow with the root of
// the tile's sum of squares; what an output has, its sum of absolute products, is at least about `reach` times its
// windows' sum of absolute inputs.
inline bool is_exact_enough(const Geometry& g, const Segment& s, std::int64_t t, float reach) {
  // Far from the ends of float's range, where squares and transformed values stay inside it.
  constexpr float kSmallest = 1e-28f;
  constexpr float kLargest = 1e28f;
  const float* sums = s.magnitudes + kTileOutputs * t;
  const std::int64_t rows = std::min(kTileOutputs, g.p - s.tile_row * kTileOutputs);
  const std::int64_t columns = std::min(kTileOutputs, g.q - (s.tile_column + t) * kTileOutputs);
  float least = std::numeric_limits<float>::infinity();
  float most = 0;
  for (std::int64_t i = 0; i < rows; ++i) {
    for (std::int64_t j = 0; j < columns; ++j) {
      const float* window = sums + i * s.pitch + j;
      const float sum = window[0] + window[1] + window[2];
      least = std::min(least, sum);
      most = std::max(most, sum);
    }
  }
  float squares = 0;
  for (std::int64_t j = 0; j < kTileInputs; ++j) squares += sums[kTileOutputs * s.pitch + j];
  if (squares == 0 && most == 0) return true;  // all zeros stay zeros
  return squares >= kSmallest && squares <= kLargest && reach * least * (reach * least) >= squares;
}

inline void judge_tiles(const WinogradCall& call, Block& block) {
  const WinogradPlan& plan = call.plan;
  for (std::int64_t i = 0; i < block.segments; ++i) {
    const Segment& s = block.segment[static_cast<std::size_t>(i)];
    for (std::int64_t t = 0; t < s.count; ++t) {
      if (is_exact_enough(call.job.geometry, s, t, call.reach[block.group])) continue;
      block.plain_tile[static_cast<std::size_t>(block.plain_tiles++)] =
          (s.n * plan.tile_rows + s.tile_row) * plan.tile_columns + s.tile_column + t;
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace convlens::conv
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
