// The .npy container: header dictionary, data types and memory order. Knows nothing about pictures or files' fate.
// Format: numpy/lib/format.py, "NEP 1 - A simple file format for NumPy arrays".
#include "engine/io/npy.h"

#include <algorithm>
#include <bit>
#include <cctype>
#include <cstring>
#include <limits>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "engine/io/file.h"

namespace convlens::io {
namespace {

static_assert(std::endian::native == std::endian::little, "values are copied as stored: little-endian");

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr std::size_t kMaxRank = 32;
// Elements an array may have: far above any use, far below where byte counts overflow.
constexpr std::int64_t kMaxElements = std::int64_t{1} << 40;

enum class Type { kFloat32, kFloat64, kUint8 };

struct Header {
  Type type = Type::kFloat32;
  bool big_endian = false;
  bool fortran_order = false;
  std::vector<std::int64_t> shape;
  std::size_t data_offset = 0;
};

// Reads the Python literal {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }, keys in any order.
class HeaderText {
 public:
  explicit HeaderText(std::string_view text) : text_(text) {}

  bool skip(char wanted) {
    skip_spaces();
    if (at_ >= text_.size() || text_[at_] != wanted) return false;
    ++at_;
    return true;
  }
  std::optional<std::string> quoted() {
    skip_spaces();
    if (at_ >= text_.size() || (text_[at_] != '\'' && text_[at_] != '"')) return std::nullopt;
    const std::size_t end = text_.find(text_[at_], at_ + 1);
    if (end == std::string_view::npos) return std::nullopt;
    std::string value(text_.substr(at_ + 1, end - at_ - 1));
    at_ = end + 1;
    return value;
  }
  std::optional<bool> boolean() {
    skip_spaces();
    for (const bool value : {false, true}) {
      const std::string_view word = value ? "True" : "False";
      if (text_.substr(at_, word.size()) == word) {
        at_ += word.size();
        return value;
      }
    }
    return std::nullopt;
  }
  // A tuple of sizes. Python 2 wrote long integers as 3L.
  std::optional<std::vector<std::int64_t>> sizes() {
    if (!skip('(')) return std::nullopt;
    std::vector<std::int64_t> values;
    while (!skip(')')) {
      const std::optional<std::int64_t> value = size();
      if (!value) return std::nullopt;
      values.push_back(*value);
      if (!skip(',')) {
        if (!skip(')')) return std::nullopt;
        break;
      }
    }
    return values;
  }
  // A structured dtype is a list; its text is only shown to the person.
  bool at_list() {
    skip_spaces();
    return at_ < text_.size() && text_[at_] == '[';
  }

 private:
  void skip_spaces() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_]))) ++at_;
  }
  std::optional<std::int64_t> size() {
    skip_spaces();
    std::int64_t value = 0;
    const std::size_t start = at_;
    for (; at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_) {
      if (value > (std::numeric_limits<std::int64_t>::max() - 9) / 10) return std::nullopt;
      value = value * 10 + (text_[at_] - '0');
    }
    if (at_ == start) return std::nullopt;
    if (at_ < text_.size() && text_[at_] == 'L') ++at_;
    return value;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

// NumPy's word for a type string, so that the person recognises it: "<i8" is int64.
std::string type_words(const std::string& descr) {
  if (descr.size() < 3 || std::string_view("<>|=").find(descr[0]) == std::string_view::npos) return "'" + descr + "'";
  const int bytes = std::isdigit(static_cast<unsigned char>(descr[2])) ? std::atoi(descr.c_str() + 2) : 0;
  const std::string bits = std::to_string(bytes * 8);
  switch (descr[1]) {
    case 'i':
      return "int" + bits;
    case 'u':
      return "uint" + bits;
    case 'f':
      return "float" + bits;
    case 'c':
      return "complex" + bits;
    case 'b':
      return "bool";
    case 'O':
      return "Python objects";
    case 'U':
    case 'S':
      return "text";
    default:
      return "'" + descr + "'";
  }
}

Error wrong(const std::string& name, const std::string& what) { return Error{name + " " + what}; }

std::optional<Type> parse_type(std::string_view descr) {
  if (descr.size() != 3 || std::string_view("<>|=").find(descr[0]) == std::string_view::npos) return std::nullopt;
  const std::string_view kind = descr.substr(1);
  if (kind == "f4") return Type::kFloat32;
  if (kind == "f8") return Type::kFloat64;
  if (kind == "u1") return Type::kUint8;
  return std::nullopt;
}

std::string shape_words(std::span<const std::int64_t> shape) {
  std::string words = "(";
  for (std::size_t i = 0; i < shape.size(); ++i) words += (i ? ", " : "") + std::to_string(shape[i]);
  return words + (shape.size() == 1 ? ",)" : ")");
}

Status parse_dictionary(std::string_view text, const std::string& name, Header& header) {
  const Error damaged =
      wrong(name, "has a damaged .npy header; write it again with numpy.save(name, array.astype('float32'))");
  HeaderText in(text);
  bool have_descr = false, have_order = false, have_shape = false;
  if (!in.skip('{')) return damaged;
  while (!in.skip('}')) {
    const std::optional<std::string> key = in.quoted();
    if (!key || !in.skip(':')) return damaged;
    if (*key == "descr") {
      const std::optional<std::string> descr = in.at_list() ? std::string("[...]") : in.quoted();
      if (!descr) return damaged;
      const std::optional<Type> type = parse_type(*descr);
      if (!type) {
        return wrong(name, "holds " + (*descr == "[...]" ? std::string("records") : type_words(*descr)) +
                               "; float32, float64 and uint8 are understood: save it with array.astype('float32')");
      }
      header.type = *type;
      header.big_endian = descr->front() == '>';
      have_descr = true;
    } else if (*key == "fortran_order") {
      const std::optional<bool> value = in.boolean();
      if (!value) return damaged;
      header.fortran_order = *value;
      have_order = true;
    } else if (*key == "shape") {
      std::optional<std::vector<std::int64_t>> sizes = in.sizes();
      if (!sizes || sizes->size() > kMaxRank) return damaged;
      header.shape = std::move(*sizes);
      have_shape = true;
    } else {
      return damaged;
    }
    if (!in.skip(',')) {
      if (!in.skip('}')) return damaged;
      break;
    }
  }
  if (!have_descr || !have_order || !have_shape) return damaged;
  return Done{};
}

Result<Header> parse_header(std::span<const std::uint8_t> bytes, const std::string& name) {
  if (bytes.empty()) return wrong(name, "is empty (0 bytes); write it again with numpy.save");
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const std::string_view magic = text.substr(0, kMagic.size());
  if (magic != kMagic.substr(0, magic.size())) {
    return wrong(name, "is not a NumPy .npy file; write one with numpy.save(name, array.astype('float32'))");
  }
  const Error too_short = wrong(name, "ends inside its .npy header (" + std::to_string(bytes.size()) +
                                          " bytes); it is damaged: write it again with numpy.save");
  if (bytes.size() < 10) return too_short;
  const int version = bytes[6];
  if (version < 1 || version > 3) {
    return wrong(name, "uses .npy format " + std::to_string(version) + "." + std::to_string(bytes[7]) +
                           "; formats 1.0 to 3.0 are understood: write it again with numpy.save");
  }
  const std::size_t start = version == 1 ? 10 : 12;
  if (bytes.size() < start) return too_short;
  std::size_t length = bytes[8] | static_cast<std::size_t>(bytes[9]) << 8;
  if (version > 1) length |= static_cast<std::size_t>(bytes[10]) << 16 | static_cast<std::size_t>(bytes[11]) << 24;
  if (bytes.size() - start < length) return too_short;

  Header header;
  header.data_offset = start + length;
  const Status parsed = parse_dictionary(text.substr(start, length), name, header);
  if (!parsed) return parsed.error();
  return header;
}

// Product of the sizes; nullopt beyond kMaxElements.
std::optional<std::int64_t> count_elements(std::span<const std::int64_t> shape) {
  if (std::find(shape.begin(), shape.end(), 0) != shape.end()) return 0;
  std::int64_t count = 1;
  for (const std::int64_t size : shape) {
    if (size > kMaxElements / count) return std::nullopt;
    count *= size;
  }
  return count;
}

template <class Bits, class Value>
void convert(std::span<const std::uint8_t> bytes, bool big_endian, std::span<float> out) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    Bits bits = 0;
    std::memcpy(&bits, bytes.data() + i * sizeof(Bits), sizeof(Bits));
    if constexpr (sizeof(Bits) == 4) {
      if (big_endian) bits = __builtin_bswap32(bits);
    } else if constexpr (sizeof(Bits) == 8) {
      if (big_endian) bits = __builtin_bswap64(bits);
    }
    if constexpr (sizeof(Bits) == 1) {
      out[i] = static_cast<float>(bits);
    } else {
      out[i] = static_cast<float>(std::bit_cast<Value>(bits));
    }
  }
}

// From first-index-fastest to last-index-fastest.
std::vector<float> to_c_order(std::span<const float> values, std::span<const std::int64_t> shape) {
  std::vector<float> out(values.size());
  std::vector<std::int64_t> index(shape.size(), 0);
  std::vector<std::int64_t> stride(shape.size(), 1);
  for (std::size_t axis = 1; axis < shape.size(); ++axis) stride[axis] = stride[axis - 1] * shape[axis - 1];
  std::int64_t source = 0;
  for (float& value : out) {
    value = values[static_cast<std::size_t>(source)];
    for (std::size_t axis = shape.size(); axis-- > 0;) {
      source += stride[axis];
      if (++index[axis] < shape[axis]) break;
      source -= stride[axis] * shape[axis];
      index[axis] = 0;
    }
  }
  return out;
}

}  // namespace

Result<NpyArray> read_npy(const std::filesystem::path& path) {
  const Result<std::vector<std::uint8_t>> bytes = read_file(path);
  if (!bytes) return bytes.error();
  return parse_npy(*bytes, path.string());
}

Result<NpyArray> parse_npy(std::span<const std::uint8_t> bytes, const std::string& name) {
  const Result<Header> header = parse_header(bytes, name);
  if (!header) return header.error();
  const std::optional<std::int64_t> count = count_elements(header->shape);
  if (!count) {
    return wrong(name, "claims the shape " + shape_words(header->shape) +
                           ", more than any memory holds; it is damaged: write it again with numpy.save");
  }
  const std::size_t item = header->type == Type::kFloat32 ? 4 : header->type == Type::kFloat64 ? 8 : 1;
  const std::size_t expected = static_cast<std::size_t>(*count) * item;
  const std::span<const std::uint8_t> data = bytes.subspan(header->data_offset);
  if (data.size() < expected) {
    return wrong(name, "is cut short: its shape " + shape_words(header->shape) + " needs " + std::to_string(expected) +
                           " bytes of data, " + std::to_string(data.size()) +
                           " are there; write it again with numpy.save");
  }
  if (data.size() > expected) {
    return wrong(name, "has " + std::to_string(data.size() - expected) + " bytes more than its shape " +
                           shape_words(header->shape) + " needs; it is damaged: write it again with numpy.save");
  }
  try {
    NpyArray array;
    array.shape = header->shape;
    array.values.resize(static_cast<std::size_t>(*count));
    switch (header->type) {
      case Type::kFloat32:
        convert<std::uint32_t, float>(data, header->big_endian, array.values);
        break;
      case Type::kFloat64:
        convert<std::uint64_t, double>(data, header->big_endian, array.values);
        break;
      case Type::kUint8:
        convert<std::uint8_t, std::uint8_t>(data, false, array.values);
        array.is_bytes = true;
        break;
    }
    if (header->fortran_order && array.shape.size() > 1) array.values = to_c_order(array.values, array.shape);
    return array;
  } catch (const std::bad_alloc&) {
    return wrong(name, "does not fit into memory; use a smaller array");
  }
}

std::vector<std::uint8_t> npy_bytes(std::span<const std::int64_t> shape, std::span<const float> values) {
  std::string dictionary = "{'descr': '<f4', 'fortran_order': False, 'shape': " + shape_words(shape) + ", }";
  // Data starts at a multiple of 64 bytes and the header ends in a newline, as NumPy writes it.
  const std::size_t unpadded = 10 + dictionary.size() + 1;
  dictionary.append((64 - unpadded % 64) % 64, ' ');
  dictionary += '\n';
  std::vector<std::uint8_t> bytes(10 + dictionary.size() + values.size_bytes());
  std::memcpy(bytes.data(), kMagic.data(), kMagic.size());
  bytes[6] = 1;
  bytes[8] = static_cast<std::uint8_t>(dictionary.size() & 0xff);
  bytes[9] = static_cast<std::uint8_t>(dictionary.size() >> 8);
  std::memcpy(bytes.data() + 10, dictionary.data(), dictionary.size());
  if (!values.empty()) std::memcpy(bytes.data() + 10 + dictionary.size(), values.data(), values.size_bytes());
  return bytes;
}

Status write_npy(const std::filesystem::path& path, std::span<const std::int64_t> shape,
                 std::span<const float> values) {
  return write_file(path, npy_bytes(shape, values));
}

Result<Tensor> to_image_tensor(const NpyArray& array, const std::string& name) {
  const std::size_t rank = array.shape.size();
  if (rank < 2 || rank > 4) {
    return Error{name + " has " + std::to_string(rank) + (rank == 1 ? " dimension" : " dimensions") +
                 "; a picture is (H,W), (C,H,W) or (N,C,H,W): reshape it"};
  }
  if (array.values.empty()) {
    return Error{name + " has the shape " + shape_words(array.shape) +
                 ", which holds no values; give every axis at least 1"};
  }
  Shape shape;
  shape.w = array.shape[rank - 1];
  shape.h = array.shape[rank - 2];
  if (rank > 2) shape.c = array.shape[rank - 3];
  if (rank > 3) shape.n = array.shape[0];
  try {
    Tensor tensor = Tensor::uninitialized(shape);
    std::copy(array.values.begin(), array.values.end(), tensor.data());
    return tensor;
  } catch (const std::bad_alloc&) {
    return Error{name + " does not fit into memory; use a smaller array"};
  }
}

}  // namespace convlens::io
