// A sweep's copy of a rectangle of input: borders filled in, columns split into stride phases. No arithmetic.

#if defined(CONVLENS_SWEEP_COPY_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef CONVLENS_SWEEP_COPY_INL_H_
#undef CONVLENS_SWEEP_COPY_INL_H_
#else
#define CONVLENS_SWEEP_COPY_INL_H_
#endif

#include <algorithm>
#include <cstdint>
#include <cstring>

#include <hwy/highway.h>

#include "engine/conv/kernels/kernel.h"
#include "engine/conv/kernels/sweep_plan.h"

HWY_BEFORE_NAMESPACE();
namespace convlens::conv {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// out[i] = row[x0 + i] for i in [0, count), outside of [0, w) as the border says.
inline HWY_NOINLINE void copy_row(const float* row, std::int64_t w, Border border, std::int64_t x0, std::int64_t count,
                                  float* out) {
  const auto fill_border = [&](std::int64_t begin, std::int64_t end) {
    if (border == Border::kZero) {
      std::fill(out + begin, out + end, 0.0f);
      return;
    }
    for (std::int64_t i = begin; i < end; ++i) {
      out[i] = row[border_index(x0 + i, w, border)];
    }
  };
  const std::int64_t inside_begin = std::clamp<std::int64_t>(-x0, 0, count);
  const std::int64_t inside_end = std::clamp<std::int64_t>(w - x0, inside_begin, count);
  fill_border(0, inside_begin);
  if (inside_end > inside_begin) {
    std::memcpy(out + inside_begin, row + x0 + inside_begin,
                static_cast<std::size_t>(inside_end - inside_begin) * sizeof(float));
  }
  fill_border(inside_end, count);
}

// phases[f * pitch + i] = row[i * stride + f].
inline HWY_NOINLINE void split_phases(const float* row, std::int64_t count, std::int64_t stride, std::int64_t pitch,
                                      float* phases) {
  std::int64_t i = 0;
  if (stride == 2) {
    const hn::ScalableTag<float> d;
    const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
    for (; 2 * (i + lanes) <= count; i += lanes) {
      hn::Vec<decltype(d)> even, odd;
      hn::LoadInterleaved2(d, row + 2 * i, even, odd);
      hn::StoreU(even, d, phases + i);
      hn::StoreU(odd, d, phases + pitch + i);
    }
  }
  for (std::int64_t f = 0; f < stride; ++f) {
    for (std::int64_t j = i; j * stride + f < count; ++j) phases[f * pitch + j] = row[j * stride + f];
  }
}

// The same of copy_row()'s `out`, which is never made: phases[f * pitch + i] = out[i * stride + f].
inline void copy_phases(const float* row, std::int64_t w, Border border, std::int64_t x0, std::int64_t count,
                        std::int64_t stride, std::int64_t pitch, float* phases) {
  const auto copy_singly = [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const std::int64_t source = border_index(x0 + i, w, border);
      phases[i % stride * pitch + i / stride] = source < 0 ? 0.0f : row[source];
    }
  };
  const std::int64_t inside_begin = std::min(count, ceil_div(std::max<std::int64_t>(-x0, 0), stride) * stride);
  const std::int64_t inside_end = std::clamp<std::int64_t>(w - x0, inside_begin, count);
  copy_singly(0, inside_begin);
  split_phases(row + x0 + inside_begin, inside_end - inside_begin, stride, pitch, phases + inside_begin / stride);
  copy_singly(inside_end, count);
}

// Whether output rows [0, rows) of a band read input row i of it.
inline bool row_is_read(const Geometry& g, std::int64_t i, std::int64_t rows) {
  if (g.stride_y == 1 && g.dilation_y == 1) return true;
  for (std::int64_t r = 0; r < g.r; ++r) {
    const std::int64_t offset = i - r * g.dilation_y;
    if (offset >= 0 && offset % g.stride_y == 0 && offset / g.stride_y < rows) return true;
  }
  return false;
}

// Copies what the output rows and columns read of the group's channels.
inline void copy_input(const Job& job, const SweepPlan& plan, std::int64_t n, std::int64_t first_channel, Span rows,
                       Span columns, float* copy) {
  const Geometry& g = job.geometry;
  const std::int64_t input_rows = (rows.size() - 1) * g.stride_y + dilated_size(g.r, g.dilation_y);
  const std::int64_t input_columns = (columns.size() - 1) * g.stride_x + dilated_size(g.s, g.dilation_x);
  const std::int64_t x0 = columns.begin * g.stride_x - g.pad.left;
  for (std::int64_t i = 0; i < input_rows; ++i) {
    if (!row_is_read(g, i, rows.size())) continue;
    const std::int64_t y = border_index(rows.begin * g.stride_y - g.pad.top + i, g.h, g.border);
    for (std::int64_t c = 0; c < g.channels_per_group(); ++c) {
      float* out = copy + c * plan.copy.channel_pitch + i * plan.copy.row_pitch;
      if (y < 0) {
        for (std::int64_t f = 0; f < g.stride_x; ++f) {
          std::fill_n(out + f * plan.copy.phase_pitch, ceil_div(input_columns, g.stride_x), 0.0f);
        }
        continue;
      }
      const float* row = job.input.row(n, first_channel + c, y);
      if (g.stride_x == 1) {
        copy_row(row, g.w, g.border, x0, input_columns, out);
      } else {
        copy_phases(row, g.w, g.border, x0, input_columns, g.stride_x, plan.copy.phase_pitch, out);
      }
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace convlens::conv
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
