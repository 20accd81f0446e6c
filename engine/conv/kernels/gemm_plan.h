// How the gemm kernel cuts a convolution into blocks of a matrix product, and their memory. Shapes only; no pixels.
//
// The product is W X: W has a row for every filter of a group and a column for every tap (c, r, s); X has a column for
// every output position and is never held whole. A task computes one *area* (some hundred columns) of one *chunk* of
// filters. Channels are taken in blocks: of each the area's input is copied with its borders (as the direct kernel
// does, stride phases apart), windows are packed in panels of a few vectors of columns, and each panel is multiplied
// by all filters of the chunk while it is in the first-level cache.
#pragma once

#include <cstdint>

#include "engine/conv/kernels/kernel.h"

namespace convlens::conv {

// What an instruction set's tiles can take.
struct MatrixLimits {
  std::int64_t target = 0;         // Highway's bit of the instruction set
  std::int64_t max_filters = 1;    // of a tile
  std::int64_t max_vectors = 1;    // of a tile
  std::int64_t vector_floats = 1;  // lanes
};

struct GemmPlan {
  // Columns come in `lines` of `line_columns`: one line is one output row where rows are long, otherwise all rows of
  // all images one after another.
  std::int64_t lines = 0;
  std::int64_t line_columns = 0;
  std::int64_t area_columns = 0;  // fewer in the last area of a line
  std::int64_t areas = 0;         // of a line
  bool reads_input = false;       // 1 x 1 windows without borders: nothing to copy

  std::int64_t channel_taps = 0;    // R S
  std::int64_t channel_blocks = 0;  // as equal as possible
  std::int64_t filter_blocks = 0;   // of a group; a block is what one tile takes
  std::int64_t chunks = 0;          // tasks that share the filter blocks of a group
  std::int64_t tasks = 0;           // lines areas groups chunks

  std::int64_t phase_pitch = 0;  // floats of the copy
  std::int64_t row_pitch = 0;
  std::int64_t channel_pitch = 0;
  // Floats of a worker's memory, each part a multiple of 16.
  std::int64_t copy_floats = 0;
  std::int64_t panel_floats = 0;
  std::int64_t sums_floats = 0;
  std::int64_t scratch_floats() const { return copy_floats + panel_floats + sums_floats; }

  static std::int64_t share(std::int64_t count, std::int64_t part, std::int64_t parts) { return count * part / parts; }
};

// Depends on the shapes and the instruction set, never on the number of threads.
GemmPlan plan_gemm(const Geometry& geometry, const MatrixLimits& limits);

// Offset of the taps (r, s) of a channel from the first input of a window in the copy.
void fill_window_offsets(const Geometry& geometry, const GemmPlan& plan, std::int64_t* offsets);

// Weights as the tiles read them: [group][channel block][filter block][channel][r][s][filter], rotated for a true
// convolution.
void pack_gemm_weights(const Job& job, const GemmPlan& plan, float* packed);

}  // namespace convlens::conv
