// The generator: PCG32 (O'Neill, "PCG: A Family of Simple Fast Space-Efficient Statistically Good Algorithms", 2014).
#include "engine/core/random.h"

#include <bit>
#include <cmath>

namespace convlens {
namespace {

constexpr std::uint64_t kMultiplier = 6364136223846793005ull;
constexpr std::uint64_t kIncrement = 1442695040888963407ull;

// Natural logarithm of a positive normal number with +, -, *, / only, so that every platform gives the same bits:
// x = m 2^e with m in [sqrt(1/2), sqrt(2)), log m = 2 artanh((m-1)/(m+1)).
double portable_log(double x) {
  constexpr double kLn2 = 0.693147180559945309417;
  int exponent = 0;
  double mantissa = std::frexp(x, &exponent);
  if (mantissa < 0.70710678118654752) {
    mantissa *= 2;
    exponent -= 1;
  }
  const double t = (mantissa - 1) / (mantissa + 1);
  const double t2 = t * t;
  double series = 0;
  for (int k = 21; k >= 1; k -= 2) series = series * t2 + 1.0 / k;
  return 2 * t * series + exponent * kLn2;
}

}  // namespace

Random::Random(std::uint64_t seed) : state_(seed + kIncrement) { next(); }

std::uint32_t Random::next() {
  const std::uint64_t old = state_;
  state_ = old * kMultiplier + kIncrement;
  const auto shifted = static_cast<std::uint32_t>(((old >> 18) ^ old) >> 27);
  return std::rotr(shifted, static_cast<int>(old >> 59));
}

float Random::uniform() { return static_cast<float>(next() >> 8) * 0x1p-24f; }

std::uint32_t Random::below(std::uint32_t count) {
  const std::uint32_t reject_below = (0u - count) % count;  // 2^32 mod count
  std::uint32_t draw = next();
  while (draw < reject_below) draw = next();
  return draw % count;
}

float Random::normal() {
  // Marsaglia's polar method; its second number is dropped so that the state stays one integer.
  while (true) {
    const double u = 2.0 * (next() * 0x1p-32) - 1.0;
    const double v = 2.0 * (next() * 0x1p-32) - 1.0;
    const double s = u * u + v * v;
    if (s > 0 && s < 1) return static_cast<float>(u * std::sqrt(-2 * portable_log(s) / s));
  }
}

}  // namespace convlens
