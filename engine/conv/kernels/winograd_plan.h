// How the winograd kernel cuts a convolution into blocks of tiles, and which weights it may be trusted with. Shapes and
// weights only; no pixels.
//
// A tile is 4 x 4 outputs and the 6 x 6 inputs they read. Tiles are counted along the rows of all images; a task
// computes one *block* of them (a few vectors) for one *chunk* of filters, so that the block's transformed input stays
// in the second-level cache while the filters pass.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "engine/conv/kernels/gemm_plan.h"
#include "engine/conv/kernels/kernel.h"

namespace convlens::conv {

inline constexpr std::int64_t kTileOutputs = 4;  // rows, and columns
inline constexpr std::int64_t kTileInputs = 6;   // rows, and columns
inline constexpr std::int64_t kTileValues = kTileInputs * kTileInputs;
inline constexpr std::int64_t kFilterTaps = 9;
// Outputs of three tiles: what is computed by plain sums at a time.
inline constexpr std::int64_t kPlainColumns = 3 * kTileOutputs * kTileOutputs;

struct WinogradPlan {
  std::int64_t tile_rows = 0, tile_columns = 0;  // of an image
  std::int64_t tiles = 0;                        // of all images
  std::int64_t vectors = 0;                      // that hold them
  std::int64_t blocks = 0;                       // of vectors, as equal as possible
  std::int64_t block_vectors = 0;                // of the largest
  std::int64_t filter_blocks = 0;                // of a group; a block is what one matrix tile takes
  std::int64_t chunks = 0;                       // tasks that share the filter blocks of a group
  std::int64_t rounds = 0;                       // passes over a chunk's filters
  std::int64_t tasks = 0;                        // blocks groups chunks

  // Floats of a worker's memory, each part a multiple of 16.
  std::int64_t row_pitch = 0;      // of a segment's rows
  std::int64_t value_pitch = 0;    // between transformed inputs of the same tile
  std::int64_t product_pitch = 0;  // between products of the same tile
  std::int64_t magnitude_floats = 0;
  std::int64_t plain_floats = 0;  // of windows; they share memory with the transformed input
  std::int64_t value_floats() const { return std::max(kTileValues * value_pitch, plain_floats); }
  std::int64_t scratch_floats() const {
    return value_floats() + kTileValues * product_pitch + (2 * kTileInputs + 1) * row_pitch + magnitude_floats;
  }
};

// Depends on the shapes and the instruction set, never on the number of threads.
WinogradPlan plan_winograd(const Geometry& geometry, const MatrixLimits& limits);

// How evenly a filter spreads over channels and taps. The error of a tile comes from all of its inputs and all taps; a
// filter that looks at few of them may have an output far smaller than that error.
struct FilterSpread {
  float total = 0;           // sum of absolute weights; the rest means nothing where it is 0
  float least_tap = 1;       // least share of a tap in the total, times the number of taps: 1 is even
  float unevenness = 1;      // mean square over squared mean of the absolute weights: 1 is even
  float channel_spread = 1;  // (sum)^2 over count times sum of squares of the channels' sums: 1 is even
};
FilterSpread measure_filter(const Geometry& geometry, ConstView weights, std::int64_t k);

// shares[c] = least of shares[c] and filter k's share of channel c in its total, times the number of channels.
void lower_channel_shares(const Geometry& geometry, ConstView weights, std::int64_t k, float total, float* shares);

std::string_view winograd_refusal(const Geometry& geometry, ConstView weights);

}  // namespace convlens::conv
