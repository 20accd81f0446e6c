// What kind of picture file bytes are, and whether they are all there. Internal to io; decodes no pixels.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "engine/core/error.h"

namespace convlens::io {

enum class PictureFormat { kPng, kJpeg, kBmp, kGif, kTga, kPsd, kPnm, kHdr };

// "PNG", "JPEG", ...
std::string_view format_name(PictureFormat format);

// By the first bytes. TGA has no mark at its start: it is known by its ending or by the name's.
std::optional<PictureFormat> recognise(std::span<const std::uint8_t> bytes, std::string_view name);

// Finds what the decoder would pass over in silence: PNG chunks that are missing or fail their checksum, fewer bytes
// than BMP and TGA headers promise, and headers that claim far more pixels than so few bytes can hold.
Status check_complete(PictureFormat format, std::span<const std::uint8_t> bytes, std::int64_t width,
                      std::int64_t height, const std::string& name);

// How a JPEG is to be turned before it is shown: EXIF orientation 1 to 8, 1 when absent. (EXIF 2.3, tag 0x0112.)
int exif_orientation(std::span<const std::uint8_t> jpeg);

}  // namespace convlens::io
