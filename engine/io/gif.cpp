// GIF89a through giflib, into a vector of bytes.
#include "engine/io/gif.h"

#include <gif_lib.h>

#include <algorithm>
#include <cassert>
#include <new>
#include <string>
#include <utility>

namespace convlens::io {
namespace {

struct Sink {
  std::vector<std::uint8_t> bytes;
  bool is_out_of_memory = false;
};

int append(GifFileType* file, const GifByteType* bytes, int count) {
  auto& sink = *static_cast<Sink*>(file->UserData);
  try {
    sink.bytes.insert(sink.bytes.end(), bytes, bytes + count);
  } catch (const std::bad_alloc&) {
    sink.is_out_of_memory = true;
    return 0;
  }
  return count;
}

const Error kFailed{"the GIF file could not be made: not enough memory; take fewer or smaller pictures"};

}  // namespace

struct GifWriter::State {
  Sink sink;
  GifFileType* file = nullptr;
  int width = 0, height = 0;
  std::vector<GifPixelType> row;

  ~State() {
    if (file) EGifCloseFile(file, nullptr);
  }
};

GifWriter::GifWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}
GifWriter::GifWriter(GifWriter&&) noexcept = default;
GifWriter& GifWriter::operator=(GifWriter&&) noexcept = default;
GifWriter::~GifWriter() = default;

Result<GifWriter> GifWriter::create(int width, int height, const GifPalette& palette) {
  constexpr int kMostSide = 65535;
  if (width < 1 || height < 1 || width > kMostSide || height > kMostSide) {
    return Error{std::to_string(width) + " x " + std::to_string(height) +
                 " pixels do not fit into a GIF file: choose smaller tiles"};
  }
  auto state = std::make_unique<State>();
  state->width = width;
  state->height = height;
  state->row.resize(static_cast<std::size_t>(width));
  state->file = EGifOpen(&state->sink, append, nullptr);
  if (!state->file) return kFailed;
  EGifSetGifVersion(state->file, true);
  std::array<GifColorType, 256> colours{};
  for (std::size_t i = 0; i < colours.size(); ++i) colours[i] = {palette[i][0], palette[i][1], palette[i][2]};
  ColorMapObject* map = GifMakeMapObject(static_cast<int>(colours.size()), colours.data());
  bool is_good = map != nullptr && EGifPutScreenDesc(state->file, width, height, 8, 0, map) == GIF_OK;
  GifFreeMapObject(map);
  // Repeats without end (Netscape's application extension).
  constexpr std::array<GifByteType, 3> kForEver{1, 0, 0};
  is_good = is_good && EGifPutExtensionLeader(state->file, APPLICATION_EXT_FUNC_CODE) == GIF_OK &&
            EGifPutExtensionBlock(state->file, 11, "NETSCAPE2.0") == GIF_OK &&
            EGifPutExtensionBlock(state->file, static_cast<int>(kForEver.size()), kForEver.data()) == GIF_OK &&
            EGifPutExtensionTrailer(state->file) == GIF_OK;
  if (!is_good) return kFailed;
  return GifWriter(std::move(state));
}

Status GifWriter::add(std::span<const std::uint8_t> indices, int milliseconds) {
  State& s = *state_;
  assert(s.file && std::ssize(indices) == std::ptrdiff_t{s.width} * s.height);
  GraphicsControlBlock control{};
  control.DisposalMode = DISPOSE_DO_NOT;
  control.DelayTime = std::clamp((milliseconds + 5) / 10, 2, 65535);
  control.TransparentColor = NO_TRANSPARENT_COLOR;
  std::array<GifByteType, 4> bytes{};
  EGifGCBToExtension(&control, bytes.data());
  if (EGifPutExtension(s.file, GRAPHICS_EXT_FUNC_CODE, static_cast<int>(bytes.size()), bytes.data()) != GIF_OK ||
      EGifPutImageDesc(s.file, 0, 0, s.width, s.height, false, nullptr) != GIF_OK) {
    return kFailed;
  }
  for (int y = 0; y < s.height; ++y) {
    std::copy_n(indices.begin() + std::ptrdiff_t{y} * s.width, s.width, s.row.begin());
    if (EGifPutLine(s.file, s.row.data(), s.width) != GIF_OK) return kFailed;
  }
  return Done{};
}

Result<std::vector<std::uint8_t>> GifWriter::finish() {
  State& s = *state_;
  assert(s.file);
  const bool is_good = EGifCloseFile(std::exchange(s.file, nullptr), nullptr) == GIF_OK && !s.sink.is_out_of_memory;
  if (!is_good) return kFailed;
  return std::move(s.sink.bytes);
}

}  // namespace convlens::io
