// Rounding to decimal places through the standard library's exact conversions; the rest is whole numbers.
#include "engine/explain/decimal.h"

#include <array>
#include <cassert>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <string_view>

namespace convlens::explain {
namespace {

using Kind = Decimal::Kind;

// Places that are written as plain digits.
constexpr int kFinestPlainPlace = -12;
constexpr int kMaxDigits = 18;

Kind kind_of(double value) {
  if (std::isnan(value)) return Kind::kNan;
  if (std::isinf(value)) return value > 0 ? Kind::kPlusInfinity : Kind::kMinusInfinity;
  return Kind::kFinite;
}

std::int64_t power_of_ten(int exponent) {
  assert(exponent >= 0 && exponent <= kMaxDigits);
  std::int64_t power = 1;
  for (int i = 0; i < exponent; ++i) power *= 10;
  return power;
}

// dividend / 10^places, ties to even.
std::int64_t divide_by_power(std::int64_t dividend, int places) {
  if (places > kMaxDigits) return 0;
  const std::int64_t divisor = power_of_ten(places);
  const std::int64_t quotient = dividend / divisor;
  const std::int64_t rest = std::abs(dividend % divisor);
  const bool rounds_away = rest > divisor - rest || (rest == divisor - rest && quotient % 2 != 0);
  return rounds_away ? quotient + (dividend < 0 ? -1 : 1) : quotient;
}

// units * 10^from to a whole number of 10^to.
std::int64_t rescale(std::int64_t units, int from, int to) {
  if (units == 0) return 0;
  return from >= to ? units * power_of_ten(from - to) : divide_by_power(units, to - from);
}

// Digits and exponent of |value| in scientific notation with `after_point` digits behind the point.
struct Scientific {
  std::int64_t digits = 0;
  int exponent = 0;
};
Scientific scientific(double value, int after_point) {
  std::array<char, 64> text;
  const auto end =
      std::to_chars(text.data(), text.data() + text.size(), std::abs(value), std::chars_format::scientific, after_point)
          .ptr;
  Scientific result;
  const char* at = text.data();
  for (; *at != 'e'; ++at) {
    if (*at != '.') result.digits = 10 * result.digits + (*at - '0');
  }
  at += at[1] == '+' ? 2 : 1;
  std::from_chars(at, end, result.exponent);
  return result;
}

// The digits of |value| down to 10^place <= 1.
std::int64_t fixed_units(double value, int place) {
  std::array<char, 400> text;
  const auto end =
      std::to_chars(text.data(), text.data() + text.size(), std::abs(value), std::chars_format::fixed, -place).ptr;
  std::int64_t units = 0;
  for (const char* at = text.data(); at != end; ++at) {
    if (*at != '.') units = 10 * units + (*at - '0');
  }
  return units;
}

std::int64_t coarse_units(double value, int place) {
  const int lead = leading_place(value);
  if (lead < place - 1) return 0;
  if (lead == place - 1) {
    const Scientific s = scientific(value, 17);
    return s.digits > 5 * power_of_ten(17) ? 1 : 0;
  }
  const Scientific s = scientific(value, lead - place);
  return s.exponent > lead ? 10 * s.digits : s.digits;
}

std::string digits_of(std::int64_t units) {
  std::string text = std::to_string(units);
  if (text.front() == '-') text.erase(0, 1);
  return text;
}

bool is_plain(const Decimal& value) {
  return value.units == 0 || (value.place <= 0 && value.place >= kFinestPlainPlace);
}

std::string plain_text(const Decimal& value) {
  std::string text = digits_of(value.units);
  const std::size_t decimals = value.place < 0 ? static_cast<std::size_t>(-value.place) : 0;
  if (value.units == 0 && value.place < kFinestPlainPlace) return "0";
  if (decimals > 0) {
    if (text.size() <= decimals) text.insert(0, decimals + 1 - text.size(), '0');
    text.insert(text.size() - decimals, ".");
  }
  return text;
}

// "1.50" and the exponent that goes with it.
std::string mantissa_text(const Decimal& value, int& exponent) {
  std::string text = digits_of(value.units);
  exponent = value.place + static_cast<int>(text.size()) - 1;
  if (text.size() > 1) text.insert(1, ".");
  return text;
}

}  // namespace

int leading_place(double value) {
  assert(std::isfinite(value) && value != 0);
  return scientific(value, 17).exponent;
}

Decimal round_to_place(double value, int place) {
  const Kind kind = kind_of(value);
  if (kind != Kind::kFinite) return {0, place, kind};
  if (value == 0) return {0, place, kind};
  const std::int64_t units = place <= 0 ? fixed_units(value, place) : coarse_units(value, place);
  return {value < 0 ? -units : units, place, kind};
}

Decimal round_to_digits(double value, int digits) {
  const Kind kind = kind_of(value);
  if (kind != Kind::kFinite || value == 0) return {0, 0, kind};
  const Scientific s = scientific(value, digits - 1);
  Decimal result{value < 0 ? -s.digits : s.digits, s.exponent - (digits - 1), kind};
  while (result.units % 10 == 0) {
    result.units /= 10;
    ++result.place;
  }
  return result;
}

Decimal round_to_place(const Decimal& value, int place) {
  if (!value.is_finite()) return {0, place, value.kind};
  return {rescale(value.units, value.place, place), place, Kind::kFinite};
}

Decimal multiply(const Decimal& a, const Decimal& b, int place) {
  if (a.is_finite() && b.is_finite()) {
    return {rescale(a.units * b.units, a.place + b.place, place), place, Kind::kFinite};
  }
  return {0, place, kind_of(to_double(a) * to_double(b))};
}

Decimal add(const Decimal& a, const Decimal& b) {
  if (a.is_finite() && b.is_finite()) {
    assert(a.place == b.place);
    return {a.units + b.units, a.place, Kind::kFinite};
  }
  return {0, a.place, kind_of(to_double(a) + to_double(b))};
}

double to_double(const Decimal& value) {
  switch (value.kind) {
    case Kind::kNan:
      return std::nan("");
    case Kind::kPlusInfinity:
      return HUGE_VAL;
    case Kind::kMinusInfinity:
      return -HUGE_VAL;
    case Kind::kFinite:
      break;
  }
  const std::string text = std::to_string(value.units) + "e" + std::to_string(value.place);
  double result = 0;
  std::from_chars(text.data(), text.data() + text.size(), result);
  return result;
}

std::string to_text(const Decimal& value) {
  switch (value.kind) {
    case Kind::kNan:
      return "NaN";
    case Kind::kPlusInfinity:
      return "+Inf";
    case Kind::kMinusInfinity:
      return "-Inf";
    case Kind::kFinite:
      break;
  }
  const std::string sign = value.units < 0 ? "-" : "";
  if (is_plain(value)) return sign + plain_text(value);
  int exponent = 0;
  std::string text = sign + mantissa_text(value, exponent);
  text += exponent < 0 ? "e-" : "e+";
  if (std::abs(exponent) < 10) text += '0';
  return text + std::to_string(std::abs(exponent));
}

std::string to_latex(const Decimal& value) {
  switch (value.kind) {
    case Kind::kNan:
      return "\\mathrm{NaN}";
    case Kind::kPlusInfinity:
      return "\\infty";
    case Kind::kMinusInfinity:
      return "-\\infty";
    case Kind::kFinite:
      break;
  }
  const std::string sign = value.units < 0 ? "-" : "";
  if (is_plain(value)) return sign + plain_text(value);
  int exponent = 0;
  const std::string mantissa = mantissa_text(value, exponent);
  return sign + mantissa + " \\times 10^{" + std::to_string(exponent) + "}";
}

}  // namespace convlens::explain
