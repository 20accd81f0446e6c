// Curves as plots read them: ranges and means against plain loops, ticks that are round, the last good step.
#include "app/model/curve_reading.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace convlens::model {
namespace {

CurveSeries noisy(std::size_t count, std::int64_t first_step, std::int64_t stride, std::uint32_t seed) {
  std::mt19937 random(seed);
  CurveSeries series;
  for (std::size_t i = 0; i < count; ++i) {
    const float value = static_cast<float>(random() % 2001) / 1000 - 1;
    series.append(first_step + static_cast<std::int64_t>(i) * stride, value);
  }
  return series;
}

Spread plain_spread(const CurveSeries& series, std::size_t from, std::size_t to) {
  Spread all;
  for (std::size_t i = from; i < std::min(to, series.size()); ++i) all.add(series.value(i));
  return all;
}

void check_same(const Spread& a, const Spread& b) {
  CHECK(a.count == b.count);
  CHECK(a.lo == b.lo);
  CHECK(a.hi == b.hi);
  CHECK(a.sum == doctest::Approx(b.sum));
}

TEST_CASE("Any part of a series is summed up as a plain loop does it, after cuts too") {
  for (const std::int64_t stride : {1, 3}) {
    CurveSeries series = noisy(1000, 40, stride, 7);
    std::mt19937 random(5);
    for (int i = 0; i < 300; ++i) {
      const std::size_t from = random() % 1001, to = from + random() % 700;
      check_same(series.spread(from, to), plain_spread(series, from, to));
    }
    const std::uint64_t before = series.version();
    series.cut_from(series.step(601));
    CHECK(series.version() != before);
    REQUIRE(series.size() == 601);
    CHECK(series.last_step() == 40 + 600 * stride);
    series.append(series.last_step() + 1, 9);
    CHECK(series.spread(0, 602).hi == 9);
    check_same(series.spread(5, 602), plain_spread(series, 5, 602));
  }
}

TEST_CASE("Steps are found whether they follow each other or not") {
  for (const std::int64_t stride : {1, 4}) {
    const CurveSeries series = noisy(100, 10, stride, 3);
    for (std::int64_t step = 0; step < 10 + 100 * stride + 5; ++step) {
      std::size_t expected = 0;
      while (expected < series.size() && series.step(expected) < step) ++expected;
      CHECK(series.index_from(step) == expected);
      const auto at = series.index_at(step);
      CHECK(at.has_value() == (step >= 10));
      if (at) {
        CHECK(series.step(*at) <= step);
        CHECK((*at + 1 == series.size() || series.step(*at + 1) > step));
      }
    }
  }
}

TEST_CASE("A series that skips steps goes on after it was consecutive") {
  CurveSeries series;
  series.append(5, 1);
  series.append(6, 2);
  series.append(9, 3);
  CHECK(series.step(0) == 5);
  CHECK(series.step(2) == 9);
  CHECK(series.index_from(7) == 2);
  series.cut_from(0);
  CHECK(series.is_empty());
  series.append(100, 1);
  CHECK(series.step(0) == 100);
}

TEST_CASE("What is not finite is left out") {
  CurveSeries series;
  series.append(0, 1);
  series.append(1, std::numeric_limits<float>::quiet_NaN());
  series.append(2, std::numeric_limits<float>::infinity());
  series.append(3, 5);
  const Spread all = series.spread(0, 4);
  CHECK(all.count == 2);
  CHECK(all.lo == 1);
  CHECK(all.hi == 5);
  CHECK(all.mean() == 3);
  CHECK_FALSE(series.mean_around(1, 1).has_value());
}

TEST_CASE("Many values in a few columns: no value is lost, none invented") {
  const CurveSeries series = noisy(100'000, 0, 1, 11);
  const CurveSight sight = read_curve(series, 0, 99'999, 640, 1);
  REQUIRE(sight.columns.size() == 640);
  CHECK(sight.points.empty());
  Spread all;
  for (const Spread& column : sight.columns) {
    CHECK_FALSE(column.is_empty());
    all.add(column);
  }
  check_same(all, plain_spread(series, 0, series.size()));
  // The mean of a column's values, for there are more of them than the window has.
  REQUIRE(sight.mean.size() == 640);
  for (const CurvePoint& point : sight.mean) CHECK(std::abs(point.value) < 0.2F);
  CHECK(sight.mean.front().step < 200);
  CHECK(sight.mean.back().step > 99'800);
}

TEST_CASE("Few values are shown one by one, with a neighbour beyond each end") {
  const CurveSeries series = noisy(1000, 0, 1, 13);
  const CurveSight sight = read_curve(series, 99.5, 200.2, 640, 1);
  CHECK(sight.columns.empty());
  REQUIRE(sight.points.size() == 103);
  CHECK(sight.points.front().step == 99);
  CHECK(sight.points.back().step == 201);
  REQUIRE(sight.mean.size() == sight.points.size());
  for (std::size_t i = 0; i < sight.points.size(); ++i) CHECK(sight.mean[i].value == sight.points[i].value);
}

TEST_CASE("The running mean is that of the window around each value") {
  const CurveSeries series = noisy(500, 0, 1, 17);
  const CurveSight sight = read_curve(series, 0, 499, 1000, 21);
  REQUIRE(sight.mean.size() == 500);
  for (std::size_t i = 0; i < 500; ++i) {
    const std::size_t from = i < 10 ? 0 : i - 10;
    CHECK(sight.mean[i].value == doctest::Approx(plain_spread(series, from, i + 11).mean()));
  }
}

TEST_CASE("Nothing to see gives nothing") {
  CHECK(read_curve({}, 0, 10, 100, 1).points.empty());
  const CurveSeries series = noisy(10, 0, 1, 1);
  CHECK(read_curve(series, 5, 5, 100, 1).points.empty());
  CHECK(read_curve(series, 0, 5, 0, 1).points.empty());
  // Between two values there is their line.
  CHECK(read_curve(series, 3.2, 3.7, 100, 1).points.size() == 2);
}

TEST_CASE("Ticks are round, inside, evenly apart and never too many") {
  std::mt19937 random(23);
  int looked_at = 0;
  for (int i = 0; i < 2000; ++i) {
    const double size = std::pow(10.0, static_cast<double>(random() % 1300) / 100 - 6);
    const double lo = (static_cast<double>(random() % 2000) / 1000 - 1) * size;
    const double hi = lo + size * (0.01 + static_cast<double>(random() % 1000) / 500);
    const int most = 2 + static_cast<int>(random() % 9);
    const std::vector<double> ticks = axis_ticks(lo, hi, most);
    CHECK(std::ssize(ticks) <= most);
    for (const double tick : ticks) {
      CHECK(tick >= lo - 1e-9 * size);
      CHECK(tick <= hi + 1e-9 * size);
    }
    if (ticks.size() < 2) continue;
    ++looked_at;
    const double distance = ticks[1] - ticks[0];
    const double digit = distance / std::pow(10.0, std::floor(std::log10(distance) + 1e-9));
    const bool is_round = std::abs(digit - 1) < 1e-6 || std::abs(digit - 2) < 1e-6 || std::abs(digit - 5) < 1e-6;
    CHECK(is_round);
  }
  CHECK(looked_at > 1500);
  CHECK(axis_ticks(0, 3, 9, true) == std::vector<double>{0, 1, 2, 3});
  CHECK(axis_ticks(0, 1, 6) == std::vector<double>{0, 0.2, 0.4, 0.6000000000000001, 0.8, 1});
  CHECK(axis_ticks(1, 1, 5).empty());
}

TEST_CASE("Logarithmic ticks: decades, finer where there is room, coarser where there is none") {
  CHECK(logarithmic_ticks(0.1, 10, 7) == std::vector<double>{0.1, 0.2, 0.5, 1, 2, 5, 10});
  CHECK(logarithmic_ticks(0.1, 10, 6) == std::vector<double>{0.1, 1, 10});
  CHECK(logarithmic_ticks(1e-6, 1e6, 5).size() <= 5);
  CHECK(logarithmic_ticks(1e-6, 1e6, 5).size() >= 2);
  CHECK(logarithmic_ticks(2.1, 4.5, 5).size() >= 2);
  CHECK(logarithmic_ticks(0, 4, 5).empty());
}

TEST_CASE("The last good step stands before the loss ran away") {
  CurveSeries losses;
  CHECK_FALSE(last_good_step(losses).has_value());
  for (std::int64_t step = 0; step < 100; ++step) losses.append(step, 2.0F / static_cast<float>(1 + step));
  CHECK(last_good_step(losses) == 99);
  for (std::int64_t step = 100; step < 120; ++step) losses.append(step, static_cast<float>(step - 95));
  CHECK(last_good_step(losses) == 99);
}

}  // namespace
}  // namespace convlens::model
