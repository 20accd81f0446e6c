// .safetensors weight files: float32 out; float64, float32, float16, bfloat16 and integers in, converted to float32.
// Format: https://github.com/huggingface/safetensors#format
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "engine/core/error.h"
#include "engine/io/named_tensor.h"

namespace convlens::io {

struct Safetensors {
  std::vector<NamedTensor> tensors;             // in the order of their bytes in the file
  std::map<std::string, std::string> metadata;  // "__metadata__": free text by key
};

Result<Safetensors> read_safetensors(const std::filesystem::path& path);
// The free text alone, of files of any size: no tensor is read or checked.
Result<std::map<std::string, std::string>> read_safetensors_metadata(const std::filesystem::path& path);
// The same from bytes in memory; `name` is how messages call them.
Result<Safetensors> parse_safetensors(std::span<const std::uint8_t> bytes, const std::string& name);

// A whole file. Tensors stand in the order given, 8-byte aligned at the start. Error: a name twice, the name
// "__metadata__", text that is not UTF-8, or a shape that disagrees with its number of values.
Result<std::vector<std::uint8_t>> safetensors_bytes(std::span<const NamedTensor> tensors,
                                                    const std::map<std::string, std::string>& metadata);
// Replaces the file at once or leaves it as it was.
Status write_safetensors(const std::filesystem::path& path, std::span<const NamedTensor> tensors,
                         const std::map<std::string, std::string>& metadata);
// The same from values that stand elsewhere: no copy of them is made.
Status write_safetensors(const std::filesystem::path& path, std::span<const NamedTensorView> tensors,
                         const std::map<std::string, std::string>& metadata);

}  // namespace convlens::io
