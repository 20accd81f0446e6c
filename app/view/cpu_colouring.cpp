// Row by row: average, look up, set the border's alpha.
#include "app/view/cpu_colouring.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

namespace convlens::view {

namespace {

std::uint32_t packed(Rgb colour) {
  return std::bit_cast<std::uint32_t>(std::array<std::uint8_t, 4>{colour.r, colour.g, colour.b, 255});
}

// colour_index() of a row, with entry 256 for NaN. Plain arithmetic, so that the compiler can use vectors.
void index_row(const float* values, std::size_t count, const ValueRange& range, std::uint32_t* indices) {
  const float scale = range_scale(range);
  const float lo = range.lo * scale;
  const float width = range.hi * scale - lo;
  for (std::size_t x = 0; x < count; ++x) {
    float t = (values[x] * scale - lo) / width;
    t = t > 0.0f ? t : 0.0f;
    t = t < 1.0f ? t : 1.0f;
    const auto index = static_cast<std::int32_t>(255.0f * t + 0.5f);
    indices[x] = static_cast<std::uint32_t>(values[x] == values[x] ? index : 256);
  }
}

// 256 marks NaN.
std::uint32_t byte_of(float value) {
  const float clamped = value > 0.0f ? std::min(value, 1.0f) : 0.0f;
  return value == value ? static_cast<std::uint32_t>(255.0f * clamped + 0.5f) : 256;
}

}  // namespace

void CpuColouring::prepare(const Source& source, const WindowTracker& tracker, const TargetGrid& grid,
                           const Placement& placement) {
  window_ = tracker.window();
  level_ = level_for(source, window_.factor);
  is_exact_ = grid.is_exact;
  const Shape& shape = level_.tensor->shape();
  const std::span<const int> channels = tracker.channels();
  for (std::size_t i = 0; i < channels.size(); ++i) {
    planes_[i] = level_.tensor->view().plane(0, channels[i]);
    values_[i].resize(static_cast<std::size_t>(grid.width));
  }
  indices_.resize(static_cast<std::size_t>(grid.width));
  rgba_.resize(static_cast<std::size_t>(grid.width) * static_cast<std::size_t>(grid.height) * 4);
  if (is_exact_) return;
  const auto f = static_cast<double>(level_.factor);
  across_.prepare(grid.covers.x0 / f, grid.covers.width() / grid.width / f, grid.width, shape.w, 0,
                  placement.image_width / f);
  down_.prepare(grid.covers.y0 / f, grid.covers.height() / grid.height / f, grid.height, shape.h, 0,
                placement.image_height / f);
}

void CpuColouring::read_row(std::size_t channel_index, std::size_t y) {
  const std::int64_t width = level_.tensor->shape().w;
  float* out = values_[channel_index].data();
  if (is_exact_) {
    const float* row = planes_[channel_index] + (window_.y0 + static_cast<std::int64_t>(y)) * width + window_.x0;
    std::memcpy(out, row, static_cast<std::size_t>(window_.width()) * sizeof(float));
  } else {
    average_row(planes_[channel_index], width, across_, down_, y, scratch_, out);
  }
}

void CpuColouring::set_coverage(std::size_t y, std::uint8_t* rgba) const {
  if (is_exact_) return;
  const std::vector<AxisWeights::Pixel>& pixels = across_.pixels();
  const float row_coverage = down_.pixels()[y].coverage;
  const auto set = [&](std::size_t x) {
    rgba[4 * x + 3] = static_cast<std::uint8_t>(255.0f * row_coverage * pixels[x].coverage + 0.5f);
  };
  if (row_coverage < 1) {
    for (std::size_t x = 0; x < pixels.size(); ++x) set(x);
  } else {
    for (const std::int32_t x : across_.border()) set(static_cast<std::size_t>(x));
  }
}

std::span<const std::uint8_t> CpuColouring::heat_map(const Source& source, const WindowTracker& tracker,
                                                     const TargetGrid& grid, const Placement& placement,
                                                     const Colormap& map, const ValueRange& range) {
  prepare(source, tracker, grid, placement);
  std::array<std::uint32_t, 257> table{};
  std::transform(map.colours.begin(), map.colours.end(), table.begin(), packed);
  table[256] = packed(kNotFinite);
  const auto width = static_cast<std::size_t>(grid.width);
  for (std::size_t y = 0; y < static_cast<std::size_t>(grid.height); ++y) {
    read_row(0, y);
    index_row(values_[0].data(), width, range, indices_.data());
    for (std::uint32_t& index : indices_) index = table[index];
    std::uint8_t* row = rgba_.data() + y * width * 4;
    std::memcpy(row, indices_.data(), width * 4);
    set_coverage(y, row);
  }
  return rgba_;
}

std::span<const std::uint8_t> CpuColouring::colours(const Source& source, const WindowTracker& tracker,
                                                    const TargetGrid& grid, const Placement& placement) {
  prepare(source, tracker, grid, placement);
  const std::size_t channels = tracker.channels().size();
  const auto width = static_cast<std::size_t>(grid.width);
  for (std::size_t y = 0; y < static_cast<std::size_t>(grid.height); ++y) {
    for (std::size_t c = 0; c < channels; ++c) read_row(c, y);
    std::uint8_t* row = rgba_.data() + y * width * 4;
    for (std::size_t x = 0; x < width; ++x) {
      const std::uint32_t r = byte_of(values_[0][x]);
      const std::uint32_t g = channels == 3 ? byte_of(values_[1][x]) : r;
      const std::uint32_t b = channels == 3 ? byte_of(values_[2][x]) : r;
      const std::uint32_t pixel =
          (r | g | b) > 255
              ? packed(kNotFinite)
              : packed({static_cast<std::uint8_t>(r), static_cast<std::uint8_t>(g), static_cast<std::uint8_t>(b)});
      std::memcpy(row + 4 * x, &pixel, 4);
    }
    set_coverage(y, row);
  }
  return rgba_;
}

}  // namespace convlens::view
