// Whole files in and out: read with a sentence on failure; write beside, fsync, rename, so nothing is half-written.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

#include "engine/core/error.h"

namespace convlens::io {

// The whole file, which may be empty; with `most`, no more than its first `most` bytes. Errors name the path, the
// reason (missing, a folder, a device, not readable, beyond memory) and the way out.
Result<std::vector<std::uint8_t>> read_file(const std::filesystem::path& path, std::uint64_t most = UINT64_MAX);

// Replaces the file at once or leaves it as it was; its permissions and a symbolic link to it are kept. Devices and
// pipes are written straight through.
Status write_file(const std::filesystem::path& path, std::span<const std::uint8_t> bytes);
Status write_file(const std::filesystem::path& path, std::string_view text);
// The same for a file that is the pieces one after another.
Status write_file(const std::filesystem::path& path, std::span<const std::span<const std::uint8_t>> pieces);

}  // namespace convlens::io
