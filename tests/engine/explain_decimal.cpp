// Decimals: rounding against the digits that the exact binary values have, exact sums, text that reads back.
#include <doctest/doctest.h>

#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>

#include "engine/core/random.h"
#include "engine/explain/decimal.h"

namespace convlens {
namespace {

using explain::Decimal;
using Kind = Decimal::Kind;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::string rounded(double value, int place) { return explain::to_text(explain::round_to_place(value, place)); }

float random_float(Random& random) {
  for (;;) {
    const std::uint32_t bits = random.next();
    float value = 0;
    std::memcpy(&value, &bits, sizeof value);
    if (std::isfinite(value) && value != 0) return value;
  }
}

TEST_CASE("values round to the nearest unit, ties to even, at every place") {
  CHECK(rounded(0.1f, -3) == "0.100");
  CHECK(rounded(-2.0 / 3, -4) == "-0.6667");
  CHECK(rounded(0.125, -2) == "0.12");
  CHECK(rounded(0.375, -2) == "0.38");
  CHECK(rounded(0.5, 0) == "0");
  CHECK(rounded(1.5, 0) == "2");
  CHECK(rounded(9.9996, -3) == "10.000");
  CHECK(rounded(-0.0004, -3) == "0.000");
  CHECK(rounded(65535, 0) == "65535");
  CHECK(rounded(15, 1) == "2e+01");
  CHECK(rounded(5, 1) == "0");
  CHECK(rounded(5.001, 1) == "1e+01");
  CHECK(rounded(4.9, 1) == "0");
  CHECK(rounded(0.4, 1) == "0");
  CHECK(rounded(96, 1) == "1.0e+02");
  CHECK(rounded(3.4028234663852886e38, 30) == "3.40282347e+38");
  CHECK(rounded(1.401298464324817e-45, -50) == "1.40130e-45");
}

TEST_CASE("significant digits lose the zeros they end in") {
  CHECK(explain::to_text(explain::round_to_digits(1e30, 9)) == "1e+30");
  CHECK(explain::to_text(explain::round_to_digits(-0.25, 9)) == "-0.25");
  CHECK(explain::to_text(explain::round_to_digits(1.0 / 3, 9)) == "0.333333333");
  CHECK(explain::to_text(explain::round_to_digits(0, 9)) == "0");
}

TEST_CASE("NaN and the infinities are named and follow IEEE 754") {
  const Decimal nan = explain::round_to_place(std::nan(""), 0);
  const Decimal inf = explain::round_to_place(kInfinity, -3);
  const Decimal minus_inf = explain::round_to_digits(-kInfinity, 4);
  const Decimal zero{};
  const Decimal two{2, 0, Kind::kFinite};
  CHECK(explain::to_text(nan) == "NaN");
  CHECK(explain::to_text(inf) == "+Inf");
  CHECK(explain::to_text(minus_inf) == "-Inf");
  CHECK(explain::add(inf, two).kind == Kind::kPlusInfinity);
  CHECK(explain::add(inf, minus_inf).kind == Kind::kNan);
  CHECK(explain::multiply(inf, zero, 0).kind == Kind::kNan);
  CHECK(explain::multiply(minus_inf, two, 0).kind == Kind::kMinusInfinity);
  CHECK(std::isnan(explain::to_double(nan)));
}

TEST_CASE("products are rounded once, sums never") {
  const Decimal third = explain::round_to_place(1.0 / 3, -4);
  CHECK(explain::to_text(explain::multiply(third, third, -8)) == "0.11108889");
  CHECK(explain::to_text(explain::multiply(third, third, -4)) == "0.1111");
  CHECK(explain::to_text(explain::multiply(third, {25, -1, Kind::kFinite}, -3)) == "0.833");
  CHECK(explain::to_text(explain::multiply({5, -1, Kind::kFinite}, {5, 0, Kind::kFinite}, 0)) == "2");
  CHECK(explain::to_text(explain::add({-1, -2, Kind::kFinite}, {101, -2, Kind::kFinite})) == "1.00");
}

TEST_CASE("text reads back as the number, and rounding leaves at most half a unit") {
  Random random(99);
  for (int i = 0; i < 20000; ++i) {
    const float value = random_float(random);
    const int digits = 1 + static_cast<int>(random.below(9));
    const int place = explain::leading_place(value) - digits + 1;
    const Decimal shown = explain::round_to_place(value, place);
    const std::string text = explain::to_text(shown);
    double read = 0;
    std::from_chars(text.data(), text.data() + text.size(), read);
    CHECK(read == explain::to_double(shown));
    // A double holds both, and their difference to 53 bits.
    CHECK(std::abs(read - double{value}) <= 0.5 * std::pow(10.0, place) * (1 + 1e-6));
    CHECK(explain::round_to_place(explain::round_to_place(value, place), place) == shown);
  }
}

TEST_CASE("a leading place is the power of ten of the first digit") {
  CHECK(explain::leading_place(1) == 0);
  CHECK(explain::leading_place(-999.99) == 2);
  CHECK(explain::leading_place(0.001) == -3);
  CHECK(explain::leading_place(1000) == 3);
  CHECK(explain::leading_place(0.1f) == -1);
  CHECK(explain::leading_place(9.99999999e-40) == -40);
}

TEST_CASE("TeX writes powers of ten and named values") {
  CHECK(explain::to_latex(explain::round_to_place(-0.5, -2)) == "-0.50");
  CHECK(explain::to_latex(explain::round_to_digits(1.5e-20, 9)) == "1.5 \\times 10^{-20}");
  CHECK(explain::to_latex(explain::round_to_place(-kInfinity, 0)) == "-\\infty");
}

}  // namespace
}  // namespace convlens
