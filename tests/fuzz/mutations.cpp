// Broken files by the thousand: valid ones with bytes changed, cut, doubled or swapped, always the same ones. Readers
// must answer with sound values or one sentence, and the process must live.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "engine/core/random.h"
#include "engine/io/npy.h"
#include "engine/io/picture.h"
#include "tests/fuzz/mutate.h"
#include "tests/support/picture_samples.h"

namespace convlens::io {
namespace {

using samples::Bytes;

using fuzz::is_one_sentence;
using fuzz::kRounds;
using fuzz::mutate;

TEST_CASE("mutated pictures are read soundly or refused with a sentence") {
  const std::pair<Bytes, std::string> seeds[] = {
      {samples::png(12, 9, 3), "f.png"},
      {samples::png(12, 9, 4, 16), "f.png"},
      {samples::png(12, 9, 1), "f.png"},
      {samples::jpeg(24, 16, 3), "f.jpg"},
      {samples::jpeg(24, 16, 1), "f.jpg"},
      {samples::jpeg_oriented(16, 8, 6), "f.jpg"},
      {samples::bmp(12, 9), "f.bmp"},
      {samples::tga(12, 9, false), "f.tga"},
      {samples::tga(12, 9, true), "f.tga"},
      {samples::gif(12, 9), "f.gif"},
      {samples::psd(12, 9, 8), "f.psd"},
      {samples::psd(12, 9, 16), "f.psd"},
      {samples::hdr(12, 9), "f.hdr"},
      {samples::from_text("P2 3 2 255\n1 2 3 4 5 6\n"), "f.pgm"},
      {samples::from_text("P6 2 2 255\nabcdefghijkl"), "f.ppm"},
  };
  int read = 0, refused = 0;
  for (const auto& [seed, name] : seeds) {
    for (std::uint64_t round = 0; round < kRounds; ++round) {
      CAPTURE(name);
      CAPTURE(round);
      Random random(round * 1000 + seed.size());
      Bytes bytes = seed;
      mutate(random, bytes);
      // Half of the PNG files get past the checksums to the decoder.
      if (name == "f.png" && random.below(2) == 0) samples::fix_png_checksums(bytes);
      const Result<Picture> picture = decode_picture(bytes, name);
      if (!picture) {
        ++refused;
        CHECK_MESSAGE(is_one_sentence(picture.error().message, name), picture.error().message);
        continue;
      }
      ++read;
      const Shape shape = picture->pixels.shape();
      CHECK(shape.n == 1);
      CHECK((shape.c == 1 || shape.c == 3));
      CHECK((shape.h >= 1 && shape.w >= 1));
      CHECK(shape.h * shape.w <= kMaxPicturePixels);
      const bool is_float = picture->bits == 32;
      CHECK(std::ranges::all_of(picture->pixels.values(),
                                [&](float v) { return is_float ? !std::isnan(v) : v >= 0 && v <= 1; }));
    }
  }
  CHECK(read > 1000);
  CHECK(refused > 1000);
}

TEST_CASE("mutated arrays are read soundly or refused with a sentence") {
  const std::vector<std::int64_t> shape = {2, 3, 4, 5};
  std::vector<float> values(120);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i);
  const Bytes seed = npy_bytes(shape, values);
  int read = 0, refused = 0;
  for (std::uint64_t round = 0; round < 10 * kRounds; ++round) {
    CAPTURE(round);
    Random random(round);
    Bytes bytes = seed;
    mutate(random, bytes);
    const Result<NpyArray> array = parse_npy(bytes, "f.npy");
    if (!array) {
      ++refused;
      CHECK_MESSAGE(is_one_sentence(array.error().message, "f.npy"), array.error().message);
      continue;
    }
    ++read;
    std::int64_t count = 1;
    for (const std::int64_t size : array->shape) count *= size;
    CHECK(static_cast<std::int64_t>(array->values.size()) == count);
    const Result<Tensor> tensor = to_image_tensor(*array, "f.npy");
    CHECK((tensor.ok() || is_one_sentence(tensor.error().message, "f.npy")));
  }
  CHECK(read > 1000);
  CHECK(refused > 1000);
}

}  // namespace
}  // namespace convlens::io
