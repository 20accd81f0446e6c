// How the winograd kernel cuts a convolution into blocks of tiles, and their memory. Shapes only; no
// pixels.
//
// A tile is 4 x 4 outputs and the 6 x 6 inputs they read. Tiles are counted along the rows of all images; a task
// computes one *block* of them (a few vectors) for one *chunk* of filters, so that the block's transformed input stays
// in the second-level cache while the filters pass.
#pragma once

#include <algorithm>
#include <cstdint>

#include "engine/conv/kernels/gemm_plan.h"
#include "engine/conv/kernels/kernel.h"

namespace convlens::conv {

inline constexpr std::int64_t kTileOutputs = 4;  // rows, and columns
inline constexpr std::int64_t kTileInputs = 6;   // rows, and columns
inline constexpr std::int64_t kTileValues = kTileInputs * kTileInputs;
inline constexpr std::int64_t kFilterTaps = 9;
// Tiles that are computed by plain sums at a time, and their outputs.
inline constexpr std::int64_t kPlainTiles = 3;
inline constexpr std::int64_t kPlainColumns = kPlainTiles * kTileOutputs * kTileOutputs;

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

  std::int64_t filter_pitch = 0;  // floats between the transformed filters' matrices of a group

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

}  // namespace convlens::conv
