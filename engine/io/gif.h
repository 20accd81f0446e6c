// Animated GIF files out of pictures that share one palette. Reading GIF files is picture.h's.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engine/core/error.h"

namespace convlens::io {

// Red, green and blue of each index.
using GifPalette = std::array<std::array<std::uint8_t, 3>, 256>;

// Encodes picture by picture into memory; the file repeats for ever.
class GifWriter {
 public:
  // Errors: a side below 1 or above 65535, or no memory.
  static Result<GifWriter> create(int width, int height, const GifPalette& palette);
  GifWriter(GifWriter&&) noexcept;
  GifWriter& operator=(GifWriter&&) noexcept;
  ~GifWriter();

  // width * height indices, row by row, shown for so long (kept in hundredths of a second).
  Status add(std::span<const std::uint8_t> indices, int milliseconds);
  // The whole file; nothing can be added afterwards.
  Result<std::vector<std::uint8_t>> finish();

 private:
  struct State;
  explicit GifWriter(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace convlens::io
