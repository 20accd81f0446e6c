// Three floats for points, directions and colours. Internal to pictures.
#pragma once

#include <cmath>

namespace convlens::pictures {

struct Vec3 {
  float x = 0, y = 0, z = 0;
};

inline Vec3 operator+(const Vec3& a, const Vec3& b) { return {a.x + b.x, a.y + b.y, a.z + b.z}; }
inline Vec3 operator-(const Vec3& a, const Vec3& b) { return {a.x - b.x, a.y - b.y, a.z - b.z}; }
inline Vec3 operator*(const Vec3& a, const Vec3& b) { return {a.x * b.x, a.y * b.y, a.z * b.z}; }
inline Vec3 operator*(const Vec3& a, float s) { return {a.x * s, a.y * s, a.z * s}; }
inline float dot(const Vec3& a, const Vec3& b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
inline Vec3 normalized(const Vec3& a) { return a * (1 / std::sqrt(dot(a, a))); }
inline Vec3 reflected(const Vec3& direction, const Vec3& normal) {
  return direction - normal * (2 * dot(direction, normal));
}
inline Vec3 mix(const Vec3& a, const Vec3& b, float t) { return a + (b - a) * t; }

}  // namespace convlens::pictures
