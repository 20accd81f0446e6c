// Cross approximation finds the rank, subspace iteration the balanced factors, and a look at every weight decides.
#include "engine/conv/rank.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>
#include <span>

#include <Eigen/SVD>

namespace convlens::conv {
namespace {

using Vector = std::array<double, kMaxKernelSize>;

constexpr double kFloatRounding = 0x1p-24;  // largest relative error of one rounding
constexpr double kFloatStep = 0x1p-149;
constexpr double kMaxCancellation = 16;

struct Slice {
  const float* data;
  std::int64_t rows, columns, pitch;
  double at(std::int64_t r, std::int64_t s) const { return double{data[r * pitch + s]}; }
};

Slice slice_of(ConstView weights, std::int64_t k, std::int64_t c) {
  return {weights.plane(k, c), weights.shape.h, weights.shape.w, weights.row_stride};
}

// column[r] row[s] of some terms, in double.
struct Cross {
  int terms = 0;
  std::array<Vector, kMaxTerms> columns, rows;
};

struct Pivot {
  double size = 0;
  std::int64_t r = 0, s = 0;
};

// What is left of the slice at (r, s) after the first `terms` terms.
double residual(const Slice& w, const Cross& cross, int terms, std::int64_t r, std::int64_t s) {
  double value = w.at(r, s);
  for (int t = 0; t < terms; ++t) {
    const auto i = static_cast<std::size_t>(t);
    value -= cross.columns[i][static_cast<std::size_t>(r)] * cross.rows[i][static_cast<std::size_t>(s)];
  }
  return value;
}

Pivot largest_residual(const Slice& w, const Cross& cross) {
  Pivot pivot;
  for (std::int64_t r = 0; r < w.rows; ++r) {
    for (std::int64_t s = 0; s < w.columns; ++s) {
      const double size = std::abs(residual(w, cross, cross.terms, r, s));
      if (size > pivot.size) pivot = {size, r, s};
    }
  }
  return pivot;
}

// Adds the term that makes the residual's row and column of (r, s) vanish.
void add_term(const Slice& w, std::int64_t pivot_r, std::int64_t pivot_s, Cross& cross) {
  const auto t = static_cast<std::size_t>(cross.terms);
  const double pivot = residual(w, cross, cross.terms, pivot_r, pivot_s);
  for (std::int64_t s = 0; s < w.columns; ++s) {
    cross.rows[t][static_cast<std::size_t>(s)] = residual(w, cross, cross.terms, pivot_r, s);
  }
  for (std::int64_t r = 0; r < w.rows; ++r) {
    cross.columns[t][static_cast<std::size_t>(r)] = residual(w, cross, cross.terms, r, pivot_s) / pivot;
  }
  ++cross.terms;
}

// Whether every residual is at most `limit`; stops at the first that is not. False for weights that are not numbers.
bool is_covered(const Slice& w, const Cross& cross, double limit) {
  for (std::int64_t r = 0; r < w.rows; ++r) {
    for (std::int64_t s = 0; s < w.columns; ++s) {
      if (!(std::abs(residual(w, cross, cross.terms, r, s)) <= limit)) return false;
    }
  }
  return true;
}

// Rounds the terms to float, their rows scaled by powers of two.
void round_terms(const Slice& w, const Cross& cross, Factors& factors) {
  factors.rank = cross.terms;
  for (std::size_t t = 0; t < static_cast<std::size_t>(cross.terms); ++t) {
    double sum = 0;
    for (std::size_t s = 0; s < static_cast<std::size_t>(w.columns); ++s) sum += std::abs(cross.rows[t][s]);
    int exponent = 0;
    std::frexp(sum, &exponent);
    for (std::size_t s = 0; s < static_cast<std::size_t>(w.columns); ++s) {
      factors.terms[t].row[s] = static_cast<float>(std::ldexp(cross.rows[t][s], -exponent));
    }
    for (std::size_t r = 0; r < static_cast<std::size_t>(w.rows); ++r) {
      factors.terms[t].column[r] = static_cast<float>(std::ldexp(cross.columns[t][r], exponent));
    }
  }
}

// Whether the factors give every weight to within `tolerance` of it without harmful cancellation.
bool is_accurate(const Slice& w, const Factors& factors, double tolerance) {
  for (std::int64_t r = 0; r < w.rows; ++r) {
    for (std::int64_t s = 0; s < w.columns; ++s) {
      double value = 0;
      double size = 0;
      for (std::size_t t = 0; t < static_cast<std::size_t>(factors.rank); ++t) {
        const Factors::Term& term = factors.terms[t];
        const double product =
            double{term.column[static_cast<std::size_t>(r)]} * double{term.row[static_cast<std::size_t>(s)]};
        value += product;
        size += std::abs(product);
      }
      const double weight = w.at(r, s);
      if (!(std::abs(value - weight) <= tolerance * std::abs(weight) + (tolerance > 0 ? kFloatStep : 0))) return false;
      if (!(size <= kMaxCancellation * std::abs(weight) + kFloatStep)) return false;
    }
  }
  return true;
}

// Divides integers times a power of two by their greatest common divisor; false where they are no small integers.
bool divide_by_common(std::span<double> values) {
  int least = std::numeric_limits<int>::max();
  for (const double value : values) {
    if (value == 0) continue;
    int exponent = 0;
    const auto digits = static_cast<std::int64_t>(std::ldexp(std::frexp(std::abs(value), &exponent), 24));
    least = std::min(least, exponent - 24 + std::countr_zero(static_cast<std::uint64_t>(digits)));
  }
  std::int64_t divisor = 0;
  for (const double value : values) {
    const double integer = std::ldexp(std::abs(value), -least);
    if (!(integer < 0x1p24)) return false;
    divisor = std::gcd(divisor, static_cast<std::int64_t>(integer));
  }
  for (double& value : values) value = std::ldexp(value, -least) / static_cast<double>(divisor);
  return true;
}

// One term from the pivot's row and column, its row of integers where it can be.
Cross integer_term(const Slice& w, const Pivot& pivot) {
  Cross cross;
  add_term(w, pivot.r, pivot.s, cross);
  const auto pivot_s = static_cast<std::size_t>(pivot.s);
  if (!divide_by_common({cross.rows[0].data(), static_cast<std::size_t>(w.columns)})) return cross;
  for (std::int64_t r = 0; r < w.rows; ++r) {
    cross.columns[0][static_cast<std::size_t>(r)] = w.at(r, pivot.s) / cross.rows[0][pivot_s];
  }
  return cross;
}

// Terms that are the slice's own rows or columns, where there are no more than two.
Cross unit_terms(const Slice& w) {
  Cross cross;
  const bool by_rows = w.rows <= w.columns;
  cross.terms = static_cast<int>(std::min(w.rows, w.columns));
  for (std::size_t t = 0; t < static_cast<std::size_t>(cross.terms); ++t) {
    auto& unit = by_rows ? cross.columns[t] : cross.rows[t];
    unit.fill(0);
    unit[t] = 1;
    const auto i = static_cast<std::int64_t>(t);
    for (std::int64_t r = 0; !by_rows && r < w.rows; ++r) cross.columns[t][static_cast<std::size_t>(r)] = w.at(r, i);
    for (std::int64_t s = 0; by_rows && s < w.columns; ++s) cross.rows[t][static_cast<std::size_t>(s)] = w.at(i, s);
  }
  return cross;
}

// Two terms of which the first takes the row with the fewest weights that are not zero: a plus sign comes out as its
// two strokes.
Cross sparse_terms(const Slice& w) {
  Pivot best;
  std::int64_t fewest = w.columns + 1;
  for (std::int64_t r = 0; r < w.rows; ++r) {
    Pivot largest;
    std::int64_t count = 0;
    for (std::int64_t s = 0; s < w.columns; ++s) {
      const double size = std::abs(w.at(r, s));
      count += size > 0;
      if (size > largest.size) largest = {size, r, s};
    }
    if (count == 0 || count >= fewest) continue;
    fewest = count;
    best = largest;
  }
  Cross cross;
  add_term(w, best.r, best.s, cross);
  const Pivot next = largest_residual(w, cross);
  if (next.size > 0) add_term(w, next.r, next.s, cross);
  return cross;
}

double dot(const Vector& a, const Vector& b, std::int64_t count) {
  return std::inner_product(a.begin(), a.begin() + count, b.begin(), 0.0);
}

// Makes the vectors orthogonal and of unit length (Gram and Schmidt, twice for accuracy).
void orthonormalize(std::span<Vector> vectors, std::int64_t count) {
  for (std::size_t t = 0; t < vectors.size(); ++t) {
    for (int pass = 0; pass < 2; ++pass) {
      for (std::size_t u = 0; u < t; ++u) {
        const double along = dot(vectors[u], vectors[t], count);
        for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) vectors[t][i] -= along * vectors[u][i];
      }
      const double length = std::sqrt(dot(vectors[t], vectors[t], count));
      for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) vectors[t][i] /= length;
    }
  }
}

// The slice's leading singular vectors as terms, by subspace iteration from the cross approximation. The singular
// values that are left out are rounding errors, some 1e-7 of those kept or less, and every round shrinks the error by
// the square of that.
void balance(const Slice& w, Cross& cross) {
  const auto terms = static_cast<std::size_t>(cross.terms);
  const auto rows_of = [&](Cross& x) { return std::span(x.rows.data(), terms); };
  for (int round = 0; round < 2; ++round) {
    orthonormalize(rows_of(cross), w.columns);
    for (std::size_t t = 0; t < terms; ++t) {
      for (std::int64_t r = 0; r < w.rows; ++r) {
        double sum = 0;
        for (std::int64_t s = 0; s < w.columns; ++s) sum += w.at(r, s) * cross.rows[t][static_cast<std::size_t>(s)];
        cross.columns[t][static_cast<std::size_t>(r)] = sum;
      }
    }
    if (round == 1) break;
    orthonormalize({cross.columns.data(), terms}, w.rows);
    for (std::size_t t = 0; t < terms; ++t) {
      cross.rows[t].fill(0);
      for (std::int64_t r = 0; r < w.rows; ++r) {
        const double scale = cross.columns[t][static_cast<std::size_t>(r)];
        for (std::int64_t s = 0; s < w.columns; ++s) cross.rows[t][static_cast<std::size_t>(s)] += scale * w.at(r, s);
      }
    }
  }
  if (terms < 2) return;
  // A rotation of the rows that makes the columns orthogonal too gives the singular vectors (one-sided Jacobi).
  const double a = dot(cross.columns[0], cross.columns[0], w.rows);
  const double b = dot(cross.columns[1], cross.columns[1], w.rows);
  const double angle = 0.5 * std::atan2(2 * dot(cross.columns[0], cross.columns[1], w.rows), a - b);
  const auto rotate = [&](std::array<Vector, kMaxTerms>& v, std::int64_t count) {
    for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
      const double x = v[0][i];
      v[0][i] = std::cos(angle) * x + std::sin(angle) * v[1][i];
      v[1][i] = std::cos(angle) * v[1][i] - std::sin(angle) * x;
    }
  };
  rotate(cross.rows, w.columns);
  rotate(cross.columns, w.rows);
}

Eigen::MatrixXd matrix_of(ConstView weights, std::int64_t k, std::int64_t c) {
  const Slice w = slice_of(weights, k, c);
  Eigen::MatrixXd matrix(w.rows, w.columns);
  for (std::int64_t r = 0; r < w.rows; ++r) {
    for (std::int64_t s = 0; s < w.columns; ++s) matrix(r, s) = w.at(r, s);
  }
  return matrix;
}

}  // namespace

bool factorize(ConstView weights, std::int64_t k, std::int64_t c, Factors& factors) {
  const Slice w = slice_of(weights, k, c);
  const auto accept = [&](const Cross& cross, double tolerance) {
    round_terms(w, cross, factors);
    return is_accurate(w, factors, tolerance);
  };
  if (std::min(w.rows, w.columns) == 1) return accept(unit_terms(w), 0);

  Cross cross;
  const Pivot first = largest_residual(w, cross);
  if (first.size == 0) {
    cross.terms = 1;
    cross.rows[0].fill(0);
    cross.columns[0].fill(0);
    return accept(cross, 0);
  }
  if (!(first.size <= double{std::numeric_limits<float>::max()})) return false;
  add_term(w, first.r, first.s, cross);
  const Pivot second = largest_residual(w, cross);
  // Three rounded weights stand behind each residual of one term; elimination of the second adds as many again.
  if (second.size <= 6 * kFloatRounding * first.size) {
    constexpr double kTolerance = 8 * kFloatRounding;
    if (accept(integer_term(w, first), 0)) return true;
    balance(w, cross);
    return accept(cross, kTolerance);
  }
  if (std::min(w.rows, w.columns) == 2) return accept(unit_terms(w), 0);
  add_term(w, second.r, second.s, cross);
  if (!is_covered(w, cross, 16 * kFloatRounding * first.size)) return false;
  constexpr double kTolerance = 32 * kFloatRounding;
  const Cross sparse = sparse_terms(w);
  if (accept(sparse, 0) || accept(cross, kTolerance) || accept(sparse, kTolerance)) return true;
  balance(w, cross);
  return accept(cross, kTolerance);
}

std::vector<double> singular_values(ConstView weights, std::int64_t k, std::int64_t c) {
  const Eigen::BDCSVD<Eigen::MatrixXd> svd(matrix_of(weights, k, c));
  const auto& values = svd.singularValues();
  return {values.data(), values.data() + values.size()};
}

RankOne nearest_rank_one(ConstView weights, std::int64_t k, std::int64_t c) {
  const Eigen::BDCSVD<Eigen::MatrixXd> svd(matrix_of(weights, k, c), Eigen::ComputeThinU | Eigen::ComputeThinV);
  const auto& values = svd.singularValues();
  const Eigen::VectorXd column = svd.matrixU().col(0);
  const Eigen::VectorXd row = svd.matrixV().col(0);
  RankOne result;
  result.scale = values(0);
  result.column.assign(column.data(), column.data() + column.size());
  result.row.assign(row.data(), row.data() + row.size());
  const double norm = values.norm();
  if (norm > 0) result.relative_error = values.tail(values.size() - 1).norm() / norm;
  return result;
}

}  // namespace convlens::conv
