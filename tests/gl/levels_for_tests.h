// Reduced copies of a tensor by the plainest loop, in double: what the worker's fast reduction must equal.
#pragma once

#include <algorithm>
#include <vector>

#include "engine/core/tensor.h"

namespace convlens::test {

// Box averages by 4, 16, ... down to 256 pixels a side, as Source::levels wants them.
inline std::vector<Tensor> make_levels(const Tensor& tensor) {
  std::vector<Tensor> levels;
  const Shape& shape = tensor.shape();
  for (std::int64_t factor = 4; std::max(shape.w, shape.h) * 4 > 256 * factor; factor *= 4) {
    Tensor level(Shape{1, shape.c, (shape.h + factor - 1) / factor, (shape.w + factor - 1) / factor});
    for (std::int64_t c = 0; c < shape.c; ++c) {
      for (std::int64_t y = 0; y < level.shape().h; ++y) {
        for (std::int64_t x = 0; x < level.shape().w; ++x) {
          double sum = 0;
          int count = 0;
          for (std::int64_t row = y * factor; row < std::min((y + 1) * factor, shape.h); ++row) {
            for (std::int64_t col = x * factor; col < std::min((x + 1) * factor, shape.w); ++col, ++count) {
              sum += static_cast<double>(tensor.at(0, c, row, col));
            }
          }
          level.at(0, c, y, x) = static_cast<float>(sum / count);
        }
      }
    }
    levels.push_back(std::move(level));
  }
  return levels;
}

}  // namespace convlens::test
