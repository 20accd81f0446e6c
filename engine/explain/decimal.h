// Decimal numbers as they are shown: a whole number of units of a power of ten, or NaN or an infinity by name. Sums
// of them are exact, so that what is printed adds up as printed. Not a general-purpose number.
#pragma once

#include <cstdint>
#include <string>

namespace convlens::explain {

struct Decimal {
  enum class Kind : std::uint8_t { kFinite, kNan, kPlusInfinity, kMinusInfinity };

  std::int64_t units = 0;  // the value is units * 10^place; 0 where it is not finite
  int place = 0;
  Kind kind = Kind::kFinite;

  bool is_finite() const { return kind == Kind::kFinite; }
  bool operator==(const Decimal&) const = default;
};

// Every rounding here is to the nearest, ties to the even unit, as IEEE 754 and Python's `decimal` have it.

// The exact binary value to a whole number of 10^place. |value| < 10^(place + 18).
Decimal round_to_place(double value, int place);
// To `digits` (1 to 17) significant digits, without trailing zeros.
Decimal round_to_digits(double value, int digits);
Decimal round_to_place(const Decimal& value, int place);

// a * b to a whole number of 10^place. |a.units|, |b.units| <= 10^9; the result below 10^18 units. NaN and the
// infinities follow IEEE 754: 0 * Inf is NaN.
Decimal multiply(const Decimal& a, const Decimal& b, int place);
// a + b, exact; both of the same place where they are finite. Inf - Inf is NaN.
Decimal add(const Decimal& a, const Decimal& b);

// floor(log10|value|) of a finite value other than 0.
int leading_place(double value);
// The nearest double.
double to_double(const Decimal& value);

// "-0.0450", with the digits down to the last unit; "1.50e-20" where plain digits would be mostly zeros or the place
// is above the ones; "NaN", "+Inf", "-Inf".
std::string to_text(const Decimal& value);
// The same for TeX's mathematics: "1.50 \times 10^{-20}", "\infty".
std::string to_latex(const Decimal& value);

}  // namespace convlens::explain
