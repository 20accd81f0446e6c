// The activations in double: the definition that every kernel's own version is tested against.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "engine/conv/conv.h"

namespace convlens::conv {

double activate(double x, Activation activation) {
  switch (activation) {
    case Activation::kNone:
      return x;
    case Activation::kRelu:
      return std::max(x, 0.0);
    case Activation::kLeakyRelu:
      return x > 0 ? x : static_cast<double>(kLeakySlope) * x;
    case Activation::kSigmoid:
      return 1 / (1 + std::exp(-x));
    case Activation::kTanh:
      return std::tanh(x);
    case Activation::kElu:
      return x > 0 ? x : static_cast<double>(kEluAlpha) * std::expm1(x);
    case Activation::kGelu:
      return 0.5 * x * std::erfc(-x / std::numbers::sqrt2);
    case Activation::kSoftplus:
      return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x)));
    case Activation::kAbs:
      return std::abs(x);
  }
  return x;
}

}  // namespace convlens::conv
