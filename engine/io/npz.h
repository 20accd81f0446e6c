// NumPy .npz files: a zip archive of .npy arrays, stored (numpy.savez) or deflated (numpy.savez_compressed).
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "engine/core/error.h"
#include "engine/io/named_tensor.h"

namespace convlens::io {

// Arrays in the archive's order; a member "conv1.weight.npy" is called "conv1.weight". Types as read_npy takes them.
Result<std::vector<NamedTensor>> read_npz(const std::filesystem::path& path);
// The same from bytes in memory; `name` is how messages call them.
Result<std::vector<NamedTensor>> parse_npz(std::span<const std::uint8_t> bytes, const std::string& name);

enum class NpzPacking { kStored, kDeflated };

// A whole archive; the same bytes for the same tensors. Error: an empty name, one given twice, or a shape that
// disagrees with its number of values.
Result<std::vector<std::uint8_t>> npz_bytes(std::span<const NamedTensor> tensors,
                                            NpzPacking packing = NpzPacking::kDeflated);
// Replaces the file at once or leaves it as it was.
Status write_npz(const std::filesystem::path& path, std::span<const NamedTensor> tensors,
                 NpzPacking packing = NpzPacking::kDeflated);

}  // namespace convlens::io
