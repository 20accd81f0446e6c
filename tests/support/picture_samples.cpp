// Small valid files of every kind that io reads.
#include "tests/support/picture_samples.h"

#include <stb_image_write.h>

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace convlens::samples {
namespace {

// Byte by byte: GCC 12 takes a range insert here for an overflow at -O3.
void put(Bytes& out, std::string_view text) {
  for (const char letter : text) out.push_back(static_cast<std::uint8_t>(letter));
}
void put_big(Bytes& out, std::uint32_t number, int count) {
  for (int i = count; i-- > 0;) out.push_back(static_cast<std::uint8_t>(number >> (8 * i)));
}
void put_little(Bytes& out, std::uint32_t number, int count) {
  for (int i = 0; i < count; ++i) out.push_back(static_cast<std::uint8_t>(number >> (8 * i)));
}

std::uint32_t crc32(const std::uint8_t* begin, const std::uint8_t* end) {
  std::uint32_t crc = 0xFFFFFFFFu;
  for (; begin != end; ++begin) {
    crc ^= *begin;
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1) != 0 ? 0xEDB88320u ^ crc >> 1 : crc >> 1;
  }
  return ~crc;
}

void put_chunk(Bytes& out, std::string_view type, const Bytes& data) {
  put_big(out, static_cast<std::uint32_t>(data.size()), 4);
  const std::size_t start = out.size();
  put(out, type);
  out.insert(out.end(), data.begin(), data.end());
  put_big(out, crc32(out.data() + start, out.data() + out.size()), 4);
}

Bytes interleaved(int width, int height, int channels) {
  Bytes pixels;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      for (int c = 0; c < channels; ++c) pixels.push_back(value(y, x, c));
    }
  }
  return pixels;
}

void append(void* out, void* data, int size) {
  const auto* begin = static_cast<const std::uint8_t*>(data);
  static_cast<Bytes*>(out)->insert(static_cast<Bytes*>(out)->end(), begin, begin + size);
}

}  // namespace

std::uint8_t value(int y, int x, int channel) {
  return static_cast<std::uint8_t>((y * 23 + x * 11 + channel * 70) % 256);
}

Bytes png(int width, int height, int channels, int bits) {
  Bytes raw;
  for (int y = 0; y < height; ++y) {
    raw.push_back(0);  // no filter
    for (int x = 0; x < width; ++x) {
      for (int c = 0; c < channels; ++c) raw.insert(raw.end(), static_cast<std::size_t>(bits / 8), value(y, x, c));
    }
  }
  // zlib with one stored block; Adler-32 at the end.
  Bytes stream = {0x78, 0x01, 0x01};
  put_little(stream, static_cast<std::uint32_t>(raw.size()), 2);
  put_little(stream, ~static_cast<std::uint32_t>(raw.size()), 2);
  stream.insert(stream.end(), raw.begin(), raw.end());
  std::uint32_t a = 1, b = 0;
  for (const std::uint8_t byte : raw) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  put_big(stream, b << 16 | a, 4);

  constexpr int kColourTypes[] = {0, 4, 2, 6};
  Bytes header;
  put_big(header, static_cast<std::uint32_t>(width), 4);
  put_big(header, static_cast<std::uint32_t>(height), 4);
  header.push_back(static_cast<std::uint8_t>(bits));
  header.push_back(static_cast<std::uint8_t>(kColourTypes[channels - 1]));
  header.insert(header.end(), {0, 0, 0});
  Bytes out;
  put(out, "\x89PNG\r\n\x1a\n");
  put_chunk(out, "IHDR", header);
  put_chunk(out, "IDAT", stream);
  put_chunk(out, "IEND", {});
  return out;
}

void fix_png_checksums(Bytes& bytes) {
  std::size_t at = 8;
  while (at + 12 <= bytes.size()) {
    const std::size_t length = static_cast<std::size_t>(bytes[at]) << 24 |
                               static_cast<std::size_t>(bytes[at + 1]) << 16 |
                               static_cast<std::size_t>(bytes[at + 2]) << 8 | bytes[at + 3];
    if (bytes.size() - at - 12 < length) return;
    const std::uint32_t crc = crc32(bytes.data() + at + 4, bytes.data() + at + 8 + length);
    for (std::size_t i = 0; i < 4; ++i) {
      bytes[at + 8 + length + i] = static_cast<std::uint8_t>(crc >> (24 - 8 * i));
    }
    at += 12 + length;
  }
}

Bytes jpeg(int width, int height, int channels) {
  Bytes out;
  stbi_write_jpg_to_func(append, &out, width, height, channels, interleaved(width, height, channels).data(), 95);
  return out;
}

Bytes jpeg_oriented(int width, int height, int orientation) {
  Bytes out = jpeg(width, height, 3);
  Bytes note;
  put_big(note, 0xFFE1, 2);
  put_big(note, 2 + 6 + 8 + 2 + 12 + 4, 2);
  put(note, std::string_view("Exif\0\0II*\0", 10));
  put_little(note, 8, 4);
  put_little(note, 1, 2);
  put_little(note, 0x0112, 2);
  put_little(note, 3, 2);
  put_little(note, 1, 4);
  put_little(note, static_cast<std::uint32_t>(orientation), 4);
  put_little(note, 0, 4);
  out.insert(out.begin() + 2, note.begin(), note.end());
  return out;
}

Bytes bmp(int width, int height) {
  Bytes out;
  stbi_write_bmp_to_func(append, &out, width, height, 3, interleaved(width, height, 3).data());
  return out;
}

Bytes tga(int width, int height, bool packed) {
  Bytes out;
  const Bytes pixels = interleaved(width, height, 3);
  if (packed) {
    stbi_write_tga_to_func(append, &out, width, height, 3, pixels.data());
    return out;
  }
  out = {0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0};
  put_little(out, static_cast<std::uint32_t>(width), 2);
  put_little(out, static_cast<std::uint32_t>(height), 2);
  out.insert(out.end(), {24, 0x20});  // from the top
  for (std::size_t i = 0; i < pixels.size(); i += 3) out.insert(out.end(), {pixels[i + 2], pixels[i + 1], pixels[i]});
  return out;
}

Bytes hdr(int width, int height) {
  std::vector<float> pixels;
  for (const std::uint8_t sample : interleaved(width, height, 3)) pixels.push_back(static_cast<float>(sample) / 64);
  Bytes out;
  stbi_write_hdr_to_func(append, &out, width, height, 3, pixels.data());
  return out;
}

Bytes gif(int width, int height) {
  Bytes out;
  put(out, "GIF89a");
  put_little(out, static_cast<std::uint32_t>(width), 2);
  put_little(out, static_cast<std::uint32_t>(height), 2);
  out.insert(out.end(), {0x91, 0, 0});  // four colours
  for (const int level : {0, 85, 170, 255}) out.insert(out.end(), 3, static_cast<std::uint8_t>(level));
  out.push_back(',');
  put_little(out, 0, 4);
  put_little(out, static_cast<std::uint32_t>(width), 2);
  put_little(out, static_cast<std::uint32_t>(height), 2);
  out.insert(out.end(), {0, 2});
  // Three-bit codes stay three bits wide when the table is cleared before every second pixel.
  Bytes packed;
  std::uint32_t bits = 0;
  int count = 0;
  const auto code = [&](std::uint32_t number) {
    bits |= number << count;
    for (count += 3; count >= 8; count -= 8, bits >>= 8) packed.push_back(static_cast<std::uint8_t>(bits));
  };
  constexpr std::uint32_t kClear = 4, kEnd = 5;
  for (int i = 0; i < width * height; ++i) {
    if (i % 2 == 0) code(kClear);
    code(static_cast<std::uint32_t>((i % width + i / width) % 4));
  }
  code(kEnd);
  packed.push_back(static_cast<std::uint8_t>(bits));
  for (std::size_t at = 0; at < packed.size(); at += 255) {
    const std::size_t size = std::min<std::size_t>(255, packed.size() - at);
    out.push_back(static_cast<std::uint8_t>(size));
    out.insert(out.end(), packed.begin() + static_cast<std::ptrdiff_t>(at),
               packed.begin() + static_cast<std::ptrdiff_t>(at + size));
  }
  out.insert(out.end(), {0, ';'});
  return out;
}

Bytes psd(int width, int height, int bits) {
  Bytes out;
  put(out, "8BPS");
  put_big(out, 1, 2);
  out.insert(out.end(), 6, 0);
  put_big(out, 3, 2);
  put_big(out, static_cast<std::uint32_t>(height), 4);
  put_big(out, static_cast<std::uint32_t>(width), 4);
  put_big(out, static_cast<std::uint32_t>(bits), 2);
  put_big(out, 3, 2);  // RGB
  out.insert(out.end(), 12, 0);
  put_big(out, 0, 2);  // not compressed
  for (int c = 0; c < 3; ++c) {
    for (int y = 0; y < height; ++y) {
      for (int x = 0; x < width; ++x) out.insert(out.end(), static_cast<std::size_t>(bits / 8), value(y, x, c));
    }
  }
  return out;
}

Bytes from_text(const std::string& text) { return {text.begin(), text.end()}; }

}  // namespace convlens::samples
