// The surfaces of the default scene, each a formula of its own coordinates.
#include "engine/pictures/scene_materials.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "engine/pictures/portable_math.h"
#include "engine/pictures/strokes.h"

namespace convlens::pictures {
namespace {

// 1 on a line of this half width around multiples of `period`, 0 away from it, soft over a pixel.
float joint(float x, float period, float half_width, float soft) {
  const float cell = x / period;
  const float distance = std::abs(cell - static_cast<float>(floor_int(cell + 0.5f))) * period;
  return 1 - smooth_step(half_width - soft, half_width + soft, distance);
}

}  // namespace

Vec3 tile_colour(float x, float z, float footprint) {
  constexpr float kTile = 0.62f;
  // Turned by about 33 degrees, so that its edges run in many directions.
  const float u = (0.84f * x + 0.54f * z) / kTile, v = (-0.54f * x + 0.84f * z) / kTile;
  const std::int32_t iu = floor_int(u), iv = floor_int(v);
  const float tone = 0.86f + 0.28f * hash01(iu, iv, 11);
  const bool light = ((iu + iv) & 1) == 0;
  Vec3 colour = light ? Vec3{0.46f, 0.40f, 0.31f} : Vec3{0.115f, 0.075f, 0.058f};
  const float fade = smooth_step(0.25f, 0.9f, footprint / kTile);
  const float grain = fractal_noise(u * 15, v * 15, 2, 5) - 0.5f;
  const float veins = fractal_noise(u * 2.3f, v * 2.3f, 2, 3) - 0.5f;
  colour = colour * (tone * (1 + (1 - fade) * (0.55f * grain + 0.45f * veins)));
  const float soft = footprint / kTile + 0.004f;
  const float lines = std::max(joint(u, 1, 0.017f, soft), joint(v, 1, 0.017f, soft)) * (1 - fade);
  colour = mix(colour, Vec3{0.17f, 0.155f, 0.14f}, 0.75f * lines);
  return mix(colour, Vec3{0.29f, 0.24f, 0.185f}, fade);
}

bool cloth_colour(float u, float v, float footprint, Vec3& colour) {
  constexpr float kHalfWidth = 1.25f, kHalfLength = 0.80f, kFringe = 0.09f;
  if (std::abs(v) > kHalfLength || std::abs(u) > kHalfWidth + kFringe) return false;
  if (std::abs(u) > kHalfWidth) {
    // Loose threads at both ends, of uneven length.
    const float thread = v * 42;
    const std::int32_t index = floor_int(thread);
    const float across = std::abs(thread - static_cast<float>(index) - 0.5f);
    if (across > 0.34f || std::abs(u) > kHalfWidth + kFringe * (0.55f + 0.45f * hash01(index, 0, 7))) return false;
    colour = Vec3{0.55f, 0.51f, 0.43f} * (1 - 1.1f * across);
    return true;
  }
  // Stripes run across; a broad one between two thin ones, then plain linen.
  const float period = 0.36f;
  const float cell = u / period - static_cast<float>(floor_int(u / period));
  const Vec3 linen{0.58f, 0.54f, 0.45f};
  const Vec3 navy{0.022f, 0.050f, 0.17f};
  const Vec3 coral{0.47f, 0.075f, 0.045f};
  colour = linen;
  if (cell > 0.10f && cell < 0.46f) colour = navy;
  if ((cell > 0.58f && cell < 0.66f) || (cell > 0.82f && cell < 0.90f)) colour = coral;
  // The weave: threads over and under, seen from near only.
  const float weave = sin_turns(u * 48) * sin_turns(v * 48);
  const float seen = 1 - smooth_step(0.004f, 0.016f, footprint);
  const float folds = fractal_noise(u * 3 + 5, v * 3, 2, 41) - 0.5f;
  colour = colour * (1 + 0.34f * seen * weave + 0.30f * folds);
  return true;
}

Vec3 brick_colour(float u, float v) {
  constexpr float kLength = 0.44f, kHeight = 0.17f, kMortar = 0.014f;
  const std::int32_t row = floor_int(v / kHeight);
  const float along = u / kLength + ((row & 1) != 0 ? 0.5f : 0.0f);
  const std::int32_t column = floor_int(along);
  const float x = (along - static_cast<float>(column)) * kLength, y = v - static_cast<float>(row) * kHeight;
  const float inside = std::min(std::min(x, kLength - x), std::min(y, kHeight - y));
  const float grain = fractal_noise(u * 26, v * 26, 3, 21) - 0.5f;
  const float edge = inside + 0.010f * grain;
  if (edge < kMortar) return Vec3{0.50f, 0.46f, 0.40f} * (0.85f + 0.5f * grain);
  const float tone = hash01(column, row, 31);
  const float warmth = hash01(column, row, 32);
  const Vec3 dark{0.23f, 0.075f, 0.045f}, bright{0.52f, 0.20f, 0.10f}, burnt{0.16f, 0.085f, 0.075f};
  Vec3 colour = mix(dark, bright, tone);
  if (warmth > 0.86f) colour = burnt;
  // Worn upper edges catch the light, lower ones keep the shade.
  const float bevel = smooth_step(0.035f, 0.014f, inside);
  const float relief = y > kHeight / 2 ? 0.45f * bevel : -0.40f * bevel;
  return colour * (1 + relief + 0.75f * grain);
}

float hedge_height(float u) {
  return 1.98f + 0.42f * (value_noise(u * 0.75f + 40, 3, 51) - 0.5f) + 0.16f * (value_noise(u * 3.2f, 9, 52) - 0.5f);
}

Vec3 leaf_colour(float u, float v) {
  // One leaf per cell, pushed out of its middle and turned; the topmost of the nine around a point is seen.
  constexpr float kCell = 0.092f;
  constexpr std::array<float, 8> kCos = {1.0f, 0.924f, 0.707f, 0.383f, 0.0f, -0.383f, -0.707f, -0.924f};
  constexpr std::array<float, 8> kSin = {0.0f, 0.383f, 0.707f, 0.924f, 1.0f, 0.924f, 0.707f, 0.383f};
  const float x = u / kCell, y = v / kCell;
  const std::int32_t ix = floor_int(x), iy = floor_int(y);
  float top = -1;
  Vec3 colour{0.010f, 0.022f, 0.008f};
  for (std::int32_t j = iy - 1; j <= iy + 1; ++j) {
    for (std::int32_t i = ix - 1; i <= ix + 1; ++i) {
      const std::uint32_t h = hash_cell(i, j, 61);
      const float height = static_cast<float>(h & 255) * (1.0f / 256);
      if (height <= top) continue;
      const float cx = static_cast<float>(i) + 0.15f + static_cast<float>(h >> 8 & 255) * (0.7f / 256);
      const float cy = static_cast<float>(j) + 0.15f + static_cast<float>(h >> 16 & 255) * (0.7f / 256);
      const std::size_t turn = h >> 24 & 7;
      const float dx = x - cx, dy = y - cy;
      const float along = (dx * kCos[turn] + dy * kSin[turn]) * 1.12f;
      const float across = (dy * kCos[turn] - dx * kSin[turn]) * 2.3f;
      // Two arcs that meet in points.
      const float width = 1 - along * along;
      if (width <= 0 || std::abs(across) > width) continue;
      top = height;
      const float rib = std::abs(across) < 0.09f ? 1.35f : 1.0f;
      const float side = across > 0 ? 1.18f : 0.78f;
      const float light = (0.25f + 0.95f * height) * side * rib;
      const float hue = static_cast<float>(h >> 27) * (1.0f / 32);
      colour = mix(Vec3{0.035f, 0.17f, 0.028f}, Vec3{0.20f, 0.33f, 0.040f}, hue * height) * light;
    }
  }
  return colour;
}

Vec3 block_colour(float u, float v, int face) {
  static constexpr std::array<Vec3, 3> kPaint = {
      {{0.70f, 0.075f, 0.050f}, {0.04f, 0.20f, 0.55f}, {0.08f, 0.36f, 0.12f}}};
  static constexpr std::array<char, 3> kLetters = {'C', 'L', 'K'};
  // Strokes are parsed once per letter; afterwards they are only read.
  static const std::array<std::vector<Segment>, 3> kStrokes = {glyph_strokes(kLetters[0]), glyph_strokes(kLetters[1]),
                                                               glyph_strokes(kLetters[2])};
  const float rings = fractal_noise(u * 2.2f + 3 * static_cast<float>(face), v * 14, 3, 71);
  const Vec3 wood = mix(Vec3{0.36f, 0.20f, 0.085f}, Vec3{0.58f, 0.38f, 0.18f}, rings);
  const float edge = std::max(std::abs(u), std::abs(v));
  const std::size_t index = static_cast<std::size_t>(face);
  if (edge > 0.70f && edge < 0.84f) return kPaint[index];
  const float distance = stroke_distance(kStrokes[index], 3 + u * 7.2f, 4 - v * 7.2f);
  return distance < 0.85f ? kPaint[index] : wood;
}

Vec3 ball_colour(const Vec3& p) {
  // The ball's own axis, tilted towards the viewer, and two directions square to it.
  constexpr Vec3 kAxis{0.33f, 0.86f, -0.389f};
  constexpr Vec3 kAcross{0.9345f, -0.356f, 0.0057f};
  constexpr Vec3 kAhead{-0.1336f, -0.3654f, -0.9213f};
  const float y = dot(p, kAxis), x = dot(p, kAcross), z = dot(p, kAhead);
  if (std::abs(y) > 0.965f) return {0.66f, 0.64f, 0.60f};
  // The angle's multiple of four, from powers of x + iz: its sign tells the gore.
  const float re2 = x * x - z * z, im2 = 2 * x * z;
  const float im4 = 2 * re2 * im2;
  if (im4 < 0) return {0.66f, 0.63f, 0.56f};
  const bool yellow = x * z > 0;
  return yellow ? Vec3{0.72f, 0.36f, 0.012f} : Vec3{0.008f, 0.22f, 0.27f};
}

Vec3 sky_colour(const Vec3& direction) {
  const float fall = 1 - clamp01(direction.y * 3.2f);
  Vec3 colour = mix(Vec3{0.62f, 0.74f, 0.86f}, Vec3{0.035f, 0.16f, 0.52f}, 1 - fall * fall);
  // Clouds on a plane high above.
  if (direction.y > 0.01f) {
    const float scale = 1.15f / (direction.y + 0.16f);
    const float cover = fractal_noise(direction.x * scale * 1.3f + 7.4f, direction.z * scale + 2.2f, 4, 81);
    const float amount = smooth_step(0.47f, 0.68f, cover) * smooth_step(0.01f, 0.10f, direction.y);
    const float thick = smooth_step(0.55f, 0.85f, cover);
    colour = mix(colour, mix(Vec3{1.0f, 0.97f, 0.93f}, Vec3{0.66f, 0.70f, 0.78f}, thick), 0.95f * amount);
  }
  // Two ranges of hills; the far one fades into the haze.
  if (direction.z > 0 && direction.y < 0.15f) {
    const float bearing = direction.x / direction.z;
    const float far_ridge = 0.066f + 0.110f * (fractal_noise(bearing * 4.1f + 13, 0, 4, 91) - 0.45f);
    const float near_ridge = 0.040f + 0.070f * (fractal_noise(bearing * 6.3f + 31, 5, 4, 92) - 0.45f);
    if (direction.y < far_ridge) colour = Vec3{0.27f, 0.38f, 0.52f};
    if (direction.y < near_ridge) colour = Vec3{0.13f, 0.22f, 0.22f};
  }
  return colour;
}

}  // namespace convlens::pictures
