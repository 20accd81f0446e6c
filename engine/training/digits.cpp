// From stroke tables to pictures: vary the control points, draw smooth curves, cut and centre as MNIST does.
#include "engine/training/digits.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <string>

#include "engine/core/random.h"
#include "engine/core/seed.h"
#include "engine/pictures/portable_math.h"
#include "engine/training/digit_styles.h"

namespace convlens::training {
namespace {

using pictures::clamp01;
using pictures::cos_turns;
using pictures::sin_turns;

constexpr float kBox = 20;           // the ink's larger side, in pixels
constexpr int kStepsPerCurve = 7;    // straight pieces from one control point to the next
constexpr float kUnit = 1.0f / 100;  // the tables' unit, as a share of the digit's height
constexpr float kForgetting = 1.5f;  // over two thirds of the height a hand's error is a new one
constexpr int kCanvas = 36;          // room for ink that is moved to its centre of mass
constexpr float kCanvasCentre = 18;

struct Point {
  float x = 0, y = 0;
};

// A vertex of the drawn line.
struct Vertex {
  Point at;
  float pen = 0;          // radius of the pen, as a share of its mean
  bool is_start = false;  // no line leads here
};

struct Line {
  std::array<Vertex, (kMostPenPoints + 1) * (kStepsPerCurve + 1)> vertices;
  std::size_t count = 0;

  std::span<Vertex> used() { return {vertices.data(), count}; }
};

const DigitStyle& choose_style(Random& random, int digit) {
  const std::span<const DigitStyle> styles = digit_styles(digit);
  float total = 0;
  for (const DigitStyle& style : styles) total += style.weight;
  float left = random.uniform(0, total);
  for (const DigitStyle& style : styles) {
    left -= style.weight;
    if (left < 0) return style;
  }
  return styles.back();
}

// A smooth random displacement: a few long waves per axis.
class Warp {
 public:
  Warp(Random& random, float deviation) {
    for (Wave& wave : waves_) {
      wave = {random.uniform(-0.7f, 0.7f), random.uniform(-0.7f, 0.7f), random.uniform(), deviation * random.normal()};
    }
  }
  Point operator()(Point p) const {
    Point out = p;
    for (std::size_t i = 0; i < waves_.size(); ++i) {
      const Wave& wave = waves_[i];
      const float shift = wave.height * sin_turns(static_cast<double>(wave.fx * p.x + wave.fy * p.y + wave.phase));
      (i % 2 == 0 ? out.x : out.y) += shift;
    }
    return out;
  }

 private:
  struct Wave {
    float fx, fy, phase, height;
  };
  std::array<Wave, 4> waves_;
};

// The control points as this hand puts them, height about 1, centred on 0.
struct Skeleton {
  std::array<Point, kMostPenPoints> points;
  std::array<PenMove, kMostPenPoints> moves;
  std::size_t count = 0;
};

Skeleton vary_points(Random& random, const DigitStyle& style, const DigitVariety& variety) {
  Skeleton skeleton;
  Point error, last;
  for (const PenPoint& pen : style.points) {
    const Point meant{pen.x * kUnit - 0.3f, pen.y * kUnit - 0.5f};
    // A hand errs alike where points are close, so that a round stays round.
    const float distance = std::sqrt((meant.x - last.x) * (meant.x - last.x) + (meant.y - last.y) * (meant.y - last.y));
    const float kept = std::max(0.0f, 1 - kForgetting * distance);
    const float fresh = variety.jitter * std::sqrt(1 - kept * kept);
    error = {kept * error.x + fresh * random.normal(), kept * error.y + fresh * random.normal()};
    last = meant;
    skeleton.points[skeleton.count] = {meant.x + error.x, meant.y + error.y};
    skeleton.moves[skeleton.count++] = pen.move;
  }
  // A pen that comes down or leaves too early or too late.
  for (std::size_t i = 0; i + 1 < skeleton.count; ++i) {
    const bool is_first = skeleton.moves[i] == PenMove::kStart;
    const bool is_last = i + 2 == skeleton.count || skeleton.moves[i + 2] == PenMove::kStart;
    if (!is_first && !is_last) continue;
    Point& end = skeleton.points[is_first ? i : i + 1];
    const Point& inner = skeleton.points[is_first ? i + 1 : i];
    const float longer = random.uniform(-0.3f, 0.3f);
    end = {end.x + longer * (end.x - inner.x), end.y + longer * (end.y - inner.y)};
  }
  return skeleton;
}

// The curve from b to c with neighbours a and d. (Catmull, Rom, "A class of local interpolating splines", 1974.)
Point catmull_rom(Point a, Point b, Point c, Point d, float t) {
  const auto axis = [t](float p, float q, float r, float s) {
    return q + 0.5f * t * (r - p + t * (2 * p - 5 * q + 4 * r - s + t * (3 * (q - r) + s - p)));
  };
  return {axis(a.x, b.x, c.x, d.x), axis(a.y, b.y, c.y, d.y)};
}

Line draw_curves(const Skeleton& skeleton) {
  Line line;
  for (std::size_t i = 0; i < skeleton.count; ++i) {
    if (skeleton.moves[i] == PenMove::kStart) {
      line.vertices[line.count++] = {skeleton.points[i], 1, true};
      continue;
    }
    const Point b = skeleton.points[i - 1], c = skeleton.points[i];
    const bool begins = skeleton.moves[i - 1] != PenMove::kSmooth;
    const bool ends =
        skeleton.moves[i] == PenMove::kCorner || i + 1 == skeleton.count || skeleton.moves[i + 1] == PenMove::kStart;
    const Point a = begins ? b : skeleton.points[i - 2];
    const Point d = ends ? c : skeleton.points[i + 1];
    for (int step = 1; step <= kStepsPerCurve; ++step) {
      const float t = static_cast<float>(step) / kStepsPerCurve;
      line.vertices[line.count++] = {catmull_rom(a, b, c, d, t), 1, false};
    }
  }
  return line;
}

// Warps, leans, turns and stretches the line, and varies the pen along it.
void shape_line(Random& random, const DigitVariety& variety, Line& line) {
  const Warp warp(random, variety.warp);
  const float slant = 0.16f + variety.slant * random.normal();
  const double turn = static_cast<double>(variety.rotation * random.normal());
  const float cosine = cos_turns(turn), sine = sin_turns(turn);
  const float wider = 1.15f + std::clamp(variety.proportion * random.normal(), -0.5f, 0.7f);
  const float taper = std::clamp(variety.taper * random.normal(), -0.8f, 0.8f);
  const float balance = std::clamp(variety.balance * random.normal(), -0.15f, 0.15f);
  const float pressure = variety.pressure * random.normal(), pressure_phase = random.uniform();
  const float pressure_waves = random.uniform(0.5f, 2.0f);
  for (Vertex& vertex : line.used()) {
    const Point p = warp(vertex.at);
    const float y = p.y + balance * (1 - 4 * p.y * p.y);
    const float x = wider * p.x * (1 + taper * y) - slant * y;
    vertex.at = {cosine * x - sine * y, sine * x + cosine * y};
    vertex.pen = std::clamp(
        1 + pressure * sin_turns(static_cast<double>(pressure_waves * (p.x + p.y) + pressure_phase)), 0.6f, 1.4f);
  }
}

// Scales the line so that its ink's larger side is kBox, in the middle of the canvas. Pens become pixels.
void fit_box(float pen, Line& line) {
  Point low{1e9f, 1e9f}, high{-1e9f, -1e9f};
  for (Vertex& vertex : line.used()) {
    vertex.pen *= pen;
    low = {std::min(low.x, vertex.at.x), std::min(low.y, vertex.at.y)};
    high = {std::max(high.x, vertex.at.x), std::max(high.y, vertex.at.y)};
  }
  const float scale = (kBox - 2 * pen) / std::max(high.x - low.x, high.y - low.y);
  for (Vertex& vertex : line.used()) {
    vertex.at = {kCanvasCentre + scale * (vertex.at.x - 0.5f * (low.x + high.x)),
                 kCanvasCentre + scale * (vertex.at.y - 0.5f * (low.y + high.y))};
  }
}

using Canvas = std::array<float, kCanvas * kCanvas>;

// Lays ink on the pixels near the piece from a to b: full within the pen's radius, fading out over `soft` pixels.
void draw_piece(const Vertex& a, const Vertex& b, float soft, Canvas& canvas) {
  const float reach = std::max(a.pen, b.pen) + soft;
  const auto first = [&](float p, float q) { return std::clamp(static_cast<int>(std::min(p, q) - reach), 0, kCanvas); };
  const auto past = [&](float p, float q) {
    return std::clamp(static_cast<int>(std::max(p, q) + reach) + 1, 0, kCanvas);
  };
  const float dx = b.at.x - a.at.x, dy = b.at.y - a.at.y;
  const float length2 = dx * dx + dy * dy;
  const float inverse = length2 > 0 ? 1 / length2 : 0;
  const float fade = 1 / soft;
  const int x0 = first(a.at.x, b.at.x), x1 = past(a.at.x, b.at.x);
  const int y0 = first(a.at.y, b.at.y), y1 = past(a.at.y, b.at.y);
  for (int y = y0; y < y1; ++y) {
    float* row = canvas.data() + y * kCanvas;
    const float py = static_cast<float>(y) + 0.5f - a.at.y;
    for (int x = x0; x < x1; ++x) {
      const float px = static_cast<float>(x) + 0.5f - a.at.x;
      const float t = clamp01((px * dx + py * dy) * inverse);
      const float ex = px - t * dx, ey = py - t * dy;
      const float pen = a.pen + t * (b.pen - a.pen);
      const float ink = clamp01(0.5f + (pen - std::sqrt(ex * ex + ey * ey)) * fade);
      row[x] = std::max(row[x], ink);
    }
  }
}

// Cuts 28 x 28 pixels out of the canvas, moved by whole pixels so that the centre of mass is in the middle.
void centre_mass(const Canvas& canvas, float darkness, std::span<std::uint8_t, kDigitPixels> out) {
  float mass = 1e-6f, x_mass = 0, y_mass = 0;
  for (int y = 0; y < kCanvas; ++y) {
    for (int x = 0; x < kCanvas; ++x) {
      const float ink = canvas[static_cast<std::size_t>(y * kCanvas + x)];
      mass += ink;
      x_mass += ink * (static_cast<float>(x) + 0.5f);
      y_mass += ink * (static_cast<float>(y) + 0.5f);
    }
  }
  constexpr int kSide = static_cast<int>(kDigitSide);
  const int left = static_cast<int>(x_mass / mass + 0.5f) - kSide / 2;
  const int top = static_cast<int>(y_mass / mass + 0.5f) - kSide / 2;
  for (int y = 0; y < kSide; ++y) {
    for (int x = 0; x < kSide; ++x) {
      const int from_y = y + top, from_x = x + left;
      const bool is_inside = from_y >= 0 && from_y < kCanvas && from_x >= 0 && from_x < kCanvas;
      const float ink = is_inside ? canvas[static_cast<std::size_t>(from_y * kCanvas + from_x)] : 0;
      out[static_cast<std::size_t>(y * kSide + x)] = static_cast<std::uint8_t>(clamp01(ink * darkness) * 255 + 0.5f);
    }
  }
}

}  // namespace

std::int32_t digit_label(std::int64_t index) { return static_cast<std::int32_t>(index % 10); }

void write_digit(std::uint64_t seed, std::int64_t index, const DigitVariety& variety,
                 std::span<std::uint8_t, kDigitPixels> out) {
  Random random(stream_seed(seed, static_cast<std::uint64_t>(index)));
  const DigitStyle& style = choose_style(random, digit_label(index));
  Line line = draw_curves(vary_points(random, style, variety));
  shape_line(random, variety, line);
  // Thin pens are commoner than thick ones.
  const float thick = 0.5f * (random.uniform() + random.uniform()) * random.uniform();
  fit_box(variety.thinnest_pen + (variety.thickest_pen - variety.thinnest_pen) * thick, line);
  const float soft = random.uniform(0.9f, 1.7f);
  Canvas canvas{};
  const std::span<const Vertex> vertices = line.used();
  for (std::size_t i = 1; i < vertices.size(); ++i) {
    if (!vertices[i].is_start) draw_piece(vertices[i - 1], vertices[i], soft, canvas);
  }
  centre_mass(canvas, random.uniform(0.95f, 1.3f), out);
}

Dataset make_digits(std::int64_t count, std::uint64_t seed, const Parallel& parallel, std::int64_t first,
                    const DigitVariety& variety) {
  Dataset dataset;
  dataset.height = dataset.width = kDigitSide;
  dataset.origin = std::to_string(count) + " digits written by code with seed " + std::to_string(seed);
  for (int digit = 0; digit < 10; ++digit) dataset.class_names.push_back(std::to_string(digit));
  dataset.labels.resize(static_cast<std::size_t>(count));
  dataset.pixels.resize(static_cast<std::size_t>(count * kDigitPixels));
  constexpr std::int64_t kBlock = 64;
  parallel.for_each((count + kBlock - 1) / kBlock, [&](std::int64_t block) {
    for (std::int64_t i = block * kBlock; i < std::min(count, (block + 1) * kBlock); ++i) {
      dataset.labels[static_cast<std::size_t>(i)] = digit_label(first + i);
      write_digit(seed, first + i, variety,
                  std::span<std::uint8_t, kDigitPixels>(dataset.pixels.data() + i * kDigitPixels, kDigitPixels));
    }
  });
  return dataset;
}

}  // namespace convlens::training
