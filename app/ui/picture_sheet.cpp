// Shrinking by area, and one upload for all.
#include "app/ui/picture_sheet.h"

#include <algorithm>
#include <cmath>

#include "app/ui/canvas.h"

namespace convlens::ui {
namespace {

constexpr std::int64_t kMostSamples = 3;  // along one axis: of a large picture every byte would take too long

// Mean of bytes evenly spread under a smaller pixel.
std::uint8_t mean_under(const std::uint8_t* plane, std::int64_t stride, std::int64_t x0, std::int64_t x1,
                        std::int64_t y0, std::int64_t y1) {
  const std::int64_t across = (x1 - x0 + kMostSamples - 1) / kMostSamples;
  const std::int64_t down = (y1 - y0 + kMostSamples - 1) / kMostSamples;
  std::int64_t sum = 0, count = 0;
  for (std::int64_t y = y0; y < y1; y += down) {
    for (std::int64_t x = x0; x < x1; x += across, ++count) sum += plane[y * stride + x];
  }
  return static_cast<std::uint8_t>((sum + count / 2) / count);
}

}  // namespace

void PictureSheet::set(const std::shared_ptr<const training::Dataset>& data, std::span<const std::int64_t> positions) {
  if (data == data_ && std::ranges::equal(positions, positions_)) return;
  data_ = data;
  positions_.assign(positions.begin(), positions.end());
  if (positions_.empty()) return;
  const std::int64_t longer = std::max(data->width, data->height);
  const double factor = std::min(1.0, static_cast<double>(kMostSide) / static_cast<double>(longer));
  const auto shrunk = [factor](std::int64_t side) {
    return std::max<std::int64_t>(1, std::llround(static_cast<double>(side) * factor));
  };
  const std::int64_t w = shrunk(data->width), h = shrunk(data->height);
  width_ = static_cast<int>(w), height_ = static_cast<int>(h);
  columns_ = std::max(1, static_cast<int>(std::ceil(std::sqrt(static_cast<double>(positions.size())))));
  const std::int64_t rows = (std::ssize(positions_) + columns_ - 1) / columns_;
  const std::int64_t sheet_width = columns_ * w;
  std::vector<std::uint8_t> rgba(static_cast<std::size_t>(sheet_width * rows * h * 4), 255);
  for (std::size_t i = 0; i < positions_.size(); ++i) {
    const std::uint8_t* picture = data->picture(positions_[i]).data();
    const std::int64_t left = static_cast<std::int64_t>(i) % columns_ * w;
    const std::int64_t top = static_cast<std::int64_t>(i) / columns_ * h;
    for (std::int64_t c = 0; c < 3; ++c) {
      const std::uint8_t* plane = picture + (data->channels == 3 ? c : 0) * data->height * data->width;
      for (std::int64_t y = 0; y < h; ++y) {
        const std::int64_t y0 = y * data->height / h, y1 = std::max(y0 + 1, (y + 1) * data->height / h);
        std::uint8_t* out = rgba.data() + ((top + y) * sheet_width + left) * 4 + c;
        for (std::int64_t x = 0; x < w; ++x, out += 4) {
          const std::int64_t x0 = x * data->width / w, x1 = std::max(x0 + 1, (x + 1) * data->width / w);
          *out = mean_under(plane, data->width, x0, x1, y0, y1);
        }
      }
    }
  }
  image_.set(rgba, static_cast<int>(sheet_width), static_cast<int>(rows * h), true);
}

void PictureSheet::draw(std::size_t i, const ImVec2& min, const ImVec2& max) const {
  const auto w = static_cast<float>(width_), h = static_cast<float>(height_);
  const float factor = std::min((max.x - min.x) / w, (max.y - min.y) / h);
  const ImVec2 middle{(min.x + max.x) / 2, (min.y + max.y) / 2};
  const ImVec2 a{std::floor(middle.x - w * factor / 2), std::floor(middle.y - h * factor / 2)};
  const float u = static_cast<float>(static_cast<int>(i) % columns_ * width_);
  const float v = static_cast<float>(static_cast<int>(i) / columns_ * height_);
  const auto sheet_w = static_cast<float>(image_.width()), sheet_h = static_cast<float>(image_.height());
  ImGui::GetWindowDrawList()->AddImage(texture_of(image_), a, {a.x + w * factor, a.y + h * factor},
                                       {u / sheet_w, v / sheet_h}, {(u + w) / sheet_w, (v + h) / sheet_h});
}

ImVec2 even_size(const training::Dataset& data, float wanted) {
  const auto side = static_cast<float>(std::max<std::int64_t>(1, data.width));
  const float times = std::round(wanted / side), width = times < 1 ? wanted : times * side;
  return {width, std::floor(width * static_cast<float>(data.height) / static_cast<float>(data.width))};
}

}  // namespace convlens::ui
