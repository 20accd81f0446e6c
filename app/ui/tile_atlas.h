// Many small pictures of one size in one texture, so that hundreds of them are drawn at once.
#pragma once

#include <cstdint>
#include <vector>

#include "app/ui/ui.h"
#include "app/view/colormap.h"
#include "app/view/picture.h"

namespace convlens::ui {

class TileAtlas {
 public:
  void begin(int count, std::int64_t width, std::int64_t height, std::uint32_t background);
  void put(int tile, std::int64_t x, std::int64_t y, const view::Rgb& colour);
  void upload(bool is_crisp) { image_.set(rgba_, width_, height_, is_crisp); }
  // Fills that rectangle with a tile. A line of that colour around it tells where it ends where it is as light as what
  // it stands on.
  void draw(ImDrawList& list, int tile, const ImVec2& min, const ImVec2& max, ImU32 border) const;

 private:
  int across_ = 1;
  std::int64_t tile_width_ = 1, tile_height_ = 1;
  int width_ = 1, height_ = 1;
  std::vector<std::uint8_t> rgba_;
  view::Image image_;
};

}  // namespace convlens::ui
