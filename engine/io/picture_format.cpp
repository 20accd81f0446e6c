// Recognising picture files and finding what is missing from them.
#include "engine/io/picture_format.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>

namespace convlens::io {
namespace {

using Bytes = std::span<const std::uint8_t>;

std::uint32_t big_endian(Bytes bytes, std::size_t at, int count) {
  std::uint32_t value = 0;
  for (int i = 0; i < count; ++i) value = value << 8 | bytes[at + static_cast<std::size_t>(i)];
  return value;
}

std::uint32_t little_endian(Bytes bytes, std::size_t at, int count) {
  std::uint32_t value = 0;
  for (int i = count; i-- > 0;) value = value << 8 | bytes[at + static_cast<std::size_t>(i)];
  return value;
}

std::string_view text_of(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

bool named_tga(std::string_view name) {
  std::string ending(name.substr(std::min(name.size(), name.rfind('.'))));
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return ending == ".tga" || ending == ".icb" || ending == ".vda" || ending == ".vst";
}

Error cut_short(const std::string& name, PictureFormat format, const std::string& detail) {
  return Error{name + " is a damaged " + std::string(format_name(format)) + " file: " + detail +
               "; fetch or save it again"};
}

// The checksum of PNG chunks: CRC-32 as in ISO 3309, eight bits at a time.
class Crc {
 public:
  Crc() {
    for (std::uint32_t i = 0; i < 256; ++i) {
      std::uint32_t value = i;
      for (int bit = 0; bit < 8; ++bit) value = value & 1 ? 0xEDB88320u ^ value >> 1 : value >> 1;
      table_[i] = value;
    }
  }
  std::uint32_t of(Bytes bytes) const {
    std::uint32_t crc = 0xFFFFFFFFu;
    for (const std::uint8_t byte : bytes) crc = table_[(crc ^ byte) & 0xFF] ^ crc >> 8;
    return ~crc;
  }

 private:
  std::array<std::uint32_t, 256> table_{};
};

Status check_png(Bytes bytes, const std::string& name) {
  const Crc crc;
  std::size_t at = 8;
  for (;;) {
    // Length, type, data, checksum.
    if (bytes.size() - at < 12) return cut_short(name, PictureFormat::kPng, "it is cut short");
    const std::size_t length = big_endian(bytes, at, 4);
    const std::string_view type = text_of(bytes.subspan(at + 4, 4));
    if (bytes.size() - at - 12 < length) return cut_short(name, PictureFormat::kPng, "it is cut short");
    // An upper-case first letter marks the chunks that the pixels depend on.
    const bool critical = std::isupper(static_cast<unsigned char>(type[0])) != 0;
    if (critical && crc.of(bytes.subspan(at + 4, 4 + length)) != big_endian(bytes, at + 8 + length, 4)) {
      return cut_short(name, PictureFormat::kPng, "a checksum does not match");
    }
    if (type == "IEND") return Done{};
    at += 12 + length;
  }
}

Status need_bytes(Bytes bytes, std::uint64_t needed, PictureFormat format, const std::string& name) {
  if (bytes.size() >= needed) return Done{};
  return cut_short(
      name, format,
      "it is cut short, " + std::to_string(bytes.size()) + " of " + std::to_string(needed) + " bytes are there");
}

Status check_bmp(Bytes bytes, std::int64_t width, std::int64_t height, const std::string& name) {
  if (bytes.size() < 30) return cut_short(name, PictureFormat::kBmp, "it is cut short");
  const std::uint64_t offset = little_endian(bytes, 10, 4);
  const bool old_header = little_endian(bytes, 14, 4) == 12;
  const std::uint64_t bits = little_endian(bytes, old_header ? 24 : 28, 2);
  const std::uint64_t row = (static_cast<std::uint64_t>(width) * bits + 31) / 32 * 4;
  // Some programs leave out the padding of the very last row.
  const std::uint64_t last = (static_cast<std::uint64_t>(width) * bits + 7) / 8;
  return need_bytes(bytes, offset + row * static_cast<std::uint64_t>(height - 1) + last, PictureFormat::kBmp, name);
}

Status check_tga(Bytes bytes, std::int64_t width, std::int64_t height, const std::string& name) {
  if (bytes.size() < 18) return cut_short(name, PictureFormat::kTga, "it is cut short");
  const std::uint64_t palette = little_endian(bytes, 5, 2) * ((bytes[7] + 7u) / 8);
  const std::uint64_t pixel = (bytes[16] + 7u) / 8;
  const std::uint64_t pixels = static_cast<std::uint64_t>(width) * static_cast<std::uint64_t>(height);
  // A packet of a run-length coded file holds at most 128 pixels.
  const bool packed = (bytes[2] & 8) != 0;
  const std::uint64_t data = packed ? (pixels + 127) / 128 * (1 + pixel) : pixels * pixel;
  return need_bytes(bytes, 18 + bytes[0] + palette + data, PictureFormat::kTga, name);
}

// More pixels than this from one byte are beyond what the format's compression can do.
std::int64_t most_pixels_per_byte(PictureFormat format) {
  switch (format) {
    case PictureFormat::kPng:
      return 8 * 1032;  // one-bit pixels, deflate's best
    case PictureFormat::kGif:
      return 4096;  // longest LZW string, codes of more than 8 bits
    case PictureFormat::kJpeg:
      return 2048;  // an MCU of 32 x 32 pixels in four bits
    case PictureFormat::kPsd:
    case PictureFormat::kHdr:
      return 128;  // run-length packets
    default:
      return 8;
  }
}

}  // namespace

std::string_view format_name(PictureFormat format) {
  constexpr std::array<std::string_view, 8> kNames = {"PNG", "JPEG", "BMP", "GIF", "TGA", "PSD", "PNM", "HDR"};
  return kNames[static_cast<std::size_t>(format)];
}

std::optional<PictureFormat> recognise(Bytes bytes, std::string_view name) {
  const std::string_view text = text_of(bytes);
  if (text.starts_with("\x89PNG\r\n\x1a\n")) return PictureFormat::kPng;
  if (text.starts_with("\xff\xd8\xff")) return PictureFormat::kJpeg;
  if (text.starts_with("GIF87a") || text.starts_with("GIF89a")) return PictureFormat::kGif;
  if (text.starts_with("8BPS")) return PictureFormat::kPsd;
  if (text.starts_with("#?RADIANCE\n") || text.starts_with("#?RGBE\n")) return PictureFormat::kHdr;
  if (text.starts_with("BM")) return PictureFormat::kBmp;
  if (text.size() > 2 && text[0] == 'P' && text[1] >= '1' && text[1] <= '6' &&
      (std::isspace(static_cast<unsigned char>(text[2])) || text[2] == '#')) {
    return PictureFormat::kPnm;
  }
  constexpr std::string_view kTgaEnding{"TRUEVISION-XFILE.\0", 18};
  if (text.size() >= 18 && (text.ends_with(kTgaEnding) || named_tga(name))) return PictureFormat::kTga;
  return std::nullopt;
}

Status check_complete(PictureFormat format, Bytes bytes, std::int64_t width, std::int64_t height,
                      const std::string& name) {
  if (width * height / most_pixels_per_byte(format) > static_cast<std::int64_t>(bytes.size())) {
    return cut_short(name, format,
                     "its header says " + std::to_string(width) + " x " + std::to_string(height) +
                         " pixels, which its " + std::to_string(bytes.size()) + " bytes cannot hold");
  }
  switch (format) {
    case PictureFormat::kPng:
      return check_png(bytes, name);
    case PictureFormat::kBmp:
      return check_bmp(bytes, width, height, name);
    case PictureFormat::kTga:
      return check_tga(bytes, width, height, name);
    default:
      return Done{};
  }
}

int exif_orientation(Bytes jpeg) {
  // Markers follow one another until the scan begins; EXIF sits in an APP1 segment.
  std::size_t at = 2;
  while (at + 4 <= jpeg.size() && jpeg[at] == 0xFF && jpeg[at + 1] != 0xDA) {
    const std::size_t length = big_endian(jpeg, at + 2, 2);
    if (length < 2 || jpeg.size() - at - 2 < length) return 1;
    const Bytes segment = jpeg.subspan(at + 4, length - 2);
    at += 2 + length;
    if (jpeg[at - length - 1] != 0xE1 || !text_of(segment).starts_with(std::string_view("Exif\0\0", 6))) continue;
    const Bytes tiff = segment.subspan(6);
    if (tiff.size() < 8) return 1;
    const bool little = tiff[0] == 'I';
    const auto number = [&](std::size_t where, int count) {
      return little ? little_endian(tiff, where, count) : big_endian(tiff, where, count);
    };
    const std::size_t directory = number(4, 4);
    if (directory > tiff.size() || tiff.size() - directory < 2) return 1;
    const std::size_t entries = number(directory, 2);
    for (std::size_t i = 0; i < entries; ++i) {
      const std::size_t entry = directory + 2 + 12 * i;
      if (entry + 12 > tiff.size()) return 1;
      if (number(entry, 2) != 0x0112) continue;
      const std::uint32_t value = number(entry + 8, 2);
      return value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
    }
    return 1;
  }
  return 1;
}

}  // namespace convlens::io
