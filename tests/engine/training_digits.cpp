// The digits written by code: always the same, in the middle, varied, and told apart by a simple rule.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <set>
#include <vector>

#include "engine/training/digit_styles.h"
#include "engine/training/digits.h"
#include "engine/training/source.h"

namespace convlens::training {
namespace {

std::uint64_t fnv1a(std::span<const std::uint8_t> bytes) {
  std::uint64_t hash = 14695981039346656037ull;
  for (const std::uint8_t byte : bytes) hash = (hash ^ byte) * 1099511628211ull;
  return hash;
}

TEST_CASE("stroke tables are sound") {
  for (int digit = 0; digit <= 9; ++digit) {
    CAPTURE(digit);
    CHECK(digit_styles(digit).size() >= 3);
    for (const DigitStyle& style : digit_styles(digit)) {
      CHECK(style.weight > 0);
      REQUIRE(style.points.size() >= 2);
      CHECK(style.points.size() <= kMostPenPoints);
      CHECK(style.points.front().move == PenMove::kStart);
      CHECK(style.points.back().move != PenMove::kStart);
      for (const PenPoint& point : style.points) {
        CHECK((point.x >= -20 && point.x <= 100));
        CHECK((point.y >= -10 && point.y <= 110));
      }
    }
  }
}

TEST_CASE("the same digits for every number of threads, and from any start of the series") {
  const Dataset one = make_digits(500, 7, Parallel(1)), three = make_digits(500, 7, Parallel(3));
  CHECK(check(one).ok());
  CHECK(one.pixels == three.pixels);
  CHECK(one.labels == three.labels);
  const Dataset later = make_digits(100, 7, Parallel(1), 333);
  CHECK(std::equal(later.pixels.begin(), later.pixels.end(), one.pixels.begin() + 333 * kDigitPixels));
  CHECK(std::equal(later.labels.begin(), later.labels.end(), one.labels.begin() + 333));
  CHECK(make_digits(500, 8, Parallel(1)).pixels != one.pixels);
}

TEST_CASE("the same bytes on every platform") {
  const Dataset digits = make_digits(1000, 1, Parallel());
  CHECK(fnv1a(digits.pixels) == 0x1510D5C22734F0B2ull);
}

TEST_CASE("every picture is a digit of its own: inked, in the middle, inside") {
  constexpr std::int64_t kCount = 3000;
  const Dataset digits = make_digits(kCount, 3, Parallel());
  std::set<std::uint64_t> different;
  std::array<int, 10> counts{};
  for (std::int64_t i = 0; i < kCount; ++i) {
    CAPTURE(i);
    const auto picture = digits.picture(i);
    different.insert(fnv1a(picture));
    ++counts[static_cast<std::size_t>(digits.labels[static_cast<std::size_t>(i)])];
    double mass = 0, x_mass = 0, y_mass = 0;
    int full = 0;
    for (std::size_t at = 0; at < picture.size(); ++at) {
      mass += picture[at];
      x_mass += picture[at] * static_cast<double>(at % 28);
      y_mass += picture[at] * static_cast<double>(at / 28);
      full += picture[at] > 200 ? 1 : 0;
    }
    CHECK(mass / 255 > 15);
    CHECK(mass / 255 < 330);
    CHECK(full > 4);
    CHECK(std::abs(x_mass / mass - 13.5) < 1.01);
    CHECK(std::abs(y_mass / mass - 13.5) < 1.01);
  }
  CHECK(different.size() == kCount);
  for (const int count : counts) CHECK(count == kCount / 10);
}

TEST_CASE("a mean picture per class already tells most digits apart") {
  // The nearest of ten mean pictures: a rule so plain that only digits that look like digits can satisfy it.
  const Dataset train = make_digits(5000, 5, Parallel()), test = make_digits(1000, 6, Parallel());
  std::vector<std::array<double, kDigitPixels>> means(10);
  for (std::int64_t i = 0; i < train.size(); ++i) {
    auto& mean = means[static_cast<std::size_t>(train.labels[static_cast<std::size_t>(i)])];
    for (std::size_t k = 0; k < mean.size(); ++k) mean[k] += train.picture(i)[k] / 500.0;
  }
  int right = 0;
  for (std::int64_t i = 0; i < test.size(); ++i) {
    std::array<double, 10> distance{};
    for (std::size_t c = 0; c < 10; ++c) {
      for (std::size_t k = 0; k < kDigitPixels; ++k) {
        const double difference = means[c][k] - test.picture(i)[k];
        distance[c] += difference * difference;
      }
    }
    const auto best = std::min_element(distance.begin(), distance.end()) - distance.begin();
    right += best == test.labels[static_cast<std::size_t>(i)] ? 1 : 0;
  }
  CHECK(right > 550);
  CHECK(right < 990);  // and yet they vary
}

TEST_CASE("no variety means the same digit again and again, up to its style and pen") {
  DigitVariety none;
  none.jitter = none.warp = none.slant = none.rotation = none.proportion = none.taper = none.balance = 0;
  const Dataset calm = make_digits(300, 1, Parallel(), 0, none);
  CHECK(calm.pixels != make_digits(300, 1, Parallel()).pixels);
  CHECK(check(calm).ok());
}

TEST_CASE("the synthetic source: training and test digits are different ones") {
  const Result<DataParts> parts = open_data("synthetic:600", 4, {}, Parallel());
  REQUIRE(parts.ok());
  CHECK(parts->train.size() == 600);
  CHECK(parts->test.size() == 100);
  CHECK(parts->train.data->class_names.size() == 10);
  std::set<std::uint64_t> seen;
  for (std::int64_t i = 0; i < 600; ++i) seen.insert(fnv1a(parts->train.data->picture(i)));
  for (std::int64_t i = 0; i < 100; ++i) seen.insert(fnv1a(parts->test.data->picture(i)));
  CHECK(seen.size() == 700);
}

}  // namespace
}  // namespace convlens::training
