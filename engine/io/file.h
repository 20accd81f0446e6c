// Whole files in and out: read with a sentence on failure; write beside, fsync, rename, so nothing is half-written.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

#include "engine/core/error.h"

namespace convlens::io {

Result<std::vector<std::uint8_t>> read_file(const std::filesystem::path& path);
Status write_file(const std::filesystem::path& path, std::span<const std::uint8_t> bytes);
Status write_file(const std::filesystem::path& path, std::string_view text);

}  // namespace convlens::io
