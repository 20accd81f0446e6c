// Colour map and range of a feature map. Not how a value becomes a colour: colormap.cpp.
#include "app/view/map_range.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace convlens::view {

bool is_never_negative(conv::Activation activation) {
  switch (activation) {
    case conv::Activation::kRelu:
    case conv::Activation::kSigmoid:
    case conv::Activation::kSoftplus:
    case conv::Activation::kAbs:
      return true;
    case conv::Activation::kNone:
    case conv::Activation::kLeakyRelu:
    case conv::Activation::kTanh:
    case conv::Activation::kElu:
    case conv::Activation::kGelu:
      return false;
  }
  return false;
}

std::string_view map_colormap_field(conv::Activation activation) {
  return is_never_negative(activation) ? "view/unsigned_colormap" : "view/map_colormap";
}

const Colormap& map_colormap(const model::ViewSettings& view, conv::Activation activation) {
  return find_colormap(is_never_negative(activation) ? view.unsigned_colormap : view.map_colormap);
}

ValueRange value_extent(std::span<const model::MapStats> stats) {
  if (stats.empty()) return {0, 0};
  ValueRange extent{stats[0].min, stats[0].max};
  for (const model::MapStats& map : stats) {
    extent.lo = std::min(extent.lo, map.min);
    extent.hi = std::max(extent.hi, map.max);
  }
  return extent;
}

namespace {

// The extent of some maps without their outliers. Where even the bulk is zero there is nothing to leave out.
ValueRange bulk_extent(std::span<const model::MapStats> stats, bool clip_outliers) {
  const ValueRange extent = value_extent(stats);
  float bulk = 0;
  for (const model::MapStats& map : stats) bulk = std::max(bulk, map.bulk);
  if (!clip_outliers || bulk <= 0) return extent;
  return {std::max(extent.lo, -bulk), std::min(extent.hi, bulk)};
}

}  // namespace

ValueRange map_range(const model::ViewSettings& view, const Colormap& map, std::span<const model::MapStats> stats,
                     int index, const ValueRange& global) {
  assert(index >= 0 && static_cast<std::size_t>(index) < stats.size());
  switch (view.range) {
    case model::RangeMode::kPerMap: {
      const ValueRange own = bulk_extent(stats.subspan(static_cast<std::size_t>(index), 1), view.clip_outliers);
      return display_range(map, own.lo, own.hi);
    }
    case model::RangeMode::kLayer: {
      const ValueRange layer = bulk_extent(stats, view.clip_outliers);
      return display_range(map, layer.lo, layer.hi);
    }
    case model::RangeMode::kGlobal:
      return display_range(map, global.lo, global.hi);
    case model::RangeMode::kFixed:
      break;
  }
  if (map.is_diverging) return display_range(map, view.fixed_lo, view.fixed_hi);
  const float lo = std::min(view.fixed_lo, view.fixed_hi);
  const float hi = std::max(view.fixed_lo, view.fixed_hi);
  if (lo < hi) return {lo, hi};
  // A range without width still needs two ends that differ in float32.
  return {lo, std::max(lo + 1e-6F, std::nextafter(lo, INFINITY))};
}

}  // namespace convlens::view
