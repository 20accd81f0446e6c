// The kernel for filters whose slices are sums of one or two outer products: down the columns, then along the rows.
//
//   w(k, c, r, s) = sum over t of column(k, c, t, r) row(k, c, t, s)
//
//   for each image, band of output rows and filter k
//     for each strip of columns and each kLines output rows of the band
//       for each term (c, t)                          R multiply-adds a value
//         line(x) = sum over r of column(r) input(c, y + r, x)
//       for each output q of those rows               S multiply-adds a value for each term
//         output(q) = activation(bias + sum over terms and s of row(s) line(q + s))
//
// R + S multiply-adds a value and term in place of R S. The first pass goes down because it then reads the picture
// itself: rows beyond the border are other rows or a row of zeros, and columns beyond it are other columns of the same
// line, whatever the filter. Lines of a few rows, one strip and up to kChunk terms stay in the first-level cache.
// Any geometry; the weights must have the rank (engine/conv/rank.h says when a slice counts as such).

#include <algorithm>
#include <cstdint>
#include <numeric>

#include "engine/conv/kernels/kernel.h"
#include "engine/conv/kernels/simd.h"
#include "engine/conv/rank.h"
#include "engine/core/integers.h"

#undef HWY_DISABLED_TARGETS
#define HWY_DISABLED_TARGETS CONVLENS_UNSIZED_TARGETS
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/conv/kernels/separable.cpp"
#include <hwy/foreach_target.h>
// The lines below are compiled once for each instruction set.
#include <hwy/highway.h>

#include "engine/conv/kernels/activation-inl.h"
#include "engine/conv/kernels/separable_pass-inl.h"

#ifndef CONVLENS_SEPARABLE_CALL_
#define CONVLENS_SEPARABLE_CALL_
namespace convlens::conv {

// Vectors of all instruction sets fit in whole cache lines.
inline constexpr std::int64_t kLineFloats = 16;

// The terms of all filters, rotated for a true convolution: those of filter k are [begin[k], begin[k + 1]).
struct SeparableTerms {
  std::int64_t* begin;
  std::int64_t* channel;  // within the group
  float* columns;         // [term][R]
  float* rows;            // [term][S]
};

struct SeparablePlan {
  std::int64_t band_rows = 0;
  std::int64_t bands = 0;
  std::int64_t strip_columns = 0;  // outputs
  std::int64_t strip_inputs = 0;   // columns of the padded picture behind a full strip, and up to a cache line before
  std::int64_t phase_pitch = 0;    // floats of one stride phase of a line
  std::int64_t line_pitch = 0;
  std::int64_t scratch_floats = 0;  // for each worker: lines, and one group of lines before they are split into phases
  bool stream = false;
};

struct SeparableCall {
  const Job& job;
  const SeparablePlan& plan;
  const SeparableTerms& terms;
  const std::int64_t* offsets;   // of the taps along a line
  const std::int64_t* tap_bits;  // the same for lines that are not split: see Along
  std::int64_t tap_words;
  const float* zeros;          // a row of them
  const float** row_pointers;  // R + 2 kLines - 1 for each worker
  float* scratch;
};

// Columns of a line before the first that is read. A strip's first output is at a multiple of kLineFloats.
inline std::int64_t line_lead(const Geometry& g) {
  return g.stride_x > 1 ? 0 : (kLineFloats - g.pad.left % kLineFloats) % kLineFloats;
}

// Terms whose lines are held at once. Where there are more, outputs are read back and added to.
inline constexpr std::int64_t kChunk = 4;
inline constexpr std::int64_t kLinesAtMost = 4;

}  // namespace convlens::conv
#endif

HWY_BEFORE_NAMESPACE();
namespace convlens::conv {
namespace HWY_NAMESPACE {
namespace separable {

// T output rows p, p + step, ... and one strip of them.
struct Group {
  std::int64_t n, k;
  std::int64_t p, step, lines;
  std::int64_t q0, columns;
};

// Fills in what columns [x0, x1) of the padded picture have beyond the picture's sides; the others are in `line`, which
// begins at x0, already.
void fill_borders(const Geometry& g, const float* const* rows, const float* column, std::int64_t x0, std::int64_t x1,
                  float* line) {
  const auto fill = [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t x = begin; x < end; ++x) {
      const std::int64_t source = border_index(x, g.w, g.border);
      float sum = 0;
      if (source >= std::max<std::int64_t>(x0, 0) && source < std::min(x1, g.w)) {
        sum = line[source - x0];
      } else if (source >= 0) {
        for (std::int64_t r = 0; r < g.r; ++r) sum += column[r] * rows[r][source];
      }
      line[x - x0] = sum;
    }
  };
  fill(x0, std::min<std::int64_t>(x1, 0));
  fill(std::max(x0, g.w), x1);
}

// The first pass: kLines or fewer lines of one term, ready for the second.
void make_lines(const SeparableCall& call, const Group& group, std::int64_t term, const float** rows, float* unsplit,
                float* lines) {
  const Geometry& g = call.job.geometry;
  const SeparablePlan& plan = call.plan;
  const std::int64_t channel = group.k / g.filters_per_group() * g.channels_per_group() + call.terms.channel[term];
  for (std::int64_t i = 0; i < g.r + 2 * group.lines - 1; ++i) {
    std::int64_t y = group.p * g.stride_y - g.pad.top + i * g.dilation_y;
    if (y < 0 || y >= g.h) y = border_index(y, g.h, g.border);
    rows[i] = y < 0 ? call.zeros : call.job.input.row(group.n, channel, y);
  }

  // From a cache line of the picture on, so that loads and stores do not straddle two.
  const std::int64_t first = group.q0 * g.stride_x - g.pad.left;
  const std::int64_t x0 = first - line_lead(g);
  const std::int64_t x1 = first + (group.columns - 1) * g.stride_x + dilated_size(g.s, g.dilation_x);
  const float* column = call.terms.columns + term * g.r;
  float* base = g.stride_x == 1 ? lines : unsplit;
  const std::int64_t pitch = g.stride_x == 1 ? plan.line_pitch : plan.strip_inputs;
  const std::int64_t begin = std::clamp<std::int64_t>(x0, 0, g.w);
  const std::int64_t end = std::clamp<std::int64_t>(x1, begin, g.w);
  const auto pass = group.lines == kLines ? pass_down<kLines> : pass_down<1>;
  pass(rows, begin, end, column, g.r, base - x0, pitch);

  for (std::int64_t t = 0; t < group.lines; ++t) {
    float* line = base + t * pitch;
    fill_borders(g, rows + t, column, first, x1, line + (first - x0));
    if (g.stride_x == 1) continue;
    float* split = lines + t * plan.line_pitch;
    const float* from = line + (first - x0);
    for (std::int64_t f = 0; f < g.stride_x; ++f) {
      float* phase = split + f * plan.phase_pitch;
      for (std::int64_t x = f; x < x1 - first; x += g.stride_x) *phase++ = from[x];
    }
  }
}

void compute_group(const SeparableCall& call, const Group& group, const float** rows, float* scratch) {
  const Job& job = call.job;
  const Geometry& g = job.geometry;
  const SeparablePlan& plan = call.plan;
  float* unsplit = scratch + kChunk * kLines * plan.line_pitch;
  const std::int64_t terms_end = call.terms.begin[group.k + 1];
  for (std::int64_t term = call.terms.begin[group.k]; term < terms_end; term += kChunk) {
    const std::int64_t chunk = std::min(kChunk, terms_end - term);
    for (std::int64_t i = 0; i < chunk; ++i) {
      make_lines(call, group, term + i, rows, unsplit, scratch + i * kLines * plan.line_pitch);
    }
    const bool is_last = term + chunk == terms_end;
    Along along;
    along.term_pitch = kLines * plan.line_pitch;
    along.terms = chunk;
    along.offsets = call.offsets;
    along.taps = g.s;
    along.tap_bits = call.tap_bits;
    along.tap_words = call.tap_words;
    along.weights = call.terms.rows + term * g.s;
    along.weight_pitch = g.s;
    along.bias = job.bias_of(group.k);
    along.add = term > call.terms.begin[group.k];
    along.relu = is_last && g.activation == Activation::kRelu;
    for (std::int64_t t = 0; t < group.lines; ++t) {
      float* out = job.output.row(group.n, group.k, group.p + t * group.step) + group.q0;
      along.lines = scratch + t * plan.line_pitch;
      along.stream = plan.stream && is_last && reinterpret_cast<std::uintptr_t>(out) % (kLanes * sizeof(float)) == 0;
      pass_along(along, group.columns, out);
      if (is_last && g.activation != Activation::kRelu) activate_row(out, group.columns, g.activation);
    }
  }
}

void run_task(const SeparableCall& call, std::int64_t task, int worker) {
  static_assert(kLines == kLinesAtMost);
  const Geometry& g = call.job.geometry;
  const SeparablePlan& plan = call.plan;
  const float** rows = call.row_pointers + worker * (g.r + 2 * kLines - 1);
  float* scratch = call.scratch + worker * plan.scratch_floats;
  Group group;
  group.k = task % g.k;
  group.n = task / g.k / plan.bands;
  const std::int64_t p0 = task / g.k % plan.bands * plan.band_rows;
  const std::int64_t p1 = std::min(g.p, p0 + plan.band_rows);
  // Output rows a dilation apart read the same picture rows.
  group.step = g.stride_y == 1 ? g.dilation_y : 1;
  for (group.q0 = 0; group.q0 < g.q; group.q0 += plan.strip_columns) {
    group.columns = std::min(plan.strip_columns, g.q - group.q0);
    for (std::int64_t phase = p0; phase < std::min(p1, p0 + group.step); ++phase) {
      for (group.p = phase; group.p < p1; group.p += group.lines * group.step) {
        const bool is_whole = g.stride_y == 1 && group.p + (kLines - 1) * group.step < p1;
        group.lines = is_whole ? kLines : 1;
        compute_group(call, group, rows, scratch);
      }
    }
  }
  if (plan.stream) hwy::FlushStream();
}

}  // namespace separable
void run_separable_task(const SeparableCall& call, std::int64_t task, int worker) {
  separable::run_task(call, task, worker);
}
}  // namespace HWY_NAMESPACE
}  // namespace convlens::conv
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace convlens::conv {
namespace {

HWY_EXPORT(run_separable_task);

enum Slot { kColumnsSlot, kRowsSlot, kZerosSlot, kScratchSlot };
enum OffsetSlot { kBeginSlot, kChannelSlot, kTapsSlot, kBitsSlot, kPointersSlot };

// Numbers about caches and balance, never about correctness.
SeparablePlan plan_separable(const Geometry& g) {
  constexpr std::int64_t kStripInputs = 2048;
  constexpr std::int64_t kMaxBandRows = 32;
  constexpr std::int64_t kEnoughTasks = 32;
  constexpr std::int64_t kStreamFloats = 4 * 1024 * 1024;
  SeparablePlan plan;
  // Neighbouring strips share as many columns as the filter spans less one, so a strip is some times wider than that.
  const std::int64_t span = dilated_size(g.s, g.dilation_x);
  const std::int64_t inputs = std::max(kStripInputs, 4 * span);
  plan.strip_columns = std::min(g.q, round_up(ceil_div(inputs, g.stride_x), kLineFloats));
  plan.strip_inputs = round_up((plan.strip_columns - 1) * g.stride_x + span + kLineFloats, kLineFloats);
  // An odd number of cache lines keeps the lines of a group from falling on the same cache sets.
  plan.phase_pitch =
      (ceil_div(ceil_div(plan.strip_inputs, g.stride_x) + 2 * kLineFloats, kLineFloats) | 1) * kLineFloats;
  plan.line_pitch = plan.phase_pitch * g.stride_x;
  plan.scratch_floats =
      kChunk * kLinesAtMost * plan.line_pitch + (g.stride_x > 1 ? kLinesAtMost * plan.strip_inputs : 0);

  std::int64_t rows = kMaxBandRows;
  const std::int64_t step = kLinesAtMost * (g.stride_y == 1 ? g.dilation_y : 1);
  while (rows > kLinesAtMost && g.n * g.k * ceil_div(g.p, rows) < kEnoughTasks) rows /= 2;
  plan.band_rows = round_up(rows, step);
  plan.bands = ceil_div(g.p, plan.band_rows);
  plan.stream = g.output_shape().size() >= kStreamFloats &&
                (g.activation == Activation::kNone || g.activation == Activation::kRelu);
  return plan;
}

std::string_view refusal(const Geometry& g, ConstView weights) {
  Factors factors;
  for (std::int64_t k = 0; k < g.k; ++k) {
    for (std::int64_t c = 0; c < g.channels_per_group(); ++c) {
      if (!factorize(weights, k, c, factors)) return "needs filters that are sums of one or two outer products";
    }
  }
  return {};
}

// By as many terms.
double milliseconds(const Geometry& g, std::int64_t terms) {
  const auto taps_down = static_cast<double>(g.r);
  const auto taps_along = static_cast<double>(g.s);
  const auto outputs = static_cast<double>(g.n * terms * g.p * g.q);
  const auto values = static_cast<double>(g.input_shape().size() + g.output_shape().size());
  const auto slices = static_cast<double>(g.k * g.channels_per_group());
  // One line at a time and the split into phases cost more than lines together.
  const double down = g.stride_y == 1 && g.stride_x == 1
                          ? 0.0105 * taps_down
                          : static_cast<double>(g.stride_x) * (0.04 * taps_down + (g.stride_x == 1 ? 0 : 0.3));
  const double groups = static_cast<double>(g.n * terms * ceil_div(g.p, kLinesAtMost));
  return 1e-6 * (0.92 * outputs * (down + 0.0105 * taps_along + 0.09) + 0.04 * values + 140 * groups) +
         1e-6 * slices * 10 * taps_down * taps_along + 1e-3;
}

double estimate(const Geometry& g, ConstView weights) {
  Factors factors;
  std::int64_t terms = 0;
  for (std::int64_t k = 0; k < g.k; ++k) {
    for (std::int64_t c = 0; c < g.channels_per_group(); ++c) {
      if (factorize(weights, k, c, factors)) terms += factors.rank;
    }
  }
  return milliseconds(g, terms);
}

double least_estimate(const Geometry& g) { return milliseconds(g, g.k * g.channels_per_group()); }

SeparableTerms pack_terms(const Job& job) {
  const Geometry& g = job.geometry;
  const std::int64_t most = g.k * g.channels_per_group() * kMaxTerms;
  SeparableTerms terms{job.workspace.offsets(kBeginSlot, g.k + 1), job.workspace.offsets(kChannelSlot, most),
                       job.workspace.floats(kColumnsSlot, most * g.r), job.workspace.floats(kRowsSlot, most * g.s)};
  Factors factors;
  std::int64_t count = 0;
  for (std::int64_t k = 0; k < g.k; ++k) {
    terms.begin[k] = count;
    for (std::int64_t c = 0; c < g.channels_per_group(); ++c) {
      factorize(job.weights, k, c, factors);
      for (int t = 0; t < factors.rank; ++t, ++count) {
        Factors::Term& term = factors.terms[static_cast<std::size_t>(t)];
        if (g.flip) {
          std::reverse(term.column.begin(), term.column.begin() + g.r);
          std::reverse(term.row.begin(), term.row.begin() + g.s);
        }
        terms.channel[count] = c;
        std::copy_n(term.column.begin(), g.r, terms.columns + count * g.r);
        std::copy_n(term.row.begin(), g.s, terms.rows + count * g.s);
      }
    }
  }
  terms.begin[g.k] = count;
  return terms;
}

std::string run(const Job& job, std::int64_t target) {
  const Geometry& g = job.geometry;
  const SeparablePlan plan = plan_separable(g);
  const SeparableTerms terms = pack_terms(job);
  std::int64_t* offsets = job.workspace.offsets(kTapsSlot, g.s);
  const std::int64_t words = (line_lead(g) + dilated_size(g.s, g.dilation_x) - 1) / kLineFloats + 1;
  std::int64_t* tap_bits = g.stride_x == 1 ? job.workspace.offsets(kBitsSlot, words) : nullptr;
  if (tap_bits) std::fill_n(tap_bits, words, 0);
  for (std::int64_t s = 0; s < g.s; ++s) {
    const std::int64_t column = line_lead(g) + s * g.dilation_x;
    offsets[s] = column % g.stride_x * plan.phase_pitch + column / g.stride_x;
    if (tap_bits) tap_bits[column / kLineFloats] |= std::int64_t{1} << column % kLineFloats;
  }
  const std::int64_t workers = job.parallel.threads();
  float* zeros = job.workspace.floats(kZerosSlot, g.w);
  std::fill_n(zeros, g.w, 0.0f);
  static_assert(sizeof(const float*) <= sizeof(std::int64_t));
  auto** pointers =
      reinterpret_cast<const float**>(job.workspace.offsets(kPointersSlot, workers * (g.r + 2 * kLinesAtMost - 1)));
  float* scratch = job.workspace.floats(kScratchSlot, plan.scratch_floats * workers);

  const SeparableCall call{job, plan, terms, offsets, tap_bits, words, zeros, pointers, scratch};
  const auto run_task = function_for(HWY_DISPATCH_TABLE(run_separable_task), target);
  const std::int64_t tasks = g.n * plan.bands * g.k;
  job.start_progress(tasks);
  job.for_each_task(tasks, [&](std::int64_t task, int worker) { run_task(call, task, worker); });
  return hwy::TargetName(target);
}

}  // namespace

constinit const Kernel kSeparable{
    {"separable", "Down the columns, then along the rows, for filters of rank one or two", true, true},
    refusal,
    estimate,
    least_estimate,
    run};

}  // namespace convlens::conv
#endif
