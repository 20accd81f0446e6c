// Which pictures a net gets wrong, and which test the matrix on the screen is of.
#include "app/model/mistakes.h"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

namespace convlens::model {
namespace {

// Ten pictures in the data set; pictures 8, 6, 4, 2, 0 are tested, with labels 2, 0, 1, 2, 0.
struct Fixture {
  std::shared_ptr<training::Dataset> data = std::make_shared<training::Dataset>();
  TestOutcome outcome;

  Fixture() {
    data->height = data->width = 1;
    data->pixels.resize(10);
    data->labels = {0, 1, 2, 0, 1, 2, 0, 1, 2, 0};
    data->class_names = {"cat", "dog", "owl"};
    outcome.step = 40;
    outcome.pictures = {data, {8, 6, 4, 2, 0}};
    outcome.predicted = {1, 0, 2, 1, 1};
    outcome.probability = {0.5F, 0.9F, 0.8F, 0.7F, 0.99F};
    outcome.label_probability = {0.4F, 0.9F, 0.1F, 0.2F, 0.0F};
    outcome.evaluation = {
        .images = 5, .class_sizes = {2, 1, 2}, .class_accuracy = {0.5, 0, 0}, .confusion = {1, 1, 0, 0, 0, 1, 0, 2, 0}};
  }
};

TEST_CASE("pictures of a cell, of a row, and the lists") {
  const Fixture f;
  CHECK(pictures_in(f.outcome, {2, 1}, 10) == OutcomePictures{3, 0});
  CHECK(pictures_in(f.outcome, {2, 1}, 1) == OutcomePictures{3});
  CHECK(pictures_in(f.outcome, {0, 0}, 10) == OutcomePictures{1});
  CHECK(pictures_in(f.outcome, {0, {}}, 10) == OutcomePictures{4});
  CHECK(pictures_in(f.outcome, {1, 0}, 10).empty());
  CHECK(worst_mistakes(f.outcome, 3) == OutcomePictures{4, 2, 3});
  CHECK(least_certain(f.outcome, 2) == OutcomePictures{0, 3});
  for (std::int32_t label = 0; label < 3; ++label) {
    for (std::int32_t predicted = 0; predicted < 3; ++predicted) {
      const ConfusionCell cell{label, predicted};
      CHECK(std::ssize(pictures_in(f.outcome, cell, 10)) == count_in(f.outcome.evaluation, cell));
    }
    CHECK(std::ssize(pictures_in(f.outcome, {label, {}}, 10)) == count_in(f.outcome.evaluation, {label, {}}));
  }
  CHECK(most_confused(f.outcome.evaluation) == 2);
}

TEST_CASE("cells in words") {
  const Fixture f;
  const auto words = [&](const ConfusionCell& cell) {
    return in_words(f.outcome.evaluation, f.data->class_names, cell);
  };
  CHECK(words({2, 1}) == "owl taken for dog: 2 of 2 (100.0 %)");
  CHECK(words({0, 0}) == "cat: 1 of 2 right (50.0 %)");
  CHECK(words({0, {}}) == "cat: 1 of 2 wrong (50.0 %)");
}

TEST_CASE("a picture of a part of the test set is found in the whole of it") {
  const Fixture f;
  SubsetPlaces places;
  const training::Subset part{f.data, {9, 8, 4, 0}};
  CHECK(places.find(part, 8) == 1);
  CHECK(places.find(part, 0) == 3);
  CHECK_FALSE(places.find(part, 6));
  CHECK_FALSE(places.find(part, 10));
  CHECK(places.find({f.data, {6, 8}}, 6) == 0);
}

TEST_CASE("the test that is looked at") {
  Fixture f;
  TrainSnapshot snapshot;
  snapshot.step = 45;
  CHECK(shown_test(snapshot, std::nullopt).evaluation == nullptr);
  auto tests = std::make_shared<std::vector<training::TestPoint>>();
  for (const std::int64_t step : {10, 20, 40, 90}) {
    tests->push_back({step, {}});
    tests->back().evaluation.images = step;
  }
  snapshot.tests = tests;
  snapshot.outcome = std::make_shared<TestOutcome>(f.outcome);
  SUBCASE("the present one, with pictures") {
    for (const auto& at : {std::optional<std::int64_t>{}, std::optional<std::int64_t>{45}}) {
      const ShownTest shown = shown_test(snapshot, at);
      CHECK(shown.step == 40);
      CHECK(shown.outcome == snapshot.outcome.get());
      CHECK(shown.evaluation == &snapshot.outcome->evaluation);
    }
  }
  SUBCASE("earlier ones, without") {
    const ShownTest shown = shown_test(snapshot, 39);
    CHECK(shown.step == 20);
    CHECK(shown.outcome == nullptr);
    CHECK(shown.evaluation->images == 20);
    CHECK(shown_test(snapshot, 5).evaluation == nullptr);
  }
  SUBCASE("later ones, where the recording reaches beyond the present step") {
    CHECK(shown_test(snapshot, 95).step == 90);
    CHECK(shown_test(snapshot, 95).outcome == nullptr);
  }
}

}  // namespace
}  // namespace convlens::model
