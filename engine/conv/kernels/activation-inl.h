// The activations on rows of floats, for the instruction set that includes this. Per-target code: see Highway.

#if defined(CONVLENS_ACTIVATION_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef CONVLENS_ACTIVATION_INL_H_
#undef CONVLENS_ACTIVATION_INL_H_
#else
#define CONVLENS_ACTIVATION_INL_H_
#endif

#include <cstdint>

#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

#include "engine/conv/params.h"

HWY_BEFORE_NAMESPACE();
namespace convlens::conv {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using FloatTag = hn::ScalableTag<float>;
using FloatVec = hn::Vec<FloatTag>;

struct Sigmoid {
  FloatVec operator()(FloatTag d, FloatVec x) const {
    // exp of a negative number only, so that nothing overflows.
    const auto e = hn::Exp(d, hn::Neg(hn::Abs(x)));
    const auto one = hn::Set(d, 1.0f);
    return hn::Div(hn::IfThenElse(hn::Ge(x, hn::Zero(d)), one, e), hn::Add(one, e));
  }
};

struct Tanh {
  FloatVec operator()(FloatTag d, FloatVec x) const { return hn::Tanh(d, x); }
};

struct Elu {
  FloatVec operator()(FloatTag d, FloatVec x) const {
    const auto zero = hn::Zero(d);
    const auto below = hn::Mul(hn::Set(d, kEluAlpha), hn::Expm1(d, hn::Min(x, zero)));
    return hn::IfThenElse(hn::Gt(x, zero), x, below);
  }
};

// x (1 + erf(x / sqrt 2)) / 2 with erf to 1.5e-7 (Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.26).
struct Gelu {
  FloatVec operator()(FloatTag d, FloatVec x) const {
    const auto one = hn::Set(d, 1.0f);
    const auto z = hn::Mul(hn::Abs(x), hn::Set(d, 0.70710678f));
    const auto t = hn::Div(one, hn::MulAdd(hn::Set(d, 0.3275911f), z, one));
    auto poly = hn::Set(d, 1.061405429f);
    poly = hn::MulAdd(poly, t, hn::Set(d, -1.453152027f));
    poly = hn::MulAdd(poly, t, hn::Set(d, 1.421413741f));
    poly = hn::MulAdd(poly, t, hn::Set(d, -0.284496736f));
    poly = hn::MulAdd(poly, t, hn::Set(d, 0.254829592f));
    const auto half_tail = hn::Mul(hn::Mul(hn::Set(d, 0.5f), hn::Mul(poly, t)), hn::Exp(d, hn::Neg(hn::Mul(z, z))));
    return hn::Mul(x, hn::IfThenElse(hn::Ge(x, hn::Zero(d)), hn::Sub(one, half_tail), half_tail));
  }
};

struct Softplus {
  FloatVec operator()(FloatTag d, FloatVec x) const {
    return hn::Add(hn::Max(x, hn::Zero(d)), hn::Log1p(d, hn::Exp(d, hn::Neg(hn::Abs(x)))));
  }
};

struct LeakyRelu {
  FloatVec operator()(FloatTag d, FloatVec x) const {
    return hn::IfThenElse(hn::Gt(x, hn::Zero(d)), x, hn::Mul(x, hn::Set(d, kLeakySlope)));
  }
};

struct Relu {
  // A NaN is not below zero and stays.
  FloatVec operator()(FloatTag d, FloatVec x) const { return hn::IfThenZeroElse(hn::Lt(x, hn::Zero(d)), x); }
};

struct Abs {
  FloatVec operator()(FloatTag, FloatVec x) const { return hn::Abs(x); }
};

// row[i] = f(row[i]); a NaN stays NaN.
template <class Function>
void transform_row(float* row, std::int64_t count, const Function& function) {
  const FloatTag d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  const auto apply = [&](float* p) HWY_ATTR {
    const auto x = hn::LoadU(d, p);
    hn::StoreU(hn::IfThenElse(hn::IsNaN(x), x, function(d, x)), d, p);
  };
  std::int64_t i = 0;
  for (; i + lanes <= count; i += lanes) apply(row + i);
  if (i == count) return;
  HWY_ALIGN float tail[hn::MaxLanes(FloatTag())] = {};
  for (std::int64_t j = 0; j < count - i; ++j) tail[j] = row[i + j];
  apply(tail);
  for (std::int64_t j = 0; j < count - i; ++j) row[i + j] = tail[j];
}

inline HWY_NOINLINE void activate_row(float* row, std::int64_t count, Activation activation) {
  switch (activation) {
    case Activation::kNone:
      return;
    case Activation::kRelu:
      return transform_row(row, count, Relu());
    case Activation::kLeakyRelu:
      return transform_row(row, count, LeakyRelu());
    case Activation::kSigmoid:
      return transform_row(row, count, Sigmoid());
    case Activation::kTanh:
      return transform_row(row, count, Tanh());
    case Activation::kElu:
      return transform_row(row, count, Elu());
    case Activation::kGelu:
      return transform_row(row, count, Gelu());
    case Activation::kSoftplus:
      return transform_row(row, count, Softplus());
    case Activation::kAbs:
      return transform_row(row, count, Abs());
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace convlens::conv
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
