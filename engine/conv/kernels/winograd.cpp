// 3 x 3 convolution at stride 1 with a quarter of the multiplications: Winograd's F(4x4, 3x3). For deep layers: the
// transforms must be shared by many channels and filters. See winograd_transform-inl.h for the formula.
//
//   U[i][k][c] = transformed filters, i in [0, 36)
//   for each block of tiles, for each chunk of filters                        (tasks)
//     for each channel c:  V[i][c][tile] = transformed input
//     for each i:          M[i][k][tile] = sum over c of U[i][k][c] V[i][c][tile]        (the tile of
//     matrix_tile-inl.h) for each filter k:   outputs = transformed M[.][k][tile] + bias, activated
//
// The outputs of a tile share the rounding errors of all its inputs. Where an output's own inputs are nearly zero
// beside the tile's others, or the tile holds a NaN or an infinity, that would show: such tiles are found by the sums
// of absolute inputs and computed by plain sums.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

#include "engine/conv/kernels/kernel.h"
#include "engine/conv/kernels/simd.h"
#include "engine/conv/kernels/winograd_plan.h"

#undef HWY_DISABLED_TARGETS
#define HWY_DISABLED_TARGETS CONVLENS_UNSIZED_TARGETS
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/conv/kernels/winograd.cpp"
#include <hwy/foreach_target.h>
// The lines below are compiled once for each instruction set.
#include <hwy/cache_control.h>
#include <hwy/highway.h>

#include "engine/conv/kernels/activation-inl.h"
#include "engine/conv/kernels/matrix_tile-inl.h"
#include "engine/conv/kernels/winograd_transform-inl.h"

#ifndef CONVLENS_WINOGRAD_CALL_
#define CONVLENS_WINOGRAD_CALL_
namespace convlens::conv {

// A call of the kernel, prepared: what every task of it shares.
struct WinogradCall {
  const Job& job;
  const WinogradPlan& plan;
  float* transformed;   // [group][36][filter block][channel][filter of the block]
  float* plain;         // [group][filter block][channel][tap][filter of the block], rotated for a true convolution
  float* shares;        // [group][channel]: least share of the channel in any filter, see lower_channel_shares()
  float* block_shares;  // the same for each filter block
  float* reach;         // [group]: see is_exact_enough()
  float* bias;          // K values, zeros where there is no bias
  float* scratch;       // plan.scratch_floats() for each worker
};

}  // namespace convlens::conv
#endif

HWY_BEFORE_NAMESPACE();
namespace convlens::conv {
namespace HWY_NAMESPACE {

MatrixLimits winograd_limits() { return {HWY_TARGET, kMatrixFilters, kMatrixVectors, kMatrixLanes}; }

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
  std::int64_t tiles, vectors;
  std::int64_t segments = 0;
  std::array<Segment, kMostTiles> segment;
  std::int64_t plain_tiles = 0;  // those to compute by plain sums, counted along all images
  std::array<std::int64_t, kMostTiles> plain_tile;
  float *values, *products, *copies, *rows, *zeros, *magnitudes;
};

void make_segments(const WinogradCall& call, std::int64_t begin, Block& block) {
  const Geometry& g = call.job.geometry;
  const WinogradPlan& plan = call.plan;
  float* magnitudes = block.magnitudes;
  for (std::int64_t first = 0; first < block.tiles;) {
    Segment& s = block.segment[static_cast<std::size_t>(block.segments++)];
    const std::int64_t row = (begin + first) / plan.tile_columns;
    s.n = row / plan.tile_rows;
    s.tile_row = row % plan.tile_rows;
    s.tile_column = (begin + first) % plan.tile_columns;
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
void transform_segment(const WinogradCall& call, const Block& block, const Segment& s, std::int64_t c) {
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
bool is_exact_enough(const Geometry& g, const Segment& s, std::int64_t t, float reach) {
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

void judge_tiles(const WinogradCall& call, Block& block) {
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

// M of the filter blocks [first, end).
void multiply_block(const WinogradCall& call, const Block& block, std::int64_t first, std::int64_t end) {
  const Geometry& g = call.job.geometry;
  const WinogradPlan& plan = call.plan;
  const std::int64_t channels = g.channels_per_group();
  const std::int64_t filters = g.filters_per_group();
  const std::int64_t first_filter = GemmPlan::share(filters, first, plan.filter_blocks);
  constexpr std::array<float, kMatrixFilters> kNoBias{};
  MatrixTile tile;
  tile.column_pitch = tile.out_pitch = block.vectors * kMatrixLanes;
  tile.depth = channels;
  tile.bias = kNoBias.data();
  tile.start = nullptr;
  tile.start_pitch = 0;
  tile.relu = false;
  for (std::int64_t i = 0; i < kTileValues; ++i) {
    tile.columns = block.values + i * plan.value_pitch;
    for (std::int64_t b = first; b < end; ++b) {
      const std::int64_t begin = GemmPlan::share(filters, b, plan.filter_blocks);
      const std::int64_t count = GemmPlan::share(filters, b + 1, plan.filter_blocks) - begin;
      tile.filters = call.transformed + ((block.group * kTileValues + i) * filters + begin) * channels;
      tile.out = block.products + i * plan.product_pitch + (begin - first_filter) * tile.out_pitch;
      pick_multiply_tile(count, block.vectors)(tile);
    }
  }
}

// Writes rows [0, rows) and columns [0, columns) of the outputs in y[row][column of a tile].
template <class Vec>
HWY_INLINE void store_outputs(const Vec (&y)[4][4], std::int64_t rows, std::int64_t columns, std::int64_t pitch,
                              Activation activation, float* out) {
  const hn::ScalableTag<float> d;
  constexpr std::int64_t kColumns = kTileOutputs * kMatrixLanes;
  HWY_ALIGN float whole[kColumns];
  for (std::int64_t i = 0; i < rows; ++i, out += pitch) {
    float* to = columns == kColumns ? out : whole;
    hn::StoreInterleaved4(y[i][0], y[i][1], y[i][2], y[i][3], d, to);
    if (to == whole) copy_floats(whole, columns, out);
    if (activation != Activation::kNone && activation != Activation::kRelu) activate_row(out, columns, activation);
  }
}

// The outputs of filter k of a segment; products: its row of M's first matrix.
void finish_segment(const WinogradCall& call, const Segment& s, std::int64_t k, const float* products,
                    std::int64_t ahead) {
  const hn::ScalableTag<float> d;
  using Vec = hn::Vec<decltype(d)>;
  const Geometry& g = call.job.geometry;
  const std::int64_t pitch = call.plan.product_pitch;
  const std::int64_t p0 = s.tile_row * kTileOutputs;
  const std::int64_t rows = std::min(kTileOutputs, g.p - p0);
  const auto bias = hn::Set(d, call.bias[k]);
  for (std::int64_t t = 0; t < s.count; t += kMatrixLanes) {
    const float* from = products + s.first + t;
    Vec half[6][4];
    HWY_UNROLL(6)
    for (int j = 0; j < 6; ++j) {
      Vec m[6];
      HWY_UNROLL(6)
      for (int i = 0; i < 6; ++i) {
        m[i] = hn::LoadU(d, from + (i * kTileInputs + j) * pitch);
        hwy::Prefetch(from + (i * kTileInputs + j) * pitch + ahead);
      }
      transform_output(d, m, half[j]);
    }
    Vec y[4][4];
    HWY_UNROLL(4)
    for (int i = 0; i < 4; ++i) {
      const Vec m[6] = {half[0][i], half[1][i], half[2][i], half[3][i], half[4][i], half[5][i]};
      transform_output(d, m, y[i]);
      HWY_UNROLL(4)
      for (int j = 0; j < 4; ++j) {
        y[i][j] = hn::Add(y[i][j], bias);
        if (g.activation == Activation::kRelu) y[i][j] = Relu()(d, y[i][j]);
      }
    }
    const std::int64_t q0 = (s.tile_column + t) * kTileOutputs;
    const std::int64_t columns = std::min(kTileOutputs * std::min<std::int64_t>(s.count - t, kMatrixLanes), g.q - q0);
    float* out = call.job.output.row(s.n, k, p0) + q0;
    if (k + 1 < g.k) {
      for (std::int64_t i = 0; i < rows; ++i) {
        const float* next = out + call.job.output.plane_stride + i * call.job.output.row_stride;
        for (std::int64_t j = 0; j < columns; j += 16) hwy::Prefetch(next + j);
      }
    }
    store_outputs(y, rows, columns, call.job.output.row_stride, g.activation, out);
  }
}

// A tile's place, and the rows and columns of the input that it reads (-1 for zeros).
struct PlainTile {
  std::int64_t n, p0, q0;
  std::array<std::int64_t, kTileInputs> y, x;
};

PlainTile plain_tile(const WinogradCall& call, std::int64_t index) {
  const Geometry& g = call.job.geometry;
  const std::int64_t row = index / call.plan.tile_columns;
  PlainTile tile;
  tile.n = row / call.plan.tile_rows;
  tile.p0 = row % call.plan.tile_rows * kTileOutputs;
  tile.q0 = index % call.plan.tile_columns * kTileOutputs;
  for (std::int64_t i = 0; i < kTileInputs; ++i) {
    const auto at = static_cast<std::size_t>(i);
    tile.y[at] = border_index(tile.p0 + i - g.pad.top, g.h, g.border);
    tile.x[at] = border_index(tile.q0 + i - g.pad.left, g.w, g.border);
  }
  return tile;
}

// windows[channel][tap][column], the tile's 16 outputs in columns of their own.
void pack_plain_tile(const WinogradCall& call, const Block& block, const PlainTile& tile, float* windows) {
  const std::int64_t channels = call.job.geometry.channels_per_group();
  std::array<float, kTileValues> patch;
  for (std::int64_t c = 0; c < channels; ++c) {
    float* value = patch.data();
    for (const std::int64_t y : tile.y) {
      const float* row = y < 0 ? nullptr : call.job.input.row(tile.n, block.group * channels + c, y);
      for (const std::int64_t x : tile.x) *value++ = row && x >= 0 ? row[x] : 0.0f;
    }
    for (std::int64_t r = 0; r < 3; ++r) {
      for (std::int64_t s = 0; s < 3; ++s, windows += kPlainColumns) {
        for (std::int64_t i = 0; i < kTileOutputs; ++i) {
          std::memcpy(windows + i * kTileOutputs, patch.data() + (r + i) * kTileInputs + s,
                      kTileOutputs * sizeof(float));
        }
      }
    }
  }
}

void store_plain_tile(const WinogradCall& call, const PlainTile& tile, std::int64_t k, const float* values) {
  const Geometry& g = call.job.geometry;
  const std::int64_t rows = std::min(kTileOutputs, g.p - tile.p0);
  const std::int64_t columns = std::min(kTileOutputs, g.q - tile.q0);
  for (std::int64_t i = 0; i < rows; ++i) {
    std::memcpy(call.job.output.row(tile.n, k, tile.p0 + i) + tile.q0, values + i * kTileOutputs,
                static_cast<std::size_t>(columns) * sizeof(float));
  }
}

// The tiles [first, first + count) of the block's list by plain sums, as a matrix product over their windows.
void compute_plainly(const WinogradCall& call, const Block& block, std::int64_t first, std::int64_t count) {
  const Geometry& g = call.job.geometry;
  const WinogradPlan& plan = call.plan;
  constexpr std::int64_t kOutputs = kTileOutputs * kTileOutputs;
  std::array<PlainTile, kPlainColumns / kOutputs> tiles;
  for (std::int64_t i = 0; i < count; ++i) {
    PlainTile& tile = tiles[static_cast<std::size_t>(i)];
    tile = plain_tile(call, block.plain_tile[static_cast<std::size_t>(first + i)]);
    pack_plain_tile(call, block, tile, block.values + i * kOutputs);
  }

  const std::int64_t filters = g.filters_per_group();
  HWY_ALIGN float sums[kMatrixFilters * kPlainColumns];
  MatrixTile product;
  product.column_pitch = product.out_pitch = kPlainColumns;
  product.depth = g.channels_per_group() * kFilterTaps;
  product.start = nullptr;
  product.start_pitch = 0;
  product.relu = g.activation == Activation::kRelu;
  for (std::int64_t b = block.first_block; b < block.end_block; ++b) {
    const std::int64_t begin = GemmPlan::share(filters, b, plan.filter_blocks);
    const std::int64_t width = GemmPlan::share(filters, b + 1, plan.filter_blocks) - begin;
    const std::int64_t k0 = block.group * filters + begin;
    product.filters = call.plain + k0 * product.depth;
    product.bias = call.bias + k0;
    for (std::int64_t j = 0; j < count * kOutputs; j += kMostTiles) {
      const std::int64_t vectors = (std::min(kMostTiles, count * kOutputs - j) + kMatrixLanes - 1) / kMatrixLanes;
      product.columns = block.values + j;
      product.out = sums + j;
      pick_multiply_tile(width, vectors)(product);
    }
    for (std::int64_t f = 0; f < width; ++f) {
      if (!product.relu) activate_row(sums + f * kPlainColumns, count * kOutputs, g.activation);
      for (std::int64_t i = 0; i < count; ++i) {
        store_plain_tile(call, tiles[static_cast<std::size_t>(i)], k0 + f, sums + f * kPlainColumns + i * kOutputs);
      }
    }
  }
}

void run_winograd_task(const WinogradCall& call, std::int64_t task, int worker) {
  const Geometry& g = call.job.geometry;
  const WinogradPlan& plan = call.plan;
  Block block;
  const std::int64_t chunk = task % plan.chunks;
  block.group = task / plan.chunks % g.groups;
  const std::int64_t index = task / plan.chunks / g.groups;
  block.first_block = GemmPlan::share(plan.filter_blocks, chunk, plan.chunks);
  block.end_block = GemmPlan::share(plan.filter_blocks, chunk + 1, plan.chunks);
  block.values = call.scratch + worker * plan.scratch_floats();
  block.products = block.values + plan.value_floats();
  block.copies = block.products + kTileValues * plan.product_pitch;
  block.rows = block.copies + kTileInputs * plan.row_pitch;
  block.zeros = block.rows + kTileInputs * plan.row_pitch;
  block.magnitudes = block.zeros + plan.row_pitch;
  std::fill_n(block.zeros, plan.row_pitch, 0.0f);
  const std::int64_t first_vector = GemmPlan::share(plan.vectors, index, plan.blocks);
  const std::int64_t begin = first_vector * kMatrixLanes;
  block.vectors = GemmPlan::share(plan.vectors, index + 1, plan.blocks) - first_vector;
  block.tiles = std::min(plan.tiles - begin, block.vectors * kMatrixLanes);
  make_segments(call, begin, block);

  for (std::int64_t c = 0; c < g.channels_per_group(); ++c) {
    for (std::int64_t i = 0; i < block.segments; ++i) {
      transform_segment(call, block, block.segment[static_cast<std::size_t>(i)], c);
    }
  }
  judge_tiles(call, block);
  // Where the better part of a block is to be repaired there is no point in computing it first.
  if (2 * block.plain_tiles >= block.tiles) {
    block.plain_tiles = block.tiles;
    for (std::int64_t t = 0; t < block.tiles; ++t) block.plain_tile[static_cast<std::size_t>(t)] = begin + t;
  } else {
    const std::int64_t blocks = block.end_block - block.first_block;
    for (std::int64_t round = 0; round < plan.rounds; ++round) {
      const std::int64_t first = block.first_block + GemmPlan::share(blocks, round, plan.rounds);
      const std::int64_t end = block.first_block + GemmPlan::share(blocks, round + 1, plan.rounds);
      multiply_block(call, block, first, end);
      const std::int64_t filters = g.filters_per_group();
      const std::int64_t f0 = GemmPlan::share(filters, first, plan.filter_blocks);
      const std::int64_t f1 = GemmPlan::share(filters, end, plan.filter_blocks);
      for (std::int64_t f = f0; f < f1; ++f) {
        const float* products = block.products + (f - f0) * block.vectors * kMatrixLanes;
        for (std::int64_t i = 0; i < block.segments; ++i) {
          finish_segment(call, block.segment[static_cast<std::size_t>(i)], block.group * filters + f, products,
                         block.vectors * kMatrixLanes);
        }
      }
    }
  }
  for (std::int64_t i = 0; i < block.plain_tiles; i += 3) {
    compute_plainly(call, block, i, std::min<std::int64_t>(3, block.plain_tiles - i));
  }
}

// Packs one block of filters both ways and measures them.
void pack_winograd_filters(const WinogradCall& call, std::int64_t task) {
  using D = hn::CappedTag<float, 8>;
  const D d;
  using Vec = hn::Vec<D>;
  constexpr int kLanes8 = static_cast<int>(hn::MaxLanes(D()));
  const Job& job = call.job;
  const Geometry& g = job.geometry;
  const WinogradPlan& plan = call.plan;
  const std::int64_t channels = g.channels_per_group();
  const std::int64_t filters = g.filters_per_group();
  const std::int64_t group = task / plan.filter_blocks;
  const std::int64_t b = task % plan.filter_blocks;
  const std::int64_t begin = GemmPlan::share(filters, b, plan.filter_blocks);
  const std::int64_t count = GemmPlan::share(filters, b + 1, plan.filter_blocks) - begin;
  const std::int64_t k0 = group * filters + begin;
  for (std::int64_t c = 0; c < channels; ++c) {
    HWY_ALIGN float taps[kFilterTaps][8] = {};
    for (std::int64_t f = 0; f < count; ++f) {
      for (std::int64_t r = 0; r < 3; ++r) {
        const float* row = job.weights.row(k0 + f, c, g.flip ? 2 - r : r);
        for (std::int64_t s = 0; s < 3; ++s) taps[r * 3 + s][f] = row[g.flip ? 2 - s : s];
      }
    }
    float* plain = call.plain + (k0 * channels + c * count) * kFilterTaps;
    for (std::int64_t tap = 0; tap < kFilterTaps; ++tap) {
      std::memcpy(plain + tap * count, taps[tap], static_cast<std::size_t>(count) * sizeof(float));
    }
    for (std::int64_t f = 0; f < count; f += kLanes8) {
      Vec half[3][6];
      for (int s = 0; s < 3; ++s) {
        const Vec column[3] = {hn::Load(d, taps[s] + f), hn::Load(d, taps[3 + s] + f), hn::Load(d, taps[6 + s] + f)};
        transform_filter(d, column, half[s]);
      }
      const std::int64_t width = std::min<std::int64_t>(count - f, kLanes8);
      float* out = call.transformed + (group * kTileValues * filters + begin) * channels + c * count + f;
      for (int i = 0; i < 6; ++i) {
        const Vec row[3] = {half[0][i], half[1][i], half[2][i]};
        Vec u[6];
        transform_filter(d, row, u);
        for (int j = 0; j < 6; ++j) {
          float* to = out + (i * kTileInputs + j) * filters * channels;
          if (width == kLanes8) {
            hn::StoreU(u[j], d, to);
          } else {
            HWY_ALIGN float whole[8];
            hn::Store(u[j], d, whole);
            std::memcpy(to, whole, static_cast<std::size_t>(width) * sizeof(float));
          }
        }
      }
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace convlens::conv
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace convlens::conv {
namespace {

HWY_EXPORT(winograd_limits);
HWY_EXPORT(run_winograd_task);
HWY_EXPORT(pack_winograd_filters);

enum Slot {
  kTransformedSlot,
  kPlainSlot,
  kSharesSlot,
  kBlockSharesSlot,
  kSpreadSlot,
  kReachSlot,
  kBiasSlot,
  kScratchSlot
};

// How many times the root of a tile's sum of squares an output's reach must be, squared.
constexpr float kLeastReach = 0.5f;

double estimate(const Geometry& g, ConstView) {
  const double tiles = static_cast<double>(g.n * ((g.p + 3) / 4) * ((g.q + 3) / 4));
  const double channels = static_cast<double>(g.channels_per_group());
  const double products = 36 * tiles * static_cast<double>(g.k) * channels;
  const double work = 0.0095e-6 * products + 4e-6 * tiles * static_cast<double>(g.c) +
                      3e-6 * tiles * static_cast<double>(g.k) + 6e-6 * static_cast<double>(g.k) * channels + 5e-3;
  return 1.15 * work;
}

// The least of all filters, group by group.
void reduce_spread(const WinogradCall& call, const float* spreads) {
  const Geometry& g = call.job.geometry;
  const std::int64_t channels = g.channels_per_group();
  const std::int64_t filters = g.filters_per_group();
  const std::int64_t blocks = call.plan.filter_blocks;
  for (std::int64_t group = 0; group < g.groups; ++group) {
    float* shares = call.shares + group * channels;
    std::fill_n(shares, channels, 1.0f);
    for (std::int64_t b = 0; b < blocks; ++b) {
      const float* some = call.block_shares + (group * blocks + b) * channels;
      for (std::int64_t c = 0; c < channels; ++c) shares[c] = std::min(shares[c], some[c]);
    }
    // Never zero: a tile of sums zero is a tile of zeros.
    for (std::int64_t c = 0; c < channels; ++c) shares[c] = std::max(shares[c], 1e-3f);
    float least_tap = 1;
    float unevenness = 1;
    for (std::int64_t k = group * filters; k < (group + 1) * filters; ++k) {
      least_tap = std::min(least_tap, spreads[2 * k]);
      unevenness = std::max(unevenness, spreads[2 * k + 1]);
    }
    call.reach[group] = least_tap / std::sqrt(kLeastReach * unevenness);
  }
}

void measure_filters(const WinogradCall& call, std::int64_t task, float* spreads) {
  const Geometry& g = call.job.geometry;
  const std::int64_t channels = g.channels_per_group();
  const std::int64_t filters = g.filters_per_group();
  const std::int64_t blocks = call.plan.filter_blocks;
  float* shares = call.block_shares + task * channels;
  std::fill_n(shares, channels, 1.0f);
  const std::int64_t group = task / blocks;
  const std::int64_t end = GemmPlan::share(filters, task % blocks + 1, blocks);
  for (std::int64_t f = GemmPlan::share(filters, task % blocks, blocks); f < end; ++f) {
    const std::int64_t k = group * filters + f;
    const FilterSpread spread = measure_filter(g, call.job.weights, k);
    const bool is_empty = spread.total == 0;
    spreads[2 * k] = is_empty ? 1 : spread.least_tap;
    spreads[2 * k + 1] = is_empty ? 1 : spread.unevenness;
    if (!is_empty) lower_channel_shares(g, call.job.weights, k, spread.total, shares);
  }
}

std::string run(const Job& job, std::int64_t target) {
  const Geometry& g = job.geometry;
  const MatrixLimits limits = function_for(HWY_DISPATCH_TABLE(winograd_limits), target)();
  const WinogradPlan plan = plan_winograd(g, limits);
  const std::int64_t pairs = g.weights_shape().size() / kFilterTaps;
  const std::int64_t filter_tasks = g.groups * plan.filter_blocks;
  const WinogradCall call{job,
                          plan,
                          job.workspace.floats(kTransformedSlot, pairs * kTileValues),
                          job.workspace.floats(kPlainSlot, pairs * kFilterTaps),
                          job.workspace.floats(kSharesSlot, g.c),
                          job.workspace.floats(kBlockSharesSlot, filter_tasks * g.channels_per_group()),
                          job.workspace.floats(kReachSlot, g.groups),
                          job.workspace.floats(kBiasSlot, g.k),
                          job.workspace.floats(kScratchSlot, plan.scratch_floats() * job.parallel.threads())};
  float* spreads = job.workspace.floats(kSpreadSlot, 2 * g.k);
  for (std::int64_t k = 0; k < g.k; ++k) call.bias[k] = job.bias_of(k);
  job.start_progress(plan.tasks);
  if (job.is_cancelled()) return hwy::TargetName(limits.target);

  const auto pack_filters = function_for(HWY_DISPATCH_TABLE(pack_winograd_filters), target);
  job.parallel.for_each(filter_tasks, [&](std::int64_t task) {
    pack_filters(call, task);
    measure_filters(call, task, spreads);
  });
  reduce_spread(call, spreads);
  const auto run_task = function_for(HWY_DISPATCH_TABLE(run_winograd_task), target);
  job.parallel.for_each_with_worker(plan.tasks, [&](std::int64_t task, int worker) {
    if (job.is_cancelled()) return;
    run_task(call, task, worker);
    job.advance_progress();
  });
  return hwy::TargetName(limits.target);
}

}  // namespace

constinit const Kernel kWinograd{
    {"winograd", "F(4x4, 3x3): a quarter of the multiplications, for deep 3 x 3 layers", true},
    winograd_refusal,
    estimate,
    run};

}  // namespace convlens::conv
#endif
