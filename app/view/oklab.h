// OKLab, a space in which equal steps look equal (Björn Ottosson, "A perceptual color space for image processing",
// 2020).
#pragma once

#include "app/view/colormap.h"

namespace convlens::view {

// lightness in [0, 1]; a: green to red; b: blue to yellow.
struct OkLab {
  double lightness = 0;
  double a = 0;
  double b = 0;
};

OkLab to_oklab(Rgb colour);
// The nearest sRGB colour of the same lightness and hue: chroma gives way where the screen cannot show it.
Rgb to_rgb(const OkLab& colour);
OkLab mix(const OkLab& from, const OkLab& to, double t);

// sRGB's transfer curve (IEC 61966-2-1), both ways, on [0, 1].
double to_linear(double encoded);
double to_encoded(double linear);

}  // namespace convlens::view
