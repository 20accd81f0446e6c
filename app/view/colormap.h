// Colour maps: the one definition that the shader's lookup texture, the colour bar and the tests share.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace convlens::view {

struct Rgb {
  std::uint8_t r = 0, g = 0, b = 0;
  bool operator==(const Rgb&) const = default;
};

struct Colormap {
  std::string_view name;  // as in app/model/colormap_names.h
  bool is_diverging = false;
  std::array<Rgb, 256> colours;  // diverging: entry 127/128 is the neutral middle
};

std::span<const Colormap> colormaps();
// Falls back to the first of its kind for an unknown name.
const Colormap& find_colormap(std::string_view name);

// What is coloured how: values at or below lo get the first colour, at or above hi the last; NaN gets kNotFinite.
struct ValueRange {
  float lo = 0;
  float hi = 1;
  bool operator==(const ValueRange&) const = default;
};
inline constexpr Rgb kNotFinite{255, 0, 255};

// Symmetric about zero for diverging maps, [min, max] (with 0 as an end where all values have one sign) for others;
// never empty.
ValueRange display_range(const Colormap& map, float min, float max);
// The power of two by which a range is multiplied before anything is subtracted, so that no step overflows.
float range_scale(const ValueRange& range);
// Index into colours: floor(255 * clamp((value - lo) / (hi - lo)) + 0.5). The shader computes the same.
int colour_index(const ValueRange& range, float value);
Rgb colour_of(const Colormap& map, const ValueRange& range, float value);

}  // namespace convlens::view
