// Built-in pictures: shapes, ranges, the exact charts, what the scene holds, and the same bits everywhere.
#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "engine/pictures/pictures.h"
#include "engine/pictures/portable_math.h"
#include "engine/pictures/strokes.h"

namespace convlens::pictures {
namespace {

Tensor make(std::string_view name) {
  Result<Tensor> picture = make_builtin_picture(name);
  REQUIRE(picture.ok());
  return std::move(picture).value();
}

// FNV-1a over the bits of every value.
std::uint64_t fingerprint(const Tensor& picture) {
  std::uint64_t hash = 0xCBF29CE484222325u;
  for (const float value : picture.values()) {
    hash = (hash ^ std::bit_cast<std::uint32_t>(value)) * 0x100000001B3u;
  }
  return hash;
}

TEST_CASE("every picture of the table can be made, the scene first") {
  const std::vector<std::string_view> expected = {"scene",    "impulse", "step", "checkerboard", "zone-plate",
                                                  "gradient", "chirp",   "text", "digit"};
  std::vector<std::string_view> names;
  for (const BuiltinPicture& entry : builtin_pictures()) {
    CAPTURE(entry.name);
    names.push_back(entry.name);
    CHECK(!entry.label.empty());
    CHECK(entry.shows.size() > 20);
    const Tensor picture = make(entry.name);
    CHECK(picture.shape().n == 1);
    CHECK(picture.shape().c == (entry.name == "scene" ? 3 : 1));
    const auto [low, high] = std::ranges::minmax(picture.values());
    CHECK(low >= 0);
    CHECK(high <= 1);
    CHECK(high - low >= 0.4f);
  }
  CHECK(names == expected);
  const Result<Tensor> unknown = make_builtin_picture("cat");
  REQUIRE(!unknown.ok());
  CHECK(unknown.error().message ==
        "there is no built-in picture called 'cat'; the names are: scene, impulse, step, checkerboard, zone-plate, "
        "gradient, chirp, text, digit");
}

TEST_CASE("pictures have the same bits on every machine") {
  const struct {
    std::string_view name;
    std::uint64_t expected;
  } golden[] = {
      {"scene", 0x771740775B4042F2}, {"zone-plate", 0x11C23B7AD29DC7DD}, {"chirp", 0xECD66E285A8414AC},
      {"text", 0x4B741F4E4E3FB794},  {"digit", 0x1780BCFDFD8D75C0},
  };
  for (const auto& [name, expected] : golden) {
    CAPTURE(name);
    CHECK(fingerprint(make(name)) == expected);
  }
}

TEST_CASE("the charts are exact") {
  const Tensor impulse = make("impulse");
  CHECK(impulse.shape() == Shape{1, 1, 63, 63});
  CHECK(impulse.at(0, 0, 31, 31) == 1);
  CHECK(std::ranges::count(impulse.values(), 0.0f) == 63 * 63 - 1);

  const Tensor step = make("step");
  CHECK(step.at(0, 0, 7, 127) == 0.25f);
  CHECK(step.at(0, 0, 200, 128) == 0.75f);

  const Tensor board = make("checkerboard");
  CHECK(board.at(0, 0, 31, 31) == 1);
  CHECK(board.at(0, 0, 31, 32) == 0);
  CHECK(board.at(0, 0, 32, 32) == 1);

  const Tensor gradient = make("gradient");
  CHECK(gradient.at(0, 0, 0, 0) == 0);
  CHECK(gradient.at(0, 0, 99, 51) == 51 / 255.0f);
  CHECK(gradient.at(0, 0, 255, 255) == 1);
}

TEST_CASE("the zone plate is round and reaches half a cycle per pixel at its sides") {
  const Tensor plate = make("zone-plate");
  CHECK(plate.at(0, 0, 256, 256) == 1);
  CHECK(plate.at(0, 0, 100, 300) == plate.at(0, 0, 412, 212));
  CHECK(plate.at(0, 0, 100, 300) == plate.at(0, 0, 300, 100));
  // Neighbours near the middle of a side are in opposite phase.
  CHECK(std::abs(plate.at(0, 0, 256, 510) + plate.at(0, 0, 256, 511) - 1) < 0.03f);
  CHECK(std::abs(plate.at(0, 0, 256, 511) - 0.5f) > 0.4f);
}

TEST_CASE("the chirp's stripes get finer to the right and fainter upwards") {
  const Tensor chirp = make("chirp");
  const auto crossings = [&](std::int64_t from, std::int64_t to) {
    int count = 0;
    for (std::int64_t x = from + 1; x < to; ++x) {
      count += (chirp.at(0, 0, 319, x) > 0.5f) != (chirp.at(0, 0, 319, x - 1) > 0.5f) ? 1 : 0;
    }
    return count;
  };
  CHECK(crossings(0, 160) <= 6);
  CHECK(crossings(480, 640) > 80);
  CHECK(crossings(480, 640) > 2 * crossings(320, 480));
  CHECK(std::ranges::all_of(chirp.view().row(0, 0, 0), chirp.view().row(0, 0, 0) + 640,
                            [](float value) { return value == 0.5f; }));
}

TEST_CASE("the digit lies in the middle of 28 x 28 pixels") {
  const Tensor digit = make("digit");
  CHECK(digit.shape() == Shape{1, 1, 28, 28});
  double mass = 0, mx = 0, my = 0;
  for (std::int64_t y = 0; y < 28; ++y) {
    for (std::int64_t x = 0; x < 28; ++x) {
      const double value = static_cast<double>(digit.at(0, 0, y, x));
      mass += value;
      mx += value * static_cast<double>(x);
      my += value * static_cast<double>(y);
      if (y < 3 || y > 24 || x < 2 || x > 25) CHECK(value == 0);
    }
  }
  CHECK(mass > 50);
  CHECK(mass < 200);
  CHECK(mx / mass == doctest::Approx(13.5).epsilon(0.15));
  CHECK(my / mass == doctest::Approx(13.5).epsilon(0.15));
}

TEST_CASE("the scene has edges in every direction, texture and strong colours") {
  const Tensor scene = make("scene");
  CHECK(scene.shape() == Shape{1, 3, 480, 640});
  // Share of the gradient's energy in each of eight directions.
  double energy[8] = {};
  double total = 0;
  for (std::int64_t y = 1; y < 479; ++y) {
    for (std::int64_t x = 1; x < 639; ++x) {
      const double dx = static_cast<double>(scene.at(0, 1, y, x + 1) - scene.at(0, 1, y, x - 1));
      const double dy = static_cast<double>(scene.at(0, 1, y + 1, x) - scene.at(0, 1, y - 1, x));
      const auto octant = static_cast<int>(std::floor((std::atan2(dy, dx) / 3.14159265358979 + 1) * 4)) & 7;
      energy[octant] += dx * dx + dy * dy;
      total += dx * dx + dy * dy;
    }
  }
  for (const double part : energy) CHECK(part / total > 0.04);

  std::int64_t red = 0, green = 0, blue = 0, yellow = 0;
  for (std::int64_t y = 0; y < 480; ++y) {
    for (std::int64_t x = 0; x < 640; ++x) {
      const float r = scene.at(0, 0, y, x), g = scene.at(0, 1, y, x), b = scene.at(0, 2, y, x);
      red += r > g + 0.3f && r > b + 0.3f ? 1 : 0;
      green += g > r + 0.12f && g > b + 0.12f ? 1 : 0;
      blue += b > r + 0.2f && b > g + 0.1f ? 1 : 0;
      yellow += r > b + 0.3f && g > b + 0.2f ? 1 : 0;
    }
  }
  for (const std::int64_t pixels : {red, green, blue, yellow}) CHECK(pixels > 3000);
}

TEST_CASE("portable cosine agrees with the library's") {
  for (int i = -4000; i <= 4000; ++i) {
    const double t = i / 997.0;
    CHECK(static_cast<double>(cos_turns(t)) == doctest::Approx(std::cos(6.283185307179586 * t)).epsilon(2e-6));
  }
}

TEST_CASE("every capital letter and digit has strokes inside its box") {
  for (const char letter : std::string("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")) {
    CAPTURE(letter);
    const std::vector<Segment> strokes = glyph_strokes(letter);
    CHECK(strokes.size() >= 2);
    for (const Segment& s : strokes) {
      for (const float x : {s.x0, s.x1}) CHECK((x >= 0 && x <= 6));
      for (const float y : {s.y0, s.y1}) CHECK((y >= 0 && y <= 8));
    }
  }
  CHECK(glyph_strokes('?').empty());
  CHECK(stroke_distance(glyph_strokes('L'), 0, 4) == 0);
  CHECK(stroke_distance(glyph_strokes('L'), 3, 5) == 3);
}

}  // namespace
}  // namespace convlens::pictures
