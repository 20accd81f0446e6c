// One pass over bands of four rows: while a band is in the cache its statistics and its reduced row are both made.
#include "app/model/reduce.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace convlens::model {
namespace {

constexpr std::int64_t kFactor = 4;
// Rows of the reduced level that one task makes.
constexpr std::int64_t kBandRows = 16;
constexpr std::int64_t kLanes = 8;

// Sums over part of a map. Values are summed in double, in lanes, so that the compiler can use vectors.
struct Sums {
  float min = std::numeric_limits<float>::infinity();
  float max = -std::numeric_limits<float>::infinity();
  double sum = 0;
  double squares = 0;
  std::int64_t finite = 0;
};

void add_careful(Sums& sums, const float* x, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) {
    if (!std::isfinite(x[i])) continue;
    sums.min = std::min(sums.min, x[i]);
    sums.max = std::max(sums.max, x[i]);
    const auto value = static_cast<double>(x[i]);
    sums.sum += value;
    sums.squares += value * value;
    ++sums.finite;
  }
}

void add_row(Sums& sums, const float* x, std::int64_t count) {
  std::array<float, kLanes> lo{};
  std::array<float, kLanes> hi{};
  std::array<double, kLanes> sum{};
  std::array<double, kLanes> squares{};
  lo.fill(std::numeric_limits<float>::infinity());
  hi.fill(-std::numeric_limits<float>::infinity());
  const std::int64_t whole = count - count % kLanes;
  for (std::int64_t i = 0; i < whole; i += kLanes) {
    for (std::size_t j = 0; j < kLanes; ++j) {
      const float value = x[i + static_cast<std::int64_t>(j)];
      lo[j] = value < lo[j] ? value : lo[j];
      hi[j] = value > hi[j] ? value : hi[j];
      const auto wide = static_cast<double>(value);
      sum[j] += wide;
      squares[j] += wide * wide;
    }
  }
  double total = 0;
  double total_squares = 0;
  for (std::size_t j = 0; j < kLanes; ++j) {
    total += sum[j];
    total_squares += squares[j];
  }
  // Sums of finite floats never overflow a double: this is not finite exactly where one of the values is not.
  if (!std::isfinite(total)) {
    add_careful(sums, x, count);
    return;
  }
  for (std::size_t j = 0; j < kLanes; ++j) {
    sums.min = std::min(sums.min, lo[j]);
    sums.max = std::max(sums.max, hi[j]);
  }
  sums.sum += total;
  sums.squares += total_squares;
  sums.finite += whole;
  add_careful(sums, x + whole, count - whole);
}

void merge(Sums& into, const Sums& from) {
  into.min = std::min(into.min, from.min);
  into.max = std::max(into.max, from.max);
  into.sum += from.sum;
  into.squares += from.squares;
  into.finite += from.finite;
}

MapStats to_stats(const Sums& sums, std::int64_t count) {
  MapStats stats;
  stats.not_finite = count - sums.finite;
  if (sums.finite == 0) return stats;
  const auto n = static_cast<double>(sums.finite);
  stats.min = sums.min;
  stats.max = sums.max;
  stats.mean = sums.sum / n;
  stats.standard_deviation = std::sqrt(std::max(0.0, sums.squares / n - stats.mean * stats.mean));
  return stats;
}

// How much of a whole row or column the last one of a level stands for: the part of its block inside the picture.
struct Edge {
  float row = 1;
  float col = 1;
};

// One row of means from `rows` (at most four) source rows; `last_row` is the weight of the last of them.
void reduce_row(const float* source, std::int64_t stride, std::int64_t rows, float last_row, std::int64_t cols,
                float last_col, float* scratch, float* target) {
  const float* last = source + (rows - 1) * stride;
  if (rows == kFactor && last_row == 1.0F) {
    for (std::int64_t x = 0; x < cols; ++x) {
      scratch[x] = (source[x] + source[x + stride]) + (source[x + 2 * stride] + last[x]);
    }
  } else {
    for (std::int64_t x = 0; x < cols; ++x) scratch[x] = last_row * last[x];
    for (const float* row = source; row != last; row += stride) {
      for (std::int64_t x = 0; x < cols; ++x) scratch[x] += row[x];
    }
  }
  const float height = static_cast<float>(rows - 1) + last_row;
  scratch[cols - 1] *= last_col;
  const float scale = 1.0F / (height * static_cast<float>(kFactor));
  const std::int64_t blocks = (cols + kFactor - 1) / kFactor;
  for (std::int64_t x = 0; x + 1 < blocks; ++x) {
    const float* s = scratch + x * kFactor;
    target[x] = ((s[0] + s[1]) + (s[2] + s[3])) * scale;
  }
  float sum = 0;
  for (std::int64_t x = (blocks - 1) * kFactor; x < cols; ++x) sum += scratch[x];
  const auto others = static_cast<float>((cols - 1) % kFactor);
  target[blocks - 1] = sum / (height * (others + last_col));
}

Shape reduced_shape(const Shape& shape) {
  return {shape.n, shape.c, (shape.h + kFactor - 1) / kFactor, (shape.w + kFactor - 1) / kFactor};
}

// Makes `target` from `source`; with `sums` also measures, one entry per band of every plane.
void reduce_level(const Tensor& source, Edge edge, Tensor* target, std::vector<Sums>* sums, const Parallel& parallel) {
  const Shape& shape = source.shape();
  const std::int64_t reduced_rows = (shape.h + kFactor - 1) / kFactor;
  const std::int64_t bands = (reduced_rows + kBandRows - 1) / kBandRows;
  if (sums) sums->assign(static_cast<std::size_t>(shape.c * bands), Sums{});
  const ConstView from = source.view();
  parallel.for_each(shape.c * bands, [&](std::int64_t task) {
    const std::int64_t plane = task / bands;
    const std::int64_t first = task % bands * kBandRows;
    const std::int64_t last = std::min(first + kBandRows, reduced_rows);
    std::vector<float> scratch(target ? static_cast<std::size_t>(shape.w) : 0);
    Sums local;
    for (std::int64_t reduced = first; reduced < last; ++reduced) {
      const std::int64_t y = reduced * kFactor;
      const std::int64_t rows = std::min(kFactor, shape.h - y);
      const float* start = from.row(0, plane, y);
      if (sums) {
        for (std::int64_t r = 0; r < rows; ++r) add_row(local, start + r * from.row_stride, shape.w);
      }
      if (target) {
        reduce_row(start, from.row_stride, rows, y + rows == shape.h ? edge.row : 1.0F, shape.w, edge.col,
                   scratch.data(), target->view().row(0, plane, reduced));
      }
    }
    if (sums) (*sums)[static_cast<std::size_t>(task)] = local;
  });
}

void make_levels(const Tensor& tensor, const Parallel& parallel, std::vector<Sums>* sums, std::vector<Tensor>& levels) {
  levels.resize(static_cast<std::size_t>(level_count(tensor.shape())));
  const Shape& whole = tensor.shape();
  const Tensor* source = &tensor;
  std::int64_t block = 1;
  for (Tensor& level : levels) {
    const Shape shape = source->shape();
    const auto part = [&](std::int64_t size, std::int64_t count) {
      return static_cast<float>(size - (count - 1) * block) / static_cast<float>(block);
    };
    level.reshape_uninitialized(reduced_shape(shape));
    reduce_level(*source, {part(whole.h, shape.h), part(whole.w, shape.w)}, &level, source == &tensor ? sums : nullptr,
                 parallel);
    source = &level;
    block *= kFactor;
  }
  if (levels.empty() && sums) reduce_level(tensor, {}, nullptr, sums, parallel);
}

}  // namespace

int level_count(const Shape& shape) {
  int count = 0;
  for (Shape level = shape; level.h > kSmallestLevel || level.w > kSmallestLevel; level = reduced_shape(level)) ++count;
  return count;
}

std::vector<Tensor> reduced_levels(const Tensor& tensor, const Parallel& parallel) {
  std::vector<Tensor> levels;
  make_levels(tensor, parallel, nullptr, levels);
  return levels;
}

void measure_and_reduce(const Tensor& maps, const Parallel& parallel, std::vector<MapStats>& stats,
                        std::vector<Tensor>& levels) {
  std::vector<Sums> sums;
  make_levels(maps, parallel, &sums, levels);
  const auto planes = static_cast<std::size_t>(maps.shape().c);
  const std::size_t bands = planes == 0 ? 0 : sums.size() / planes;
  stats.clear();
  for (std::size_t plane = 0; plane < planes; ++plane) {
    Sums whole;
    for (std::size_t band = 0; band < bands; ++band) merge(whole, sums[plane * bands + band]);
    stats.push_back(to_stats(whole, maps.shape().h * maps.shape().w));
  }
}

}  // namespace convlens::model
