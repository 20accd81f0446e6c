// Animated GIFs: what the first picture shows, how many there are, how long they stay.
#include "engine/io/gif.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "engine/io/picture.h"

namespace convlens::io {
namespace {

GifPalette ramp() {
  GifPalette palette{};
  for (std::size_t i = 0; i < palette.size(); ++i) {
    const auto level = static_cast<std::uint8_t>(i);
    palette[i] = {level, static_cast<std::uint8_t>(255 - level), 7};
  }
  return palette;
}

std::vector<std::uint8_t> animation(int width, int height, int pictures) {
  auto gif = GifWriter::create(width, height, ramp());
  REQUIRE(gif);
  for (int p = 0; p < pictures; ++p) {
    std::vector<std::uint8_t> indices(static_cast<std::size_t>(width) * static_cast<std::size_t>(height));
    for (std::size_t i = 0; i < indices.size(); ++i)
      indices[i] = static_cast<std::uint8_t>(i * 37 + static_cast<std::size_t>(p));
    REQUIRE(gif->add(indices, 120));
  }
  auto bytes = gif->finish();
  REQUIRE(bytes);
  return std::move(*bytes);
}

// Graphics control extensions, and the delay of the first in hundredths of a second.
struct Controls {
  int count = 0;
  int delay = 0;
};
Controls controls_of(const std::vector<std::uint8_t>& bytes) {
  Controls controls;
  constexpr std::array<std::uint8_t, 3> kMark{0x21, 0xF9, 4};
  for (auto at = bytes.begin();; ++at) {
    at = std::search(at, bytes.end(), kMark.begin(), kMark.end());
    if (bytes.end() - at < 8) return controls;
    if (controls.count++ == 0) controls.delay = at[4] + 256 * at[5];
  }
}

}  // namespace

TEST_CASE("the first picture of an animation comes back in its colours") {
  const std::vector<std::uint8_t> bytes = animation(19, 11, 3);
  const auto picture = decode_picture(bytes, "film.gif");
  REQUIRE(picture);
  CHECK(picture->format == "GIF");
  REQUIRE(picture->pixels.shape() == Shape{1, 3, 11, 19});
  for (std::int64_t y = 0; y < 11; ++y) {
    for (std::int64_t x = 0; x < 19; ++x) {
      const auto index = static_cast<std::uint8_t>((y * 19 + x) * 37);
      CHECK(picture->pixels.at(0, 0, y, x) == doctest::Approx(index / 255.0));
      CHECK(picture->pixels.at(0, 1, y, x) == doctest::Approx((255 - index) / 255.0));
      CHECK(picture->pixels.at(0, 2, y, x) == doctest::Approx(7 / 255.0));
    }
  }
}

TEST_CASE("every picture is in the file, with its time, and it repeats") {
  const std::vector<std::uint8_t> bytes = animation(16, 16, 5);
  const Controls controls = controls_of(bytes);
  CHECK(controls.count == 5);
  CHECK(controls.delay == 12);
  constexpr std::string_view kRepeats = "NETSCAPE2.0";
  CHECK(std::search(bytes.begin(), bytes.end(), kRepeats.begin(), kRepeats.end()) != bytes.end());
  CHECK(bytes.back() == ';');
}

TEST_CASE("a size that no GIF has is refused") {
  CHECK_FALSE(GifWriter::create(0, 10, ramp()));
  const auto large = GifWriter::create(10, 70000, ramp());
  REQUIRE_FALSE(large);
  CHECK(large.error().message.find("70000") != std::string::npos);
}

}  // namespace convlens::io
