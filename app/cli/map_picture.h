// Feature maps as a file: an array, or one 8-bit picture. Not the window's view of them: that one has colour maps.
#pragma once

#include <cstdint>
#include <filesystem>
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

// The maps as a .npy array (N,C,H,W) or, for any other ending, as the PNG picture above; written whole or not at all.
Status write_maps(const std::filesystem::path& path, const Tensor& maps);

}  // namespace convlens::cli
