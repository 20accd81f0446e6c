// Letters and digits as pen strokes, and the distance of a point from them. Internal to pictures; draws nothing.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "engine/core/tensor.h"

namespace convlens::pictures {

struct Segment {
  float x0, y0, x1, y1;
};

// Pen strokes written as M (go), L (line) and Q (curve by a control point), each followed by pairs of digits x y.
std::vector<Segment> parse_strokes(std::string_view path);

// A capital letter or a digit in a box 6 wide and 8 high, y downwards; empty for anything else.
std::vector<Segment> glyph_strokes(char letter);

// Distance from (x, y) to the nearest stroke; large when there is none.
float stroke_distance(std::span<const Segment> strokes, float x, float y);

// Writes `text` with its upper left corner at (x, y): letters `height` pixels high, a pen `pen` pixels wide.
void write_text(View plane, std::string_view text, float x, float y, float height, float pen, float ink);
// Width of `text` in pixels at this height.
float text_width(std::string_view text, float height);

}  // namespace convlens::pictures
