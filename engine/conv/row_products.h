// Two products of small matrices with contiguous rows: what dense layers and convolution's backward pass are made of.
// One thread; the callers cut the work.
#pragma once

#include <cstdint>

namespace convlens::conv {

// Row lengths are multiples of this many floats, filled up with zeros: no vector of any instruction set has a rest.
inline constexpr std::int64_t kRowUnit = 16;
constexpr std::int64_t whole_rows(std::int64_t count) { return (count + kRowUnit - 1) / kRowUnit * kRowUnit; }

// Rows of floats; row i begins at data + i * pitch.
template <class T>
struct BasicRows {
  T* data = nullptr;
  std::int64_t count = 0;
  std::int64_t pitch = 0;
};
using Rows = BasicRows<float>;
using ConstRows = BasicRows<const float>;

// Coefficient (m, k) stands at data + m * row_stride + k * column_stride.
struct Coefficients {
  const float* data = nullptr;
  std::int64_t row_stride = 0;
  std::int64_t column_stride = 0;
};

// The functions of one instruction set.
struct RowProducts {
  // out(m, n) = start[n] + sum over i < length of a(m, i) b(n, i), or added to what out holds where `accumulate`.
  // out is a.count x b.count; start may be null (zeros). length is a multiple of kRowUnit.
  void (*dot)(ConstRows a, ConstRows b, std::int64_t length, const float* start, Rows out, bool accumulate);
  // out(m, i) = sum over k < depth of coefficient(m, k) b(k, i), i < length, added where `accumulate`.
  // out is out.count x length, a multiple of kRowUnit.
  void (*combine)(Coefficients coefficients, ConstRows b, std::int64_t length, Rows out, bool accumulate);
};

// Those of a Highway target, one of simd_targets(); valid for ever.
RowProducts row_products(std::int64_t target);

}  // namespace convlens::conv
