// What lands in the texture against the CPU colour map: exact pixels, the visible part, colours, and large pictures.
// Averages are test_picture_levels.cpp.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <string>
#include <vector>

#include "app/view/picture.h"
#include "tests/gl/context_fixture.h"
#include "tests/gl/levels_for_tests.h"
#include "tests/gl/picture_checks.h"
#include "tests/support/temporary_folder.h"

using namespace convlens;
using test::each_colouring;
using test::kGrey;
using test::make_levels;
using test::noise;
using test::Pixels;
using test::placement_of;
using test::whole_at;
using view::Drawable;
using view::Placement;
using view::Rect;
using view::Rgb;
using view::ValueRange;

TEST_CASE("above 100 % every texel has exactly the CPU's colour") {
  if (test::context() == nullptr) return;
  view::Painter painter(each_colouring());
  REQUIRE(painter.status().ok());
  Tensor tensor = noise({1, 2, 37, 53}, 1);
  const float inf = std::numeric_limits<float>::infinity();
  const float nan = std::numeric_limits<float>::quiet_NaN();
  tensor.at(0, 1, 0, 0) = nan;
  tensor.at(0, 1, 3, 7) = inf;
  tensor.at(0, 1, 4, 7) = -inf;
  tensor.at(0, 1, 36, 52) = -nan;
  tensor.at(0, 1, 5, 5) = 0;
  for (const view::Colormap& map : view::colormaps()) {
    for (const ValueRange range : {ValueRange{-2, 2}, ValueRange{-0.3f, 1.7f}, ValueRange{0, 1e-20f},
                                   ValueRange{-std::numeric_limits<float>::max(), std::numeric_limits<float>::max()}}) {
      CAPTURE(map.name);
      CAPTURE(range.lo);
      view::PlanePicture picture;
      const Drawable drawable = picture.update(painter, {&tensor, {}, 1}, 1, whole_at(tensor, 8), map, range);
      REQUIRE(drawable.texture != 0);
      CHECK(drawable.covers.width() == doctest::Approx(53));
      CHECK(drawable.covers.height() == doctest::Approx(37));
      const Pixels pixels = test::read_texture(drawable.texture);
      REQUIRE(pixels.width == 53);
      REQUIRE(pixels.height == 37);
      int exact = 0;
      int close = 0;
      for (int y = 0; y < 37; ++y) {
        for (int x = 0; x < 53; ++x) {
          const float value = tensor.at(0, 1, y, x);
          const Rgb colour = pixels.at(x, y);
          REQUIRE(pixels.alpha(x, y) == 255);
          if (colour == view::colour_of(map, range, value)) {
            ++exact;
            continue;
          }
          // A division that rounds otherwise may step over the border between two entries.
          const int index = view::colour_index(range, value);
          const auto entry = [&](int i) { return map.colours[static_cast<std::size_t>(std::clamp(i, 0, 255))]; };
          REQUIRE_FALSE(std::isnan(value));
          REQUIRE((colour == entry(index - 1) || colour == entry(index + 1)));
          ++close;
        }
      }
      CHECK(exact + close == 53 * 37);
      CHECK(close <= 20);
      CHECK(pixels.at(0, 0) == view::kNotFinite);
      CHECK(pixels.at(52, 36) == view::kNotFinite);
      CHECK(pixels.at(7, 3) == map.colours[255]);
      CHECK(pixels.at(7, 4) == map.colours[0]);
    }
  }
  CHECK(test::is_driver_content());
}

TEST_CASE("only the visible part is uploaded, and it is the right part") {
  if (test::context() == nullptr) return;
  view::Painter painter(each_colouring());
  const Tensor tensor = noise({1, 1, 700, 900}, 2);
  const view::Colormap& grey = view::find_colormap(kGrey);
  view::PlanePicture picture;
  const Placement placement = placement_of(tensor, 10, {-4000, -3000}, {0, 0, 300, 200});
  const Drawable drawable = picture.update(painter, {&tensor, {}, 1}, 0, placement, grey, {-2, 2});
  const Rect visible = placement.visible();
  const double nudge = 0.01;
  CHECK(drawable.covers.x0 <= visible.x0 + nudge);
  CHECK(drawable.covers.y0 <= visible.y0 + nudge);
  CHECK(drawable.covers.x1 >= visible.x1);
  CHECK(drawable.covers.y1 >= visible.y1);
  const Pixels pixels = test::read_texture(drawable.texture);
  CHECK(pixels.width < 60);
  CHECK(pixels.height < 50);
  CHECK(view::upload_meter(painter).bytes < 60 * 50 * 4);
  const auto first_x = static_cast<int>(std::round(drawable.covers.x0));
  const auto first_y = static_cast<int>(std::round(drawable.covers.y0));
  for (int y = 0; y < pixels.height; ++y) {
    for (int x = 0; x < pixels.width; ++x) {
      const int index = view::colour_index({-2, 2}, tensor.at(0, 0, first_y + y, first_x + x));
      REQUIRE(std::abs(pixels.at(x, y).r - index) <= 1);
    }
  }
}

TEST_CASE("colour pictures show their own colours, grey ones grey") {
  if (test::context() == nullptr) return;
  view::Painter painter(each_colouring());
  Tensor tensor = noise({1, 3, 20, 30}, 4);
  tensor.at(0, 0, 2, 3) = std::numeric_limits<float>::quiet_NaN();
  view::ColourPicture picture;
  const Drawable drawable = picture.update(painter, {&tensor, {}, 1}, whole_at(tensor, 4));
  const Pixels pixels = test::read_texture(drawable.texture);
  REQUIRE(pixels.width == 30);
  const auto byte = [](float v) { return static_cast<int>(std::floor(255.0f * std::clamp(v, 0.0f, 1.0f) + 0.5f)); };
  for (int y = 0; y < 20; ++y) {
    for (int x = 0; x < 30; ++x) {
      const Rgb colour = pixels.at(x, y);
      if (x == 3 && y == 2) {
        CHECK(colour == view::kNotFinite);
        continue;
      }
      REQUIRE(std::abs(colour.r - byte(tensor.at(0, 0, y, x))) <= 1);
      REQUIRE(std::abs(colour.g - byte(tensor.at(0, 1, y, x))) <= 1);
      REQUIRE(std::abs(colour.b - byte(tensor.at(0, 2, y, x))) <= 1);
    }
  }
  const Tensor grey_tensor = noise({1, 1, 8, 8}, 5);
  const Drawable grey = picture.update(painter, {&grey_tensor, {}, 2}, whole_at(grey_tensor, 4));
  const Pixels grey_pixels = test::read_texture(grey.texture);
  REQUIRE(grey_pixels.width == 8);
  CHECK(grey_pixels.at(5, 6).r == grey_pixels.at(5, 6).g);
  CHECK(grey_pixels.at(5, 6).g == grey_pixels.at(5, 6).b);
  CHECK(std::abs(grey_pixels.at(5, 6).r - byte(grey_tensor.at(0, 0, 6, 5))) <= 1);
}

TEST_CASE("pictures beyond the texture limit are shown whole") {
  if (test::context() == nullptr) return;
  view::Painter::Options options = each_colouring();
  options.texture_limit = 256;
  view::Painter painter(options);
  Tensor tensor = Tensor::uninitialized({1, 1, 60, 20000});
  for (std::int64_t y = 0; y < 60; ++y) {
    for (std::int64_t x = 0; x < 20000; ++x) tensor.at(0, 0, y, x) = static_cast<float>(x) / 20000.0f;
  }
  const std::vector<Tensor> levels = make_levels(tensor);
  const view::Colormap& grey = view::find_colormap(kGrey);
  // Fit: 1000 screen pixels, more than the limit of 256; one to one: a wider canvas than the limit.
  for (const double scale : {0.05, 1.0, 20.0}) {
    CAPTURE(scale);
    view::PlanePicture picture;
    const Placement placement = placement_of(tensor, scale, {-0.4 * 20000 * (scale - 0.05), 0}, {0, 0, 1000, 60});
    const Drawable drawable = picture.update(painter, {&tensor, levels, 1}, 0, placement, grey, {0, 1});
    REQUIRE(drawable.texture != 0);
    const Pixels pixels = test::read_texture(drawable.texture);
    CHECK(pixels.width <= 256);
    CHECK(pixels.height <= 256);
    const Rect visible = placement.visible();
    CHECK(drawable.covers.x0 <= visible.x0 + 0.01);
    CHECK(drawable.covers.x1 >= visible.x1 - 0.01);
    const double texel = drawable.covers.width() / pixels.width;
    for (int x = 0; x < pixels.width; ++x) {
      const double position = std::min(drawable.covers.x0 + (x + 0.5) * texel, 20000.0);
      REQUIRE(std::abs(pixels.at(x, 0).r - position / 20000 * 255) <= 2 + texel / 20000 * 255);
    }
  }
  CHECK(test::is_driver_content());
}

TEST_CASE("nothing to show is texture 0") {
  if (test::context() == nullptr) return;
  view::Painter painter(each_colouring());
  const view::Colormap& grey = view::find_colormap(kGrey);
  const Tensor tensor = noise({1, 1, 8, 8}, 6);
  view::PlanePicture picture;
  CHECK(picture.update(painter, {}, 0, whole_at(tensor, 1), grey, {0, 1}).texture == 0);
  const Tensor empty;
  CHECK(picture.update(painter, {&empty, {}, 1}, 0, whole_at(tensor, 1), grey, {0, 1}).texture == 0);
  const Placement aside = placement_of(tensor, 1, {1000, 0}, {0, 0, 100, 100});
  CHECK(picture.update(painter, {&tensor, {}, 1}, 0, aside, grey, {0, 1}).texture == 0);
  CHECK(view::upload_meter(painter).bytes == 0);
}

TEST_CASE("images hold the bytes they are given") {
  if (test::context() == nullptr) return;
  std::vector<std::uint8_t> bytes(3 * 2 * 4);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i * 7);
  view::Image image;
  image.set(bytes, 3, 2, true);
  CHECK(test::read_texture(image.texture()).rgba == bytes);
  view::Image moved = std::move(image);
  CHECK(image.texture() == 0);
  CHECK(moved.width() == 3);
  bytes.resize(4 * 4 * 4, 9);
  moved.set(bytes, 4, 4, false);
  CHECK(test::read_texture(moved.texture()).rgba == bytes);
  CHECK(test::is_driver_content());
}

TEST_CASE("filter thumbnails: zero is neutral, equal slices are averaged, different ones have their colours") {
  const view::Colormap& map = view::find_colormap("purple-green");
  const std::vector<float> one = {-2, 0, 1, 2};
  const std::vector<std::uint8_t> bytes = view::filter_thumbnail(one, 1, 2, 2, map);
  REQUIRE(bytes.size() == 16);
  const auto pixel = [](const std::vector<std::uint8_t>& rgba, std::size_t i) {
    return Rgb{rgba[4 * i], rgba[4 * i + 1], rgba[4 * i + 2]};
  };
  CHECK(pixel(bytes, 0) == map.colours[0]);
  CHECK(pixel(bytes, 1) == map.colours[128]);
  CHECK(pixel(bytes, 2) == view::colour_of(map, {-2, 2}, 1));
  CHECK(pixel(bytes, 3) == map.colours[255]);
  CHECK(bytes[3] == 255);
  const std::vector<float> equal = {0, 2, 0, 2, 0, 2};  // two pixels in three channels
  const std::vector<std::uint8_t> mean = view::filter_thumbnail(equal, 3, 1, 2, map);
  REQUIRE(mean.size() == 8);
  CHECK(pixel(mean, 0) == map.colours[128]);
  CHECK(pixel(mean, 1) == map.colours[255]);
  const std::vector<float> opponent = {2, 0, -2, 0, 0, 0};
  const std::vector<std::uint8_t> coloured = view::filter_thumbnail(opponent, 3, 1, 2, map);
  REQUIRE(coloured.size() == 8);
  CHECK(pixel(coloured, 0) == Rgb{255, 0, 128});
  CHECK(pixel(coloured, 1) == Rgb{128, 128, 128});
}

TEST_CASE("other shaders draw from the next update on, and broken ones change nothing") {
  if (test::context() == nullptr) return;
  view::Painter painter({.colouring = view::Painter::Colouring::kOnGpu});
  REQUIRE(painter.status());
  const TemporaryFolder folder;
  const std::string text(gl::ShaderTexts().text("heat_map.frag"));
  const std::string line = "o_colour = vec4(colour, picture_coverage());";
  REQUIRE(text.find(line) != std::string::npos);
  const auto texts_with = [&](const std::string& other) {
    std::ofstream(folder.path() / "heat_map.frag") << std::string(text).replace(text.find(line), line.size(), other);
    auto texts = gl::ShaderTexts::from_folder(folder.path());
    REQUIRE(texts);
    return *texts;
  };
  const Tensor tensor = noise({1, 1, 8, 8}, 3);
  view::PlanePicture picture;
  const auto first_pixel = [&] {
    const Drawable drawn = picture.update(painter, {&tensor, {}, 1}, 0, whole_at(tensor, 1),
                                          view::find_colormap("viridis"), ValueRange{-2, 2});
    return test::read_texture(drawn.texture).at(0, 0);
  };
  const Rgb before = first_pixel();
  CHECK(before != Rgb{255, 0, 255});
  REQUIRE(painter.set_shaders(texts_with("o_colour = vec4(1.0, 0.0, 1.0, 1.0);")));
  CHECK(first_pixel() == Rgb{255, 0, 255});
  const Status refused = painter.set_shaders(texts_with("o_colour = nonsense;"));
  REQUIRE(!refused);
  CHECK(refused.error().message.find("nonsense") != std::string::npos);
  CHECK(first_pixel() == Rgb{255, 0, 255});
  REQUIRE(painter.set_shaders(gl::ShaderTexts()));
  CHECK(first_pixel() == before);
}
