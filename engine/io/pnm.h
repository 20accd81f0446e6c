// Portable any-map pictures: P1 to P6, text and binary, 8 and 16 bits. Internal to io.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "engine/core/error.h"
#include "engine/io/picture.h"

namespace convlens::io {

// (Netpbm's pbm(5), pgm(5), ppm(5).)
Result<PictureInfo> read_pnm_info(std::span<const std::uint8_t> bytes, const std::string& name);
// Samples divided by the file's own maximum. The size is within kMaxPicturePixels.
Result<Picture> decode_pnm(std::span<const std::uint8_t> bytes, const std::string& name);

}  // namespace convlens::io
