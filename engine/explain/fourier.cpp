// One-dimensional transforms of every row and every column: Eigen's where the length has small factors, else
// Bluestein's chirp (L. I. Bluestein, 1970), which turns a length into a convolution of a power-of-two length.
#include "engine/explain/fourier.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numbers>
#include <unsupported/Eigen/FFT>

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

// Eigen's transform is fast for lengths of small factors and quadratic in the large ones.
bool has_small_factors(std::size_t n) {
  for (const std::size_t factor : {2, 3, 5, 7}) {
    while (n % factor == 0) n /= factor;
  }
  return n == 1;
}

// Transforms of one length.
class Line {
 public:
  explicit Line(std::size_t n)
      : n_(n), is_direct_(has_small_factors(n)), size_(is_direct_ ? n : std::bit_ceil(2 * n - 1)) {
    scratch_.resize(size_);
    if (is_direct_) return;
    product_.resize(size_);
    chirp_.resize(n);
    // i^2 modulo 2n keeps the angle exact for long lines.
    for (std::size_t i = 0; i < n; ++i) {
      chirp_[i] = unit_circle(-static_cast<double>(i * i % (2 * n)) / static_cast<double>(2 * n));
    }
    for (std::size_t i = 0; i < n; ++i) {
      product_[i] = std::conj(chirp_[i]);
      if (i > 0) product_[size_ - i] = std::conj(chirp_[i]);
    }
    filter_.resize(size_);
    forward(filter_.data(), product_.data());
  }

  void run(Complex* data) {
    if (is_direct_) {
      std::copy_n(data, n_, scratch_.begin());
      return forward(data, scratch_.data());
    }
    std::fill(scratch_.begin(), scratch_.end(), Complex());
    for (std::size_t i = 0; i < n_; ++i) scratch_[i] = product(data[i], chirp_[i]);
    forward(product_.data(), scratch_.data());
    // The way back is the transform of the conjugate, conjugated.
    for (std::size_t i = 0; i < size_; ++i) scratch_[i] = std::conj(product(product_[i], filter_[i]));
    forward(product_.data(), scratch_.data());
    const double scale = 1 / static_cast<double>(size_);
    for (std::size_t i = 0; i < n_; ++i) data[i] = product(std::conj(product_[i]) * scale, chirp_[i]);
  }

 private:
  void forward(Complex* to, const Complex* from) {
    // Eigen's has no transform of a single number.
    if (size_ == 1) {
      *to = *from;
    } else {
      fft_.fwd(to, from, static_cast<Eigen::Index>(size_));
    }
  }

  std::size_t n_;
  bool is_direct_;
  std::size_t size_;  // of Eigen's transforms
  Eigen::FFT<double> fft_;
  std::vector<Complex> chirp_, filter_, scratch_, product_;
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
