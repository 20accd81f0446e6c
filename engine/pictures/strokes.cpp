// Letters and digits as pen strokes: the alphabet, its curves, and anti-aliased writing with a round pen.
#include "engine/pictures/strokes.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include "engine/pictures/portable_math.h"

namespace convlens::pictures {
namespace {

constexpr float kBoxHeight = 8;
constexpr float kAdvance = 8;
constexpr int kCurvePieces = 8;

// A to Z, then 0 to 9.
constexpr std::array<std::string_view, 36> kGlyphs = {
    "M08L30L68M15L55",                              // A
    "M00L08L38Q6866Q6434L04M30Q6062Q6434M00L30",    // B
    "M61Q5030Q0004Q0838Q5867",                      // C
    "M00L08L28Q6864Q6020L00",                       // D
    "M60L00L08L68M04L44",                           // E
    "M60L00L08M04L44",                              // F
    "M61Q5030Q0004Q0838Q6865L64L34",                // G
    "M00L08M60L68M04L64",                           // H
    "M10L50M30L38M18L58",                           // I
    "M20L60M50L55Q5828Q0806",                       // J
    "M00L08M60L04L68",                              // K
    "M00L08L68",                                    // L
    "M08L00L35L60L68",                              // M
    "M08L00L68L60",                                 // N
    "M30Q0004Q0838Q6864Q6030",                      // O
    "M08L00L30Q6062Q6434L04",                       // P
    "M30Q0004Q0838Q6864Q6030M45L68",                // Q
    "M08L00L30Q6062Q6434L04M34L68",                 // R
    "M61Q5030Q0002Q0434Q6466Q6838Q1807",            // S
    "M00L60M30L38",                                 // T
    "M00L05Q0838Q6865L60",                          // U
    "M00L38L60",                                    // V
    "M00L18L33L58L60",                              // W
    "M00L68M60L08",                                 // X
    "M00L34L60M34L38",                              // Y
    "M00L60L08L68",                                 // Z
    "M30Q0004Q0838Q6864Q6030M16L52",                // 0
    "M12L30L38M18L58",                              // 1
    "M02Q0030Q6062Q6446L08L68",                     // 2
    "M00L60L33Q6366Q6838Q1807",                     // 3
    "M58L50L05L65",                                 // 4
    "M60L10L03L33Q6365Q6838Q1807",                  // 5
    "M50Q0005Q0838Q6865Q6333Q0305",                 // 6
    "M00L60L28",                                    // 7
    "M34Q0402Q0030Q6062Q6434Q0406Q0838Q6866Q6434",  // 8
    "M62Q6030Q0002Q0535Q6562L64Q6828",              // 9
};

float segment_distance_squared(const Segment& s, float x, float y) {
  const float dx = s.x1 - s.x0, dy = s.y1 - s.y0;
  const float px = x - s.x0, py = y - s.y0;
  const float length = dx * dx + dy * dy;
  const float t = length > 0 ? clamp01((px * dx + py * dy) / length) : 0;
  const float ex = px - t * dx, ey = py - t * dy;
  return ex * ex + ey * ey;
}

}  // namespace

std::vector<Segment> parse_strokes(std::string_view path) {
  std::vector<Segment> strokes;
  float x = 0, y = 0;
  const auto digit = [&](std::size_t at) { return static_cast<float>(path[at] - '0'); };
  for (std::size_t at = 0; at < path.size();) {
    const char command = path[at];
    const std::size_t end_at = at + (command == 'Q' ? 3 : 1);
    const float end_x = digit(end_at), end_y = digit(end_at + 1);
    if (command == 'L') strokes.push_back({x, y, end_x, end_y});
    if (command == 'Q') {
      const float control_x = digit(at + 1), control_y = digit(at + 2);
      const float start_x = x, start_y = y;
      for (int i = 1; i <= kCurvePieces; ++i) {
        const float t = static_cast<float>(i) / kCurvePieces, u = 1 - t;
        const float next_x = u * u * start_x + 2 * u * t * control_x + t * t * end_x;
        const float next_y = u * u * start_y + 2 * u * t * control_y + t * t * end_y;
        strokes.push_back({x, y, next_x, next_y});
        x = next_x;
        y = next_y;
      }
    }
    x = end_x;
    y = end_y;
    at = end_at + 2;
  }
  return strokes;
}

std::vector<Segment> glyph_strokes(char letter) {
  if (letter >= 'A' && letter <= 'Z') return parse_strokes(kGlyphs[static_cast<std::size_t>(letter - 'A')]);
  if (letter >= '0' && letter <= '9') return parse_strokes(kGlyphs[static_cast<std::size_t>(letter - '0' + 26)]);
  return {};
}

float stroke_distance(std::span<const Segment> strokes, float x, float y) {
  float least = 1e12f;
  for (const Segment& stroke : strokes) least = std::min(least, segment_distance_squared(stroke, x, y));
  return std::sqrt(least);
}

float text_width(std::string_view text, float height) {
  return (static_cast<float>(text.size()) * kAdvance - (kAdvance - 6)) * height / kBoxHeight;
}

void write_text(View plane, std::string_view text, float x, float y, float height, float pen, float ink) {
  const float unit = height / kBoxHeight;
  const float reach = pen / 2 + 1;
  for (const char letter : text) {
    const std::vector<Segment> strokes = glyph_strokes(letter);
    const auto from = [](float at) { return std::max<std::int64_t>(0, floor_int(at)); };
    const auto to = [](float at, std::int64_t limit) { return std::min<std::int64_t>(limit, floor_int(at) + 1); };
    for (std::int64_t row = from(y - reach); row < to(y + height + reach, plane.shape.h); ++row) {
      for (std::int64_t column = from(x - reach); column < to(x + 6 * unit + reach, plane.shape.w); ++column) {
        const float px = (static_cast<float>(column) + 0.5f - x) / unit;
        const float py = (static_cast<float>(row) + 0.5f - y) / unit;
        const float coverage = clamp01(0.5f + pen / 2 - stroke_distance(strokes, px, py) * unit);
        float& pixel = plane.at(0, 0, row, column);
        pixel = mix(pixel, ink, coverage);
      }
    }
    x += kAdvance * unit;
  }
}

}  // namespace convlens::pictures
