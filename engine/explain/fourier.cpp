// One-dimensional transforms of every row and every column: Cooley and Tukey's for powers of two, Bluestein's chirp for
// all other lengths (L. I. Bluestein, 1970), which turns them into a convolution of a power-of-two length.
#include "engine/explain/fourier.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numbers>
#include <utility>

namespace convlens::explain {
namespace {

using Complex = std::complex<double>;

Complex unit_circle(double turns) {
  const double angle = 2 * std::numbers::pi * turns;
  return {std::cos(angle), std::sin(angle)};
}

// std::complex's operator* looks after infinities, which costs most of the time here.
Complex product(const Complex& a, const Complex& b) {
  return {a.real() * b.real() - a.imag() * b.imag(), a.real() * b.imag() + a.imag() * b.real()};
}

class PowerOfTwo {
 public:
  explicit PowerOfTwo(std::size_t n) : n_(n), roots_(n / 2) {
    for (std::size_t i = 0; i < n / 2; ++i) roots_[i] = unit_circle(-static_cast<double>(i) / static_cast<double>(n));
  }

  void run(Complex* data) const {
    reverse_bits(data);
    for (std::size_t half = 1; half < n_; half *= 2) {
      const std::size_t step = n_ / (2 * half);
      for (std::size_t start = 0; start < n_; start += 2 * half) {
        for (std::size_t i = 0; i < half; ++i) {
          const Complex odd = product(data[start + half + i], roots_[i * step]);
          data[start + half + i] = data[start + i] - odd;
          data[start + i] += odd;
        }
      }
    }
  }

  std::size_t size() const { return n_; }

 private:
  void reverse_bits(Complex* data) const {
    for (std::size_t i = 1, j = 0; i < n_; ++i) {
      std::size_t bit = n_ / 2;
      for (; (j & bit) != 0; bit /= 2) j ^= bit;
      j ^= bit;
      if (i < j) std::swap(data[i], data[j]);
    }
  }

  std::size_t n_;
  std::vector<Complex> roots_;
};

class Line {
 public:
  explicit Line(std::size_t n)
      : n_(n), is_power_(std::has_single_bit(n)), fast_(is_power_ ? n : std::bit_ceil(2 * n - 1)) {
    if (is_power_) return;
    chirp_.resize(n);
    // i^2 modulo 2n keeps the angle exact for long lines.
    for (std::size_t i = 0; i < n; ++i) {
      chirp_[i] = unit_circle(-static_cast<double>(i * i % (2 * n)) / static_cast<double>(2 * n));
    }
    filter_.assign(fast_.size(), {});
    for (std::size_t i = 0; i < n; ++i) {
      filter_[i] = std::conj(chirp_[i]);
      if (i > 0) filter_[fast_.size() - i] = std::conj(chirp_[i]);
    }
    fast_.run(filter_.data());
    scratch_.resize(fast_.size());
  }

  void run(Complex* data) {
    if (is_power_) return fast_.run(data);
    std::fill(scratch_.begin(), scratch_.end(), Complex());
    for (std::size_t i = 0; i < n_; ++i) scratch_[i] = product(data[i], chirp_[i]);
    fast_.run(scratch_.data());
    // The way back is the transform of the conjugate, conjugated.
    for (std::size_t i = 0; i < scratch_.size(); ++i) scratch_[i] = std::conj(product(scratch_[i], filter_[i]));
    fast_.run(scratch_.data());
    const double scale = 1 / static_cast<double>(fast_.size());
    for (std::size_t i = 0; i < n_; ++i) data[i] = product(std::conj(scratch_[i]) * scale, chirp_[i]);
  }

 private:
  std::size_t n_;
  bool is_power_;
  PowerOfTwo fast_;
  std::vector<Complex> chirp_, filter_, scratch_;
};

// Columns are transformed this many at a time, so that each row of the grid is touched in whole cache lines.
constexpr std::int64_t kColumns = 8;

void transform_columns(ComplexGrid& grid) {
  Line line(static_cast<std::size_t>(grid.rows));
  std::vector<Complex> block(static_cast<std::size_t>(grid.rows * kColumns));
  for (std::int64_t v = 0; v < grid.cols; v += kColumns) {
    const std::int64_t count = std::min(kColumns, grid.cols - v);
    for (std::int64_t u = 0; u < grid.rows; ++u) {
      for (std::int64_t i = 0; i < count; ++i) block[static_cast<std::size_t>(i * grid.rows + u)] = grid.at(u, v + i);
    }
    for (std::int64_t i = 0; i < count; ++i) line.run(block.data() + i * grid.rows);
    for (std::int64_t u = 0; u < grid.rows; ++u) {
      for (std::int64_t i = 0; i < count; ++i) grid.at(u, v + i) = block[static_cast<std::size_t>(i * grid.rows + u)];
    }
  }
}

}  // namespace

void transform(ComplexGrid& grid) {
  if (grid.values.empty()) return;
  Line row(static_cast<std::size_t>(grid.cols));
  for (std::int64_t u = 0; u < grid.rows; ++u) row.run(grid.values.data() + u * grid.cols);
  transform_columns(grid);
}

void inverse_transform(ComplexGrid& grid) {
  for (Complex& value : grid.values) value = std::conj(value);
  transform(grid);
  const double scale = 1 / static_cast<double>(grid.values.size());
  for (Complex& value : grid.values) value = std::conj(value) * scale;
}

}  // namespace convlens::explain
