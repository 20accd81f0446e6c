// Feature maps as one 8-bit picture for a PNG file. Not the window's view of them: that one has colour maps.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/core/error.h"
#include "engine/core/tensor.h"

namespace convlens::cli {

struct MapPicture {
  std::vector<std::uint8_t> pixels;  // interleaved
  int width = 0;
  int height = 0;
  int channels = 1;
};

// One map becomes a grey picture, three maps of one image become red, green and blue, any other number becomes a grid
// of grey tiles, row by row, with black lines between. One scale for all maps: values within [0,1] are kept, larger
// ones are divided by the largest, and signed ones put zero at middle grey with the largest magnitude at black or
// white.
Result<MapPicture> to_picture(const ConstView& maps);

}  // namespace convlens::cli
