// Radiance HDR pictures: text header, then rows of shared-exponent pixels, plain or run-length coded per component.
#include "engine/io/hdr.h"

#include <charconv>
#include <cmath>
#include <string_view>
#include <vector>

namespace convlens::io {
namespace {

constexpr std::int64_t kMaxSide = 1 << 24;

struct Header {
  std::int64_t width = 0;
  std::int64_t height = 0;
  std::size_t data = 0;  // where the first row starts
};

Error damaged(const std::string& name, const std::string& what) {
  return Error{name + " is a damaged HDR file: " + what + "; fetch or save it again"};
}

// Lines up to the byte after their newline; false at the end of the bytes.
bool next_line(std::string_view text, std::size_t& at, std::string_view& line) {
  const std::size_t end = text.find('\n', at);
  if (end == std::string_view::npos) return false;
  line = text.substr(at, end - at);
  at = end + 1;
  return true;
}

bool take_number(std::string_view& text, std::string_view prefix, std::int64_t& number) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return error == std::errc() && number >= 1 && number <= kMaxSide;
}

Result<Header> parse_header(std::span<const std::uint8_t> bytes, const std::string& name) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const Error unreadable = damaged(name, "its header cannot be read");
  std::size_t at = 0;
  std::string_view line;
  bool is_rgbe = false;
  do {
    if (!next_line(text, at, line)) return unreadable;
    is_rgbe = is_rgbe || line == "FORMAT=32-bit_rle_rgbe";
  } while (!line.empty());
  if (!is_rgbe) return Error{name + " is an HDR file that does not hold RGBE pixels; save it as RGBE or as PNG"};
  Header header;
  if (!next_line(text, at, line)) return unreadable;
  if (!take_number(line, "-Y ", header.height) || !take_number(line, " +X ", header.width)) return unreadable;
  header.data = at;
  return header;
}

// One row of RGBE pixels, component by component if `planar`; false where the bytes end or make no sense.
class Rows {
 public:
  Rows(std::span<const std::uint8_t> bytes, std::size_t at, std::size_t width)
      : bytes_(bytes), at_(at), width_(width), row_(4 * width) {}

  bool next() {
    // Rows of 8 to 32767 pixels may start with 2, 2 and their length: then each component is coded by itself.
    const bool coded = width_ >= 8 && width_ < 32768 && left() >= 4 && bytes_[at_] == 2 && bytes_[at_ + 1] == 2 &&
                       (static_cast<std::size_t>(bytes_[at_ + 2]) << 8 | bytes_[at_ + 3]) == width_;
    if (coded) {
      at_ += 4;
      for (std::size_t component = 0; component < 4; ++component) {
        if (!read_component(component)) return false;
      }
      return true;
    }
    if (left() < 4 * width_) return false;
    for (std::size_t i = 0; i < 4 * width_; ++i) row_[i] = bytes_[at_++];
    return true;
  }
  const std::uint8_t* pixel(std::size_t x) const { return row_.data() + 4 * x; }

 private:
  std::size_t left() const { return bytes_.size() - at_; }

  bool read_component(std::size_t component) {
    for (std::size_t x = 0; x < width_;) {
      if (left() < 2) return false;
      const std::size_t code = bytes_[at_++];
      const bool is_run = code > 128;
      const std::size_t count = is_run ? code - 128 : code;
      if (count == 0 || count > width_ - x || left() < (is_run ? 1 : count)) return false;
      for (std::size_t i = 0; i < count; ++i) row_[4 * x++ + component] = bytes_[is_run ? at_ : at_ + i];
      at_ += is_run ? 1 : count;
    }
    return true;
  }

  std::span<const std::uint8_t> bytes_;
  std::size_t at_;
  std::size_t width_;
  std::vector<std::uint8_t> row_;
};

}  // namespace

Result<PictureInfo> read_hdr_info(std::span<const std::uint8_t> bytes, const std::string& name) {
  const Result<Header> header = parse_header(bytes, name);
  if (!header) return header.error();
  return PictureInfo{header->width, header->height, 3};
}

Result<Picture> decode_hdr(std::span<const std::uint8_t> bytes, const std::string& name) {
  const Result<Header> header = parse_header(bytes, name);
  if (!header) return header.error();
  Picture picture;
  picture.format = "HDR";
  picture.file_channels = 3;
  picture.bits = 32;
  picture.pixels = Tensor::uninitialized({1, 3, header->height, header->width});
  Rows rows(bytes, header->data, static_cast<std::size_t>(header->width));
  for (std::int64_t y = 0; y < header->height; ++y) {
    if (!rows.next()) return damaged(name, "row " + std::to_string(y + 1) + " is cut short or makes no sense");
    for (std::int64_t x = 0; x < header->width; ++x) {
      const std::uint8_t* rgbe = rows.pixel(static_cast<std::size_t>(x));
      // Mantissas of eight bits under one exponent; exponent 0 is black.
      const float scale = rgbe[3] == 0 ? 0.0f : std::ldexp(1.0f, rgbe[3] - (128 + 8));
      for (int c = 0; c < 3; ++c) picture.pixels.at(0, c, y, x) = static_cast<float>(rgbe[c]) * scale;
    }
  }
  return picture;
}

}  // namespace convlens::io
