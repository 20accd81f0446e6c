// Tries every number of columns; the largest picture wins. Lengths are whole pixels so that all tiles look alike.
#include "app/view/tile_layout.h"

#include <algorithm>
#include <cmath>

namespace convlens::view {

namespace {

// Widest picture, in whole pixels, of which `columns` fit beside each other.
double width_for(const Rect& area, int columns, double gap) {
  return std::floor((area.width() - gap * (columns - 1)) / columns);
}

}  // namespace

TileGrid layout_tiles(const Rect& area, int count, double aspect, double gap, double caption, double minimum_width) {
  TileGrid grid;
  if (count <= 0) return grid;
  double best = 0;
  for (int columns = 1; columns <= count; ++columns) {
    const int rows = (count + columns - 1) / columns;
    // Fewer columns with the same number of rows are wider: the others only leave holes.
    if (columns > 1 && (count + columns - 2) / (columns - 1) == rows) continue;
    const double height = std::floor((area.height() - gap * (rows - 1)) / rows - caption);
    const double width = std::min(width_for(area, columns, gap), std::floor(height * aspect));
    if (width > best) {
      best = width;
      grid.columns = columns;
    }
  }
  if (best < minimum_width) {
    // They do not all fit: as many columns as the minimum allows, and the rest by scrolling.
    const int fitting = static_cast<int>((area.width() + gap) / (minimum_width + gap));
    grid.columns = std::clamp(fitting, 1, count);
    best = width_for(area, grid.columns, gap);
  }
  grid.rows = (count + grid.columns - 1) / grid.columns;
  grid.tile_width = std::max(best, 1.0);
  grid.tile_height = std::max(std::round(grid.tile_width / aspect), 1.0);

  const double used = grid.columns * grid.tile_width + (grid.columns - 1) * gap;
  const double left = area.x0 + std::max(0.0, std::floor(0.5 * (area.width() - used)));
  grid.tiles.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    Rect tile;
    tile.x0 = left + (i % grid.columns) * (grid.tile_width + gap);
    tile.y0 = area.y0 + (i / grid.columns) * (grid.tile_height + caption + gap);
    tile.x1 = tile.x0 + grid.tile_width;
    tile.y1 = tile.y0 + grid.tile_height;
    grid.tiles.push_back(tile);
  }
  grid.content_height = grid.rows * (grid.tile_height + caption) + (grid.rows - 1) * gap;
  return grid;
}

}  // namespace convlens::view
