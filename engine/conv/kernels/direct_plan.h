// How the direct kernel cuts a convolution into tasks and lays out their memory. Shapes only; no pixels.
//
// A task is one rectangle of one group of one image: `band_rows` x `strip_columns` outputs of some filter blocks. It
// first copies the input it needs, borders included, into its own memory:
//   [channel][input row][phase][column]
// where phase f of a row holds the columns f, f + stride_x, f + 2 stride_x, ... so that output column q reads q + shift
// of one phase whatever the stride. Then every tap is one offset into that copy, and the inner loop has no borders, no
// strides and no branches.
#pragma once

#include <cstdint>

#include "engine/conv/kernels/kernel.h"

namespace convlens::conv {

// What an instruction set's tile functions can take.
struct TileLimits {
  std::int64_t target = 0;         // Highway's bit of the instruction set
  std::int64_t max_filters = 1;    // filters computed together
  std::int64_t vector_floats = 1;  // lanes
};

struct DirectPlan {
  std::int64_t taps = 0;       // (C/groups) R S
  std::int64_t band_rows = 0;  // output rows of a task, fewer in the last band
  std::int64_t bands = 0;
  std::int64_t strip_columns = 0;  // output columns of a task, fewer in the last strip
  std::int64_t strips = 0;
  std::int64_t blocks = 0;     // filter blocks of a group, as equal as possible
  std::int64_t chunks = 0;     // tasks that share the blocks of a group
  std::int64_t tasks = 0;      // N groups bands strips chunks
  bool rows_together = false;  // tiles span output rows of one filter, not filters of one row
  bool stream = false;         // write past the caches

  std::int64_t input_rows = 0;     // of a full band
  std::int64_t input_columns = 0;  // of a full strip, before they are split into phases
  std::int64_t phase_pitch = 0;    // floats
  std::int64_t row_pitch = 0;
  std::int64_t channel_pitch = 0;
  std::int64_t scratch_floats = 0;  // per worker: the copy and one row to split

  // First filter of block b within a group of `filters`; block b ends where b + 1 begins.
  std::int64_t block_begin(std::int64_t b, std::int64_t filters) const { return filters * b / blocks; }
};

// Depends on the shapes and the instruction set, never on the number of threads.
DirectPlan plan_direct(const Geometry& geometry, const TileLimits& limits);

// Offset of tap (c, r, s) from the first input of an output value, in the order of the packed weights.
void fill_tap_offsets(const Geometry& geometry, const DirectPlan& plan, std::int64_t* offsets);

// Weights as the tiles read them: [group][block][tap][filter of the block], rotated for a true convolution.
void pack_direct_weights(const Job& job, const DirectPlan& plan, float* packed);

}  // namespace convlens::conv
