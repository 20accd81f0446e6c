// Pictures of a data set as small as panels show them in numbers, all in one texture. Knows no layout.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "app/ui/ui.h"
#include "app/view/picture.h"
#include "engine/training/dataset.h"

namespace convlens::ui {

class PictureSheet {
 public:
  // Does nothing where the same ones are in it already. Larger pictures are shrunk.
  void set(const std::shared_ptr<const training::Dataset>& data, std::span<const std::int64_t> positions);
  // Picture i of those that were set, as large as its shape lets it be in that area of the screen.
  void draw(std::size_t i, const ImVec2& min, const ImVec2& max) const;

  // The largest side of a picture in the texture.
  static constexpr std::int64_t kMostSide = 64;

 private:
  std::shared_ptr<const training::Dataset> data_;
  std::vector<std::int64_t> positions_;
  view::Image image_;
  int columns_ = 1;
  int width_ = 0, height_ = 0;  // of one picture
};

// A size on the screen, about `wanted` wide, at which pixels of such pictures are all of one size.
ImVec2 even_size(const training::Dataset& data, float wanted);

}  // namespace convlens::ui
