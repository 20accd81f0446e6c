// A folder with one folder of pictures per class, as a dataset of pictures of one size.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include "engine/core/error.h"
#include "engine/core/parallel.h"
#include "engine/core/tensor.h"
#include "engine/training/dataset.h"

namespace convlens::training {

struct PictureFolderOptions {
  std::int64_t height = 0;               // 0: the first picture's, at most kMostUnaskedSide on its longer side
  std::int64_t width = 0;                // likewise; height and width are both 0 or both given
  std::int64_t channels = 0;             // 1: grey, 3: colour, 0: grey where every picture is
  std::vector<std::string> class_names;  // when not empty: these classes in this order, and no others
};

inline constexpr std::int64_t kMostUnaskedSide = 64;

// Classes are the folders in alphabetical order, pictures the files in them with an ending that read_picture knows.
// Each picture's largest middle part with the wanted proportions is brought to size by area average. Files that cannot
// be read and folders without pictures are left out and told in `warnings`. Error: no folder, no pictures, one class
// only, nothing readable.
Result<Dataset> read_picture_folder(const std::filesystem::path& folder, const PictureFolderOptions& options,
                                    const Parallel& parallel);

// The middle of `picture` (1,C,H,W) with the proportions of h x w, by area average, as (C,h,w) in out; values in [0,1]
// become bytes. A picture with one channel fills all of `channels`; red, green and blue become luminance for one.
void shrink_to_bytes(ConstView picture, std::int64_t channels, std::int64_t h, std::int64_t w,
                     std::span<std::uint8_t> out);

}  // namespace convlens::training
