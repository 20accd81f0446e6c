// The tables, built once from a few published colours each, and the arithmetic from a value to a table entry.
#include "app/view/colormap.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "app/view/oklab.h"

namespace convlens::view {

namespace {

using Table = std::array<Rgb, 256>;

// Even steps between the published colours, along straight lines in OKLab.
Table sequential(std::span<const Rgb> stops) {
  Table table;
  for (std::size_t i = 0; i < table.size(); ++i) {
    const double t = static_cast<double>(i) / 255.0 * static_cast<double>(stops.size() - 1);
    const std::size_t k = std::min(static_cast<std::size_t>(t), stops.size() - 2);
    table[i] = to_rgb(mix(to_oklab(stops[k]), to_oklab(stops[k + 1]), t - static_cast<double>(k)));
  }
  return table;
}

// A point of one arm, as a distance from zero in [0, 1]. Hues follow the stops (from the middle outwards).
OkLab on_arm(std::span<const Rgb> stops, double distance) {
  const double t = distance * static_cast<double>(stops.size() - 1);
  const std::size_t k = std::min(static_cast<std::size_t>(t), stops.size() - 2);
  return mix(to_oklab(stops[k]), to_oklab(stops[k + 1]), t - static_cast<double>(k));
}

// Two arms from one middle. Both get the same lightness at the same distance from zero, in even steps, so that neither
// sign looks stronger; chroma and hue are those of the stops.
Table diverging(std::span<const Rgb> negative, std::span<const Rgb> positive) {
  const double middle = to_oklab(positive.front()).lightness;
  const double end = 0.5 * (to_oklab(negative.back()).lightness + to_oklab(positive.back()).lightness);
  Table table;
  for (int i = 0; i < 128; ++i) {
    const double distance = i / 127.0;
    for (const bool is_positive : {false, true}) {
      OkLab colour = on_arm(is_positive ? positive : negative, distance);
      colour.lightness = middle + (end - middle) * distance;
      table[static_cast<std::size_t>(is_positive ? 128 + i : 127 - i)] = to_rgb(colour);
    }
  }
  return table;
}

// ColorBrewer 2.0 (Cynthia Brewer, Mark Harrower, Pennsylvania State University), from the neutral middle outwards and
// without the darkest colour of each, where hues are hard to tell apart.
constexpr Rgb kWhite{0xf7, 0xf7, 0xf7};
constexpr std::array<Rgb, 5> kBlues{
    {kWhite, {0xd1, 0xe5, 0xf0}, {0x92, 0xc5, 0xde}, {0x43, 0x93, 0xc3}, {0x21, 0x66, 0xac}}};
constexpr std::array<Rgb, 5> kReds{
    {kWhite, {0xfd, 0xdb, 0xc7}, {0xf4, 0xa5, 0x82}, {0xd6, 0x60, 0x4d}, {0xb2, 0x18, 0x2b}}};
constexpr std::array<Rgb, 5> kPurples{
    {kWhite, {0xe7, 0xd4, 0xe8}, {0xc2, 0xa5, 0xcf}, {0x99, 0x70, 0xab}, {0x76, 0x2a, 0x83}}};
constexpr std::array<Rgb, 5> kGreens{
    {kWhite, {0xd9, 0xf0, 0xd3}, {0xa6, 0xdb, 0xa0}, {0x5a, 0xae, 0x61}, {0x1b, 0x78, 0x37}}};
constexpr std::array<Rgb, 5> kBrowns{
    {kWhite, {0xf6, 0xe8, 0xc3}, {0xdf, 0xc2, 0x7d}, {0xbf, 0x81, 0x2d}, {0x8c, 0x51, 0x0a}}};
constexpr std::array<Rgb, 5> kTeals{
    {kWhite, {0xc7, 0xea, 0xe5}, {0x80, 0xcd, 0xc1}, {0x35, 0x97, 0x8f}, {0x01, 0x66, 0x5e}}};

// Dark in the middle, for dark rooms: light means strong.
constexpr Rgb kDark{0x20, 0x20, 0x20};
constexpr std::array<Rgb, 4> kDarkToBlue{{kDark, {0x1f, 0x4e, 0x8c}, {0x3d, 0x8f, 0xd9}, {0xa9, 0xd8, 0xff}}};
constexpr std::array<Rgb, 4> kDarkToOrange{{kDark, {0x8a, 0x3d, 0x08}, {0xe0, 0x7a, 0x1a}, {0xff, 0xd1, 0x8a}}};

// Every seventeenth colour of the published tables: viridis and magma (Smith and van der Walt, 2015, CC0), cividis
// (Nuñez, Anderton and Renslow, "Optimizing colormaps with consideration for color vision deficiency", 2018).
constexpr std::array<Rgb, 16> kViridis{{{0x44, 0x01, 0x54},
                                        {0x48, 0x1a, 0x6c},
                                        {0x47, 0x2f, 0x7d},
                                        {0x41, 0x44, 0x87},
                                        {0x39, 0x56, 0x8c},
                                        {0x31, 0x68, 0x8e},
                                        {0x2a, 0x78, 0x8e},
                                        {0x23, 0x88, 0x8e},
                                        {0x1f, 0x98, 0x8b},
                                        {0x22, 0xa8, 0x84},
                                        {0x35, 0xb7, 0x79},
                                        {0x54, 0xc5, 0x68},
                                        {0x7a, 0xd1, 0x51},
                                        {0xa5, 0xdb, 0x36},
                                        {0xd2, 0xe2, 0x1b},
                                        {0xfd, 0xe7, 0x25}}};
constexpr std::array<Rgb, 16> kMagma{{{0x00, 0x00, 0x04},
                                      {0x0b, 0x09, 0x24},
                                      {0x20, 0x11, 0x4b},
                                      {0x3b, 0x0f, 0x70},
                                      {0x57, 0x15, 0x7e},
                                      {0x72, 0x1f, 0x81},
                                      {0x8c, 0x29, 0x81},
                                      {0xa8, 0x32, 0x7d},
                                      {0xc4, 0x3c, 0x75},
                                      {0xde, 0x49, 0x68},
                                      {0xf1, 0x60, 0x5d},
                                      {0xfa, 0x7f, 0x5e},
                                      {0xfe, 0x9f, 0x6d},
                                      {0xfe, 0xbf, 0x84},
                                      {0xfd, 0xde, 0xa0},
                                      {0xfc, 0xfd, 0xbf}}};
constexpr std::array<Rgb, 16> kCividis{{{0x00, 0x22, 0x4e},
                                        {0x00, 0x2e, 0x6c},
                                        {0x1e, 0x3a, 0x6f},
                                        {0x35, 0x45, 0x6c},
                                        {0x47, 0x51, 0x6c},
                                        {0x57, 0x5d, 0x6d},
                                        {0x66, 0x69, 0x70},
                                        {0x75, 0x75, 0x75},
                                        {0x84, 0x82, 0x79},
                                        {0x94, 0x8e, 0x77},
                                        {0xa5, 0x9c, 0x74},
                                        {0xb7, 0xa9, 0x6e},
                                        {0xc8, 0xb8, 0x66},
                                        {0xdb, 0xc7, 0x5a},
                                        {0xee, 0xd6, 0x49},
                                        {0xfe, 0xe8, 0x38}}};

Table grey() {
  Table table;
  for (std::size_t i = 0; i < table.size(); ++i) {
    const auto level = static_cast<std::uint8_t>(i);
    table[i] = {level, level, level};
  }
  return table;
}

// The sign is in the lightness: even steps from nearly black over middle grey to nearly white. The darkest bytes stay
// unused; screens do not show their differences.
Table signed_grey() {
  Table table;
  for (int i = 0; i < 128; ++i) {
    const double distance = 0.4 * i / 127.0;
    table[static_cast<std::size_t>(127 - i)] = to_rgb({0.55 - distance, 0, 0});
    table[static_cast<std::size_t>(128 + i)] = to_rgb({0.55 + distance, 0, 0});
  }
  return table;
}

std::vector<Colormap> make_colormaps() {
  return {
      {"red-blue", true, diverging(kBlues, kReds)},
      {"blue-orange", true, diverging(kDarkToBlue, kDarkToOrange)},
      {"grey-signed", true, signed_grey()},
      {"purple-green", true, diverging(kPurples, kGreens)},
      {"brown-teal", true, diverging(kBrowns, kTeals)},
      {"viridis", false, sequential(kViridis)},
      {"cividis", false, sequential(kCividis)},
      {"magma", false, sequential(kMagma)},
      {"grey", false, grey()},
  };
}

}  // namespace

std::span<const Colormap> colormaps() {
  static const std::vector<Colormap> kMaps = make_colormaps();
  return kMaps;
}

const Colormap& find_colormap(std::string_view name) {
  const std::span<const Colormap> maps = colormaps();
  const auto found = std::find_if(maps.begin(), maps.end(), [&](const Colormap& map) { return map.name == name; });
  return found != maps.end() ? *found : maps.front();
}

ValueRange display_range(const Colormap& map, float min, float max) {
  // Narrower than this, values are noise; it also keeps the shader's arithmetic away from denormal numbers.
  constexpr float kNarrowest = 1e-30f;
  if (!(min <= max)) return map.is_diverging ? ValueRange{-1, 1} : ValueRange{0, 1};
  if (map.is_diverging) {
    const float reach = std::max(std::fabs(min), std::fabs(max));
    return reach > kNarrowest ? ValueRange{-reach, reach} : ValueRange{-1, 1};
  }
  ValueRange range{std::min(min, 0.0f), std::max(max, 0.0f)};
  if (!(range.hi - range.lo > kNarrowest)) range = {0, 1};
  return range;
}

float range_scale(const ValueRange& range) {
  const float reach = std::max(std::fabs(range.lo), std::fabs(range.hi));
  if (!(reach > 0) || !std::isfinite(reach)) return 1;
  return std::ldexp(1.0f, std::clamp(-std::ilogb(reach), -126, 126));
}

int colour_index(const ValueRange& range, float value) {
  const float scale = range_scale(range);
  const float lo = range.lo * scale;
  const float t = (value * scale - lo) / (range.hi * scale - lo);
  // Written so that NaN, too, gives an entry of the table.
  const float clamped = t > 0.0f ? std::min(t, 1.0f) : 0.0f;
  return static_cast<int>(std::floor(255.0f * clamped + 0.5f));
}

Rgb colour_of(const Colormap& map, const ValueRange& range, float value) {
  if (std::isnan(value)) return kNotFinite;
  return map.colours[static_cast<std::size_t>(colour_index(range, value))];
}

}  // namespace convlens::view
