// Numbers from conv/rank, the spectrum and the table of presets, and the sentences that they allow.
#include "engine/explain/portrait.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "engine/conv/rank.h"
#include "engine/core/text.h"
#include "engine/explain/spectrum.h"
#include "engine/filters/presets.h"

namespace convlens::explain {
namespace {

// Relative to the absolute sum, below which a difference is rounding.
constexpr double kRounding = 1e-6;
constexpr double kWorthMentioning = 0.8;

// A small matrix of weights.
struct Plane {
  std::int64_t rows = 0, cols = 0;
  std::vector<double> values;
  double at(std::int64_t r, std::int64_t s) const { return values[static_cast<std::size_t>(r * cols + s)]; }
};

Plane plane_of(ConstView weights, std::int64_t k, std::int64_t c) {
  Plane plane{weights.shape.h, weights.shape.w, {}};
  for (std::int64_t r = 0; r < plane.rows; ++r) {
    const float* row = weights.row(k, c, r);
    plane.values.insert(plane.values.end(), row, row + plane.cols);
  }
  return plane;
}

double dot(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}
double norm(const std::vector<double>& a) { return std::sqrt(dot(a, a)); }

// Counter-clockwise.
Plane quarter_turn(const Plane& plane) {
  Plane turned{plane.cols, plane.rows, {}};
  for (std::int64_t r = 0; r < turned.rows; ++r) {
    for (std::int64_t s = 0; s < turned.cols; ++s) turned.values.push_back(plane.at(s, plane.cols - 1 - r));
  }
  return turned;
}

// The eight cells around the middle of a 3 x 3 plane, moved on by one, counter-clockwise.
Plane eighth_turn(const Plane& plane) {
  constexpr std::array<std::size_t, 8> kRing = {5, 2, 1, 0, 3, 6, 7, 8};
  Plane turned = plane;
  for (std::size_t i = 0; i < kRing.size(); ++i) turned.values[kRing[(i + 1) % 8]] = plane.values[kRing[i]];
  return turned;
}

Plane turned_by(const Plane& plane, int eighths) {
  Plane result = eighths % 2 == 1 ? eighth_turn(plane) : plane;
  for (int i = 0; i < eighths / 2; ++i) result = quarter_turn(result);
  return result;
}

std::optional<Similarity> nearest_preset(const Plane& plane) {
  const double length = norm(plane.values);
  if (length == 0) return std::nullopt;
  const bool is_square = plane.rows == plane.cols;
  std::optional<Similarity> best;
  // Turns that need fewer words come first and win ties.
  for (const int eighths : {0, 2, 4, 6, 1, 3, 5, 7}) {
    if (eighths % 4 != 0 && !is_square) continue;
    if (eighths % 2 != 0 && plane.rows != 3) continue;
    for (const filters::Preset& preset : filters::presets()) {
      if (preset.colour || preset.name == "random") continue;
      filters::PresetArgs args;
      args.rows = static_cast<int>(plane.rows);
      args.cols = static_cast<int>(plane.cols);
      const Result<std::vector<float>> made = filters::make_preset(preset.name, args);
      if (!made) continue;
      const Plane named = turned_by({plane.rows, plane.cols, {made->begin(), made->end()}}, eighths);
      const double named_length = norm(named.values);
      if (named_length == 0) continue;
      const double cosine = dot(plane.values, named.values) / (length * named_length);
      // Of two names for the same filter, the one without "negated".
      const double advantage =
          best && best->is_negated && best->eighths == eighths && cosine > 0 ? -kRounding : kRounding;
      if (best && std::abs(cosine) <= best->cosine + advantage) continue;
      best = Similarity{preset.name, preset.label, eighths, cosine < 0, std::min(1.0, std::abs(cosine))};
    }
  }
  return best;
}

// Mean response in three rings of frequencies.
struct Rings {
  double low = 0, middle = 0, high = 0;
  double zero = 0, least = 0, most = 0;
};

Rings rings_of(ConstView weights, std::int64_t k, std::int64_t c) {
  constexpr std::int64_t kGrid = 32;
  constexpr double kLow = 1.0 / 8, kHigh = 3.0 / 8;
  const Tensor response = magnitude_response(weights, k, c, kGrid, kGrid);
  Rings rings;
  rings.least = std::numeric_limits<double>::infinity();
  std::array<double, 3> sums{};
  std::array<int, 3> counts{};
  for (std::int64_t u = 0; u < kGrid; ++u) {
    for (std::int64_t v = 0; v < kGrid; ++v) {
      const double magnitude = static_cast<double>(response.at(0, 0, u, v));
      const double f = std::hypot(static_cast<double>(u - kGrid / 2), static_cast<double>(v - kGrid / 2)) / kGrid;
      const std::size_t ring = f < kLow ? 0 : f <= kHigh ? 1 : 2;
      sums[ring] += magnitude;
      ++counts[ring];
      rings.least = std::min(rings.least, magnitude);
      rings.most = std::max(rings.most, magnitude);
    }
  }
  rings.low = sums[0] / counts[0];
  rings.middle = sums[1] / counts[1];
  rings.high = sums[2] / counts[2];
  rings.zero = static_cast<double>(response.at(0, 0, kGrid / 2, kGrid / 2));
  return rings;
}

Passes passes_of(const Rings& rings) {
  constexpr double kFlat = 0.95, kClearly = 1.5, kBlind = 0.05;
  if (rings.most == 0) return Passes::kNothing;
  if (rings.least >= kFlat * rings.most) return Passes::kAll;
  // Blind to the mean: what matters is whether the response falls again towards the finest detail.
  if (rings.zero <= kBlind * rings.most) return rings.high >= 0.9 * rings.middle ? Passes::kHigh : Passes::kBand;
  if (rings.low >= kClearly * rings.high && rings.zero >= 0.5 * rings.most) return Passes::kLow;
  return rings.high >= kClearly * rings.low ? Passes::kHighBoost : Passes::kMixed;
}

// How `plane` compares with `mirrored`, cell by cell.
Symmetry symmetry_of(const Plane& plane, const Plane& mirrored, double tolerance) {
  bool is_even = true, is_odd = true;
  for (std::size_t i = 0; i < plane.values.size(); ++i) {
    is_even &= std::abs(plane.values[i] - mirrored.values[i]) <= tolerance;
    is_odd &= std::abs(plane.values[i] + mirrored.values[i]) <= tolerance;
  }
  return is_even ? Symmetry::kEven : is_odd ? Symmetry::kOdd : Symmetry::kNone;
}

Plane mirrored_left_right(const Plane& plane) {
  Plane mirrored = plane;
  for (std::int64_t r = 0; r < plane.rows; ++r) {
    std::reverse(mirrored.values.begin() + r * plane.cols, mirrored.values.begin() + (r + 1) * plane.cols);
  }
  return mirrored;
}
Plane mirrored_top_bottom(const Plane& plane) {
  Plane mirrored = mirrored_left_right(plane);
  std::reverse(mirrored.values.begin(), mirrored.values.end());
  return mirrored;
}

int rank_of(const std::vector<double>& singular_values, std::int64_t rows, std::int64_t cols) {
  const double tolerance = static_cast<double>(std::max(rows, cols)) * std::numeric_limits<float>::epsilon();
  return static_cast<int>(std::ranges::count_if(
      singular_values, [&](double value) { return value > tolerance * singular_values.front(); }));
}

std::string shown(double value, const char* format = "%.4g") { return formatted(format, value); }

// "94 %"; 100 only where nothing is missing, and never 0 for something.
std::string percent(double share) {
  if (share > 0.99 && share < 1 - kRounding) return shown(std::min(99.9, std::floor(1000 * share) / 10), "%.1f") + " %";
  if (share > 0 && share < 0.01) return shown(100 * share, "%.2g") + " %";
  return shown(100 * share, "%.0f") + " %";
}

std::string rank_words(const Portrait& p, std::int64_t rows, std::int64_t cols) {
  if (rows == 1 || cols == 1) return "one row or column: a 1-D filter";
  if (p.rank <= 2) {
    const std::int64_t products = p.rank * (rows + cols);
    std::string text = p.rank == 1 ? "rank 1: two 1-D passes would do, " : "rank 2: two pairs of 1-D passes would do, ";
    if (p.rank == 2) text += "2 × (" + std::to_string(rows) + " + " + std::to_string(cols) + ")";
    if (p.rank == 1) text += std::to_string(rows) + " + " + std::to_string(cols);
    return text + " = " + std::to_string(products) + " products in place of " + std::to_string(rows * cols);
  }
  return "rank " + std::to_string(p.rank) + ": the nearest rank-1 filter is off by " + percent(p.rank_one_error);
}

std::string sum_words(const Portrait& p) {
  if (std::abs(p.sum) <= kRounding * p.absolute_sum) return "sums to 0: blind to flat areas";
  if (std::abs(p.sum - 1) <= kRounding * std::max(1.0, p.absolute_sum)) return "sums to 1: keeps flat areas";
  return "sums to " + shown(p.sum) + ": multiplies flat areas by it";
}

std::string similarity_words(const Similarity& s) {
  std::string text = percent(s.cosine) + " " + std::string(s.label);
  if (s.eighths > 0) text += ", turned by " + std::to_string(45 * s.eighths) + "°";
  if (s.is_negated) text += s.eighths > 0 ? " and negated" : ", negated";
  return text;
}

std::string passes_words(Passes passes) {
  switch (passes) {
    case Passes::kAll:
      return "all-pass: every frequency alike";
    case Passes::kLow:
      return "low-pass: keeps slow changes, smooths detail";
    case Passes::kHigh:
      return "high-pass: keeps fine detail alone";
    case Passes::kHighBoost:
      return "high-boost: keeps everything and lifts fine detail";
    case Passes::kBand:
      return "band-pass: answers to changes of one width";
    case Passes::kNothing:
    case Passes::kMixed:
      return "";
  }
  return "";
}

std::string symmetry_words(const Portrait& p) {
  if (p.is_turnable) return "the same after a quarter turn: no direction of its own";
  const auto words = [](Symmetry symmetry, const char* axis) -> std::string {
    if (symmetry == Symmetry::kNone) return "";
    return (symmetry == Symmetry::kEven ? "symmetric " : "antisymmetric ") + std::string(axis);
  };
  const std::string across = words(p.left_right, "from left to right");
  const std::string down = words(p.top_bottom, "from top to bottom");
  return across + (!across.empty() && !down.empty() ? ", " : "") + down;
}

}  // namespace

std::string_view to_string(Passes passes) {
  constexpr std::array<std::string_view, 7> kNames = {"nothing",    "all-pass",  "low-pass", "high-pass",
                                                      "high-boost", "band-pass", "mixed"};
  return kNames[static_cast<std::size_t>(passes)];
}

Portrait portrait_of(ConstView weights, std::int64_t k, std::int64_t c) {
  const Plane plane = plane_of(weights, k, c);
  Portrait p;
  p.is_finite = std::ranges::all_of(plane.values, [](double w) { return std::isfinite(w); });
  if (!p.is_finite) return p;
  double largest = 0;
  for (const double w : plane.values) {
    p.sum += w;
    p.absolute_sum += std::abs(w);
    largest = std::max(largest, std::abs(w));
  }
  p.singular_values = conv::singular_values(weights, k, c);
  p.rank = largest > 0 ? rank_of(p.singular_values, plane.rows, plane.cols) : 0;
  p.rank_one_error = conv::nearest_rank_one(weights, k, c).relative_error;
  p.similar = nearest_preset(plane);
  p.passes = passes_of(rings_of(weights, k, c));
  const double tolerance = kRounding * largest;
  p.left_right = symmetry_of(plane, mirrored_left_right(plane), tolerance);
  p.top_bottom = symmetry_of(plane, mirrored_top_bottom(plane), tolerance);
  p.is_turnable = plane.rows == plane.cols && symmetry_of(plane, quarter_turn(plane), tolerance) == Symmetry::kEven;
  return p;
}

std::vector<std::string> in_words(const Portrait& p, std::int64_t rows, std::int64_t cols) {
  if (!p.is_finite) return {"holds NaN or infinity: so will every map that it makes"};
  if (p.absolute_sum == 0) return {"dead: every weight is 0, its map is the bias alone"};
  std::vector<std::string> words;
  if (p.similar && p.similar->cosine >= kWorthMentioning) words.push_back(similarity_words(*p.similar));
  words.push_back(sum_words(p));
  if (const std::string text = passes_words(p.passes); !text.empty()) words.push_back(text);
  if (rows * cols > 1) words.push_back(rank_words(p, rows, cols));
  if (const std::string text = symmetry_words(p); !text.empty() && rows * cols > 1) words.push_back(text);
  return words;
}

std::vector<double> channel_mix(ConstView weights, std::int64_t k) {
  std::vector<Plane> slices;
  for (std::int64_t c = 0; c < weights.shape.c; ++c) slices.push_back(plane_of(weights, k, c));
  const auto longest = std::ranges::max_element(slices, {}, [](const Plane& slice) { return norm(slice.values); });
  const double square = dot(longest->values, longest->values);
  if (!(square > 0) || !std::isfinite(square)) return {};
  std::vector<double> factors;
  for (const Plane& slice : slices) {
    const double factor = dot(slice.values, longest->values) / square;
    factors.push_back(factor);
    for (std::size_t i = 0; i < slice.values.size(); ++i) {
      if (!(std::abs(slice.values[i] - factor * longest->values[i]) <= 1e-5 * std::sqrt(square))) return {};
    }
  }
  return factors;
}

}  // namespace convlens::explain
