// Where n tiles of one aspect ratio go inside a rectangle: the grid that makes them largest.
#pragma once

#include <vector>

#include "app/view/viewport.h"

namespace convlens::view {

struct TileGrid {
  int columns = 1;
  int rows = 1;
  double tile_width = 0;
  double tile_height = 0;  // of the picture alone, without the caption
  std::vector<Rect>
      tiles;  // picture areas, row-major; they may extend below the area when minimum sizes force scrolling
  double content_height = 0;
};

// aspect = width / height of a tile's picture. caption is the height kept free below each picture.
TileGrid layout_tiles(const Rect& area, int count, double aspect, double gap, double caption, double minimum_width);

}  // namespace convlens::view
