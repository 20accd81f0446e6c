// Where a net fails: which test is looked at, which of its pictures are which mistake, and that in words.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "app/model/train_snapshot.h"

namespace convlens::model {

struct ShownTest {
  std::int64_t step = 0;
  const training::Evaluation* evaluation = nullptr;  // null: there is no test
  const TestOutcome* outcome = nullptr;              // null: it is not known picture by picture
};
// The newest test not after `looked_at`, or of the present state. Points into the snapshot.
ShownTest shown_test(const TrainSnapshot& snapshot, const std::optional<std::int64_t>& looked_at);

// A cell of the confusion matrix; without `predicted`, all wrong answers to the class.
struct ConfusionCell {
  std::int32_t label = 0;
  std::optional<std::int32_t> predicted{};
  bool operator==(const ConfusionCell&) const = default;
};

std::int64_t classes_of(const training::Evaluation& evaluation);
// How many pictures are in a cell.
std::int64_t count_in(const training::Evaluation& evaluation, const ConfusionCell& cell);
// The largest count off the diagonal.
std::int64_t most_confused(const training::Evaluation& evaluation);

// Positions in outcome.pictures, at most `most` of them.
using OutcomePictures = std::vector<std::size_t>;
// The most certain answers first.
OutcomePictures pictures_in(const TestOutcome& outcome, const ConfusionCell& cell, std::size_t most);
OutcomePictures worst_mistakes(const TestOutcome& outcome, std::size_t most);
// The least certain answers first, right or wrong.
OutcomePictures least_certain(const TestOutcome& outcome, std::size_t most);

// Where a picture of the data set stands in a subset of it: what SampleRef::index means. For one subset at a time.
class SubsetPlaces {
 public:
  std::optional<std::int64_t> find(const training::Subset& subset, std::int64_t position);

 private:
  std::shared_ptr<const training::Dataset> data_;
  training::Indices indices_;
  std::vector<std::int64_t> places_;  // by position in the data set; negative: not in the subset
};

// "7 taken for 1: 12 of 1 028 (1.2 %)", "7: 990 of 1 028 right (96.3 %)", "7: 38 of 1 028 wrong (3.7 %)".
std::string in_words(const training::Evaluation& evaluation, std::span<const std::string> names,
                     const ConfusionCell& cell);

}  // namespace convlens::model
