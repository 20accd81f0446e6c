// Pictures from files and memory (through stb), and PNG files out of tensors.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include "engine/core/error.h"
#include "engine/core/tensor.h"

namespace convlens::io {

// A decoded picture. pixels (1,C,H,W), C = 1 (grey) or 3 (RGB); 8- and 16-bit files in [0,1], float files as stored.
struct Picture {
  Tensor pixels;
  std::string format;     // "PNG", "JPEG", ...
  int file_channels = 0;  // 1 to 4, before alpha was composited
  int bits = 8;           // per channel in the file: 8, 16, 32 (float)
};

// What the header says, without decoding.
struct PictureInfo {
  std::int64_t width = 0;
  std::int64_t height = 0;
  int channels = 0;
};

inline constexpr std::int64_t kMaxPicturePixels = 400'000'000;

// PNG, JPEG, BMP, GIF (first frame), TGA, PSD, PNM, HDR. Alpha is composited on a grey checker of 8-pixel cells.
// Errors name the file, what is wrong with it (missing, empty, truncated, not a picture, too large) and what to do.
Result<Picture> read_picture(const std::filesystem::path& path);
Result<Picture> decode_picture(std::span<const std::uint8_t> bytes, const std::string& name);
Result<PictureInfo> read_picture_info(const std::filesystem::path& path);
// File-name endings that read_picture knows, lower case, with dot.
std::span<const std::string_view> picture_extensions();

// 8-bit PNG of interleaved bytes, channels = 1, 3 or 4; written beside and renamed.
Status write_png(const std::filesystem::path& path, std::span<const std::uint8_t> pixels, int width, int height,
                 int channels);

}  // namespace convlens::io
