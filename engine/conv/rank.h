// Rank of a filter's slices: sums of outer products that a kernel may use in place of the weights, and the numbers
// that explain how near a slice is to one. No pixels.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "engine/conv/params.h"
#include "engine/core/tensor.h"

namespace convlens::conv {

// Outer products that a factored slice may have.
inline constexpr int kMaxTerms = 2;

// An R x S slice as w(r, s) = sum over terms of column[r] row[s].
struct Factors {
  struct Term {
    std::array<float, kMaxKernelSize> column;  // R values
    // S values whose absolute sum is at most 1, so that a row of products never overflows where the picture does not.
    std::array<float, kMaxKernelSize> row;
  };
  int rank = 0;  // terms; 1 also for a slice of zeros
  std::array<Term, kMaxTerms> terms;
};

// Factors slice (k, c) of the weights (K, C/groups, R, S), or says that it cannot be done "to float rounding":
//   one term    every product is within 2^-21 of its weight, relatively;
//   two terms   within 2^-19, and the two terms are together at most 16 times the weight, so that rounding them
//               costs no more than 1e-5 of it. A weight of zero has terms of zero.
// A weight too small for float's full precision counts as rounded to float's smallest step. Small integers (and their
// multiples) of rank one get factors that are exact. A slice of full rank is refused after three looks at its weights,
// about a microsecond for 15 x 15. Does not allocate; `factors` is only meaningful where this returns true.
bool factorize(ConstView weights, std::int64_t k, std::int64_t c, Factors& factors);

// Singular values of slice (k, c), largest first; min(R, S) of them. Non-finite weights give values that are not
// finite.
std::vector<double> singular_values(ConstView weights, std::int64_t k, std::int64_t c);

// The outer product nearest to a slice (Eckart and Young): scale * column * row with unit column and row.
struct RankOne {
  double scale = 0;  // the largest singular value
  std::vector<double> column;
  std::vector<double> row;
  // Frobenius norm of what is left, relative to the slice's; 0 for a slice of zeros.
  double relative_error = 0;
};
RankOne nearest_rank_one(ConstView weights, std::int64_t k, std::int64_t c);

}  // namespace convlens::conv
