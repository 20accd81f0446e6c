// Small valid files of every kind that io reads, made in memory for tests. Plain encoders, written for clarity.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace convlens::samples {

using Bytes = std::vector<std::uint8_t>;

// The sample at (row, column, channel) of every file below: 0 to 255, all different nearby.
std::uint8_t value(int y, int x, int channel);

// Stored (uncompressed) PNG. bits is 8 or 16; a 16-bit sample is value * 257.
Bytes png(int width, int height, int channels, int bits = 8);
// Writes every chunk's checksum anew, as far as the chunks can be followed.
void fix_png_checksums(Bytes& bytes);
Bytes jpeg(int width, int height, int channels);
// The same with an EXIF note that asks for this orientation, 1 to 8.
Bytes jpeg_oriented(int width, int height, int orientation);
Bytes bmp(int width, int height);
Bytes tga(int width, int height, bool packed);
Bytes hdr(int width, int height);  // linear RGB, value / 64
// Four grey levels: colour (x + y) % 4 of 0, 85, 170, 255.
Bytes gif(int width, int height);
Bytes psd(int width, int height, int bits);
Bytes from_text(const std::string& text);

}  // namespace convlens::samples
