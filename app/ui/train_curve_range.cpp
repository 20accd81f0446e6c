// Decides ranges. A fitted one holds all that is seen; a zoomed one stays inside the recording.
#include "app/ui/train_curve_range.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace convlens::ui {
namespace {

constexpr double kFewestSteps = 4;  // that a zoomed plot shows

// What the lines that are seen come to. A few rare values must not press all others flat: those of lines with dots
// count up to kRareReach times the others.
struct Seen {
  model::Spread all;
  double least = std::numeric_limits<double>::infinity();  // mean above zero
};

Seen look_over(const PlotContent& content, const std::vector<const model::CurveSight*>& sights) {
  constexpr float kRareReach = 2.5F;
  Seen seen;
  model::Spread rare;
  for (std::size_t i = 0; i < sights.size(); ++i) {
    model::Spread& spread = content.lines[i].has_dots ? rare : seen.all;
    for (const model::Spread& column : sights[i]->columns) spread.add(column);
    for (const model::CurvePoint& point : sights[i]->points) spread.add(point.value);
    for (const model::CurvePoint& point : sights[i]->mean) {
      if (point.value > 0) seen.least = std::min(seen.least, static_cast<double>(point.value));
    }
  }
  if (!rare.is_empty() && !seen.all.is_empty() && !content.is_logarithmic) {
    rare.hi = std::min(rare.hi, std::max(seen.all.hi * kRareReach, seen.all.lo));
  }
  seen.all.add(rare);
  return seen;
}

}  // namespace

Interval values_of(const PlotContent& content, const std::vector<const model::CurveSight*>& sights, bool is_whole) {
  const Seen seen = look_over(content, sights);
  if (seen.all.is_empty()) return content.is_logarithmic ? Interval{-1, 0} : content.whole.value_or(Interval{});
  const auto lowest = static_cast<double>(seen.all.lo), highest = static_cast<double>(seen.all.hi);
  if (content.is_logarithmic) {
    if (!std::isfinite(seen.least)) return {-1, 0};
    // Single values far below the mean would press everything else into a corner.
    const double from = std::log10(std::max(lowest, seen.least * 0.2)) - 0.05;
    return {from, std::max(from + 0.3, std::log10(std::max(highest, seen.least)) + 0.08)};
  }
  if (content.whole) {
    if (is_whole) return *content.whole;
    return {std::max(content.whole->lo, lowest - 0.1 * (highest - lowest) - 1e-3), content.whole->hi};
  }
  const double lo = std::min(0.0, lowest);
  return {lo, lo + std::max((highest - lo) * 1.06, 1e-12)};
}

void zoom_about(Interval& range, double at, double factor) {
  range = {at - (at - range.lo) / factor, at + (range.hi - at) / factor};
}

Interval all_steps(const PlotMoments& moments) { return {moments.first, std::max(moments.last, moments.first + 10)}; }

void keep_inside(std::optional<Interval>& zoom, const Interval& all) {
  if (!zoom) return;
  const double span = std::max(zoom->span(), std::min(kFewestSteps, all.span()));
  if (span >= all.span()) {
    zoom.reset();
    return;
  }
  const double lo = std::clamp(zoom->lo, all.lo, all.hi - span);
  zoom = Interval{lo, lo + span};
}

}  // namespace convlens::ui
