// Tiles: apart, inside, in order, and as large as they can be.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>

#include "app/view/tile_layout.h"

using namespace convlens;
using view::layout_tiles;
using view::Rect;
using view::TileGrid;

namespace {

struct Request {
  Rect area;
  int count = 1;
  double aspect = 1;
  double gap = 0;
  double caption = 0;
};

Request random_request() {
  Request request;
  request.area = {7, 11, 7.0 + *rc::gen::inRange(200, 3000), 11.0 + *rc::gen::inRange(200, 2000)};
  request.count = *rc::gen::inRange(1, 65);
  request.aspect = *rc::gen::inRange(2, 50) / 10.0;
  request.gap = *rc::gen::inRange(0, 12);
  request.caption = *rc::gen::inRange(0, 30);
  return request;
}

TileGrid lay_out(const Request& r, double minimum) {
  return layout_tiles(r.area, r.count, r.aspect, r.gap, r.caption, minimum);
}

bool overlap(const Rect& a, const Rect& b) { return a.x0 < b.x1 && b.x0 < a.x1 && a.y0 < b.y1 && b.y0 < a.y1; }

// The widest tile over every number of columns, by trying.
double widest(const Request& r) {
  double best = 0;
  for (int columns = 1; columns <= r.count; ++columns) {
    const int rows = static_cast<int>(std::ceil(static_cast<double>(r.count) / columns));
    const double width = (r.area.width() - r.gap * (columns - 1)) / columns;
    const double height = (r.area.height() - r.gap * (rows - 1)) / rows - r.caption;
    best = std::max(best, std::min(width, height * r.aspect));
  }
  return best;
}

}  // namespace

TEST_CASE("eight wide tiles in a square area stand in two columns") {
  const TileGrid grid = layout_tiles({0, 0, 800, 800}, 8, 16.0 / 9, 8, 0, 40);
  CHECK(grid.columns == 2);
  CHECK(grid.rows == 4);
  CHECK(grid.tiles.size() == 8);
  CHECK(grid.tile_width > 330);
}

TEST_CASE("one tile fills what it can") {
  const TileGrid grid = layout_tiles({10, 20, 410, 220}, 1, 2, 8, 0, 40);
  REQUIRE(grid.tiles.size() == 1);
  CHECK(grid.tiles[0] == Rect{10, 20, 410, 220});
}

TEST_CASE("no tiles, no grid") { CHECK(layout_tiles({0, 0, 100, 100}, 0, 1, 4, 4, 20).tiles.empty()); }

TEST_CASE("tiles have a size in an area without one") {
  const TileGrid grid = layout_tiles({0, 0, 0, 0}, 5, 1, 4, 10, 48);
  REQUIRE(grid.tiles.size() == 5);
  CHECK(grid.tile_width >= 1);
  CHECK(grid.tile_height >= 1);
}

TEST_CASE("tiles neither overlap nor leave the area sideways, and captions have room") {
  CHECK(rc::check([] {
    const Request r = random_request();
    const TileGrid grid = lay_out(r, *rc::gen::inRange(10, 150));
    RC_ASSERT(grid.tiles.size() == static_cast<std::size_t>(r.count));
    for (std::size_t i = 0; i < grid.tiles.size(); ++i) {
      Rect a = grid.tiles[i];
      RC_ASSERT(a.x0 >= r.area.x0 && a.x1 <= r.area.x1 && a.y0 >= r.area.y0);
      RC_ASSERT(a.width() == grid.tile_width && a.height() == grid.tile_height);
      RC_ASSERT(a.y1 + r.caption <= r.area.y0 + grid.content_height + 1e-9);
      a.y1 += r.caption;
      for (std::size_t j = i + 1; j < grid.tiles.size(); ++j) RC_ASSERT(!overlap(a, grid.tiles[j]));
    }
  }));
}

TEST_CASE("without a minimum everything fits and no other grid is larger") {
  CHECK(rc::check([] {
    const Request r = random_request();
    const double best = widest(r);
    RC_PRE(best >= 20.0);
    const TileGrid grid = lay_out(r, 0);
    RC_ASSERT(grid.content_height <= r.area.height() + 1.0 * grid.rows);
    // Whole pixels cost at most one pixel of width and one of height.
    RC_ASSERT(grid.tile_width > best - 1 - std::max(1.0, r.aspect));
    RC_ASSERT(grid.tile_width <= best + 1e-9);
  }));
}

TEST_CASE("a minimum width scrolls down instead of shrinking") {
  const Rect area{0, 0, 500, 300};
  const TileGrid grid = layout_tiles(area, 64, 1, 10, 20, 90);
  CHECK(grid.columns == 5);
  CHECK(grid.rows == 13);
  CHECK(grid.tile_width >= 90);
  CHECK(grid.content_height > area.height());
}
