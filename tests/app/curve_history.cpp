// The curves of a run on the frame thread: appended, cut by forks, taken up again, left behind by resets.
#include "app/model/curve_history.h"

#include <doctest/doctest.h>

#include <memory>

namespace convlens::model {
namespace {

struct Desk {
  TrainSnapshot snapshot;
  TrainCurves curves;
  CurveHistory history;

  Desk() { begin(1); }
  void begin(std::uint64_t serial) {
    auto run = std::make_shared<TrainRun>();
    run->serial = serial;
    snapshot.run = run;
    snapshot.step = snapshot.last_step = 0;
    curves.points.clear();
    ++curves.version;
  }
  // `flavour` makes two futures differ.
  void train(std::int64_t steps, float flavour = 0) {
    for (std::int64_t i = 0; i < steps; ++i) {
      curves.points.push_back({1 / (1 + static_cast<float>(curves.points.size())) + flavour, 0.5F, 0.1F});
    }
    ++curves.version;
    snapshot.step = snapshot.last_step = std::ssize(curves.points);
    snapshot.gradients = std::make_shared<const std::vector<float>>();
    snapshot.layers = {{"conv1", 1, 2, 1e-3, std::nullopt},
                       {"relu1", 0, 0, std::nullopt, 0.25},
                       {"flatten1", 0, 0, std::nullopt, std::nullopt}};
    follow();
  }
  void cut(std::int64_t steps) {
    curves.points.resize(static_cast<std::size_t>(steps));
    ++curves.version;
    snapshot.step = snapshot.last_step = steps;
  }
  void follow() {
    ++snapshot.generation;
    history.follow(snapshot, curves);
  }
  void check_points() const {
    REQUIRE(history.steps().loss.size() == curves.points.size());
    for (std::size_t i = 0; i < curves.points.size(); ++i) {
      CHECK(history.steps().loss.value(i) == curves.points[i].loss);
      CHECK(history.steps().accuracy.value(i) == curves.points[i].accuracy);
      CHECK(history.steps().rate.value(i) == curves.points[i].learning_rate);
    }
  }
};

TEST_CASE("Points are appended as they come, layers as they are seen") {
  Desk desk;
  desk.train(5);
  desk.train(7);
  desk.check_points();
  REQUIRE(desk.history.layers().size() == 2);  // nothing to measure about flattening
  const LayerCurves& conv = desk.history.layers()[0];
  CHECK(conv.name == "conv1");
  CHECK(conv.of(LayerQuantity::kWeightNorm).size() == 2);
  CHECK(conv.of(LayerQuantity::kWeightNorm).last_step() == 12);
  CHECK(conv.of(LayerQuantity::kDeadShare).is_empty());
  const LayerCurves& relu = desk.history.layers()[1];
  CHECK(relu.layer == 1);
  CHECK(relu.of(LayerQuantity::kWeightNorm).is_empty());
  CHECK(relu.of(LayerQuantity::kDeadShare).value(0) == 0.25F);
  CHECK(desk.history.ghosts().empty());
}

TEST_CASE("Looking back appends nothing twice") {
  Desk desk;
  desk.train(5);
  desk.train(5);
  desk.snapshot.step = 3;
  desk.follow();
  CHECK(desk.history.layers()[0].of(LayerQuantity::kGradientNorm).size() == 2);
}

TEST_CASE("Where nothing was measured there is no gradient norm, which is not zero") {
  Desk desk;
  desk.snapshot.layers = {{"conv1", 0, 2, std::nullopt, std::nullopt}};
  desk.follow();
  REQUIRE(desk.history.layers().size() == 1);
  CHECK(desk.history.layers()[0].of(LayerQuantity::kGradientNorm).is_empty());
  CHECK(desk.history.layers()[0].of(LayerQuantity::kWeightNorm).size() == 1);
}

TEST_CASE("A fork cuts the curves and leaves a ghost that begins at the fork") {
  Desk desk;
  desk.train(10);
  desk.train(10);
  desk.cut(12);
  desk.follow();
  desk.check_points();
  REQUIRE(desk.history.ghosts().size() == 1);
  CHECK(desk.history.ghosts()[0]->loss.step(0) == 11);
  CHECK(desk.history.ghosts()[0]->loss.last_step() == 19);
  // What was measured at step 20 is gone; the moment of the fork is measured itself.
  const CurveSeries& norms = desk.history.layers()[0].of(LayerQuantity::kGradientNorm);
  REQUIRE(norms.size() == 2);
  CHECK(norms.step(0) == 10);
  CHECK(norms.step(1) == 12);
  // Between two frames it may be cut and grow beyond what it was.
  desk.cut(8);
  desk.train(30, 0.5F);
  desk.check_points();
  CHECK(desk.history.ghosts().size() == 2);
}

TEST_CASE("A future that is trained again, or taken again, is no ghost") {
  Desk desk;
  desk.train(20);
  desk.cut(12);
  desk.follow();
  CHECK(desk.history.ghosts().size() == 1);
  desk.train(8);
  desk.check_points();
  CHECK(desk.history.ghosts().empty());
}

TEST_CASE("A reset leaves the whole run as a ghost, and only so many are kept") {
  Desk desk;
  for (std::uint64_t serial = 2; serial < 12; ++serial) {
    desk.train(20, static_cast<float>(serial));
    desk.begin(serial);
    desk.follow();
    CHECK(desk.history.steps().loss.is_empty());
    CHECK(desk.history.layers().size() <= 2);
  }
  REQUIRE(desk.history.ghosts().size() == CurveHistory::kGhosts);
  CHECK(desk.history.ghosts().back()->loss.size() == 20);
  CHECK(desk.history.ghosts().back()->loss.value(0) == 12);
}

TEST_CASE("Tests are read when there are others; of two at one step the last counts") {
  Desk desk;
  desk.train(5);
  auto tests = std::make_shared<std::vector<training::TestPoint>>();
  const auto add = [&](std::int64_t step, double accuracy) {
    training::TestPoint test;
    test.step = step;
    test.evaluation.accuracy = accuracy;
    tests->push_back(test);
  };
  add(0, 0.1);
  add(5, 0.5);
  add(5, 0.75);
  desk.snapshot.tests = tests;
  desk.follow();
  REQUIRE(desk.history.tests().accuracy.size() == 2);
  CHECK(desk.history.tests().accuracy.value(1) == 0.75F);
  CHECK(desk.history.tests().loss.last_step() == 5);
}

}  // namespace
}  // namespace convlens::model
