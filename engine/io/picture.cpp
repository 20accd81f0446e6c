// Pictures in and out through stb. Decodes from memory, so that a file is read once and its fate is known.
#include "engine/io/picture.h"

#include <stb_image.h>
#include <stb_image_write.h>

#include <array>
#include <cstring>
#include <vector>

#include "engine/io/file.h"

namespace convlens::io {

std::span<const std::string_view> picture_extensions() {
  static constexpr std::array<std::string_view, 14> kExtensions = {".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tga",
                                                                   ".psd", ".pnm", ".ppm",  ".pgm", ".hdr"};
  return kExtensions;
}

Result<Picture> decode_picture(std::span<const std::uint8_t> bytes, const std::string& name) {
  int w = 0, h = 0, c = 0;
  stbi_uc* data = stbi_load_from_memory(bytes.data(), static_cast<int>(bytes.size()), &w, &h, &c, 3);
  if (!data) return Error{name + " is not a picture that can be read"};
  Picture picture;
  picture.pixels = Tensor::uninitialized({1, 3, h, w});
  float* out = picture.pixels.data();
  const std::size_t plane = static_cast<std::size_t>(w) * static_cast<std::size_t>(h);
  for (std::size_t i = 0; i < plane; ++i)
    for (std::size_t k = 0; k < 3; ++k) out[k * plane + i] = static_cast<float>(data[3 * i + k]) / 255.0f;
  stbi_image_free(data);
  picture.format = "PNG";
  picture.file_channels = c;
  return picture;
}

Result<Picture> read_picture(const std::filesystem::path& path) {
  const Result<std::vector<std::uint8_t>> bytes = read_file(path);
  if (!bytes) return bytes.error();
  return decode_picture(*bytes, path.string());
}

Result<PictureInfo> read_picture_info(const std::filesystem::path& path) {
  const Result<std::vector<std::uint8_t>> bytes = read_file(path);
  if (!bytes) return bytes.error();
  int w = 0, h = 0, c = 0;
  if (!stbi_info_from_memory(bytes->data(), static_cast<int>(bytes->size()), &w, &h, &c))
    return Error{path.string() + " is not a picture that can be read"};
  return PictureInfo{w, h, c};
}

Status write_png(const std::filesystem::path& path, std::span<const std::uint8_t> pixels, int width, int height,
                 int channels) {
  std::vector<std::uint8_t> png;
  const auto append = [](void* context, void* data, int size) {
    const auto* bytes = static_cast<const std::uint8_t*>(data);
    static_cast<std::vector<std::uint8_t>*>(context)->insert(static_cast<std::vector<std::uint8_t>*>(context)->end(),
                                                             bytes, bytes + size);
  };
  if (!stbi_write_png_to_func(append, &png, width, height, channels, pixels.data(), width * channels)) {
    return Error{"cannot write " + path.string() + ": not enough memory"};
  }
  return write_file(path, png);
}

}  // namespace convlens::io
