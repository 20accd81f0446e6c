// Pictures in and out through stb. Decodes from memory, so that what is wrong with a file is known and said.
#include "engine/io/picture.h"

#include <stb_image.h>
#include <stb_image_write.h>

#include <algorithm>
#include <array>
#include <climits>
#include <cstring>
#include <memory>
#include <new>
#include <optional>
#include <utility>
#include <vector>

#include "engine/io/file.h"
#include "engine/io/hdr.h"
#include "engine/io/picture_format.h"
#include "engine/io/pnm.h"

namespace convlens::io {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::int64_t kCheckerCell = 8;
constexpr float kCheckerLight = 0.8f;
constexpr float kCheckerDark = 0.6f;
// Enough for the header of any picture but those with long metadata in front.
constexpr std::uint64_t kHeadBytes = 256 * 1024;

struct StbFree {
  void operator()(void* pixels) const { stbi_image_free(pixels); }
};
template <class Sample>
using StbPixels = std::unique_ptr<Sample, StbFree>;

// Feeds stb and notices when it wants more bytes than there are: it would make up zeros in silence.
class Source {
 public:
  explicit Source(Bytes bytes) : bytes_(bytes) {}

  static int read(void* self, char* out, int size) {
    Source& source = *static_cast<Source*>(self);
    const std::size_t count = std::min(source.bytes_.size() - source.at_, static_cast<std::size_t>(std::max(size, 0)));
    if (count == 0) source.ran_dry_ = true;
    std::memcpy(out, source.bytes_.data() + source.at_, count);
    source.at_ += count;
    return static_cast<int>(count);
  }
  static void skip(void* self, int count) {
    Source& source = *static_cast<Source*>(self);
    const std::int64_t target = static_cast<std::int64_t>(source.at_) + count;
    source.at_ = static_cast<std::size_t>(std::clamp<std::int64_t>(target, 0, std::ssize(source.bytes_)));
  }
  static int at_end(void* self) {
    const Source& source = *static_cast<Source*>(self);
    return source.at_ >= source.bytes_.size();
  }
  bool ran_dry() const { return ran_dry_; }

 private:
  Bytes bytes_;
  std::size_t at_ = 0;
  bool ran_dry_ = false;
};

// Collects what stb writes. No exception may pass through stb's C code.
struct PngSink {
  std::vector<std::uint8_t> bytes;
  bool is_out_of_memory = false;

  static void append(void* self, void* data, int size) {
    PngSink& sink = *static_cast<PngSink*>(self);
    const auto* begin = static_cast<const std::uint8_t*>(data);
    try {
      sink.bytes.insert(sink.bytes.end(), begin, begin + size);
    } catch (const std::bad_alloc&) {
      sink.is_out_of_memory = true;
    }
  }
};

int length_for_stb(Bytes bytes) { return static_cast<int>(std::min<std::size_t>(bytes.size(), INT_MAX)); }

Error too_large(const std::string& name, std::int64_t width, std::int64_t height) {
  return Error{name + " is too large: " + std::to_string(width) + " x " + std::to_string(height) + " pixels, and " +
               std::to_string(kMaxPicturePixels / 1'000'000) + " megapixels is the limit; make it smaller first"};
}

Error no_memory(const std::string& name) {
  return Error{name + " does not fit into memory; close other programs or use a smaller picture"};
}

Error damaged(const std::string& name, PictureFormat format, const std::string& what) {
  return Error{name + " is a damaged " + std::string(format_name(format)) + " file: " + what +
               "; fetch or save it again"};
}

// stb's reason, sorted into: beyond memory, a kind it does not know, damaged.
Error stb_error(const std::string& name, PictureFormat format, bool ran_dry) {
  const char* stb_reason = stbi_failure_reason();
  const std::string reason = stb_reason ? stb_reason : "unknown reason";
  if (reason == "outofmem") return no_memory(name);
  if (reason == "too large" || reason == "Very large image (corrupt?)") {
    return Error{name + " is too large: it has more pixels than can be decoded; make it smaller first"};
  }
  if (ran_dry) return damaged(name, format, "it is cut short");
  constexpr std::array<std::string_view, 9> kUnknownKinds = {"JPEG/PNG",
                                                             "only",
                                                             "unsupported",
                                                             "RLE",
                                                             "monochrome",
                                                             "wrong color format",
                                                             "wrong channel count",
                                                             "unknown compression",
                                                             "not supported"};
  for (const std::string_view kind : kUnknownKinds) {
    if (reason.find(kind) == std::string::npos) continue;
    return Error{name + " is a kind of " + std::string(format_name(format)) + " file that is not understood (" +
                 reason + "); save it as an ordinary PNG"};
  }
  return damaged(name, format, "it cannot be decoded (" + reason + ")");
}

Error not_a_picture(const std::string& name) {
  return Error{name + " is not a picture that is understood; use PNG, JPEG, BMP, GIF, TGA, PSD, PNM or HDR"};
}

float checker(std::int64_t y, std::int64_t x) {
  return (y / kCheckerCell + x / kCheckerCell) % 2 == 0 ? kCheckerLight : kCheckerDark;
}

// Interleaved samples to planes, alpha composited, values divided by `full`.
template <class Sample>
Tensor to_planes(const Sample* in, std::int64_t width, std::int64_t height, int channels, float full) {
  const int colours = channels >= 3 ? 3 : 1;
  const bool has_alpha = channels == 2 || channels == 4;
  Tensor pixels = Tensor::uninitialized({1, colours, height, width});
  for (int c = 0; c < colours; ++c) {
    for (std::int64_t y = 0; y < height; ++y) {
      const Sample* sample = in + y * width * channels;
      float* out = pixels.view().row(0, c, y);
      for (std::int64_t x = 0; x < width; ++x, sample += channels) {
        out[x] = static_cast<float>(sample[c]) / full;
        if (has_alpha) {
          const float alpha = static_cast<float>(sample[channels - 1]) / full;
          out[x] = out[x] * alpha + checker(y, x) * (1 - alpha);
        }
      }
    }
  }
  return pixels;
}

// Turns and mirrors the pixels as the camera's note asks: orientation 1 to 8 as in EXIF.
Tensor oriented(Tensor pixels, int orientation) {
  if (orientation == 1) return pixels;
  const Shape in = pixels.shape();
  const bool swaps = orientation >= 5;
  Tensor out = Tensor::uninitialized({in.n, in.c, swaps ? in.w : in.h, swaps ? in.h : in.w});
  const bool from_bottom = orientation == 3 || orientation == 4 || orientation == 7 || orientation == 8;
  const bool from_right = orientation == 2 || orientation == 3 || orientation == 6 || orientation == 7;
  for (std::int64_t c = 0; c < in.c; ++c) {
    for (std::int64_t y = 0; y < out.shape().h; ++y) {
      for (std::int64_t x = 0; x < out.shape().w; ++x) {
        const std::int64_t row = from_bottom ? out.shape().h - 1 - y : y;
        const std::int64_t column = from_right ? out.shape().w - 1 - x : x;
        out.at(0, c, y, x) = swaps ? pixels.at(0, c, column, row) : pixels.at(0, c, row, column);
      }
    }
  }
  return out;
}

// Width and height from a PNG's first chunk; zeros when it is cut off.
std::pair<std::int64_t, std::int64_t> png_size(Bytes bytes) {
  if (bytes.size() < 24) return {0, 0};
  std::int64_t sides[2] = {0, 0};
  for (std::size_t i = 0; i < 8; ++i) sides[i / 4] = sides[i / 4] << 8 | bytes[16 + i];
  return {sides[0], sides[1]};
}

// stb looks for a PSD's depth in the wrong place, and calls every PSD four channels deep.
constexpr std::size_t kPsdChannels = 12, kPsdDepth = 22;

bool has_16_bits(Bytes bytes, PictureFormat format) {
  if (format == PictureFormat::kPsd) return bytes.size() > kPsdDepth + 1 && bytes[kPsdDepth + 1] == 16;
  return stbi_is_16_bit_from_memory(bytes.data(), length_for_stb(bytes)) != 0;
}

int channels_in_file(Bytes bytes, PictureFormat format, int as_decoded) {
  return format == PictureFormat::kPsd ? std::clamp<int>(bytes[kPsdChannels + 1], 1, 4) : as_decoded;
}

template <class Sample, class Load>
Result<Picture> decode_with(Load load, Bytes bytes, PictureFormat format, const std::string& name, float full,
                            int bits) {
  const stbi_io_callbacks callbacks{Source::read, Source::skip, Source::at_end};
  Source source(bytes);
  int width = 0, height = 0, channels = 0;
  const StbPixels<Sample> pixels(load(&callbacks, &source, &width, &height, &channels, 0));
  if (!pixels) return stb_error(name, format, source.ran_dry());
  if (source.ran_dry()) return damaged(name, format, "it is cut short");
  Picture picture;
  picture.format = format_name(format);
  picture.file_channels = channels_in_file(bytes, format, channels);
  picture.bits = bits;
  picture.pixels = to_planes(pixels.get(), width, height, format == PictureFormat::kGif ? 4 : channels, full);
  if (format == PictureFormat::kJpeg) picture.pixels = oriented(std::move(picture.pixels), exif_orientation(bytes));
  return picture;
}

Result<PictureInfo> info_of(Bytes bytes, PictureFormat format, const std::string& name) {
  if (format == PictureFormat::kPnm) return read_pnm_info(bytes, name);
  if (format == PictureFormat::kHdr) return read_hdr_info(bytes, name);
  if (format == PictureFormat::kPng) {
    // stb does not tell a size beyond its means from damage.
    const auto [png_width, png_height] = png_size(bytes);
    if (png_width > 0 && png_height > kMaxPicturePixels / png_width) return too_large(name, png_width, png_height);
  }
  int width = 0, height = 0, channels = 0;
  if (!stbi_info_from_memory(bytes.data(), length_for_stb(bytes), &width, &height, &channels)) {
    return Error{name + " is a " + std::string(format_name(format)) +
                 " file that is damaged or of a kind that is not understood; save it as an ordinary PNG"};
  }
  if (width < 1 || height < 1) return damaged(name, format, "its size is not positive");
  return PictureInfo{width, height, channels_in_file(bytes, format, channels)};
}

Result<Picture> decode_known(Bytes bytes, PictureFormat format, const std::string& name) {
  const Result<PictureInfo> info = info_of(bytes, format, name);
  if (!info) return info.error();
  if (info->width > kMaxPicturePixels / info->height) return too_large(name, info->width, info->height);
  const Status complete = check_complete(format, bytes, info->width, info->height, name);
  if (!complete) return complete.error();

  if (format == PictureFormat::kPnm) return decode_pnm(bytes, name);
  if (format == PictureFormat::kHdr) return decode_hdr(bytes, name);
  if (has_16_bits(bytes, format)) {
    return decode_with<stbi_us>(stbi_load_16_from_callbacks, bytes, format, name, 65535.0f, 16);
  }
  return decode_with<stbi_uc>(stbi_load_from_callbacks, bytes, format, name, 255.0f, 8);
}

}  // namespace

std::span<const std::string_view> picture_extensions() {
  static constexpr std::array<std::string_view, 12> kExtensions = {".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tga",
                                                                   ".psd", ".pnm", ".pbm",  ".pgm", ".ppm", ".hdr"};
  return kExtensions;
}

Result<Picture> decode_picture(std::span<const std::uint8_t> bytes, const std::string& name) {
  if (bytes.empty()) return Error{name + " is empty (0 bytes); fetch or save it again"};
  const std::optional<PictureFormat> format = recognise(bytes, name);
  if (!format) return not_a_picture(name);
  try {
    return decode_known(bytes, *format, name);
  } catch (const std::bad_alloc&) {
    return no_memory(name);
  }
}

Result<Picture> read_picture(const std::filesystem::path& path) {
  const Result<std::vector<std::uint8_t>> bytes = read_file(path);
  if (!bytes) return bytes.error();
  return decode_picture(*bytes, path.string());
}

Result<PictureInfo> read_picture_info(const std::filesystem::path& path) {
  const std::string name = path.string();
  for (const std::uint64_t most : {kHeadBytes, UINT64_MAX}) {
    const Result<std::vector<std::uint8_t>> bytes = read_file(path, most);
    if (!bytes) return bytes.error();
    if (bytes->empty()) return Error{name + " is empty (0 bytes); fetch or save it again"};
    const std::optional<PictureFormat> format = recognise(*bytes, name);
    const bool whole = bytes->size() < most;
    if (!format && whole) return not_a_picture(name);
    if (!format) continue;
    const Result<PictureInfo> info = info_of(*bytes, *format, name);
    if (!info && !whole) continue;
    if (!info || *format != PictureFormat::kJpeg || exif_orientation(*bytes) < 5) return info;
    return PictureInfo{info->height, info->width, info->channels};
  }
  return not_a_picture(name);
}

Status write_png(const std::filesystem::path& path, std::span<const std::uint8_t> pixels, int width, int height,
                 int channels) {
  const std::string name = path.string();
  // stb counts bytes in int, with one filter byte per row, and its compressor needs twice as many at worst.
  const std::int64_t bytes = (static_cast<std::int64_t>(width) * channels + 1) * height;
  if (width < 1 || height < 1 || bytes > INT_MAX / 2) {
    return Error{"cannot write " + name + ": " + std::to_string(width) + " x " + std::to_string(height) +
                 " pixels do not fit into a PNG file here; write .npy instead"};
  }
  const Error no_memory{"cannot write " + name + ": not enough memory; write .npy instead"};
  try {
    PngSink sink;
    const int written =
        stbi_write_png_to_func(PngSink::append, &sink, width, height, channels, pixels.data(), width * channels);
    if (!written || sink.is_out_of_memory) return no_memory;
    return write_file(path, sink.bytes);
  } catch (const std::bad_alloc&) {
    return no_memory;
  }
}

}  // namespace convlens::io
