// A picture whose value at (y, x) is rows[y] * cols[x], through a ramp of transparent colours: what overlays lay over
// another picture. Works on H + W numbers, whatever the size of the picture.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "app/view/picture.h"
#include "app/view/viewport.h"

namespace convlens::view {

struct Rgba {
  std::uint8_t r = 0, g = 0, b = 0, a = 0;
  bool operator==(const Rgba&) const = default;
};

// Values at or below lo get the first colour, at or above hi the last.
struct Ramp {
  std::array<Rgba, 256> colours{};
  double lo = 0;
  double hi = 1;
  Rgba at(double value) const;
};
// From one colour to another in equal steps.
Ramp linear_ramp(Rgba from, Rgba to, double lo, double hi);

// Means of the blocks [first, last) of `factor` values each, of what lies inside.
std::vector<double> block_means(std::span<const double> values, std::int64_t factor, std::int64_t first,
                                std::int64_t last);

class SeparablePicture {
 public:
  // Only what `placement` shows is made, at most one texel for a screen pixel, when it or `version` (of rows, cols and
  // ramp together) changes. A texel that covers several pixels has their mean.
  Drawable update(std::span<const double> rows, std::span<const double> cols, const Ramp& ramp, std::uint64_t version,
                  const Placement& placement);

 private:
  struct Window {
    std::int64_t factor = 0, x0 = 0, y0 = 0, x1 = 0, y1 = 0;
    bool operator==(const Window&) const = default;
  };
  Image image_;
  Window window_;
  std::uint64_t version_ = 0;
  std::vector<std::uint8_t> texels_;
};

}  // namespace convlens::view
