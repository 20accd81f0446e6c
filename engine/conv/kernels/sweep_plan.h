// How a sweep cuts a convolution into tasks and lays out their memory. Shapes only; no pixels.
//
// A sweep is what the kernels `direct` and `depthwise` have in common: both go over the output in rectangles, and over
// a rectangle in tiles that are held in registers while every tap is added to them. They differ in what a tile holds.
//
// A rectangle is `band_rows` x `strip_columns` outputs of some filter blocks of one group of one image:
//
//        strip 0        strip 1
//      +-------------+-------------+
//      | . . . . . . | . . . . . . |  band 0        .  windows reach over the border: computed from a copy of the
//      | . # # # # # | # # # # # . |                   input in which the border is filled in
//      +-------------+-------------+                #  windows lie inside: computed from the picture itself, where
//      | . # # # # # | # # # # # . |  band 1           that is as good (see `reads_picture`), else from the copy too
//      | . . . . . . | . . . . . . |
//      +-------------+-------------+
//
// The copy is laid out as [channel][input row][phase][column], where phase f of a row holds its columns f, f +
// stride_x, f + 2 stride_x, ...: output column q reads q + shift of one phase whatever the stride. In a picture it
// reads q stride_x + shift, for strides 1 and 2 only. Either way a tap is one offset and the inner loops have no
// borders and no branches.
#pragma once

#include <cstdint>

#include "engine/conv/params.h"
#include "engine/core/integers.h"

namespace convlens::conv {

// What an instruction set's tile functions can take.
struct TileLimits {
  std::int64_t target = 0;         // Highway's bit of the instruction set
  std::int64_t max_filters = 1;    // filters computed together
  std::int64_t vector_floats = 1;  // lanes
};

// Rows of input as the tiles read them; distances in floats.
struct InputLayout {
  std::int64_t row_pitch = 0;
  std::int64_t channel_pitch = 0;
  std::int64_t phases = 1;       // of a row: stride_x in a copy
  std::int64_t phase_pitch = 0;  // between them
};

// Up to this stride along x a tile can read a picture itself; it reads stride_x - 1 columns beyond its last window.
inline constexpr int kMaxPictureStride = 2;

struct SweepPlan {
  std::int64_t taps = 0;       // (C/groups) R S
  std::int64_t band_rows = 0;  // output rows of a rectangle, fewer in the last band
  std::int64_t bands = 0;
  std::int64_t strip_columns = 0;  // output columns of a rectangle, fewer in the last strip
  std::int64_t strips = 0;
  std::int64_t blocks = 0;           // filter blocks of a group, as equal as possible
  std::int64_t chunks = 0;           // rectangles of the same place that share the blocks of a group
  std::int64_t rectangles = 0;       // N groups bands strips chunks
  std::int64_t task_rectangles = 1;  // rectangles of a task, fewer in the last one
  std::int64_t tasks = 0;
  bool stream = false;         // write past the caches
  bool reads_picture = false;  // where no border is near

  InputLayout copy;
  std::int64_t scratch_floats = 0;  // per worker: the copy

  // First filter of block b within a group of `filters`; block b ends where b + 1 begins.
  std::int64_t block_begin(std::int64_t b, std::int64_t filters) const { return filters * b / blocks; }
};

// Depends on the shapes and the instruction set, never on the number of threads.
SweepPlan plan_sweep(const Geometry& geometry, const TileLimits& limits);

// Offset of tap (c, r, s) from the first input of an output value, for c, r, s in this order.
void fill_tap_offsets(const Geometry& geometry, const InputLayout& layout, std::int64_t* offsets);

// Outputs [begin, end) along one axis.
struct Span {
  std::int64_t begin = 0;
  std::int64_t end = 0;
  std::int64_t size() const { return end - begin; }
};
// The outputs of `all` whose windows lie inside [0, n), begun a multiple of `step` after all.begin. With `whole` it is
// of whole steps too. Empty where there are none.
Span inside(Span all, std::int64_t n, std::int64_t pad, std::int64_t window, std::int64_t stride, std::int64_t step,
            bool whole);

}  // namespace convlens::conv
