// Augmented batches: exact where exact is known, the same for every number of threads, and their words.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <vector>

#include "engine/core/random.h"
#include "engine/training/augmentation.h"
#include "engine/training/digits.h"

namespace convlens::training {
namespace {

Dataset noisy_pictures(std::int64_t count, std::int64_t channels, std::int64_t h, std::int64_t w) {
  Random random(3);
  Dataset data;
  data.channels = channels;
  data.height = h;
  data.width = w;
  data.class_names = {"a", "b"};
  data.labels.resize(static_cast<std::size_t>(count));
  data.pixels.resize(static_cast<std::size_t>(count * channels * h * w));
  for (std::uint8_t& pixel : data.pixels) pixel = static_cast<std::uint8_t>(random.next());
  return data;
}

std::vector<float> augmented(const Dataset& data, const Augmentation& settings, std::uint64_t seed = 1,
                             std::int64_t epoch = 0, int threads = 1, const Normalisation& normalisation = {}) {
  Indices indices(static_cast<std::size_t>(data.size()));
  std::iota(indices.begin(), indices.end(), 0);
  Augmenter augmenter(settings, data.picture_shape(), threads);
  std::vector<float> out(data.pixels.size(), -99);
  augmenter.fill_batch(data, indices, normalisation, seed, epoch, out.data(), Parallel(threads));
  return out;
}

TEST_CASE("nothing switched on changes nothing") {
  const Dataset data = noisy_pictures(5, 3, 7, 9);
  const std::vector<float> out = augmented(data, {}, 1, 0, 1, {0.5f, 0.25f});
  for (std::size_t i = 0; i < out.size(); ++i) {
    const double wanted = (data.pixels[i] / 255.0 - 0.5) / 0.25;
    CHECK(static_cast<double>(out[i]) == doctest::Approx(wanted).epsilon(1e-4));
  }
  CHECK_FALSE(is_on({}));
  CHECK_FALSE(is_on({.smooth = 9}));
  CHECK(is_on({.noise = 0.1f}));
}

TEST_CASE("what is drawn depends on seed, epoch and picture alone") {
  const Dataset data = noisy_pictures(40, 1, 12, 10);
  const Augmentation all{.shift = 2, .rotate = 15, .scale = 0.2f, .elastic = 20, .smooth = 3, .noise = 0.05f};
  const std::vector<float> one = augmented(data, all, 5, 2);
  CHECK(one == augmented(data, all, 5, 2, 3));
  CHECK(one != augmented(data, all, 5, 3));
  CHECK(one != augmented(data, all, 6, 2));
  CHECK(std::all_of(one.begin(), one.end(), [](float v) { return v >= 0 && v <= 1; }));

  // The same picture in another batch, at another place.
  Augmenter augmenter(all, data.picture_shape(), 1);
  const Indices some = {31, 4};
  std::vector<float> batch(2 * 120);
  augmenter.fill_batch(data, some, {}, 5, 2, batch.data(), Parallel(1));
  CHECK(std::equal(batch.begin(), batch.begin() + 120, one.begin() + 31 * 120));
  CHECK(std::equal(batch.begin() + 120, batch.end(), one.begin() + 4 * 120));
}

// Centre of mass of picture n.
struct Place {
  double x = 0, y = 0;
};
Place centre(const std::vector<float>& batch, std::size_t n, std::size_t side) {
  double mass = 0;
  Place place;
  for (std::size_t i = 0; i < side * side; ++i) {
    const auto value = static_cast<double>(batch[n * side * side + i]);
    mass += value;
    place.x += value * static_cast<double>(i % side);
    place.y += value * static_cast<double>(i / side);
  }
  return {place.x / mass, place.y / mass};
}

// A white square of 5 x 5 whose middle is (x, y), `count` times.
Dataset squares(std::int64_t count, std::int64_t side, std::int64_t x, std::int64_t y) {
  Dataset data = noisy_pictures(count, 1, side, side);
  std::fill(data.pixels.begin(), data.pixels.end(), std::uint8_t{0});
  for (std::int64_t n = 0; n < count; ++n) {
    for (std::int64_t v = y - 2; v <= y + 2; ++v) {
      for (std::int64_t u = x - 2; u <= x + 2; ++u) {
        data.pixels[static_cast<std::size_t>((n * side + v) * side + u)] = 255;
      }
    }
  }
  return data;
}

TEST_CASE("a shift moves by up to its pixels, in every direction") {
  const std::vector<float> out = augmented(squares(400, 21, 10, 10), {.shift = 3});
  double low_x = 99, high_x = -99, low_y = 99, high_y = -99, sum = 0;
  for (std::size_t n = 0; n < 400; ++n) {
    const Place place = centre(out, n, 21);
    low_x = std::min(low_x, place.x - 10);
    high_x = std::max(high_x, place.x - 10);
    low_y = std::min(low_y, place.y - 10);
    high_y = std::max(high_y, place.y - 10);
    sum += place.x - 10;
  }
  for (const double low : {low_x, low_y}) CHECK((low > -3.001 && low < -2.8));
  for (const double high : {high_x, high_y}) CHECK((high < 3.001 && high > 2.8));
  CHECK(std::abs(sum / 400) < 0.3);
}

TEST_CASE("a turn keeps the distance to the middle and reaches its angle") {
  const std::vector<float> out = augmented(squares(400, 31, 25, 15), {.rotate = 30});
  double low = 99, high = -99;
  for (std::size_t n = 0; n < 400; ++n) {
    const Place place = centre(out, n, 31);
    const double x = place.x - 15, y = place.y - 15;
    CHECK(std::sqrt(x * x + y * y) == doctest::Approx(10).epsilon(0.02));
    const double degrees = std::atan2(y, x) * 57.29578;
    low = std::min(low, degrees);
    high = std::max(high, degrees);
  }
  CHECK((low > -30.5 && low < -28));
  CHECK((high < 30.5 && high > 28));
}

TEST_CASE("a scale stretches each axis about the middle by up to its share") {
  const std::vector<float> out = augmented(squares(400, 31, 25, 25), {.scale = 0.2f});
  double low = 99, high = -99;
  bool is_free = false;
  for (std::size_t n = 0; n < 400; ++n) {
    const Place place = centre(out, n, 31);
    low = std::min(low, (place.x - 15) / 10);
    high = std::max(high, (place.x - 15) / 10);
    is_free = is_free || std::abs(place.x - place.y) > 1;
  }
  CHECK((low > 0.78 && low < 0.83));
  CHECK((high < 1.22 && high > 1.17));
  CHECK(is_free);
}

TEST_CASE("an elastic bend displaces smoothly, by as much as its formula says") {
  // On a ramp of one grey level per pixel, the change of grey is the displacement.
  Dataset ramp = noisy_pictures(60, 1, 40, 40);
  for (std::size_t i = 0; i < ramp.pixels.size(); ++i) ramp.pixels[i] = static_cast<std::uint8_t>(40 + i % 40);
  const std::vector<float> out = augmented(ramp, {.elastic = 34, .smooth = 4});
  double squares_sum = 0, step_sum = 0;
  int count = 0;
  for (std::size_t n = 0; n < 60; ++n) {
    for (std::size_t y = 10; y < 30; ++y) {
      for (std::size_t x = 10; x < 30; ++x) {
        const std::size_t i = (n * 40 + y) * 40 + x;
        const double here = 255 * static_cast<double>(out[i]) - ramp.pixels[i];
        const double next = 255 * static_cast<double>(out[i + 1]) - ramp.pixels[i + 1];
        squares_sum += here * here;
        step_sum += (next - here) * (next - here);
        ++count;
      }
    }
  }
  // alpha sqrt(1/3) / (2 sqrt(pi) sigma): uniform noise through a Gaussian of unit sum.
  const double wanted = 34 * std::sqrt(1.0 / 3) / (2 * std::sqrt(3.14159265) * 4);
  CHECK(std::sqrt(squares_sum / count) == doctest::Approx(wanted).epsilon(0.15));
  CHECK(std::sqrt(step_sum / count) < 0.3 * wanted);
}

TEST_CASE("a bend smoother than the picture is large is no trouble") {
  const Dataset data = noisy_pictures(3, 2, 3, 2);
  const std::vector<float> out = augmented(data, {.elastic = 50, .smooth = 50});
  CHECK(std::all_of(out.begin(), out.end(), [](float v) { return v >= 0 && v <= 1; }));
}

TEST_CASE("noise has its deviation") {
  Dataset grey = noisy_pictures(20, 1, 20, 20);
  std::fill(grey.pixels.begin(), grey.pixels.end(), std::uint8_t{128});
  const std::vector<float> out = augmented(grey, {.noise = 0.1f});
  double sum = 0, squares_sum = 0;
  for (const float value : out) {
    const double difference = static_cast<double>(value) - 128.0 / 255;
    sum += difference;
    squares_sum += difference * difference;
  }
  const auto count = static_cast<double>(out.size());
  CHECK(std::abs(sum / count) < 0.005);
  CHECK(std::sqrt(squares_sum / count) == doctest::Approx(0.1).epsilon(0.03));
}

TEST_CASE("words to settings and back") {
  CHECK(parse_augmentation("none").value() == Augmentation{});
  CHECK(is_on(parse_augmentation("mnist").value()));
  const Augmentation some = parse_augmentation("rotate=12.5,shift=2").value();
  CHECK(some == Augmentation{.shift = 2, .rotate = 12.5f});
  CHECK(to_string(some) == "shift=2,rotate=12.5");
  CHECK(to_string(Augmentation{}) == "none");
  for (const std::string text : {"none", "mnist", "shift=1.25,noise=0.1", "elastic=30,smooth=5"}) {
    const Augmentation settings = parse_augmentation(text).value();
    CHECK(parse_augmentation(to_string(settings)).value() == settings);
  }
  for (const std::string text : {"", "shift", "shift=", "shift=x", "shift=-1", "shift=1e9", "shift=nan", "zoom=2",
                                 "shift=1,", "shift=1;rotate=2", "smooth=0"}) {
    CAPTURE(text);
    const Result<Augmentation> refused = parse_augmentation(text);
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().message.find('\n') == std::string::npos);
    CHECK(refused.error().message.find("such as") != std::string::npos);
  }
}

}  // namespace
}  // namespace convlens::training
