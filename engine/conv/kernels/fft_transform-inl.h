// Fourier transforms of eight columns at a time, in double, for the fft kernel. Cells and roots only; no pictures.
//
// A cell is one complex number of each of kWide columns: their real parts, then their imaginary parts. Neighbouring
// cells are neighbouring positions, so every butterfly works on whole vectors and each root is the same for all lanes.
// The forward transform takes positions in order and leaves frequencies in an order of its own (decimation in
// frequency); the inverse undoes it step by step, so nothing is ever put in order. (Cooley and Tukey, "An algorithm for
// the machine calculation of complex Fourier series", in steps of four.)

#if defined(CONVLENS_FFT_TRANSFORM_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef CONVLENS_FFT_TRANSFORM_INL_H_
#undef CONVLENS_FFT_TRANSFORM_INL_H_
#else
#define CONVLENS_FFT_TRANSFORM_INL_H_
#endif

#include <algorithm>
#include <cstdint>

#include <hwy/highway.h>

#include "engine/conv/kernels/fft_plan.h"

HWY_BEFORE_NAMESPACE();
namespace convlens::conv {
namespace HWY_NAMESPACE {
namespace transform {
namespace hn = hwy::HWY_NAMESPACE;
using namespace convlens::conv::fft;

using DoubleTag = hn::CappedTag<double, kWide>;
using DoubleVec = hn::Vec<DoubleTag>;
inline constexpr int kDoubles = static_cast<int>(hn::MaxLanes(DoubleTag()));

struct Complex {
  DoubleVec re, im;
};

HWY_INLINE Complex load(const double* cell) {
  return {hn::Load(DoubleTag(), cell), hn::Load(DoubleTag(), cell + kWide)};
}
HWY_INLINE void store(Complex x, double* cell) {
  hn::Store(x.re, DoubleTag(), cell);
  hn::Store(x.im, DoubleTag(), cell + kWide);
}
HWY_INLINE Complex sum(Complex a, Complex b) { return {hn::Add(a.re, b.re), hn::Add(a.im, b.im)}; }
HWY_INLINE Complex difference(Complex a, Complex b) { return {hn::Sub(a.re, b.re), hn::Sub(a.im, b.im)}; }
// a - i b and a + i b.
HWY_INLINE Complex minus_i(Complex a, Complex b) { return {hn::Add(a.re, b.im), hn::Sub(a.im, b.re)}; }
HWY_INLINE Complex plus_i(Complex a, Complex b) { return {hn::Sub(a.re, b.im), hn::Add(a.im, b.re)}; }
HWY_INLINE Complex product(Complex a, Complex b) {
  return {hn::MulSub(a.re, b.re, hn::Mul(a.im, b.im)), hn::MulAdd(a.re, b.im, hn::Mul(a.im, b.re))};
}
// a conj(b).
HWY_INLINE Complex conjugate_product(Complex a, Complex b) {
  return {hn::MulAdd(a.re, b.re, hn::Mul(a.im, b.im)), hn::MulSub(a.im, b.re, hn::Mul(a.re, b.im))};
}
HWY_INLINE Complex root_at(const double* root) {
  return {hn::Set(DoubleTag(), root[0]), hn::Set(DoubleTag(), root[1])};
}

// Four cells, `step` doubles apart, to their sums by powers of -i; then the roots of this position.
template <bool kHasRoots>
HWY_INLINE void split_four(double* cells, std::int64_t step, const Complex (&roots)[3]) {
  const Complex a = load(cells), b = load(cells + step), c = load(cells + 2 * step), d = load(cells + 3 * step);
  const Complex even = sum(a, c), odd = sum(b, d), even_rest = difference(a, c), odd_rest = difference(b, d);
  const Complex y1 = minus_i(even_rest, odd_rest), y2 = difference(even, odd), y3 = plus_i(even_rest, odd_rest);
  store(sum(even, odd), cells);
  store(kHasRoots ? product(y1, roots[0]) : y1, cells + step);
  store(kHasRoots ? product(y2, roots[1]) : y2, cells + 2 * step);
  store(kHasRoots ? product(y3, roots[2]) : y3, cells + 3 * step);
}

// Its inverse, times four.
template <bool kHasRoots>
HWY_INLINE void join_four(double* cells, std::int64_t step, const Complex (&roots)[3]) {
  const Complex y0 = load(cells);
  Complex y1 = load(cells + step), y2 = load(cells + 2 * step), y3 = load(cells + 3 * step);
  if constexpr (kHasRoots) {
    y1 = conjugate_product(y1, roots[0]);
    y2 = conjugate_product(y2, roots[1]);
    y3 = conjugate_product(y3, roots[2]);
  }
  const Complex even = sum(y0, y2), rest = difference(y0, y2), odd = sum(y1, y3), odd_rest = difference(y1, y3);
  store(sum(even, odd), cells);
  store(plus_i(rest, odd_rest), cells + step);
  store(difference(even, odd), cells + 2 * step);
  store(minus_i(rest, odd_rest), cells + 3 * step);
}

// All butterflies of the blocks of `size` cells; roots: three for each of the size / 4 positions.
template <bool kInverse>
HWY_INLINE void step_of_four(double* cells, std::int64_t n, std::int64_t size, const double* roots) {
  const std::int64_t step = size / 4 * kCell;
  const auto pass = [&](std::int64_t j, auto has_roots, const Complex(&w)[3]) HWY_ATTR {
    for (std::int64_t block = j; block < n; block += size) {
      for (int v = 0; v < kWide; v += kDoubles) {
        double* at = cells + block * kCell + v;
        if constexpr (kInverse) {
          join_four<has_roots()>(at, step, w);
        } else {
          split_four<has_roots()>(at, step, w);
        }
      }
    }
  };
  const Complex none[3] = {};
  pass(0, std::false_type(), none);
  for (std::int64_t j = 1; j < size / 4; ++j) {
    const double* at = roots + 6 * j;
    const Complex w[3] = {root_at(at), root_at(at + 2), root_at(at + 4)};
    pass(j, std::true_type(), w);
  }
}

inline void steps_of_two(double* cells, std::int64_t n) {
  for (std::int64_t i = 0; i < n; i += 2) {
    for (int v = 0; v < kWide; v += kDoubles) {
      double* at = cells + i * kCell + v;
      const Complex a = load(at), b = load(at + kCell);
      store(sum(a, b), at);
      store(difference(a, b), at + kCell);
    }
  }
}

// n cells in place; n a power of two, roots as fill_roots() lays them out for n.
HWY_NOINLINE inline void forward(double* cells, std::int64_t n, const double* roots) {
  std::int64_t size = n;
  for (; size >= 4; size /= 4) {
    step_of_four<false>(cells, n, size, roots);
    roots += size / 4 * 6;
  }
  if (size == 2) steps_of_two(cells, n);
}

// The inverse of forward(), times n.
HWY_NOINLINE inline void inverse(double* cells, std::int64_t n, const double* roots) {
  std::int64_t size = 4;
  const double* end = roots + root_doubles(n);
  if (is_odd_power(n)) {
    steps_of_two(cells, n);
    size = 8;
  }
  for (; size <= n; size *= 4) {
    end -= size / 4 * 6;
    step_of_four<true>(cells, n, size, end);
  }
}

// to[j * to_pitch + i] = from[i * from_pitch + j] for i and j in [0, kWide).
HWY_INLINE void transpose(const double* from, std::int64_t from_pitch, double* to, std::int64_t to_pitch) {
#if HWY_TARGET == HWY_SCALAR
  for (int i = 0; i < kWide; ++i) {
    for (int j = 0; j < kWide; ++j) to[j * to_pitch + i] = from[i * from_pitch + j];
  }
#else
  const hn::CappedTag<double, 4> d;
  constexpr int kSide = static_cast<int>(hn::MaxLanes(hn::CappedTag<double, 4>()));
  for (int i = 0; i < kWide; i += kSide) {
    for (int j = 0; j < kWide; j += kSide) {
      const double* at = from + i * from_pitch + j;
      double* out = to + j * to_pitch + i;
      const auto r0 = hn::Load(d, at);
      const auto r1 = hn::Load(d, at + from_pitch);
      const auto low = hn::InterleaveLower(d, r0, r1);
      const auto high = hn::InterleaveUpper(d, r0, r1);
      if constexpr (kSide == 2) {
        hn::Store(low, d, out);
        hn::Store(high, d, out + to_pitch);
      } else {
        const auto r2 = hn::Load(d, at + 2 * from_pitch);
        const auto r3 = hn::Load(d, at + 3 * from_pitch);
        const auto low2 = hn::InterleaveLower(d, r2, r3);
        const auto high2 = hn::InterleaveUpper(d, r2, r3);
        hn::Store(hn::ConcatLowerLower(d, low2, low), d, out);
        hn::Store(hn::ConcatLowerLower(d, high2, high), d, out + to_pitch);
        hn::Store(hn::ConcatUpperUpper(d, low2, low), d, out + 2 * to_pitch);
        hn::Store(hn::ConcatUpperUpper(d, high2, high), d, out + 3 * to_pitch);
      }
    }
  }
#endif
}

}  // namespace transform
}  // namespace HWY_NAMESPACE
}  // namespace convlens::conv
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
