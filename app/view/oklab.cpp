// Matrices from Ottosson's publication.
#include "app/view/oklab.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace convlens::view {

namespace {

std::array<double, 3> to_linear_rgb(const OkLab& colour) {
  const double l = std::pow(colour.lightness + 0.3963377774 * colour.a + 0.2158037573 * colour.b, 3);
  const double m = std::pow(colour.lightness - 0.1055613458 * colour.a - 0.0638541728 * colour.b, 3);
  const double s = std::pow(colour.lightness - 0.0894841775 * colour.a - 1.2914855480 * colour.b, 3);
  return {4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
          -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
          -0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s};
}

bool is_shown(const std::array<double, 3>& rgb) {
  constexpr double kSlack = 1e-4;
  return std::all_of(rgb.begin(), rgb.end(), [](double v) { return v >= -kSlack && v <= 1 + kSlack; });
}

std::uint8_t to_byte(double linear) {
  return static_cast<std::uint8_t>(std::lround(255.0 * to_encoded(std::clamp(linear, 0.0, 1.0))));
}

}  // namespace

double to_linear(double encoded) {
  return encoded <= 0.04045 ? encoded / 12.92 : std::pow((encoded + 0.055) / 1.055, 2.4);
}

double to_encoded(double linear) {
  return linear <= 0.0031308 ? 12.92 * linear : 1.055 * std::pow(linear, 1.0 / 2.4) - 0.055;
}

OkLab to_oklab(Rgb colour) {
  const double r = to_linear(colour.r / 255.0);
  const double g = to_linear(colour.g / 255.0);
  const double b = to_linear(colour.b / 255.0);
  const double l = std::cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const double m = std::cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const double s = std::cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return {0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s,
          1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s,
          0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s};
}

Rgb to_rgb(const OkLab& colour) {
  std::array<double, 3> rgb = to_linear_rgb(colour);
  if (!is_shown(rgb)) {
    double shown = 0;
    double hidden = 1;
    for (int i = 0; i < 24; ++i) {
      const double chroma = 0.5 * (shown + hidden);
      const bool fits = is_shown(to_linear_rgb({colour.lightness, chroma * colour.a, chroma * colour.b}));
      (fits ? shown : hidden) = chroma;
    }
    rgb = to_linear_rgb({colour.lightness, shown * colour.a, shown * colour.b});
  }
  return {to_byte(rgb[0]), to_byte(rgb[1]), to_byte(rgb[2])};
}

OkLab mix(const OkLab& from, const OkLab& to, double t) {
  return {from.lightness + t * (to.lightness - from.lightness), from.a + t * (to.a - from.a),
          from.b + t * (to.b - from.b)};
}

}  // namespace convlens::view
