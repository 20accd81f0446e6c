// The transforms of Winograd's F(4x4, 3x3), vectors of tiles at a time, and the matrices they multiply by.
//
// Y = A^T [(G g G^T) * (B^T d B)] A for inputs d (6 x 6), a filter g (3 x 3) and outputs Y (4 x 4): Lavin and Gray,
// "Fast Algorithms for Convolutional Neural Networks" (2015). Theirs interpolates at 0, +-1, +-2 and infinity; the
// points here are 0, +-3/4, +-3/2 and infinity, whose matrices round about three times less (Barabasz, Anderson,
// Soodhalter and Gregg, "Error Analysis and Improving the Accuracy of Winograd Convolution for Deep Neural Networks",
// 2020). The matrix B^T is exact in binary, so that transformed inputs of small integers are exact.

#if defined(CONVLENS_WINOGRAD_TRANSFORM_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef CONVLENS_WINOGRAD_TRANSFORM_INL_H_
#undef CONVLENS_WINOGRAD_TRANSFORM_INL_H_
#else
#define CONVLENS_WINOGRAD_TRANSFORM_INL_H_
#endif

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace convlens::conv {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// The points +-a and +-b.
inline constexpr float kA = 0.75f;
inline constexpr float kB = 1.5f;
inline constexpr float kA2 = kA * kA;
inline constexpr float kB2 = kB * kB;

// v = B^T d: the values at 0, a, -a, b, -b, infinity.
template <class D, class Vec>
HWY_INLINE void transform_input(D d, const Vec (&x)[6], Vec (&v)[6]) {
  const auto a2b2 = hn::Set(d, kA2 * kB2);
  const auto sum = hn::Set(d, kA2 + kB2);
  v[0] = hn::MulAdd(a2b2, x[0], hn::NegMulAdd(sum, x[2], x[4]));
  const auto even_a = hn::NegMulAdd(hn::Set(d, kB2), x[2], x[4]);
  const auto odd_a = hn::NegMulAdd(hn::Set(d, kB2), x[1], x[3]);
  v[1] = hn::MulAdd(hn::Set(d, kA), odd_a, even_a);
  v[2] = hn::NegMulAdd(hn::Set(d, kA), odd_a, even_a);
  const auto even_b = hn::NegMulAdd(hn::Set(d, kA2), x[2], x[4]);
  const auto odd_b = hn::NegMulAdd(hn::Set(d, kA2), x[1], x[3]);
  v[3] = hn::MulAdd(hn::Set(d, kB), odd_b, even_b);
  v[4] = hn::NegMulAdd(hn::Set(d, kB), odd_b, even_b);
  v[5] = hn::MulAdd(a2b2, x[1], hn::NegMulAdd(sum, x[3], x[5]));
}

// u = G g.
template <class D, class Vec>
HWY_INLINE void transform_filter(D d, const Vec (&g)[3], Vec (&u)[6]) {
  constexpr float kScaleA = 1 / (2 * kA2 * (kA2 - kB2));
  constexpr float kScaleB = 1 / (2 * kB2 * (kB2 - kA2));
  u[0] = hn::Mul(hn::Set(d, 1 / (kA2 * kB2)), g[0]);
  const auto even_a = hn::MulAdd(hn::Set(d, kA2), g[2], g[0]);
  const auto odd_a = hn::Mul(hn::Set(d, kA), g[1]);
  u[1] = hn::Mul(hn::Set(d, kScaleA), hn::Add(even_a, odd_a));
  u[2] = hn::Mul(hn::Set(d, kScaleA), hn::Sub(even_a, odd_a));
  const auto even_b = hn::MulAdd(hn::Set(d, kB2), g[2], g[0]);
  const auto odd_b = hn::Mul(hn::Set(d, kB), g[1]);
  u[3] = hn::Mul(hn::Set(d, kScaleB), hn::Add(even_b, odd_b));
  u[4] = hn::Mul(hn::Set(d, kScaleB), hn::Sub(even_b, odd_b));
  u[5] = g[2];
}

// y = A^T m.
template <class D, class Vec>
HWY_INLINE void transform_output(D d, const Vec (&m)[6], Vec (&y)[4]) {
  const auto sum_a = hn::Add(m[1], m[2]);
  const auto difference_a = hn::Sub(m[1], m[2]);
  const auto sum_b = hn::Add(m[3], m[4]);
  const auto difference_b = hn::Sub(m[3], m[4]);
  y[0] = hn::Add(m[0], hn::Add(sum_a, sum_b));
  y[1] = hn::MulAdd(hn::Set(d, kA), difference_a, hn::Mul(hn::Set(d, kB), difference_b));
  y[2] = hn::MulAdd(hn::Set(d, kA2), sum_a, hn::Mul(hn::Set(d, kB2), sum_b));
  y[3] = hn::MulAdd(hn::Set(d, kA2 * kA), difference_a, hn::MulAdd(hn::Set(d, kB2 * kB), difference_b, m[5]));
}

}  // namespace HWY_NAMESPACE
}  // namespace convlens::conv
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
