// Discrete Fourier transforms in double, of any size. For explanations: kernels have their own.
#pragma once

#include <complex>
#include <cstdint>
#include <vector>

namespace convlens::explain {

// A rows x cols grid of complex numbers, row by row. As a spectrum, entry (u, v) belongs to the frequencies u/rows and
// v/cols cycles per pixel, those from 1/2 on standing for negative ones; (0, 0) is the sum.
struct ComplexGrid {
  std::int64_t rows = 0, cols = 0;
  std::vector<std::complex<double>> values;

  ComplexGrid() = default;
  ComplexGrid(std::int64_t row_count, std::int64_t col_count)
      : rows(row_count), cols(col_count), values(static_cast<std::size_t>(row_count * col_count)) {}
  std::complex<double>& at(std::int64_t u, std::int64_t v) { return values[static_cast<std::size_t>(u * cols + v)]; }
  const std::complex<double>& at(std::int64_t u, std::int64_t v) const {
    return values[static_cast<std::size_t>(u * cols + v)];
  }
};

// In place: X[u,v] = sum over y, x of x[y,x] exp(-2 pi i (u y / rows + v x / cols)).
void transform(ComplexGrid& grid);
// The way back, with the factor 1/(rows cols).
void inverse_transform(ComplexGrid& grid);

}  // namespace convlens::explain
