// Gzip files in memory. Knows nothing about what is in them.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/core/error.h"

namespace convlens::io {

// By the first two bytes.
bool is_gzip(std::span<const std::uint8_t> bytes);

// Unpacks every member of the file, or the first `most` bytes of them: whoever knows how much to expect is safe from
// files that claim more than memory holds. Errors name the file: cut short, damaged, wrong checksum.
Result<std::vector<std::uint8_t>> gunzip(std::span<const std::uint8_t> bytes, const std::string& name,
                                         std::uint64_t most = UINT64_MAX);

// One member without name and time, so the same bytes for the same input.
std::vector<std::uint8_t> gzip(std::span<const std::uint8_t> bytes);

}  // namespace convlens::io
