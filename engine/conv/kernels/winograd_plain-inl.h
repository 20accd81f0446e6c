// Tiles of the winograd kernel by plain sums: a small matrix product over their windows, as the gemm kernel does it.

#if defined(CONVLENS_WINOGRAD_PLAIN_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef CONVLENS_WINOGRAD_PLAIN_INL_H_
#undef CONVLENS_WINOGRAD_PLAIN_INL_H_
#else
#define CONVLENS_WINOGRAD_PLAIN_INL_H_
#endif

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include <hwy/highway.h>

#include "engine/conv/kernels/activation-inl.h"
#include "engine/conv/kernels/matrix_tile-inl.h"
#include "engine/conv/kernels/winograd_input-inl.h"
#include "engine/conv/kernels/winograd_weights.h"

HWY_BEFORE_NAMESPACE();
namespace convlens::conv {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// A tile's place, and the rows and columns of the input that it reads (-1 for zeros).
struct PlainTile {
  std::int64_t n, p0, q0;
  std::array<std::int64_t, kTileInputs> y, x;
};

inline PlainTile plain_tile(const WinogradCall& call, std::int64_t index) {
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
inline void pack_plain_tile(const WinogradCall& call, const Block& block, const PlainTile& tile, float* windows) {
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

inline void store_plain_tile(const WinogradCall& call, const PlainTile& tile, std::int64_t k, const float* values) {
  const Geometry& g = call.job.geometry;
  const std::int64_t rows = std::min(kTileOutputs, g.p - tile.p0);
  const std::int64_t columns = std::min(kTileOutputs, g.q - tile.q0);
  for (std::int64_t i = 0; i < rows; ++i) {
    std::memcpy(call.job.output.row(tile.n, k, tile.p0 + i) + tile.q0, values + i * kTileOutputs,
                static_cast<std::size_t>(columns) * sizeof(float));
  }
}

// The tiles [first, first + count) of the block's list by plain sums, as a matrix product over their windows.
inline void compute_plainly(const WinogradCall& call, const Block& block, std::int64_t first, std::int64_t count) {
  const Geometry& g = call.job.geometry;
  const WinogradPlan& plan = call.plan;
  constexpr std::int64_t kOutputs = kTileOutputs * kTileOutputs;
  std::array<PlainTile, kPlainTiles> tiles;
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

}  // namespace HWY_NAMESPACE
}  // namespace convlens::conv
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
