// Spectra by fourier.h, the filter's by its definition along rows and columns, the impulse by the engine itself.
#include "engine/explain/spectrum.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numbers>
#include <string>

#include "engine/conv/conv.h"

namespace convlens::explain {
namespace {

using Complex = std::complex<double>;

// exp(2 pi i turns).
Complex wave(double turns) { return std::polar(1.0, 2 * std::numbers::pi * turns); }

// factors[u * taps + i] = exp(2 pi i u position(i) / size), the angle reduced while it is a whole number.
std::vector<Complex> waves_of(std::int64_t size, std::int64_t taps, std::int64_t pad, std::int64_t dilation) {
  std::vector<Complex> factors(static_cast<std::size_t>(size * taps));
  for (std::int64_t u = 0; u < size; ++u) {
    for (std::int64_t i = 0; i < taps; ++i) {
      const std::int64_t position = i * dilation - pad;
      factors[static_cast<std::size_t>(u * taps + i)] =
          wave(static_cast<double>(u * position % size) / static_cast<double>(size));
    }
  }
  return factors;
}

// The frequency of entry u of n, in [-1/2, 1/2).
double frequency(std::int64_t u, std::int64_t n) {
  return static_cast<double>(2 * u < n ? u : u - n) / static_cast<double>(n);
}

// Visits entry (u, v) together with its place in a picture whose middle is frequency 0.
template <class Write>
Tensor centred(const ComplexGrid& spectrum, const Write& write) {
  Tensor picture = Tensor::uninitialized({1, 1, spectrum.rows, spectrum.cols});
  for (std::int64_t u = 0; u < spectrum.rows; ++u) {
    float* row = picture.view().row(0, 0, (u + spectrum.rows / 2) % spectrum.rows);
    for (std::int64_t v = 0; v < spectrum.cols; ++v) {
      row[(v + spectrum.cols / 2) % spectrum.cols] = static_cast<float>(write(std::abs(spectrum.at(u, v))));
    }
  }
  return picture;
}

}  // namespace

ComplexGrid spectrum_of(ConstView planes, std::int64_t n, std::int64_t c) {
  ComplexGrid grid(planes.shape.h, planes.shape.w);
  for (std::int64_t y = 0; y < grid.rows; ++y) {
    std::copy_n(planes.row(n, c, y), grid.cols, grid.values.begin() + y * grid.cols);
  }
  transform(grid);
  return grid;
}

ComplexGrid transfer_function(const conv::Geometry& g, ConstView weights, std::int64_t k, std::int64_t c,
                              std::int64_t rows, std::int64_t cols) {
  const std::vector<Complex> by_row = waves_of(rows, g.r, g.pad.top, g.dilation_y);
  const std::vector<Complex> by_col = waves_of(cols, g.s, g.pad.left, g.dilation_x);
  // First along each filter row, then down the columns: R (S + rows) products for each column of the grid.
  ComplexGrid grid(rows, cols);
  std::vector<Complex> partial(static_cast<std::size_t>(g.r));
  for (std::int64_t v = 0; v < cols; ++v) {
    for (std::int64_t r = 0; r < g.r; ++r) {
      const float* row = weights.row(k, c, g.flip ? g.r - 1 - r : r);
      Complex sum;
      for (std::int64_t s = 0; s < g.s; ++s) {
        sum += static_cast<double>(row[g.flip ? g.s - 1 - s : s]) * by_col[static_cast<std::size_t>(v * g.s + s)];
      }
      partial[static_cast<std::size_t>(r)] = sum;
    }
    for (std::int64_t u = 0; u < rows; ++u) {
      Complex sum;
      for (std::int64_t r = 0; r < g.r; ++r) {
        const Complex& a = partial[static_cast<std::size_t>(r)];
        const Complex& b = by_row[static_cast<std::size_t>(u * g.r + r)];
        sum += Complex(a.real() * b.real() - a.imag() * b.imag(), a.real() * b.imag() + a.imag() * b.real());
      }
      grid.at(u, v) = sum;
    }
  }
  return grid;
}

Tensor magnitude_picture(const ComplexGrid& spectrum) {
  return centred(spectrum, [](double magnitude) { return magnitude; });
}

Tensor decibel_picture(const ComplexGrid& spectrum, double floor_db) {
  double largest = 0;
  for (const Complex& value : spectrum.values) largest = std::max(largest, std::abs(value));
  return centred(spectrum, [&](double magnitude) {
    return magnitude > 0 ? std::max(floor_db, 20 * std::log10(magnitude / largest)) : floor_db;
  });
}

Tensor magnitude_response(ConstView weights, std::int64_t k, std::int64_t c, std::int64_t rows, std::int64_t cols) {
  conv::Geometry g;
  g.r = weights.shape.h;
  g.s = weights.shape.w;
  return magnitude_picture(transfer_function(g, weights, k, c, rows, cols));
}

Result<Tensor> map_by_product_rule(const conv::Geometry& g, ConstView input, ConstView weights, std::int64_t n,
                                   std::int64_t k) {
  if (g.border != conv::Border::kCircular) {
    return Error{"the product rule of spectra holds on circular borders alone: choose the border 'circular'"};
  }
  if (g.stride_y != 1 || g.stride_x != 1) {
    return Error{"the product rule of spectra holds at stride 1; a stride folds the product's spectrum afterwards"};
  }
  const std::int64_t first = k / g.filters_per_group() * g.channels_per_group();
  ComplexGrid sum(g.h, g.w);
  for (std::int64_t c = 0; c < g.channels_per_group(); ++c) {
    const ComplexGrid x = spectrum_of(input, n, first + c);
    const ComplexGrid t = transfer_function(g, weights, k, c, g.h, g.w);
    for (std::size_t i = 0; i < sum.values.size(); ++i) sum.values[i] += x.values[i] * t.values[i];
  }
  inverse_transform(sum);
  // The map is periodic like the picture; with more or less padding than 'same' it shows more or less of a period.
  Tensor map = Tensor::uninitialized({1, 1, g.p, g.q});
  for (std::int64_t p = 0; p < g.p; ++p) {
    for (std::int64_t q = 0; q < g.q; ++q) {
      map.at(0, 0, p, q) = static_cast<float>(sum.at(p % g.h, q % g.w).real());
    }
  }
  return map;
}

NyquistBox nyquist_box(int stride_y, int stride_x) { return {0.5 / stride_y, 0.5 / stride_x}; }

double alias_of(double frequency, int stride) {
  const double sampled = frequency * stride;  // cycles per output pixel
  return (sampled - std::floor(sampled + 0.5)) / stride;
}

double folded_share(const ComplexGrid& spectrum, const NyquistBox& box) {
  double all = 0, outside = 0;
  for (std::int64_t u = 0; u < spectrum.rows; ++u) {
    const bool is_row_inside = std::abs(frequency(u, spectrum.rows)) < box.rows;
    for (std::int64_t v = 0; v < spectrum.cols; ++v) {
      if (u == 0 && v == 0) continue;
      const double energy = std::norm(spectrum.at(u, v));
      all += energy;
      if (!is_row_inside || std::abs(frequency(v, spectrum.cols)) >= box.cols) outside += energy;
    }
  }
  return all > 0 ? outside / all : 0;
}

ComplexGrid fold(const ComplexGrid& spectrum, int stride_y, int stride_x) {
  assert(spectrum.rows % stride_y == 0 && spectrum.cols % stride_x == 0);
  ComplexGrid folded(spectrum.rows / stride_y, spectrum.cols / stride_x);
  for (std::int64_t u = 0; u < spectrum.rows; ++u) {
    for (std::int64_t v = 0; v < spectrum.cols; ++v) {
      folded.at(u % folded.rows, v % folded.cols) += spectrum.at(u, v);
    }
  }
  for (Complex& value : folded.values) value /= stride_y * stride_x;
  return folded;
}

Result<Tensor> impulse_response(const conv::Params& params, ConstView weights, std::int64_t k, std::int64_t c) {
  conv::Params single;
  single.dilation_y = params.dilation_y;
  single.dilation_x = params.dilation_x;
  single.flip = params.flip;
  single.padding = conv::PaddingMode::kFull;
  Tensor picture({1, 1, conv::dilated_size(weights.shape.h, params.dilation_y),
                  conv::dilated_size(weights.shape.w, params.dilation_x)});
  picture.at(0, 0, (picture.shape().h - 1) / 2, (picture.shape().w - 1) / 2) = 1;
  ConstView slice = weights;
  slice.data = weights.plane(k, c);
  slice.shape.n = slice.shape.c = 1;
  const Result<conv::Geometry> geometry = conv::resolve(single, picture.shape(), slice.shape);
  if (!geometry) return geometry.error();
  Tensor response(geometry->output_shape());
  conv::Workspace workspace;
  const Parallel parallel(1);
  const Result<conv::Report> report =
      conv::forward(*geometry, picture.view(), slice, {}, response.view(), {"reference", "auto"}, workspace, parallel);
  if (!report) return report.error();
  return response;
}

}  // namespace convlens::explain
