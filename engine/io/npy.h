// NumPy .npy arrays (format 1.0 to 3.0): float32, float64 and uint8 in C and Fortran order in; float32 C order out.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "engine/core/error.h"
#include "engine/core/tensor.h"

namespace convlens::io {

struct NpyArray {
  std::vector<std::int64_t> shape;  // as in the file; empty for a scalar
  std::vector<float> values;        // C order; uint8 keeps 0..255
  bool is_bytes = false;            // uint8 in the file
};

Result<NpyArray> read_npy(const std::filesystem::path& path);
// The same from bytes in memory; `name` is how messages call them.
Result<NpyArray> parse_npy(std::span<const std::uint8_t> bytes, const std::string& name);
// A whole .npy file, format 1.0. The product of `shape` equals values.size().
std::vector<std::uint8_t> npy_bytes(std::span<const std::int64_t> shape, std::span<const float> values);
Status write_npy(const std::filesystem::path& path, std::span<const std::int64_t> shape, std::span<const float> values);

// (N,C,H,W), (C,H,W) or (H,W) as an image tensor; error for any other rank.
Result<Tensor> to_image_tensor(const NpyArray& array, const std::string& name);

}  // namespace convlens::io
