// Greedy: the largest value that is far enough from those already taken.
#include "engine/explain/strongest.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace convlens::explain {

std::vector<StrongPatch> strongest_patches(const nn::ModelSpec& model, const std::vector<Shape>& levels,
                                           std::size_t level, ConstView maps, std::int64_t channel, std::size_t count) {
  const ReceptiveField field = receptive_fields(model, levels)[level];
  // In units of the level: how far apart two fields lie that share half of their pixels.
  const auto half = [](const AxisField& axis) {
    return axis.jump > 0 ? std::max<std::int64_t>(1, (axis.size / 2 + axis.jump - 1) / axis.jump) : 1;
  };
  const std::int64_t away_y = half(field.y), away_x = half(field.x);
  std::vector<StrongPatch> patches;
  const auto is_free = [&](std::int64_t y, std::int64_t x) {
    return std::ranges::none_of(patches, [&](const StrongPatch& p) {
      return std::abs(p.unit.y - y) < away_y && std::abs(p.unit.x - x) < away_x;
    });
  };
  while (patches.size() < count) {
    bool has_one = false;
    StrongPatch best;
    for (std::int64_t y = 0; y < maps.shape.h; ++y) {
      const float* row = maps.row(0, channel, y);
      for (std::int64_t x = 0; x < maps.shape.w; ++x) {
        if (!std::isfinite(row[x]) || (has_one && !(row[x] > best.value)) || !is_free(y, x)) continue;
        has_one = true;
        best.unit = {channel, y, x};
        best.value = row[x];
      }
    }
    if (!has_one) break;
    const Reach reach = reach_of(model, levels, level, best.unit).front();
    best.rows = reach.row_span();
    best.cols = reach.col_span();
    patches.push_back(best);
  }
  return patches;
}

}  // namespace convlens::explain
