// The maths of built-in pictures from IEEE basic operations and sqrt alone, so that no maths library changes a bit.
#pragma once

#include <cmath>
#include <cstdint>

namespace convlens::pictures {

// cos(2 pi t) for any t, to 1e-6. Folded to a quarter turn, then the cosine's Taylor series.
inline float cos_turns(double t) {
  double x = t - std::floor(t);
  if (x > 0.5) x = 1 - x;
  const double sign = x > 0.25 ? -1 : 1;
  if (x > 0.25) x = 0.5 - x;
  const double a = x * 6.283185307179586;
  const double s = a * a;
  const double series = 1 + s * (-1.0 / 2 + s * (1.0 / 24 + s * (-1.0 / 720 + s * (1.0 / 40320 - s / 3628800))));
  return static_cast<float>(sign * series);
}

inline float sin_turns(double t) { return cos_turns(t - 0.25); }

inline float clamp01(float x) { return x < 0 ? 0.0f : x > 1 ? 1.0f : x; }

// 0 below a, 1 above b, smooth between.
inline float smooth_step(float a, float b, float x) {
  const float t = clamp01((x - a) / (b - a));
  return t * t * (3 - 2 * t);
}

inline float mix(float a, float b, float t) { return a + (b - a) * t; }

// A well-mixed number in [0,1) for a grid cell. (After C. Wellons, "Prospecting for hash functions", 2018.)
inline std::uint32_t hash_cell(std::int32_t x, std::int32_t y, std::uint32_t seed) {
  std::uint32_t h = static_cast<std::uint32_t>(x) * 0x9E3779B1u ^ static_cast<std::uint32_t>(y) * 0x85EBCA77u ^ seed;
  h ^= h >> 16;
  h *= 0x7FEB352Du;
  h ^= h >> 15;
  h *= 0x846CA68Bu;
  h ^= h >> 16;
  return h;
}
inline float hash01(std::int32_t x, std::int32_t y, std::uint32_t seed) {
  return static_cast<float>(hash_cell(x, y, seed) >> 8) * (1.0f / 16777216.0f);
}

// floor without a library call; for |x| below 2^31.
inline std::int32_t floor_int(float x) {
  const auto whole = static_cast<std::int32_t>(x);
  return whole - (static_cast<float>(whole) > x ? 1 : 0);
}

// Smooth noise in [0,1] with one value per grid cell.
inline float value_noise(float x, float y, std::uint32_t seed) {
  const std::int32_t ix = floor_int(x), iy = floor_int(y);
  const float fx = x - static_cast<float>(ix), fy = y - static_cast<float>(iy);
  const float u = fx * fx * (3 - 2 * fx), v = fy * fy * (3 - 2 * fy);
  const float top = mix(hash01(ix, iy, seed), hash01(ix + 1, iy, seed), u);
  const float bottom = mix(hash01(ix, iy + 1, seed), hash01(ix + 1, iy + 1, seed), u);
  return mix(top, bottom, v);
}

// Octaves of value noise, each twice as fine and half as strong; in [0,1].
inline float fractal_noise(float x, float y, int octaves, std::uint32_t seed) {
  float sum = 0, weight = 0.5f, total = 0;
  for (int i = 0; i < octaves; ++i) {
    sum += weight * value_noise(x, y, seed + static_cast<std::uint32_t>(i));
    total += weight;
    weight *= 0.5f;
    x = 2 * x + 17.3f;
    y = 2 * y + 9.1f;
  }
  return sum / total;
}

}  // namespace convlens::pictures
