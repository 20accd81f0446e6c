// Two passes of weighted sums, rows first.
#include "app/model/stack_input.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "app/model/input_channels.h"

namespace convlens::model {
namespace {

// Which samples one output is made of, with weights that sum to one.
struct Blend {
  std::int64_t first = 0;
  std::vector<float> weights;
};

// `count` outputs over [start, start + length) of `size` samples.
std::vector<Blend> blends(double start, double length, std::int64_t size, std::int64_t count) {
  std::vector<Blend> all;
  const double step = length / static_cast<double>(count);
  for (std::int64_t i = 0; i < count; ++i) {
    Blend blend;
    const double from = start + static_cast<double>(i) * step, to = from + step;
    if (step > 1) {
      blend.first = std::clamp<std::int64_t>(static_cast<std::int64_t>(std::floor(from)), 0, size - 1);
      const std::int64_t last =
          std::clamp<std::int64_t>(static_cast<std::int64_t>(std::ceil(to)) - 1, blend.first, size - 1);
      for (std::int64_t s = blend.first; s <= last; ++s) {
        const double covered = std::min(to, static_cast<double>(s + 1)) - std::max(from, static_cast<double>(s));
        blend.weights.push_back(static_cast<float>(std::max(0.0, covered) / step));
      }
    } else {
      const double centre = (from + to) / 2 - 0.5;
      const double low = std::floor(centre), part = centre - low;
      const auto at = [&](double s) { return std::clamp<std::int64_t>(static_cast<std::int64_t>(s), 0, size - 1); };
      blend.first = at(low);
      blend.weights = {static_cast<float>(1 - part)};
      if (at(low + 1) > blend.first) {
        blend.weights.push_back(static_cast<float>(part));
      } else {
        blend.weights.front() = 1;
      }
    }
    all.push_back(std::move(blend));
  }
  return all;
}

Tensor scaled(const Tensor& pixels, const std::vector<Blend>& rows, const std::vector<Blend>& cols,
              const Parallel& parallel) {
  const Shape& shape = pixels.shape();
  const auto height = std::ssize(rows), width = std::ssize(cols);
  Tensor out(Shape{1, shape.c, height, width});
  parallel.for_each(shape.c * height, [&](std::int64_t i) {
    const std::int64_t c = i / height, y = i % height;
    const Blend& row = rows[static_cast<std::size_t>(y)];
    std::vector<float> line(static_cast<std::size_t>(shape.w));
    for (std::size_t r = 0; r < row.weights.size(); ++r) {
      const float* from = pixels.view().row(0, c, row.first + static_cast<std::int64_t>(r));
      for (std::size_t x = 0; x < line.size(); ++x) line[x] += row.weights[r] * from[x];
    }
    float* to = out.view().row(0, c, y);
    for (std::int64_t x = 0; x < width; ++x) {
      const Blend& col = cols[static_cast<std::size_t>(x)];
      float sum = 0;
      for (std::size_t s = 0; s < col.weights.size(); ++s) {
        sum += col.weights[s] * line[static_cast<std::size_t>(col.first) + s];
      }
      to[x] = sum;
    }
  });
  return out;
}

std::string size_in_words(std::int64_t width, std::int64_t height) {
  return std::to_string(width) + " × " + std::to_string(height);
}

}  // namespace

StackInput scale_to_stack(const Tensor& pixels, int channels, int height, int width, const Parallel& parallel) {
  const Shape& shape = pixels.shape();
  StackInput input;
  const double scale = std::min(static_cast<double>(shape.h) / height, static_cast<double>(shape.w) / width);
  input.crop_height = scale * height, input.crop_width = scale * width;
  input.crop_y = (static_cast<double>(shape.h) - input.crop_height) / 2;
  input.crop_x = (static_cast<double>(shape.w) - input.crop_width) / 2;
  const Tensor part = scaled(pixels, blends(input.crop_y, input.crop_height, shape.h, height),
                             blends(input.crop_x, input.crop_width, shape.w, width), parallel);
  const std::int64_t plane = std::int64_t{height} * width;
  input.values = Tensor::uninitialized({1, channels, height, width});
  for (std::int64_t c = 0; c < channels; ++c) {
    float* to = input.values.view().plane(0, c);
    if (channels == 1 && shape.c >= 3) {
      const float* red = part.view().plane(0, 0);
      const float* green = part.view().plane(0, 1);
      const float* blue = part.view().plane(0, 2);
      for (std::int64_t i = 0; i < plane; ++i) to[i] = kLumaRed * red[i] + kLumaGreen * green[i] + kLumaBlue * blue[i];
    } else {
      std::copy_n(part.view().plane(0, c % shape.c), plane, to);
    }
  }
  const std::int64_t crop_w = std::llround(input.crop_width), crop_h = std::llround(input.crop_height);
  const bool is_cropped = crop_w != shape.w || crop_h != shape.h;
  input.words = is_cropped ? size_in_words(crop_w, crop_h) + " from the middle of " + size_in_words(shape.w, shape.h)
                           : size_in_words(shape.w, shape.h);
  if (crop_w != width || crop_h != height) input.words += ", scaled to " + size_in_words(width, height);
  if (channels == 1 && shape.c >= 3) input.words += ", as grey";
  if (channels > shape.c) input.words += ", its channels repeated";
  return input;
}

}  // namespace convlens::model
