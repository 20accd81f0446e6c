// Radiance HDR pictures. Internal to io. stb's reader never ends on some truncated files, so it is not asked.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "engine/core/error.h"
#include "engine/io/picture.h"

namespace convlens::io {

// (G. Ward, "Real Pixels", Graphics Gems II; rows from the top, columns from the left, as nearly all files are.)
Result<PictureInfo> read_hdr_info(std::span<const std::uint8_t> bytes, const std::string& name);
// RGB as stored, linear and unbounded. The size is within kMaxPicturePixels.
Result<Picture> decode_hdr(std::span<const std::uint8_t> bytes, const std::string& name);

}  // namespace convlens::io
