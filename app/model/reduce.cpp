// One pass over bands of four rows: while a band is in the cache its statistics and its reduced row are both made.
#include "app/model/reduce.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "app/model/outliers.h"

namespace convlens::model {
namespace {

constexpr std::int64_t kFactor = 4;
// Rows of the reduced level that one task makes.
constexpr std::int64_t kBandRows = 16;

// Sums over part of a map. Values are summed in double.
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

// A few values at once, in the compiler's portable vectors.
typedef float Float2 __attribute__((vector_size(8)));
typedef float Float4 __attribute__((vector_size(16)));
typedef double Double2 __attribute__((vector_size(16)));

Float4 load(const float* x) {
  Float4 values;
  std::memcpy(&values, x, sizeof values);
  return values;
}

// Sums of values and of their squares, in two pairs.
struct WideSums {
  Double2 low = {};
  Double2 high = {};
  Double2 low_squares = {};
  Double2 high_squares = {};

  void add(Float4 values) {
    const Double2 a = __builtin_convertvector(Float2(__builtin_shufflevector(values, values, 0, 1)), Double2);
    const Double2 b = __builtin_convertvector(Float2(__builtin_shufflevector(values, values, 2, 3)), Double2);
    low += a;
    high += b;
    low_squares += a * a;
    high_squares += b * b;
  }
};

void add_row(Sums& sums, const float* x, std::int64_t count) {
  constexpr std::int64_t kStep = 8;
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  Float4 lo = {kInfinity, kInfinity, kInfinity, kInfinity};
  Float4 hi = -lo;
  WideSums even;
  WideSums odd;
  const std::int64_t whole = count - count % kStep;
  for (std::int64_t i = 0; i < whole; i += kStep) {
    const Float4 a = load(x + i);
    const Float4 b = load(x + i + 4);
    lo = a < lo ? a : lo;
    hi = a > hi ? a : hi;
    lo = b < lo ? b : lo;
    hi = b > hi ? b : hi;
    even.add(a);
    odd.add(b);
  }
  const Double2 sum = (even.low + even.high) + (odd.low + odd.high);
  const Double2 squares = (even.low_squares + even.high_squares) + (odd.low_squares + odd.high_squares);
  const double total = sum[0] + sum[1];
  // Sums of finite floats never overflow a double: this is not finite exactly where one of the values is not.
  if (!std::isfinite(total)) {
    add_careful(sums, x, count);
    return;
  }
  for (int j = 0; j < 4; ++j) {
    sums.min = std::min(sums.min, lo[j]);
    sums.max = std::max(sums.max, hi[j]);
  }
  sums.sum += total;
  sums.squares += squares[0] + squares[1];
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

// The sums of four rows at four columns.
Float4 column_sums(const float* source, std::int64_t stride) {
  return (load(source) + load(source + stride)) + (load(source + 2 * stride) + load(source + 3 * stride));
}

// Sums of neighbouring pairs of eight values.
Float4 pair_sums(Float4 a, Float4 b) {
  return __builtin_shufflevector(a, b, 0, 2, 4, 6) + __builtin_shufflevector(a, b, 1, 3, 5, 7);
}

// Means of whole blocks, four at a time; returns how many.
std::int64_t reduce_blocks(const float* source, std::int64_t stride, std::int64_t blocks, float* target) {
  constexpr float kScale = 1.0F / (kFactor * kFactor);
  const std::int64_t whole = blocks - blocks % 4;
  for (std::int64_t x = 0; x < whole; x += 4) {
    const float* s = source + x * kFactor;
    const Float4 left = pair_sums(column_sums(s, stride), column_sums(s + 4, stride));
    const Float4 right = pair_sums(column_sums(s + 8, stride), column_sums(s + 12, stride));
    const Float4 means = pair_sums(left, right) * kScale;
    std::memcpy(target + x, &means, sizeof means);
  }
  return whole;
}

// One row of means from `rows` (at most four) source rows. The last row and the last column count as `last_row` and
// `last_col` of a whole one.
void reduce_row(const float* source, std::int64_t stride, std::int64_t rows, float last_row, std::int64_t cols,
                float last_col, float* target) {
  const std::int64_t blocks = (cols + kFactor - 1) / kFactor;
  const bool is_whole = rows == kFactor && last_row == 1.0F;
  const std::int64_t done = is_whole ? reduce_blocks(source, stride, blocks - 1, target) : 0;
  for (std::int64_t block = done; block < blocks; ++block) {
    float sum = 0;
    float area = 0;
    for (std::int64_t y = 0; y < rows; ++y) {
      for (std::int64_t x = block * kFactor; x < std::min((block + 1) * kFactor, cols); ++x) {
        const float weight = (y + 1 == rows ? last_row : 1.0F) * (x + 1 == cols ? last_col : 1.0F);
        sum += weight * source[y * stride + x];
        area += weight;
      }
    }
    target[block] = sum / area;
  }
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
                   target->view().row(0, plane, reduced));
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
  parallel.for_each(maps.shape().c, [&](std::int64_t plane) {
    MapStats& map = stats[static_cast<std::size_t>(plane)];
    const std::span values(maps.view().plane(0, plane), static_cast<std::size_t>(maps.shape().h * maps.shape().w));
    map.bulk = bulk_magnitude(values, maps.shape().w, std::max(std::abs(map.min), std::abs(map.max)));
  });
}

}  // namespace convlens::model
