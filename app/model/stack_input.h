// From the opened picture to what a chain of layers takes: cropped to its shape, scaled, its number of channels.
#pragma once

#include <string>

#include "engine/core/parallel.h"
#include "engine/core/tensor.h"

namespace convlens::model {

struct StackInput {
  Tensor values;                                                   // (1,channels,height,width)
  double crop_x = 0, crop_y = 0, crop_width = 0, crop_height = 0;  // the part of the picture, in its pixels
  std::string words;  // "480 × 480 from the middle of 640 × 480, scaled to 28 × 28, as grey"
};

// The largest centred part of `pixels` (1,C,H,W), C = 1 or 3, with the wanted shape; pixels are averaged over the areas
// that they cover, or interpolated where the picture is smaller. One channel is the luminance; more than the picture
// has begin again with its first.
StackInput scale_to_stack(const Tensor& pixels, int channels, int height, int width, const Parallel& parallel);

}  // namespace convlens::model
