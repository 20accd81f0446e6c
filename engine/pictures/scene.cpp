// The default picture's geometry, light and camera. One ray per pixel, more where neighbours differ.
#include "engine/pictures/scene.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <vector>

#include "engine/pictures/portable_math.h"
#include "engine/pictures/scene_materials.h"
#include "engine/pictures/vec3.h"

namespace convlens::pictures {
namespace {

constexpr int kWidth = 640;
constexpr int kHeight = 480;

enum class Thing : std::uint8_t { kSky, kGround, kWall, kHedge, kBlock, kBall };

struct Ball {
  Vec3 centre;
  float radius;
  Vec3 colour;   // negative red: the beach ball's gores
  float mirror;  // reflection seen from straight above, 0 to 1
  float gloss;   // strength of the highlight
};

constexpr std::array<Ball, 6> kBalls = {{
    {{-0.62f, 0.95f, 0.55f}, 0.95f, {0.46f, 0.010f, 0.008f}, 0.045f, 1.0f},   // red, glossy
    {{1.02f, 0.66f, -0.10f}, 0.66f, {-1, 0, 0}, 0.030f, 0.45f},               // beach ball
    {{0.10f, 0.34f, -1.10f}, 0.34f, {0.93f, 0.92f, 0.90f}, 0.86f, 0.9f},      // mirror
    {{-1.72f, 0.40f, -0.45f}, 0.40f, {0.055f, 0.27f, 0.022f}, 0.0f, 0.12f},   // green, matte
    {{-0.92f, 0.27f, -1.35f}, 0.27f, {0.012f, 0.050f, 0.42f}, 0.050f, 1.0f},  // blue, glossy
    {{0.86f, 0.17f, -1.62f}, 0.17f, {0.66f, 0.25f, 0.008f}, 0.040f, 0.9f},    // orange, small
}};

// The letter block: a cube turned about the vertical.
constexpr Vec3 kBlockCentre{1.90f, 0.40f, -0.62f};
constexpr float kBlockHalf = 0.40f;
constexpr float kBlockCos = 0.8480f, kBlockSin = 0.5299f;

// The wall's front and left faces are seen.
constexpr Vec3 kWallLow{1.25f, 0, 2.3f};
constexpr Vec3 kWallHigh{7.0f, 2.05f, 2.9f};
constexpr float kHedgeZ = 2.9f;
constexpr float kHedgeRight = 1.6f;

const Vec3 kSun = normalized({-0.60f, 0.78f, -0.46f});
constexpr Vec3 kSunLight{2.25f, 1.98f, 1.58f};

struct Ray {
  Vec3 origin;
  Vec3 direction;  // unit length
};

struct Hit {
  float distance = 1e9f;
  Thing thing = Thing::kSky;
  int index = 0;  // of the ball, or the face of the block
  Vec3 normal;
};

Vec3 to_block(const Vec3& v) { return {kBlockCos * v.x - kBlockSin * v.z, v.y, kBlockSin * v.x + kBlockCos * v.z}; }
Vec3 from_block(const Vec3& v) { return {kBlockCos * v.x + kBlockSin * v.z, v.y, -kBlockSin * v.x + kBlockCos * v.z}; }

// Where a ray enters and leaves a box around the origin, and through which axis it enters. (Slab method.)
struct Crossing {
  float enter;
  float leave;
  int axis;
};
Crossing cross_box(const Vec3& origin, const Vec3& direction, const Vec3& half) {
  const auto slab = [](float o, float d, float h, float& enter, float& leave) {
    const float inverse = 1 / (std::abs(d) < 1e-9f ? 1e-9f : d);
    const float a = (-h - o) * inverse, b = (h - o) * inverse;
    enter = std::min(a, b);
    leave = std::max(a, b);
  };
  float ex, lx, ey, ly, ez, lz;
  slab(origin.x, direction.x, half.x, ex, lx);
  slab(origin.y, direction.y, half.y, ey, ly);
  slab(origin.z, direction.z, half.z, ez, lz);
  const float enter = std::max(ex, std::max(ey, ez));
  return {enter, std::min(lx, std::min(ly, lz)), enter == ex ? 0 : enter == ey ? 1 : 2};
}

Vec3 axis_normal(int axis, const Vec3& direction) {
  if (axis == 0) return {direction.x > 0 ? -1.0f : 1.0f, 0, 0};
  if (axis == 1) return {0, direction.y > 0 ? -1.0f : 1.0f, 0};
  return {0, 0, direction.z > 0 ? -1.0f : 1.0f};
}

constexpr Vec3 kWallCentre{(kWallLow.x + kWallHigh.x) / 2, kWallHigh.y / 2, (kWallLow.z + kWallHigh.z) / 2};
constexpr Vec3 kWallHalf{(kWallHigh.x - kWallLow.x) / 2, kWallHigh.y / 2, (kWallHigh.z - kWallLow.z) / 2};

// Whether a ray comes near enough to the block to be worth the exact test.
bool passes_block(const Vec3& origin, const Vec3& direction) {
  constexpr float kReach = 1.74f * kBlockHalf;
  const Vec3 offset = kBlockCentre - origin;
  const float along = dot(offset, direction);
  return dot(offset, offset) - along * along < kReach * kReach;
}

// Rays that pass left of the wall, over its whole depth, need no exact test.
bool may_meet_wall(const Ray& ray) {
  if (ray.direction.z < 1e-3f) return true;
  const float slope = ray.direction.x / ray.direction.z;
  const float front = ray.origin.x + (kWallLow.z - ray.origin.z) * slope;
  const float back = ray.origin.x + (kWallHigh.z - ray.origin.z) * slope;
  return std::max(front, back) > kWallLow.x;
}

Hit trace(const Ray& ray, int skipped_ball) {
  Hit hit;
  if (ray.direction.y < 0) {
    hit = {-ray.origin.y / ray.direction.y, Thing::kGround, 0, {0, 1, 0}};
  }
  for (int i = 0; i < static_cast<int>(kBalls.size()); ++i) {
    if (i == skipped_ball) continue;
    const Ball& ball = kBalls[static_cast<std::size_t>(i)];
    const Vec3 offset = ray.origin - ball.centre;
    const float b = dot(offset, ray.direction);
    const float h = b * b - dot(offset, offset) + ball.radius * ball.radius;
    if (h <= 0) continue;
    const float distance = -b - std::sqrt(h);
    if (distance > 1e-4f && distance < hit.distance) {
      hit = {distance, Thing::kBall, i, (offset + ray.direction * distance) * (1 / ball.radius)};
    }
  }
  if (passes_block(ray.origin, ray.direction)) {
    const Vec3 block_direction = to_block(ray.direction);
    const Crossing block =
        cross_box(to_block(ray.origin - kBlockCentre), block_direction, {kBlockHalf, kBlockHalf, kBlockHalf});
    if (block.enter < block.leave && block.enter > 1e-4f && block.enter < hit.distance) {
      const int face = block.axis == 1 ? 2 : block.axis == 0 ? 1 : 0;
      hit = {block.enter, Thing::kBlock, face, from_block(axis_normal(block.axis, block_direction))};
    }
  }
  if (may_meet_wall(ray)) {
    const Crossing wall = cross_box(ray.origin - kWallCentre, ray.direction, kWallHalf);
    if (wall.enter < wall.leave && wall.enter > 1e-4f && wall.enter < hit.distance) {
      hit = {wall.enter, Thing::kWall, wall.axis, axis_normal(wall.axis, ray.direction)};
    }
  }
  if (ray.direction.z > 0) {
    const float distance = (kHedgeZ - ray.origin.z) / ray.direction.z;
    if (distance > 1e-4f && distance < hit.distance) {
      const float x = ray.origin.x + distance * ray.direction.x, y = ray.origin.y + distance * ray.direction.y;
      // Single leaves stick out of the outline.
      if (x < kHedgeRight && y > 0 && y < hedge_height(x) + 0.07f * (value_noise(x * 17, y * 17, 53) - 0.5f)) {
        hit = {distance, Thing::kHedge, 0, {0, 0, -1}};
      }
    }
  }
  return hit;
}

// Share of the sun that reaches a point: 1 in the open. The sun is a disc, so the edge of a shadow widens with the
// distance of what casts it. (Sphere term after I. Quilez, "Sphere soft shadow".)
float sunlight(const Vec3& point, int own_ball, bool on_block) {
  constexpr float kSharpness = 9;
  float light = 1;
  for (int i = 0; i < static_cast<int>(kBalls.size()); ++i) {
    if (i == own_ball) continue;
    const Ball& ball = kBalls[static_cast<std::size_t>(i)];
    const Vec3 offset = ball.centre - point;
    const float along = dot(offset, kSun);
    if (along < 0) continue;
    const float square = dot(offset, offset) - along * along;
    const float reach = ball.radius + (along + 0.05f) / (2 * kSharpness);
    if (square > reach * reach) continue;
    const float aside = std::sqrt(std::max(0.0f, square));
    light *= smooth_step(-0.5f, 0.5f, kSharpness * (aside - ball.radius) / (along + 0.05f));
  }
  if (!on_block) {
    const Crossing block =
        cross_box(to_block(point - kBlockCentre), to_block(kSun), {kBlockHalf, kBlockHalf, kBlockHalf});
    if (block.leave > 0) {
      const float width = 0.01f + 0.12f * std::max(block.enter, 0.0f);
      light *= smooth_step(-width, width, block.enter - block.leave);
    }
  }
  return light;
}

// How much of the sky the balls and the block hide from a point. (After I. Quilez, "Sphere ambient occlusion".)
float openness(const Vec3& point, const Vec3& normal, int own_ball, bool on_block) {
  float open = 1;
  const auto cover = [&](const Vec3& centre, float radius) {
    const Vec3 offset = centre - point;
    const float above = dot(normal, offset);
    if (above <= 0) return;
    const float square = dot(offset, offset);
    const float facing = above / std::sqrt(square);
    open *= 1 - 0.92f * clamp01(facing * radius * radius / square);
  };
  for (int i = 0; i < static_cast<int>(kBalls.size()); ++i) {
    if (i != own_ball) cover(kBalls[static_cast<std::size_t>(i)].centre, kBalls[static_cast<std::size_t>(i)].radius);
  }
  if (!on_block) cover(kBlockCentre, kBlockHalf * 1.15f);
  return open;
}

Vec3 surface_colour(const Hit& hit, const Vec3& point, float footprint) {
  switch (hit.thing) {
    case Thing::kGround: {
      Vec3 colour;
      // The cloth lies turned in front of the balls.
      const float x = point.x + 0.62f, z = point.z + 1.05f;
      if (cloth_colour(0.94f * x - 0.34f * z, 0.34f * x + 0.94f * z, footprint, colour)) return colour;
      return tile_colour(point.x, point.z, footprint);
    }
    case Thing::kWall: {
      if (point.y > kWallHigh.y - 0.13f) {
        return Vec3{0.60f, 0.55f, 0.47f} * (0.8f + 0.4f * fractal_noise(point.x * 9, point.y * 9 + point.z * 9, 3, 23));
      }
      return brick_colour(hit.index == 0 ? point.z : point.x, point.y);
    }
    case Thing::kHedge: {
      const float depth = clamp01((hedge_height(point.x) - point.y) / 1.1f);
      return leaf_colour(point.x, point.y) * mix(1.25f, 0.55f, depth);
    }
    case Thing::kBlock: {
      const Vec3 local = to_block(point - kBlockCentre) * (1 / kBlockHalf);
      if (hit.index == 2) return block_colour(local.x, local.z, 2);
      return hit.index == 0 ? block_colour(local.x, local.y, 0) : block_colour(-local.z, local.y, 1);
    }
    case Thing::kBall: {
      const Ball& ball = kBalls[static_cast<std::size_t>(hit.index)];
      return ball.colour.x < 0 ? ball_colour(hit.normal) : ball.colour;
    }
    case Thing::kSky:
      break;
  }
  return {};
}

// The light that comes back along a ray. Mirrors are followed once.
Vec3 radiance(const Ray& ray, int skipped_ball, bool follow_mirrors, Hit& hit) {
  hit = trace(ray, skipped_ball);
  if (hit.thing == Thing::kSky) return sky_colour(ray.direction);
  const Vec3 point = ray.origin + ray.direction * hit.distance;
  const bool is_ball = hit.thing == Thing::kBall;
  const int own_ball = is_ball ? hit.index : -1;
  const bool on_block = hit.thing == Thing::kBlock;
  const float facing = -dot(ray.direction, hit.normal);
  const float footprint = hit.distance * 0.00125f / std::max(0.15f, facing);

  const Vec3 albedo = surface_colour(hit, point, footprint);
  const float sun = std::max(0.0f, dot(hit.normal, kSun));
  const float shadow = sun > 0 ? sunlight(point, own_ball, on_block) : 0;
  const float open = openness(point, hit.normal, own_ball, on_block);
  const float up = 0.5f + 0.5f * hit.normal.y;
  const Vec3 sky = mix(Vec3{0.19f, 0.155f, 0.12f}, Vec3{0.36f, 0.44f, 0.58f}, up) * open;
  Vec3 light = albedo * (kSunLight * (sun * shadow) + sky);

  if (is_ball) {
    const Ball& ball = kBalls[static_cast<std::size_t>(hit.index)];
    const Vec3 bounce = reflected(ray.direction, hit.normal);
    if (ball.mirror > 0 && follow_mirrors) {
      // Schlick's approximation of Fresnel's reflection.
      const float grazing = 1 - clamp01(facing);
      const float fresnel = ball.mirror + (1 - ball.mirror) * grazing * grazing * grazing * grazing * grazing;
      Hit ignored;
      const Vec3 seen = radiance({point, bounce}, hit.index, false, ignored);
      light = ball.mirror > 0.5f ? seen * ball.colour * fresnel : light * (1 - fresnel) + seen * fresnel;
    }
    float glint = std::max(0.0f, dot(bounce, kSun));
    for (int i = 0; i < (ball.gloss > 0.3f ? 7 : 3); ++i) glint *= glint;
    light = light + kSunLight * (1.6f * ball.gloss * glint * shadow);
  }
  // Air between: far things lose contrast.
  const float haze = clamp01((hit.distance - 9) * 0.012f);
  return mix(light, Vec3{0.62f, 0.70f, 0.78f}, haze);
}

// Linear light to display values: a soft shoulder, then the square root that stands for sRGB's curve.
float display(float light) {
  const float x = std::max(0.0f, light) * 0.92f;
  return std::sqrt(clamp01(x * (1 + x * 0.16f) / (1 + x * 0.62f) * 1.18f));
}

class Camera {
 public:
  // (x, y) in pixels from the upper left corner.
  Ray ray(float x, float y) const {
    const float u = (x - kWidth / 2.0f) * (2 * kReach / kWidth), v = (kHeight / 2.0f - y) * (2 * kReach / kWidth);
    return {eye_, normalized(ahead_ + right_ * u + up_ * v)};
  }

 private:
  static constexpr float kReach = 0.40f;  // tangent of half the angle of view
  Vec3 eye_{0.15f, 1.72f, -6.1f};
  Vec3 ahead_ = normalized(Vec3{0.18f, 0.86f, 0.0f} - eye_);
  Vec3 right_ = normalized({ahead_.z, 0, -ahead_.x});
  Vec3 up_{ahead_.y * right_.z - ahead_.z * right_.y, ahead_.z* right_.x - ahead_.x* right_.z,
           ahead_.x* right_.y - ahead_.y* right_.x};
};

struct Sample {
  Vec3 colour;  // as displayed
  Thing thing = Thing::kSky;
  int index = 0;
};

Sample sample(const Camera& camera, float x, float y) {
  Hit hit;
  const Vec3 light = radiance(camera.ray(x, y), -1, true, hit);
  return {{display(light.x), display(light.y), display(light.z)}, hit.thing, hit.index};
}

bool differ(const Sample& a, const Sample& b) {
  constexpr float kVisible = 0.06f;
  return a.thing != b.thing || a.index != b.index || std::abs(a.colour.x - b.colour.x) > kVisible ||
         std::abs(a.colour.y - b.colour.y) > kVisible || std::abs(a.colour.z - b.colour.z) > kVisible;
}

}  // namespace

Tensor make_scene() {
  const Camera camera;
  std::vector<Sample> samples(static_cast<std::size_t>(kWidth) * kHeight);
  const auto at = [&](int y, int x) -> Sample& { return samples[static_cast<std::size_t>(y * kWidth + x)]; };
  for (int y = 0; y < kHeight; ++y) {
    for (int x = 0; x < kWidth; ++x) {
      at(y, x) = sample(camera, static_cast<float>(x) + 0.5f, static_cast<float>(y) + 0.5f);
    }
  }

  // Four more samples, on a turned square, where the picture changes from one pixel to the next.
  constexpr std::array<std::array<float, 2>, 4> kOffsets = {
      {{0.125f, 0.375f}, {0.375f, 0.875f}, {0.875f, 0.625f}, {0.625f, 0.125f}}};
  Tensor picture = Tensor::uninitialized({1, 3, kHeight, kWidth});
  for (int y = 0; y < kHeight; ++y) {
    for (int x = 0; x < kWidth; ++x) {
      const Sample& centre = at(y, x);
      Vec3 colour = centre.colour;
      if ((x > 0 && differ(centre, at(y, x - 1))) || (x + 1 < kWidth && differ(centre, at(y, x + 1))) ||
          (y > 0 && differ(centre, at(y - 1, x))) || (y + 1 < kHeight && differ(centre, at(y + 1, x)))) {
        for (const auto& [dy, dx] : kOffsets) {
          colour = colour + sample(camera, static_cast<float>(x) + dx, static_cast<float>(y) + dy).colour;
        }
        colour = colour * 0.2f;
      }
      picture.at(0, 0, y, x) = colour.x;
      picture.at(0, 1, y, x) = colour.y;
      picture.at(0, 2, y, x) = colour.z;
    }
  }
  return picture;
}

}  // namespace convlens::pictures
