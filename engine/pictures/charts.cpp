// Test charts: impulse, step, checkerboard, zone plate, gradient, chirp, text and a handwritten digit.
#include "engine/pictures/charts.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <vector>

#include "engine/pictures/portable_math.h"
#include "engine/pictures/strokes.h"

namespace convlens::pictures {
namespace {

// A (1,1,height,width) picture of value(y, x).
template <class Value>
Tensor draw(std::int64_t height, std::int64_t width, Value value) {
  Tensor picture = Tensor::uninitialized({1, 1, height, width});
  for (std::int64_t y = 0; y < height; ++y) {
    float* row = picture.view().row(0, 0, y);
    for (std::int64_t x = 0; x < width; ++x) row[x] = value(y, x);
  }
  return picture;
}

}  // namespace

Tensor make_impulse() {
  // Odd, so that there is a middle; twice 31, so that a 31 x 31 filter's answer is seen whole.
  return draw(63, 63, [](std::int64_t y, std::int64_t x) { return y == 31 && x == 31 ? 1.0f : 0.0f; });
}

Tensor make_step() {
  return draw(256, 256, [](std::int64_t, std::int64_t x) { return x < 128 ? 0.25f : 0.75f; });
}

Tensor make_checkerboard() {
  return draw(256, 256, [](std::int64_t y, std::int64_t x) { return (y / 32 + x / 32) % 2 == 0 ? 1.0f : 0.0f; });
}

Tensor make_zone_plate() {
  // Frequency grows with the radius and reaches Nyquist's half a cycle per pixel at the middle of each side.
  constexpr std::int64_t kSize = 512;
  return draw(kSize, kSize, [](std::int64_t y, std::int64_t x) {
    const std::int64_t dy = y - kSize / 2, dx = x - kSize / 2;
    return 0.5f + 0.5f * cos_turns(static_cast<double>(dy * dy + dx * dx) / (2.0 * kSize));
  });
}

Tensor make_gradient() {
  return draw(256, 256, [](std::int64_t, std::int64_t x) { return static_cast<float>(x) / 255.0f; });
}

Tensor make_chirp() {
  // Seven octaves from left to right, 1/256 to 1/2 cycle per pixel, each pixel's frequency a fixed ratio above the
  // last; contrast fades towards the top, as in F. Campbell and J. Robson's chart of 1964.
  constexpr std::int64_t kWidth = 640, kHeight = 320;
  constexpr double kRatio = 1.0076102626;  // 128^(1/640)
  std::vector<float> wave;
  double frequency = 1.0 / 256, phase = 0;
  for (std::int64_t x = 0; x < kWidth; ++x) {
    wave.push_back(sin_turns(phase));
    phase += frequency;
    frequency *= kRatio;
  }
  return draw(kHeight, kWidth, [&](std::int64_t y, std::int64_t x) {
    const float height = static_cast<float>(y) / (kHeight - 1);
    return 0.5f + 0.5f * height * height * wave[static_cast<std::size_t>(x)];
  });
}

Tensor make_text() {
  constexpr std::int64_t kWidth = 640, kHeight = 400;
  constexpr float kPaper = 0.95f, kInk = 0.05f, kMargin = 32;
  struct Line {
    std::string_view text;
    float top, height, pen;
  };
  constexpr std::array<Line, 8> kLines = {
      {{"CONVOLVE", 34, 74, 12},
       {"SHARP EDGES MEET", 146, 34, 5},
       {"STROKES IN EVERY DIRECTION", 206, 20, 3},
       {"ABCDEFGHIJKLM 0123456789", 248, 20, 2},
       {"NOPQRSTUVWXYZ 9876543210", 288, 20, 1.4f},
       {"THE SMALLER THE LETTER THE FINER THE FILTER THAT STILL SEES IT", 330, 9, 1.3f},
       {"BLUR IT TO LOSE THESE LINES AND SHARPEN IT TO FIND THEM AGAIN", 351, 9, 1.0f},
       {"A LETTER IS A SMALL SET OF EDGES IN A KNOWN ORDER OF DIRECTIONS", 370, 9, 1.0f}}};
  Tensor picture = draw(kHeight, kWidth, [](std::int64_t, std::int64_t) { return kPaper; });
  for (const Line& line : kLines) {
    write_text(picture.view(), line.text, kMargin, line.top, line.height, line.pen, kInk);
  }
  return picture;
}

Tensor make_digit() {
  // A five in two strokes of a soft pen, slanted, in the middle 20 x 20 pixels as in MNIST.
  constexpr float kScale = 20.0f / 9.0f;
  const std::vector<Segment> strokes = parse_strokes("M81Q6131L24Q6267Q6918");
  return draw(28, 28, [&](std::int64_t y, std::int64_t x) {
    const float py = (static_cast<float>(y) + 0.5f - 4) / kScale;
    const float px = (static_cast<float>(x) + 0.5f - 4) / kScale + 0.12f * (py - 4.5f) - 0.3f;
    const float distance = stroke_distance(strokes, px, py) * kScale;
    return smooth_step(1.95f, 0.65f, distance);
  });
}

}  // namespace convlens::pictures
