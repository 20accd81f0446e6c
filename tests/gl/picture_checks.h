// What the tests of drawn pictures begin with: noise, placements, both ways of colouring.
#pragma once

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <string_view>

#include "app/view/picture.h"
#include "engine/core/random.h"

namespace convlens::test {

inline Tensor noise(const Shape& shape, std::uint64_t seed) {
  Tensor tensor = Tensor::uninitialized(shape);
  Random random(seed);
  for (float& value : tensor.values()) value = random.uniform(-2, 2);
  return tensor;
}

// The picture at `scale` with its corner at `origin`, in a canvas that shows `canvas`.
inline view::Placement placement_of(const Tensor& tensor, double scale, view::Point origin, view::Rect canvas) {
  view::Placement placement;
  placement.canvas = canvas;
  placement.image_width = static_cast<double>(tensor.shape().w);
  placement.image_height = static_cast<double>(tensor.shape().h);
  placement.scale = scale;
  placement.image = {origin.x, origin.y, origin.x + placement.image_width * scale,
                     origin.y + placement.image_height * scale};
  return placement;
}

inline view::Placement whole_at(const Tensor& tensor, double scale) {
  return placement_of(tensor, scale, {0, 0},
                      {0, 0, std::ceil(static_cast<double>(tensor.shape().w) * scale),
                       std::ceil(static_cast<double>(tensor.shape().h) * scale)});
}

// Runs the test case it is called in once with shaders and once without.
inline view::Painter::Options each_colouring() {
  view::Painter::Options options;
  SUBCASE("coloured by shaders") { options.colouring = view::Painter::Colouring::kOnGpu; }
  SUBCASE("coloured by the CPU") { options.colouring = view::Painter::Colouring::kOnCpu; }
  return options;
}

// Entry of the grey map, which is its own index.
inline constexpr std::string_view kGrey = "grey";

}  // namespace convlens::test
