// IDX files, the format of MNIST and its kin: bytes with one or three dimensions, plain or gzipped, told by content.
// Format: "THE IDX FILE FORMAT" on http://yann.lecun.com/exdb/mnist/
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "engine/core/error.h"
#include "engine/training/dataset.h"

namespace convlens::training {

struct IdxArray {
  std::vector<std::int64_t> shape;  // (N,H,W) for pictures, (N) for labels
  std::vector<std::uint8_t> values;
};

// Unsigned bytes with `rank` dimensions (1 or 3). Errors name the file: another magic number, another type or number of
// dimensions, cut short or too long, a damaged .gz.
Result<IdxArray> read_idx(const std::filesystem::path& path, std::size_t rank);
// The same from bytes in memory; `name` is how messages call them.
Result<IdxArray> parse_idx(std::span<const std::uint8_t> bytes, std::size_t rank, const std::string& name);

// A plain IDX file. The product of `shape` equals values.size().
std::vector<std::uint8_t> idx_bytes(std::span<const std::int64_t> shape, std::span<const std::uint8_t> values);

// How labels are to be understood.
struct IdxLabels {
  std::vector<std::string> class_names;  // empty: as many classes as the largest label asks for, named by number
  std::uint8_t first = 0;                // the label of the first class
  bool is_transposed = false;            // pictures are stored column by column
};

// Pictures and labels together. Error: counts that disagree, or a label beyond the classes.
Result<Dataset> read_idx_pair(const std::filesystem::path& pictures, const std::filesystem::path& labels,
                              const IdxLabels& meaning);

}  // namespace convlens::training
