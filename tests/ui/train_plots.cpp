// Plots over the steps of a run: how far a zoom goes, what ranges they show, how much room the timeline keeps.
#include <doctest/doctest.h>

#include <cmath>
#include <memory>
#include <optional>

#include "app/ui/train_curve_axes.h"
#include "app/ui/train_curve_range.h"
#include "app/ui/train_timeline_track.h"

namespace convlens::ui {
namespace {

model::CurveSeries falling(std::int64_t count, float from) {
  model::CurveSeries series;
  for (std::int64_t i = 0; i < count; ++i) series.append(i, from / static_cast<float>(1 + i));
  return series;
}

Interval range_of(const PlotContent& content, bool is_whole = true) {
  std::vector<model::CurveSight> sights;
  for (const PlotLine& line : content.lines) {
    sights.push_back(model::read_curve(*line.series, 0, 100, 1000, line.window));
  }
  std::vector<const model::CurveSight*> seen;
  for (const model::CurveSight& sight : sights) seen.push_back(&sight);
  return values_of(content, seen, is_whole);
}

TEST_CASE("A fitted range begins at zero and holds all that is seen") {
  const model::CurveSeries loss = falling(100, 4);
  PlotContent content;
  content.lines = {{"loss", "loss", &loss, 0, 1, false}};
  const Interval range = range_of(content);
  CHECK(range.lo == 0);
  CHECK(range.hi >= 4);
  CHECK(range.hi < 4.5);
  content.is_logarithmic = true;
  const Interval powers = range_of(content);
  CHECK(powers.lo <= std::log10(0.04));
  CHECK(powers.hi >= std::log10(4.0));
  content.is_logarithmic = false;
  content.whole = Interval{0, 1};
  CHECK(range_of(content) == Interval{0, 1});
}

TEST_CASE("A rare value does not press the others flat") {
  const model::CurveSeries loss = falling(100, 4);
  model::CurveSeries tests;
  tests.append(0, 3);
  tests.append(50, 20'000);
  PlotContent content;
  content.lines = {{"training", "training", &loss, 0, 1, false}, {"held_out", "held-out", &tests, 0, 1, true}};
  const Interval range = range_of(content);
  CHECK(range.hi > 9);
  CHECK(range.hi < 12);
  // Alone it is what there is to see.
  content.lines.erase(content.lines.begin());
  CHECK(range_of(content).hi > 20'000);
}

TEST_CASE("Nothing to see still has a range") {
  const model::CurveSeries none;
  PlotContent content;
  content.lines = {{"loss", "loss", &none, 0, 1, false}};
  CHECK(range_of(content).span() > 0);
  content.is_logarithmic = true;
  CHECK(range_of(content).span() > 0);
}

TEST_CASE("A zoom stays inside, is never too narrow, and ends where it shows everything") {
  const Interval all{0, 1000};
  std::optional<Interval> zoom = Interval{-50, 150};
  keep_inside(zoom, all);
  REQUIRE(zoom);
  CHECK(*zoom == Interval{0, 200});
  zoom = Interval{500.1, 500.2};
  keep_inside(zoom, all);
  REQUIRE(zoom);
  CHECK(zoom->span() >= 3.99);
  zoom = Interval{-10, 2000};
  keep_inside(zoom, all);
  CHECK_FALSE(zoom);
  Interval range{0, 100};
  zoom_about(range, 25, 2);
  CHECK(range == Interval{12.5, 62.5});
}

TEST_CASE("Steps and values stand where the axes have them") {
  CurveAxes axes;
  axes.min = {100, 50};
  axes.max = {300, 150};
  axes.steps = {0, 1000};
  axes.values = {0, 10};
  CHECK(axes.x(500) == doctest::Approx(200));
  CHECK(axes.step_at(axes.x(750)) == doctest::Approx(750));
  CHECK(axes.y(0) == doctest::Approx(150));
  CHECK(axes.y(10) == doctest::Approx(50));
  axes.is_logarithmic = true;
  axes.values = {-1, 1};
  CHECK(axes.y(1) == doctest::Approx(100));
  // Zero has no logarithm: below the plot.
  CHECK(axes.y(0) > 150);
}

TEST_CASE("The timeline grows by doubling, and no further than was planned") {
  auto run = std::make_shared<model::TrainRun>();
  run->planned_steps = 940;
  model::TrainSnapshot snapshot;
  snapshot.run = run;
  CHECK(track_end(snapshot) == 64);
  snapshot.last_step = 65;
  CHECK(track_end(snapshot) == 128);
  snapshot.last_step = 600;
  CHECK(track_end(snapshot) == 940);
  snapshot.last_step = 940;
  CHECK(track_end(snapshot) == 940);
  snapshot.last_step = 1100;
  CHECK(track_end(snapshot) == 2048);
}

}  // namespace
}  // namespace convlens::ui
