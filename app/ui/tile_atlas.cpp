// Pixels on the processor, sent as one texture.
#include "app/ui/tile_atlas.h"

#include <algorithm>

namespace convlens::ui {
namespace {

constexpr std::int64_t kMostAtlasSide = 4096;

}  // namespace

void TileAtlas::begin(int count, std::int64_t width, std::int64_t height, std::uint32_t background) {
  tile_width_ = width;
  tile_height_ = height;
  across_ = std::clamp(static_cast<int>(kMostAtlasSide / std::max<std::int64_t>(1, width)), 1, std::max(1, count));
  const int lines = (std::max(1, count) + across_ - 1) / across_;
  width_ = static_cast<int>(width) * across_;
  height_ = static_cast<int>(height) * lines;
  rgba_.resize(static_cast<std::size_t>(width_) * static_cast<std::size_t>(height_) * 4);
  for (std::size_t i = 0; i < rgba_.size(); i += 4) {
    for (std::size_t c = 0; c < 4; ++c) rgba_[i + c] = static_cast<std::uint8_t>(background >> (8 * c));
  }
}

void TileAtlas::put(int tile, std::int64_t x, std::int64_t y, const view::Rgb& colour) {
  const std::int64_t left = tile % across_ * tile_width_ + x, top = tile / across_ * tile_height_ + y;
  const auto at = static_cast<std::size_t>(top * width_ + left) * 4;
  rgba_[at] = colour.r;
  rgba_[at + 1] = colour.g;
  rgba_[at + 2] = colour.b;
  rgba_[at + 3] = 255;
}

void TileAtlas::draw(ImDrawList& list, int tile, const ImVec2& min, const ImVec2& max, ImU32 border) const {
  const auto x = static_cast<float>(tile % across_ * tile_width_),
             y = static_cast<float>(tile / across_ * tile_height_);
  const auto w = static_cast<float>(width_), h = static_cast<float>(height_);
  list.AddRectFilled({min.x - 1, min.y - 1}, {max.x + 1, max.y + 1}, border);
  list.AddImage(reinterpret_cast<ImTextureID>(static_cast<std::intptr_t>(image_.texture())), min, max, {x / w, y / h},
                {(x + static_cast<float>(tile_width_)) / w, (y + static_cast<float>(tile_height_)) / h});
}

}  // namespace convlens::ui
