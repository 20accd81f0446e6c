// Portable any-map pictures. stb reads only two of the six kinds and passes over missing data in silence.
#include "engine/io/pnm.h"

#include <algorithm>
#include <cctype>
#include <optional>

namespace convlens::io {
namespace {

struct Header {
  int kind = 0;  // the digit after P
  std::int64_t width = 0;
  std::int64_t height = 0;
  int maximum = 1;
  int channels = 1;
  std::size_t data = 0;  // where the samples start
};

Error damaged(const std::string& name, const std::string& what) {
  return Error{name + " is a damaged PNM file: " + what + "; fetch or save it again"};
}

// Numbers in text, between white space and comments.
class Numbers {
 public:
  Numbers(std::span<const std::uint8_t> bytes, std::size_t at) : bytes_(bytes), at_(at) {}

  std::optional<int> next() {
    skip_space();
    const std::size_t start = at_;
    int value = 0;
    for (; at_ < bytes_.size() && std::isdigit(bytes_[at_]); ++at_) {
      if (value > 200'000'000) return std::nullopt;
      value = value * 10 + (bytes_[at_] - '0');
    }
    if (at_ == start) return std::nullopt;
    return value;
  }
  // One character of a P1 bitmap, where white space between pixels may be left out.
  std::optional<int> next_bit() {
    skip_space();
    if (at_ >= bytes_.size() || (bytes_[at_] != '0' && bytes_[at_] != '1')) return std::nullopt;
    return bytes_[at_++] - '0';
  }
  std::size_t position() const { return at_; }

 private:
  void skip_space() {
    while (at_ < bytes_.size()) {
      if (bytes_[at_] == '#') {
        while (at_ < bytes_.size() && bytes_[at_] != '\n') ++at_;
      } else if (std::isspace(bytes_[at_])) {
        ++at_;
      } else {
        return;
      }
    }
  }

  std::span<const std::uint8_t> bytes_;
  std::size_t at_;
};

Result<Header> parse_header(std::span<const std::uint8_t> bytes, const std::string& name) {
  Header header;
  header.kind = bytes[1] - '0';
  header.channels = header.kind % 3 == 0 ? 3 : 1;
  Numbers numbers(bytes, 2);
  const std::optional<int> width = numbers.next();
  const std::optional<int> height = numbers.next();
  const bool bitmap = header.kind % 3 == 1;
  const std::optional<int> maximum = bitmap ? 1 : numbers.next();
  if (!width || !height || !maximum || *width < 1 || *height < 1) return damaged(name, "its header cannot be read");
  if (*maximum < 1 || *maximum > 65535) return damaged(name, "its largest value is not between 1 and 65535");
  header.width = *width;
  header.height = *height;
  header.maximum = *maximum;
  header.data = numbers.position() + 1;  // a single white space ends the header
  return header;
}

Status read_text(const Header& header, std::span<const std::uint8_t> bytes, const std::string& name, Tensor& pixels) {
  Numbers numbers(bytes, header.data - 1);
  const float scale = 1.0f / static_cast<float>(header.maximum);
  for (std::int64_t y = 0; y < header.height; ++y) {
    for (std::int64_t x = 0; x < header.width; ++x) {
      for (int c = 0; c < header.channels; ++c) {
        const std::optional<int> value = header.kind == 1 ? numbers.next_bit() : numbers.next();
        if (!value || *value > header.maximum) {
          return damaged(name, "row " + std::to_string(y + 1) + " is cut short or holds no number");
        }
        const int light = header.kind == 1 ? 1 - *value : *value;  // 1 is black in a bitmap
        pixels.at(0, c, y, x) = static_cast<float>(light) * scale;
      }
    }
  }
  return Done{};
}

Status read_binary(const Header& header, std::span<const std::uint8_t> bytes, const std::string& name, Tensor& pixels) {
  const std::size_t sample = header.maximum > 255 ? 2 : 1;
  const std::size_t width = static_cast<std::size_t>(header.width);
  const std::size_t channels = static_cast<std::size_t>(header.channels);
  const std::size_t row = header.kind == 4 ? (width + 7) / 8 : width * channels * sample;
  const std::size_t needed = row * static_cast<std::size_t>(header.height);
  const std::size_t there = bytes.size() < header.data ? 0 : bytes.size() - header.data;
  if (there < needed) {
    return damaged(name, "it is cut short, " + std::to_string(there) + " of " + std::to_string(needed) +
                             " bytes of pixels are there");
  }
  const float maximum = static_cast<float>(header.maximum);
  for (std::int64_t y = 0; y < header.height; ++y) {
    const std::uint8_t* in = bytes.data() + header.data + row * static_cast<std::size_t>(y);
    for (std::size_t c = 0; c < channels; ++c) {
      float* out = pixels.view().row(0, static_cast<std::int64_t>(c), y);
      for (std::size_t x = 0; x < width; ++x) {
        if (header.kind == 4) {
          out[x] = in[x / 8] >> (7 - x % 8) & 1 ? 0.0f : 1.0f;
        } else {
          const std::uint8_t* at = in + (x * channels + c) * sample;
          const int value = sample == 2 ? at[0] << 8 | at[1] : at[0];
          out[x] = static_cast<float>(std::min(value, header.maximum)) / maximum;
        }
      }
    }
  }
  return Done{};
}

}  // namespace

Result<PictureInfo> read_pnm_info(std::span<const std::uint8_t> bytes, const std::string& name) {
  const Result<Header> header = parse_header(bytes, name);
  if (!header) return header.error();
  return PictureInfo{header->width, header->height, header->channels};
}

Result<Picture> decode_pnm(std::span<const std::uint8_t> bytes, const std::string& name) {
  const Result<Header> header = parse_header(bytes, name);
  if (!header) return header.error();
  Picture picture;
  picture.format = "PNM";
  picture.file_channels = header->channels;
  picture.bits = header->maximum > 255 ? 16 : 8;
  picture.pixels = Tensor::uninitialized({1, header->channels, header->height, header->width});
  const Status status = header->kind <= 3 ? read_text(*header, bytes, name, picture.pixels)
                                          : read_binary(*header, bytes, name, picture.pixels);
  if (!status) return status.error();
  return picture;
}

}  // namespace convlens::io
