// Drawings made ready for a net: each stage, its switch, and that the outcome looks as MNIST's digits do.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "engine/core/random.h"
#include "engine/training/digit_styles.h"
#include "engine/training/digits.h"
#include "engine/training/drawing.h"

namespace convlens::training {
namespace {

const Shape kPicture{1, 1, 28, 28};

Preprocessing digits_preprocessing() {
  return {.normalisation = {0.25f, 0.5f}, .class_names = {"0", "1"}, .background = 0.0f};
}

// The first way of writing a digit, in the middle half of the pad.
Drawing written(int digit, float size = 0.6f, float x = 0.3f, float y = 0.2f) {
  Drawing drawing;
  for (const PenPoint& pen : digit_styles(digit).front().points) {
    if (pen.move == PenMove::kStart) drawing.emplace_back();
    drawing.back().points.push_back({x + size * pen.x / 100, y + size * pen.y / 100});
  }
  return drawing;
}

double sum(const Tensor& tensor) {
  double total = 0;
  for (const float value : tensor.values()) total += static_cast<double>(value);
  return total;
}

bool is_in_unit_range(const Tensor& tensor) {
  return std::ranges::all_of(tensor.values(), [](float v) { return v >= 0 && v <= 1; });
}

PixelBox lit(const Tensor& tensor, float least) {
  PixelBox box{1000, 1000, 0, 0};
  for (std::int64_t y = 0; y < tensor.shape().h; ++y) {
    for (std::int64_t x = 0; x < tensor.shape().w; ++x) {
      if (tensor.at(0, 0, y, x) < least) continue;
      box = {std::min(box.x0, x), std::min(box.y0, y), std::max(box.x1, x + 1), std::max(box.y1, y + 1)};
    }
  }
  return box;
}

TEST_CASE("an empty pad is empty, and still a picture") {
  for (const Drawing& drawing : {Drawing{}, Drawing{{.erases = true, .points = {{0.5f, 0.5f}}}}}) {
    const DrawingStages stages = make_stages(draw(drawing).view(), kPicture, digits_preprocessing(), {});
    CHECK(stages.is_empty);
    CHECK(stages.box == PixelBox{0, 0, kPadSide, kPadSide});
    CHECK(stages.placed.shape() == kPicture);
    CHECK(stages.lost == 0);
    REQUIRE(stages.values.size() == 784);
    for (const float value : stages.values) CHECK(value == doctest::Approx(-0.5));
  }
}

TEST_CASE("a straight stroke covers its box, with half a pen around it") {
  const Drawing drawing{{.width = 0.1f, .points = {{0.25f, 0.5f}, {0.75f, 0.5f}}}};
  const Tensor raster = draw(drawing, 200);
  CHECK(is_in_unit_range(raster));
  const DrawingStages stages = make_stages(raster.view(), kPicture, digits_preprocessing(), {});
  CHECK_FALSE(stages.is_empty);
  CHECK(stages.box == PixelBox{40, 90, 160, 110});
  CHECK(stages.cropped.shape() == Shape{1, 1, 20, 120});
  CHECK(sum(raster) == doctest::Approx(100 * 20 + 3.14159 * 100).epsilon(0.01));
  // Antialiased: a slanted stroke has greys along its edge, and as much ink as geometry says.
  const Tensor slanted = draw({{.width = 0.1f, .points = {{0.2f, 0.3f}, {0.8f, 0.7f}}}}, 200);
  const auto greys = std::ranges::count_if(slanted.values(), [](float v) { return v > 0.05f && v < 0.95f; });
  CHECK(greys > 100);
  CHECK(sum(slanted) == doctest::Approx(std::hypot(120, 80) * 20 + 3.14159 * 100).epsilon(0.01));
}

TEST_CASE("an eraser takes away what was there before, not what comes after") {
  const Stroke line{.width = 0.1f, .points = {{0.1f, 0.5f}, {0.9f, 0.5f}}};
  const Stroke wipe{.erases = true, .width = 0.3f, .points = {{0.5f, 0.5f}}};
  const Tensor wiped = draw({line, wipe}, 100);
  CHECK(wiped.at(0, 0, 50, 50) == 0);
  CHECK(wiped.at(0, 0, 50, 15) == 1);
  CHECK(wiped.at(0, 0, 50, 85) == 1);
  CHECK(draw({wipe, line}, 100).at(0, 0, 50, 50) == 1);
}

TEST_CASE("pieces drawn as the pen moves come to the same as the whole stroke") {
  Random random(5);
  Stroke stroke;
  Tensor settled(Shape{1, 1, 120, 120});
  std::int64_t done = 0;
  for (int i = 0; i < 40; ++i) {
    stroke.points.push_back({random.uniform(0.1f, 0.9f), random.uniform(0.1f, 0.9f)});
    const std::int64_t ready = std::max<std::int64_t>(done, std::ssize(stroke.points) - 2);
    draw_pieces(stroke, done, ready, settled.view());
    done = ready;
  }
  CHECK(done == 38);
  draw_pieces(stroke, done, piece_count(stroke), settled.view());
  const Tensor whole = draw({stroke}, 120);
  CHECK(sum(whole) > 500);
  CHECK(std::ranges::equal(settled.values(), whole.values()));
}

TEST_CASE("the larger side becomes 20 pixels, whatever the drawing's size and place") {
  for (int digit = 0; digit <= 9; ++digit) {
    for (const float size : {0.1f, 0.3f, 0.6f}) {
      CAPTURE(digit);
      CAPTURE(size);
      const Drawing drawing = written(digit, size, 0.25f, 0.3f);
      const DrawingStages stages = make_stages(draw(drawing).view(), kPicture, digits_preprocessing(), {});
      REQUIRE_FALSE(stages.is_empty);
      const Shape scaled = stages.scaled.shape();
      CHECK(std::max(scaled.h, scaled.w) == 20);
      const double before = static_cast<double>(stages.box.width()) / static_cast<double>(stages.box.height());
      const double after = static_cast<double>(scaled.w) / static_cast<double>(scaled.h);
      // Sides are whole pixels.
      CHECK(std::abs(after - before) <=
            0.55 / static_cast<double>(std::min(scaled.h, scaled.w)) * std::max(before, 1.0));
      CHECK(is_in_unit_range(stages.scaled));
      // Ink is kept: as a share of the box, it is what it was.
      const double ink = sum(stages.cropped) / static_cast<double>(stages.cropped.size());
      CHECK(sum(stages.scaled) / static_cast<double>(scaled.size()) == doctest::Approx(ink).epsilon(0.02));
    }
  }
}

TEST_CASE("the centre of mass comes to the middle, within half a pixel") {
  for (int digit = 0; digit <= 9; ++digit) {
    CAPTURE(digit);
    const DrawingStages stages = make_stages(draw(written(digit)).view(), kPicture, digits_preprocessing(), {});
    if (stages.lost == 0) {
      CHECK(std::abs(stages.mass_x - 14) <= 0.5001);
      CHECK(std::abs(stages.mass_y - 14) <= 0.5001);
    }
    CHECK(stages.lost < 0.02);
    CHECK(is_in_unit_range(stages.placed));
  }
  // A thick dot at one end of a line draws the middle to itself.
  const Drawing club{{.width = 0.04f, .points = {{0.2f, 0.5f}, {0.8f, 0.5f}}},
                     {.width = 0.3f, .points = {{0.25f, 0.5f}}}};
  const DrawingStages stages = make_stages(draw(club).view(), kPicture, digits_preprocessing(), {});
  CHECK(std::abs(stages.mass_x - 14) <= 0.5001);
  CHECK(stages.place.x0 > 5);
}

TEST_CASE("every stage can be left out") {
  const Tensor raster = draw(written(1, 0.4f, 0.1f, 0.5f));  // to the lower left
  const auto with = [&](const DrawingRecipe& recipe) {
    return make_stages(raster.view(), kPicture, digits_preprocessing(), recipe);
  };
  const DrawingStages all = with({});
  SUBCASE("crop: the pad as it is, small and off the middle") {
    const DrawingStages stages = with({.crops = false, .centres_mass = false});
    CHECK(stages.box == PixelBox{0, 0, kPadSide, kPadSide});
    CHECK(stages.scaled.shape() == Shape{1, 1, 20, 20});
    CHECK(lit(stages.placed, 0.3f).height() < 12);
    CHECK(stages.mass_x < 12);
    CHECK(stages.mass_y > 16);
  }
  SUBCASE("box: the whole height") {
    const DrawingStages stages = with({.fits_box = false});
    CHECK(stages.scaled.shape().h == 28);
    CHECK(stages.scaled.shape().w < 28);
  }
  SUBCASE("aspect: a one becomes a block") {
    const DrawingStages stages = with({.keeps_aspect = false});
    CHECK(stages.scaled.shape() == Shape{1, 1, 20, 20});
    CHECK(sum(stages.scaled) > 1.5 * sum(all.scaled));
  }
  SUBCASE("centre of mass: the box's middle instead") {
    const DrawingStages stages = with({.centres_mass = false});
    CHECK(stages.place.y0 == 4);
    CHECK(stages.place.y1 == 24);
    CHECK(std::ranges::equal(stages.scaled.values(), all.scaled.values()));
  }
  SUBCASE("normalise") {
    const DrawingStages stages = with({.normalises = false});
    CHECK(std::ranges::equal(stages.values, stages.placed.values()));
    for (std::size_t i = 0; i < all.values.size(); ++i) {
      CHECK(all.values[i] == doctest::Approx((all.placed.values()[i] - 0.25f) / 0.5f));
    }
  }
  SUBCASE("nudge: the same pixels elsewhere") {
    const DrawingStages stages = with({.nudge_x = 2, .nudge_y = -1});
    CHECK(all.place.x0 + 2 == stages.place.x0);
    for (std::int64_t y = 1; y < 28; ++y) {
      for (std::int64_t x = 0; x < 26; ++x) {
        CHECK(stages.placed.at(0, 0, y - 1, x + 2) == all.placed.at(0, 0, y, x));
      }
    }
  }
  SUBCASE("nudged out: nothing is left, and that is told") {
    const DrawingStages stages = with({.nudge_x = 40});
    CHECK(sum(stages.placed) == 0);
    CHECK(stages.lost == doctest::Approx(1));
    CHECK_FALSE(stages.is_empty);
  }
}

TEST_CASE("other nets: sizes, colours, bright paper") {
  const Tensor raster = draw(written(7));
  Preprocessing paper = digits_preprocessing();
  paper.background = 1.0f;
  const DrawingStages stages = make_stages(raster.view(), {1, 3, 32, 40}, paper, {});
  CHECK(digit_box(32) == 23);
  CHECK(stages.scaled.shape().h == 23);
  CHECK(stages.placed.shape() == Shape{1, 1, 32, 40});
  CHECK(stages.is_inverted);
  CHECK(stages.placed.at(0, 0, 0, 0) == 1);
  REQUIRE(stages.values.size() == 3 * 32 * 40);
  for (std::size_t i = 0; i < 32 * 40; ++i) {
    CHECK(stages.values[i] == stages.values[i + 32 * 40]);
    CHECK(stages.values[i] == stages.values[i + 2 * 32 * 40]);
  }
  const DrawingStages tiny = make_stages(raster.view(), {1, 1, 1, 1}, digits_preprocessing(), {});
  CHECK(tiny.values.size() == 1);
}

TEST_CASE("a digit drawn by strokes looks as the digits of a data set do") {
  // The nearest of ten mean pictures of digits that were cut and centred in MNIST's way. An untreated drawing is far
  // from all of them.
  const Dataset train = make_digits(5000, 5, Parallel());
  std::vector<std::vector<double>> means(10, std::vector<double>(kDigitPixels));
  for (std::int64_t i = 0; i < train.size(); ++i) {
    auto& mean = means[static_cast<std::size_t>(train.labels[static_cast<std::size_t>(i)])];
    for (std::size_t k = 0; k < mean.size(); ++k) mean[k] += train.picture(i)[k] / 500.0 / 255;
  }
  const auto nearest = [&](const Tensor& picture) {
    std::vector<double> distance(10);
    for (std::size_t c = 0; c < 10; ++c) {
      for (std::size_t k = 0; k < means[c].size(); ++k) {
        const double difference = means[c][k] - static_cast<double>(picture.values()[k]);
        distance[c] += difference * difference;
      }
    }
    return std::min_element(distance.begin(), distance.end()) - distance.begin();
  };
  int right = 0, right_untreated = 0;
  for (int digit = 0; digit <= 9; ++digit) {
    const Tensor raster = draw(written(digit, 0.5f, 0.05f, 0.45f));
    const DrawingStages ready = make_stages(raster.view(), kPicture, digits_preprocessing(), {});
    CHECK(sum(ready.placed) > 25);
    CHECK(sum(ready.placed) < 250);
    right += nearest(ready.placed) == digit ? 1 : 0;
    const DrawingRecipe nothing{.crops = false, .fits_box = false, .keeps_aspect = false, .centres_mass = false};
    right_untreated +=
        nearest(make_stages(raster.view(), kPicture, digits_preprocessing(), nothing).placed) == digit ? 1 : 0;
  }
  CHECK(right >= 8);
  CHECK(right_untreated <= 5);
}

}  // namespace
}  // namespace convlens::training
