// Pictures drawn smaller than they are: area averages at and between the levels, lines of one pixel, NaN.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <vector>

#include "app/view/picture.h"
#include "tests/gl/context_fixture.h"
#include "tests/gl/levels_for_tests.h"
#include "tests/gl/picture_checks.h"

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
using view::Source;
using view::ValueRange;

namespace {

// Mean over the picture's part of [x0, x1) x [y0, y1), with fractions of pixels, in double.
double area_mean(const Tensor& tensor, std::int64_t channel, Rect box) {
  box.x0 = std::max(box.x0, 0.0);
  box.y0 = std::max(box.y0, 0.0);
  box.x1 = std::min(box.x1, static_cast<double>(tensor.shape().w));
  box.y1 = std::min(box.y1, static_cast<double>(tensor.shape().h));
  double sum = 0;
  double area = 0;
  for (auto y = static_cast<std::int64_t>(box.y0); static_cast<double>(y) < box.y1; ++y) {
    for (auto x = static_cast<std::int64_t>(box.x0); static_cast<double>(x) < box.x1; ++x) {
      const double px = static_cast<double>(x);
      const double py = static_cast<double>(y);
      const double weight =
          (std::min(box.x1, px + 1) - std::max(box.x0, px)) * (std::min(box.y1, py + 1) - std::max(box.y0, py));
      sum += weight * static_cast<double>(tensor.at(0, channel, y, x));
      area += weight;
    }
  }
  return sum / area;
}

}  // namespace

TEST_CASE("at one half, a quarter and a sixteenth every pixel is the mean of its box") {
  if (test::context() == nullptr) return;
  view::Painter painter(each_colouring());
  const Tensor tensor = noise({1, 1, 640, 1024}, 3);
  const std::vector<Tensor> levels = make_levels(tensor);
  REQUIRE(levels.size() >= 1);
  const view::Colormap& grey = view::find_colormap(kGrey);
  const ValueRange range{-1, 1};
  for (const double scale : {0.5, 0.25, 0.125, 0.0625}) {
    for (const bool has_levels : {true, false}) {
      CAPTURE(scale);
      CAPTURE(has_levels);
      view::PlanePicture picture;
      const Source source{&tensor, has_levels ? std::span<const Tensor>(levels) : std::span<const Tensor>(), 1};
      const Drawable drawable = picture.update(painter, source, 0, whole_at(tensor, scale), grey, range);
      const Pixels pixels = test::read_texture(drawable.texture);
      REQUIRE(pixels.width == static_cast<int>(1024 * scale));
      REQUIRE(pixels.height == static_cast<int>(640 * scale));
      CHECK(drawable.covers == Rect{0, 0, 1024, 640});
      int differing = 0;
      for (int y = 0; y < pixels.height; ++y) {
        for (int x = 0; x < pixels.width; ++x) {
          const Rect box{x / scale, y / scale, (x + 1) / scale, (y + 1) / scale};
          const auto mean = static_cast<float>(area_mean(tensor, 0, box));
          const int difference = std::abs(pixels.at(x, y).r - view::colour_index(range, mean));
          REQUIRE(difference <= 1);
          differing += difference;
        }
      }
      CHECK(differing * 100 < pixels.width * pixels.height);
    }
  }
}

TEST_CASE("between the levels pixels are area averages as well, smooth at the picture's border") {
  if (test::context() == nullptr) return;
  view::Painter painter(each_colouring());
  // Soft enough that averages of averages differ little from averages.
  Tensor tensor = Tensor::uninitialized({1, 1, 301, 403});
  for (std::int64_t y = 0; y < 301; ++y) {
    for (std::int64_t x = 0; x < 403; ++x) {
      tensor.at(0, 0, y, x) =
          static_cast<float>(std::sin(static_cast<double>(x) * 0.05) * std::cos(static_cast<double>(y) * 0.04));
    }
  }
  const std::vector<Tensor> levels = make_levels(tensor);
  const view::Colormap& grey = view::find_colormap(kGrey);
  const ValueRange range{-1, 1};
  for (const double scale : {0.97, 0.71, 0.55, 0.4, 0.31, 0.3, 0.21}) {
    CAPTURE(scale);
    view::PlanePicture picture;
    const view::Point origin{10.3, 20.7};
    const Placement placement = placement_of(tensor, scale, origin, {0, 0, 500, 400});
    const Drawable drawable = picture.update(painter, {&tensor, levels, 1}, 0, placement, grey, range);
    const Pixels pixels = test::read_texture(drawable.texture);
    const view::Point corner = placement.to_screen({drawable.covers.x0, drawable.covers.y0});
    CHECK(corner.x == doctest::Approx(10));
    CHECK(corner.y == doctest::Approx(20));
    CHECK(drawable.covers.width() * scale == doctest::Approx(pixels.width));
    // The first screen column is covered from 10.3 on, the first row from 20.7 on.
    CHECK(pixels.alpha(pixels.width / 2, 0) == doctest::Approx(0.3 * 255).epsilon(0.02));
    CHECK(pixels.alpha(0, pixels.height / 2) == doctest::Approx(0.7 * 255).epsilon(0.02));
    CHECK(pixels.alpha(pixels.width / 2, pixels.height / 2) == 255);
    for (int y = 0; y < pixels.height; ++y) {
      for (int x = 0; x < pixels.width; ++x) {
        if (pixels.alpha(x, y) < 40) continue;
        const view::Point from = placement.to_image({corner.x + x, corner.y + y});
        const view::Point to = placement.to_image({corner.x + x + 1, corner.y + y + 1});
        const auto mean = static_cast<float>(area_mean(tensor, 0, {from.x, from.y, to.x, to.y}));
        REQUIRE(std::abs(pixels.at(x, y).r - view::colour_index(range, mean)) <= 8);
      }
    }
  }
}

TEST_CASE("a line of one pixel is seen at every scale") {
  if (test::context() == nullptr) return;
  view::Painter painter(each_colouring());
  Tensor tensor({1, 1, 600, 800});
  for (std::int64_t x = 0; x < 800; ++x) tensor.at(0, 0, 301, x) = 1;
  const std::vector<Tensor> levels = make_levels(tensor);
  const view::Colormap& grey = view::find_colormap(kGrey);
  for (double scale = 1.5; scale > 0.05; scale *= 0.93) {
    CAPTURE(scale);
    view::PlanePicture picture;
    const Drawable drawable = picture.update(painter, {&tensor, levels, 1}, 0, whole_at(tensor, scale), grey, {0, 1});
    const Pixels pixels = test::read_texture(drawable.texture);
    // All its light arrives, spread over few rows, in every column.
    for (int x = 0; x < pixels.width - 1; ++x) {
      int sum = 0;
      int brightest = 0;
      for (int y = 0; y < pixels.height; ++y) {
        sum += pixels.at(x, y).r;
        brightest = std::max(brightest, static_cast<int>(pixels.at(x, y).r));
      }
      if (scale >= 1) {
        REQUIRE(brightest == 255);
      } else {
        REQUIRE(sum == doctest::Approx(255 * scale).epsilon(0.12));
        REQUIRE(brightest >= 255 * scale * 0.4);
      }
    }
  }
}

TEST_CASE("NaN shows through every reduction") {
  if (test::context() == nullptr) return;
  view::Painter painter(each_colouring());
  Tensor tensor({1, 1, 512, 512});
  tensor.at(0, 0, 300, 300) = std::numeric_limits<float>::quiet_NaN();
  const std::vector<Tensor> levels = make_levels(tensor);
  for (const double scale : {1.0, 0.8, 0.5, 0.3, 0.1}) {
    CAPTURE(scale);
    view::PlanePicture picture;
    const Drawable drawable = picture.update(painter, {&tensor, levels, 1}, 0, whole_at(tensor, scale),
                                             view::find_colormap("red-blue"), {-1, 1});
    const Pixels pixels = test::read_texture(drawable.texture);
    int magenta = 0;
    for (int y = 0; y < pixels.height; ++y) {
      for (int x = 0; x < pixels.width; ++x) magenta += pixels.at(x, y) == view::kNotFinite ? 1 : 0;
    }
    CHECK(magenta >= 1);
    CHECK(magenta <= 9);
  }
}
