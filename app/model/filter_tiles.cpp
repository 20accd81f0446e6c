// Shapes of filters and of their tiles.
#include "app/model/filter_tiles.h"

#include <algorithm>
#include <array>

namespace convlens::model {

FilterForm filter_form(std::span<const nn::LayerSpec> layers, std::span<const Shape> shapes, const Shape& input,
                       std::size_t layer) {
  const auto before = [&](std::size_t i) { return i == 0 ? input : shapes[i - 1]; };
  const nn::LayerSpec& spec = layers[layer];
  Shape shape = before(layer);
  if (spec.kind == nn::LayerKind::kConv) return {shape.c / std::max(1, spec.conv.groups), spec.rows, spec.cols};
  // Back through what leaves the order of the values alone.
  for (std::size_t i = layer; i > 0; --i) {
    const nn::LayerKind kind = layers[i - 1].kind;
    const bool is_order_kept = kind == nn::LayerKind::kFlatten || kind == nn::LayerKind::kDropout ||
                               kind == nn::LayerKind::kActivation || kind == nn::LayerKind::kBatchNorm;
    if (!is_order_kept || before(i - 1).size() != shape.size()) break;
    shape = before(i - 1);
  }
  return {shape.c, shape.h, shape.w};
}

TileForm tile_form(const FilterForm& form, bool is_mean) {
  TileForm tile;
  tile.is_mean = is_mean && form.channels > 1 && form.plane() > 1;
  tile.slices = tile.is_mean ? 1 : form.channels;
  tile.slice_width = form.cols;
  tile.slice_height = form.rows;
  tile.gap = form.plane() > 1 && tile.slices > 1 ? 1 : 0;
  const double aspect = static_cast<double>(form.rows) / static_cast<double>(form.cols);
  tile.across = static_cast<std::int64_t>(std::ceil(std::sqrt(static_cast<double>(tile.slices) * aspect) - 1e-9));
  tile.across = std::clamp<std::int64_t>(tile.across, 1, tile.slices);
  // Nearby there may be a number that leaves no hole in the last line.
  const std::int64_t square = tile.across;
  for (std::int64_t away = 0; away <= square / 2; ++away) {
    if (tile.slices % (square + away) == 0 || tile.slices % (square - away) == 0) {
      tile.across = tile.slices % (square + away) == 0 ? square + away : square - away;
      break;
    }
  }
  return tile;
}

bool texel_at(const TileForm& tile, std::int64_t x, std::int64_t y, TileTexel& out) {
  if (x < 0 || y < 0 || x >= tile.width() || y >= tile.height()) return false;
  const std::int64_t pitch_x = tile.slice_width + tile.gap, pitch_y = tile.slice_height + tile.gap;
  out = {y / pitch_y * tile.across + x / pitch_x, y % pitch_y, x % pitch_x};
  return out.channel < tile.slices && out.row < tile.slice_height && out.col < tile.slice_width;
}

float tile_reach(const FilterForm& form, const TileForm& tile, std::span<const float> weights) {
  float reach = 0;
  for_each_texel(form, tile, weights, [&](std::int64_t, std::int64_t, float value) {
    if (std::isfinite(value)) reach = std::max(reach, std::fabs(value));
  });
  return reach;
}

float even_range(float reach) {
  if (!(reach > 0) || !std::isfinite(reach)) return 1;
  constexpr std::array kSteps{1.0, 1.25, 1.6, 2.0, 2.5, 3.2, 4.0, 5.0, 6.4, 8.0, 10.0};
  const double value = static_cast<double>(reach);
  const double power = std::pow(10.0, std::floor(std::log10(value)));
  const auto step = std::ranges::find_if(kSteps, [&](double s) { return s * power >= value * (1 - 1e-6); });
  return static_cast<float>((step == kSteps.end() ? kSteps.back() : *step) * power);
}

}  // namespace convlens::model
