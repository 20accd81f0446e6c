// The IDX container, and pictures with their labels out of two of them.
#include "engine/training/idx.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <new>
#include <utility>

#include "engine/io/file.h"
#include "engine/io/gzip.h"

namespace convlens::training {
namespace {

constexpr std::uint8_t kUnsignedBytes = 0x08;
constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 40;

std::string kind_of(std::size_t rank) {
  return rank == 1 ? "labels (1 dimension)" : "pictures (" + std::to_string(rank) + " dimensions)";
}

std::string shape_words(std::span<const std::int64_t> shape) {
  if (shape.size() == 3) {
    return std::to_string(shape[0]) + " pictures of " + std::to_string(shape[1]) + " x " + std::to_string(shape[2]);
  }
  return std::to_string(shape[0]) + " labels";
}

std::string hex_words(std::span<const std::uint8_t> bytes) {
  std::string words;
  for (const std::uint8_t byte : bytes) {
    std::array<char, 4> text{};
    std::snprintf(text.data(), text.size(), "%02x", byte);
    words += (words.empty() ? "" : " ") + std::string(text.data());
  }
  return words;
}

// Shape from the header, which has been found to be there.
Result<std::vector<std::int64_t>> parse_header(std::span<const std::uint8_t> bytes, std::size_t rank,
                                               const std::string& name) {
  if (bytes.size() < 4) {
    return Error{name + " is cut short: it has " + std::to_string(bytes.size()) +
                 " bytes, not even an IDX header; fetch or copy it again"};
  }
  if (bytes[0] != 0 || bytes[1] != 0 || bytes[2] < kUnsignedBytes || bytes[2] > 0x0E) {
    return Error{name + " is not an IDX file (it starts with " + hex_words(bytes.first(4)) +
                 ", not 00 00 08); choose another file"};
  }
  if (bytes[2] != kUnsignedBytes) {
    return Error{name + " holds IDX values of type " + hex_words(bytes.subspan(2, 1)) +
                 "; only unsigned bytes (08) are understood"};
  }
  if (bytes[3] != rank) {
    return Error{name + " has " + std::to_string(bytes[3]) + " dimensions where " + kind_of(rank) +
                 " are expected; check that pictures and labels are not swapped"};
  }
  if (bytes.size() < 4 + 4 * rank) {
    return Error{name + " is cut short: it ends inside its IDX header; fetch or copy it again"};
  }
  std::vector<std::int64_t> shape;
  for (std::size_t i = 4; i < 4 + 4 * rank; i += 4) {
    shape.push_back(std::int64_t{bytes[i]} << 24 | bytes[i + 1] << 16 | bytes[i + 2] << 8 | bytes[i + 3]);
  }
  if (std::find(shape.begin(), shape.end(), 0) != shape.end()) {
    return Error{name + " holds " + shape_words(shape) + ", so nothing; choose another file"};
  }
  return shape;
}

// Bytes that a whole file of this shape has; more than any memory where the header is nonsense.
std::uint64_t whole_size(std::span<const std::int64_t> shape) {
  std::uint64_t size = 1;
  for (const std::int64_t count : shape) {
    size =
        static_cast<std::uint64_t>(count) > kMostBytes / size ? kMostBytes : size * static_cast<std::uint64_t>(count);
  }
  return 4 + 4 * shape.size() + size;
}

Result<IdxArray> parse(std::span<const std::uint8_t> bytes, std::size_t rank, const std::string& name) {
  std::vector<std::uint8_t> unpacked;
  const std::span<const std::uint8_t> packed = bytes;
  const bool is_packed = io::is_gzip(bytes);
  if (is_packed) {  // the header first: it says how much may come
    Result<std::vector<std::uint8_t>> head = io::gunzip(packed, name, 4 + 4 * rank);
    if (!head) return head.error();
    unpacked = std::move(head).value();
    bytes = unpacked;
  }
  Result<std::vector<std::int64_t>> shape = parse_header(bytes, rank, name);
  if (!shape) return shape.error();
  const std::uint64_t expected = whole_size(*shape);
  if (is_packed) {
    Result<std::vector<std::uint8_t>> all = io::gunzip(packed, name, expected + 1);
    if (!all) return all.error();
    unpacked = std::move(all).value();
    bytes = unpacked;
  }
  if (bytes.size() < expected) {
    return Error{name + " is cut short: its header promises " + shape_words(*shape) + ", " + std::to_string(expected) +
                 " bytes, and " + std::to_string(bytes.size()) + " are there; fetch or copy it again"};
  }
  if (bytes.size() > expected) {
    return Error{name + " is longer than the " + shape_words(*shape) +
                 " that its header promises; it is damaged: fetch or copy it again"};
  }
  const std::span<const std::uint8_t> values = bytes.subspan(4 + 4 * rank);
  return IdxArray{std::move(shape).value(), {values.begin(), values.end()}};
}

void transpose_pictures(Dataset& dataset) {
  std::vector<std::uint8_t> upright(dataset.pixels.size());
  const std::int64_t h = dataset.width, w = dataset.height;
  for (std::int64_t n = 0; n < dataset.size(); ++n) {
    const std::uint8_t* from = dataset.pixels.data() + n * h * w;
    std::uint8_t* to = upright.data() + n * h * w;
    for (std::int64_t y = 0; y < h; ++y) {
      for (std::int64_t x = 0; x < w; ++x) to[y * w + x] = from[x * h + y];
    }
  }
  dataset.pixels = std::move(upright);
  dataset.height = h;
  dataset.width = w;
}

Status take_labels(const IdxArray& labels, const IdxLabels& meaning, const std::string& name, Dataset& dataset) {
  dataset.class_names = meaning.class_names;
  if (dataset.class_names.empty()) {
    const std::uint8_t most = *std::max_element(labels.values.begin(), labels.values.end());
    for (int label = meaning.first; label <= most; ++label) dataset.class_names.push_back(std::to_string(label));
  }
  const int end = meaning.first + static_cast<int>(dataset.class_names.size());
  dataset.labels.reserve(labels.values.size());
  for (std::size_t i = 0; i < labels.values.size(); ++i) {
    const int label = labels.values[i];
    if (label < meaning.first || label >= end) {
      return Error{name + " gives picture " + std::to_string(i) + " the label " + std::to_string(label) + ", and its " +
                   std::to_string(dataset.class_names.size()) + " classes are " + std::to_string(meaning.first) +
                   " to " + std::to_string(end - 1) + "; check that it belongs to this data set"};
    }
    dataset.labels.push_back(label - meaning.first);
  }
  return Done{};
}

}  // namespace

Result<IdxArray> read_idx(const std::filesystem::path& path, std::size_t rank) {
  const Result<std::vector<std::uint8_t>> bytes = io::read_file(path);
  if (!bytes) return bytes.error();
  return parse_idx(*bytes, rank, path.string());
}

Result<IdxArray> parse_idx(std::span<const std::uint8_t> bytes, std::size_t rank, const std::string& name) {
  try {
    return parse(bytes, rank, name);
  } catch (const std::bad_alloc&) {
    return Error{name + " does not fit into memory; close other programs or use a smaller data set"};
  }
}

std::vector<std::uint8_t> idx_bytes(std::span<const std::int64_t> shape, std::span<const std::uint8_t> values) {
  std::vector<std::uint8_t> bytes = {0, 0, kUnsignedBytes, static_cast<std::uint8_t>(shape.size())};
  for (const std::int64_t size : shape) {
    for (int bits = 24; bits >= 0; bits -= 8) bytes.push_back(static_cast<std::uint8_t>(size >> bits));
  }
  bytes.insert(bytes.end(), values.begin(), values.end());
  return bytes;
}

Result<Dataset> read_idx_pair(const std::filesystem::path& pictures, const std::filesystem::path& labels,
                              const IdxLabels& meaning) {
  Result<IdxArray> picture_array = read_idx(pictures, 3);
  if (!picture_array) return picture_array.error();
  const Result<IdxArray> label_array = read_idx(labels, 1);
  if (!label_array) return label_array.error();
  if (picture_array->shape[0] != label_array->shape[0]) {
    return Error{pictures.string() + " holds " + std::to_string(picture_array->shape[0]) + " pictures and " +
                 labels.filename().string() + " " + std::to_string(label_array->shape[0]) +
                 " labels; they do not belong together: fetch or copy both again"};
  }
  Dataset dataset;
  dataset.height = picture_array->shape[1];
  dataset.width = picture_array->shape[2];
  dataset.pixels = std::move(picture_array->values);
  dataset.origin = pictures.string();
  const Status taken = take_labels(*label_array, meaning, labels.string(), dataset);
  if (!taken) return taken.error();
  if (meaning.is_transposed) transpose_pictures(dataset);
  return dataset;
}

}  // namespace convlens::training
