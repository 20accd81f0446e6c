// The .safetensors container: eight bytes of header length, a JSON header, then the values without gaps.
#include "engine/io/safetensors.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <new>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "engine/io/file.h"

namespace convlens::io {
namespace {

static_assert(std::endian::native == std::endian::little, "values are copied as stored: little-endian");

using Json = nlohmann::ordered_json;

constexpr std::size_t kLengthBytes = 8;
constexpr std::size_t kMaxHeader = 100'000'000;  // the reference implementation's limit
constexpr std::string_view kMetadata = "__metadata__";

float from_half(std::uint16_t half) {
  const std::uint32_t sign = static_cast<std::uint32_t>(half & 0x8000u) << 16;
  const std::uint32_t exponent = (half >> 10) & 0x1fu;
  const std::uint32_t mantissa = half & 0x3ffu;
  if (exponent == 0) {  // zero and subnormals: mantissa * 2^-24
    const float magnitude = static_cast<float>(mantissa) * 0x1p-24f;
    return sign ? -magnitude : magnitude;
  }
  const std::uint32_t wide = exponent == 31 ? 0xffu : exponent + 127 - 15;
  return std::bit_cast<float>(sign | wide << 23 | mantissa << 13);
}

float from_bfloat16(std::uint16_t bits) { return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16); }

template <class Stored>
float plainly(Stored value) {
  return static_cast<float>(value);
}

template <class Stored, float (*to_float)(Stored)>
void convert(const std::uint8_t* bytes, std::span<float> out) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    Stored value;
    std::memcpy(&value, bytes + i * sizeof(Stored), sizeof(Stored));
    out[i] = to_float(value);
  }
}

struct Type {
  std::string_view name;
  std::size_t bytes;
  void (*convert)(const std::uint8_t* bytes, std::span<float> out);
};

constexpr std::array kTypes = {
    Type{"F32", 4, convert<float, plainly<float>>},
    Type{"F64", 8, convert<double, plainly<double>>},
    Type{"F16", 2, convert<std::uint16_t, from_half>},
    Type{"BF16", 2, convert<std::uint16_t, from_bfloat16>},
    Type{"I64", 8, convert<std::int64_t, plainly<std::int64_t>>},
    Type{"I32", 4, convert<std::int32_t, plainly<std::int32_t>>},
    Type{"I16", 2, convert<std::int16_t, plainly<std::int16_t>>},
    Type{"I8", 1, convert<std::int8_t, plainly<std::int8_t>>},
    Type{"U8", 1, convert<std::uint8_t, plainly<std::uint8_t>>},
    Type{"BOOL", 1, convert<std::uint8_t, plainly<std::uint8_t>>},
};

// One entry of the header, checked on its own.
struct Entry {
  NamedTensor tensor;
  const Type* type = nullptr;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

Error damaged(const std::string& name, const std::string& what) {
  return Error{name + " is a damaged .safetensors file: " + what + "; write or copy it again"};
}

// Names from the file go into sentences: no line breaks, no endless text.
std::string shown(std::string_view text) {
  std::string words(text.substr(0, 60));
  for (char& letter : words) {
    if (static_cast<unsigned char>(letter) < 0x20) letter = ' ';
  }
  return "'" + words + (text.size() > 60 ? "...'" : "'");
}

std::optional<std::uint64_t> whole_number(const Json& value) {
  if (!value.is_number_unsigned()) return std::nullopt;
  return value.get<std::uint64_t>();
}

// Product of the sizes times the bytes of one value; nullopt where it exceeds `most`.
std::optional<std::uint64_t> byte_count(std::span<const std::int64_t> shape, std::uint64_t item, std::uint64_t most) {
  if (std::find(shape.begin(), shape.end(), 0) != shape.end()) return 0;
  std::uint64_t count = item;
  if (count > most) return std::nullopt;
  for (const std::int64_t size : shape) {
    if (static_cast<std::uint64_t>(size) > most / count) return std::nullopt;
    count *= static_cast<std::uint64_t>(size);
  }
  return count;
}

Result<Entry> parse_entry(const std::string& key, const Json& value, std::uint64_t data_size, const std::string& name) {
  const Error wrong = damaged(name, "the entry of " + shown(key) + " is not {dtype, shape, data_offsets}");
  if (!value.is_object() || !value.contains("dtype") || !value.contains("shape") || !value.contains("data_offsets")) {
    return wrong;
  }
  const Json &dtype = value["dtype"], &shape = value["shape"], &offsets = value["data_offsets"];
  if (!dtype.is_string() || !shape.is_array() || !offsets.is_array() || offsets.size() != 2) return wrong;

  Entry entry;
  entry.tensor.name = key;
  const std::string& type_name = dtype.get_ref<const std::string&>();
  const auto type =
      std::find_if(kTypes.begin(), kTypes.end(), [&](const Type& known) { return known.name == type_name; });
  if (type == kTypes.end()) {
    return Error{name + " holds " + shown(key) + " as " + shown(type_name) +
                 ", which is not understood; save it as float32"};
  }
  entry.type = &*type;
  for (const Json& size : shape) {
    const std::optional<std::uint64_t> number = whole_number(size);
    if (!number || *number > static_cast<std::uint64_t>(INT64_MAX)) return wrong;
    entry.tensor.shape.push_back(static_cast<std::int64_t>(*number));
  }
  const std::optional<std::uint64_t> begin = whole_number(offsets[0]), end = whole_number(offsets[1]);
  if (!begin || !end) return wrong;
  entry.begin = *begin;
  entry.end = *end;
  if (entry.begin > entry.end || entry.end > data_size) {
    return Error{name + " is cut short or damaged: " + shown(key) + " should end at byte " + std::to_string(entry.end) +
                 " of " + std::to_string(data_size) + " bytes of values; write or copy it again"};
  }
  const std::optional<std::uint64_t> wanted = byte_count(entry.tensor.shape, type->bytes, data_size);
  if (!wanted || *wanted != entry.end - entry.begin) {
    return damaged(
        name, "the shape of " + shown(key) + " does not fit its " + std::to_string(entry.end - entry.begin) + " bytes");
  }
  return entry;
}

// The header as JSON. A key given twice would silently hide the first.
Result<Json> parse_header(std::string_view text, const std::string& name) {
  std::set<std::string> keys;
  std::string twice;
  const auto note_keys = [&](int depth, Json::parse_event_t event, Json& parsed) {
    if (depth == 1 && event == Json::parse_event_t::key) {
      const std::string& key = parsed.get_ref<const std::string&>();
      if (!keys.insert(key).second) twice = key;
    }
    return true;
  };
  Json header = Json::parse(text.begin(), text.end(), note_keys, false);
  if (!header.is_object()) return damaged(name, "its header is not a JSON object");
  if (!twice.empty()) return damaged(name, "its header names " + shown(twice) + " twice");
  return header;
}

Status take_metadata(const Json& value, const std::string& name, std::map<std::string, std::string>& metadata) {
  const Error wrong = damaged(name, "its metadata is not text by key");
  if (!value.is_object()) return wrong;
  for (const auto& [key, text] : value.items()) {
    if (!text.is_string()) return wrong;
    metadata[key] = text.get<std::string>();
  }
  return Done{};
}

// Values stand one after the other and leave nothing over. (The format asks for it, so that no bytes can hide.)
Status check_order(std::span<const Entry> entries, std::uint64_t data_size, const std::string& name) {
  std::uint64_t at = 0;
  for (const Entry& entry : entries) {
    if (entry.begin != at)
      return damaged(name, "the values of " + shown(entry.tensor.name) + " overlap or leave a gap");
    at = entry.end;
  }
  if (at != data_size) {
    return damaged(name, std::to_string(data_size - at) + " bytes at its end belong to no tensor");
  }
  return Done{};
}

// The header's text. `bytes` is the file, or as much of it as the header needs.
Result<std::string_view> header_text(std::span<const std::uint8_t> bytes, const std::string& name) {
  if (bytes.size() < kLengthBytes + 2) {
    return Error{name + " is not a .safetensors file (it has " + std::to_string(bytes.size()) +
                 " bytes); choose another file"};
  }
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), kLengthBytes);
  if (bytes[kLengthBytes] != '{' || length < 2 || length > kMaxHeader) {
    return Error{name + " is not a .safetensors file; choose another file"};
  }
  if (length > bytes.size() - kLengthBytes) {
    return Error{name + " is cut short: its header of " + std::to_string(length) + " bytes does not fit into " +
                 std::to_string(bytes.size()) + " bytes; write or copy it again"};
  }
  return std::string_view(reinterpret_cast<const char*>(bytes.data()) + kLengthBytes, static_cast<std::size_t>(length));
}

Result<Safetensors> parse(std::span<const std::uint8_t> bytes, const std::string& name) {
  const Result<std::string_view> text = header_text(bytes, name);
  if (!text) return text.error();
  const std::span<const std::uint8_t> data = bytes.subspan(kLengthBytes + text->size());
  const Result<Json> header = parse_header(*text, name);
  if (!header) return header.error();

  Safetensors file;
  std::vector<Entry> entries;
  for (const auto& [key, value] : header->items()) {
    if (key == kMetadata) {
      const Status taken = take_metadata(value, name, file.metadata);
      if (!taken) return taken.error();
      continue;
    }
    Result<Entry> entry = parse_entry(key, value, data.size(), name);
    if (!entry) return entry.error();
    entries.push_back(std::move(entry).value());
  }
  std::stable_sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
  });
  const Status ordered = check_order(entries, data.size(), name);
  if (!ordered) return ordered.error();
  for (Entry& entry : entries) {
    entry.tensor.values.resize(static_cast<std::size_t>((entry.end - entry.begin) / entry.type->bytes));
    entry.type->convert(data.data() + entry.begin, entry.tensor.values);
    file.tensors.push_back(std::move(entry.tensor));
  }
  return file;
}

Status check_writable(std::span<const NamedTensorView> tensors) {
  std::set<std::string_view> names;
  for (const NamedTensorView& tensor : tensors) {
    if (tensor.name == kMetadata) return Error{"a tensor cannot be called __metadata__; give it another name"};
    if (!names.insert(tensor.name).second) {
      return Error{"two tensors are called " + shown(tensor.name) + "; give each its own name"};
    }
    const std::optional<std::uint64_t> wanted = byte_count(tensor.shape, sizeof(float), UINT64_MAX);
    const bool is_negative =
        std::any_of(tensor.shape.begin(), tensor.shape.end(), [](std::int64_t n) { return n < 0; });
    if (is_negative || !wanted || *wanted != tensor.values.size() * sizeof(float)) {
      return Error{"the shape of the tensor " + shown(tensor.name) + " does not fit its " +
                   std::to_string(tensor.values.size()) + " values"};
    }
  }
  return Done{};
}

// The length and the text before the values.
Result<std::vector<std::uint8_t>> header_bytes(std::span<const NamedTensorView> tensors,
                                               const std::map<std::string, std::string>& metadata) {
  const Status writable = check_writable(tensors);
  if (!writable) return writable.error();
  Json header = Json::object();
  if (!metadata.empty()) header[std::string(kMetadata)] = metadata;
  std::uint64_t at = 0;
  for (const NamedTensorView& tensor : tensors) {
    const std::uint64_t end = at + tensor.values.size_bytes();
    header[tensor.name] = {{"dtype", "F32"}, {"shape", tensor.shape}, {"data_offsets", {at, end}}};
    at = end;
  }
  std::string text;
  try {
    text = header.dump();
  } catch (const Json::type_error&) {
    return Error{"the names and notes of a .safetensors file must be UTF-8 text; rename what is not"};
  }
  text.append((8 - text.size() % 8) % 8, ' ');
  const std::uint64_t length = text.size();
  std::vector<std::uint8_t> bytes(kLengthBytes + text.size());
  std::memcpy(bytes.data(), &length, kLengthBytes);
  std::memcpy(bytes.data() + kLengthBytes, text.data(), text.size());
  return bytes;
}

std::span<const std::uint8_t> bytes_of(std::span<const float> values) {
  return {reinterpret_cast<const std::uint8_t*>(values.data()), values.size_bytes()};
}

std::vector<NamedTensorView> views_of(std::span<const NamedTensor> tensors) {
  std::vector<NamedTensorView> views;
  for (const NamedTensor& tensor : tensors) views.push_back({tensor.name, tensor.shape, tensor.values});
  return views;
}

}  // namespace

Result<Safetensors> read_safetensors(const std::filesystem::path& path) {
  const Result<std::vector<std::uint8_t>> bytes = read_file(path);
  if (!bytes) return bytes.error();
  return parse_safetensors(*bytes, path.string());
}

Result<std::map<std::string, std::string>> read_safetensors_metadata(const std::filesystem::path& path) {
  auto bytes = read_file(path, kLengthBytes);
  std::uint64_t length = 0;
  if (bytes && bytes->size() == kLengthBytes) {
    std::memcpy(&length, bytes->data(), kLengthBytes);
    bytes = read_file(path, kLengthBytes + std::min<std::uint64_t>(length, kMaxHeader));
  }
  if (!bytes) return bytes.error();
  const Result<std::string_view> text = header_text(*bytes, path.string());
  if (!text) return text.error();
  const Result<Json> header = parse_header(*text, path.string());
  if (!header) return header.error();
  std::map<std::string, std::string> metadata;
  if (const auto found = header->find(kMetadata); found != header->end()) {
    const Status taken = take_metadata(*found, path.string(), metadata);
    if (!taken) return taken.error();
  }
  return metadata;
}

Result<Safetensors> parse_safetensors(std::span<const std::uint8_t> bytes, const std::string& name) {
  try {
    return parse(bytes, name);
  } catch (const std::bad_alloc&) {
    return Error{name + " does not fit into memory; close other programs or use a smaller model"};
  }
}

Result<std::vector<std::uint8_t>> safetensors_bytes(std::span<const NamedTensor> tensors,
                                                    const std::map<std::string, std::string>& metadata) {
  Result<std::vector<std::uint8_t>> bytes = header_bytes(views_of(tensors), metadata);
  if (!bytes) return bytes;
  for (const NamedTensor& tensor : tensors) {
    const std::span<const std::uint8_t> values = bytes_of(tensor.values);
    bytes->insert(bytes->end(), values.begin(), values.end());
  }
  return bytes;
}

Status write_safetensors(const std::filesystem::path& path, std::span<const NamedTensorView> tensors,
                         const std::map<std::string, std::string>& metadata) {
  const Result<std::vector<std::uint8_t>> header = header_bytes(tensors, metadata);
  if (!header) return Error{"cannot write " + path.string() + ": " + header.error().message};
  std::vector<std::span<const std::uint8_t>> pieces{*header};
  for (const NamedTensorView& tensor : tensors) pieces.push_back(bytes_of(tensor.values));
  return write_file(path, pieces);
}

Status write_safetensors(const std::filesystem::path& path, std::span<const NamedTensor> tensors,
                         const std::map<std::string, std::string>& metadata) {
  return write_safetensors(path, views_of(tensors), metadata);
}

}  // namespace convlens::io
