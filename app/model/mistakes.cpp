// Sorting and counting of test outcomes.
#include "app/model/mistakes.h"

#include <algorithm>
#include <utility>

#include "engine/core/text.h"

namespace convlens::model {
namespace {

std::int32_t label_of(const TestOutcome& outcome, std::size_t i) {
  return outcome.pictures.data->labels[static_cast<std::size_t>(outcome.pictures.indices[i])];
}

// The first `most` of those that `belongs` accepts, by `key`: the smallest first, in the order of the test where equal.
template <class Belongs, class Key>
OutcomePictures choose(const TestOutcome& outcome, std::size_t most, const Belongs& belongs, const Key& key) {
  OutcomePictures chosen;
  for (std::size_t i = 0; i < outcome.predicted.size(); ++i) {
    if (belongs(i)) chosen.push_back(i);
  }
  const auto is_before = [&](std::size_t a, std::size_t b) { return std::pair(key(a), a) < std::pair(key(b), b); };
  const std::size_t count = std::min(most, chosen.size());
  std::partial_sort(chosen.begin(), chosen.begin() + static_cast<std::ptrdiff_t>(count), chosen.end(), is_before);
  chosen.resize(count);
  return chosen;
}

}  // namespace

ShownTest shown_test(const TrainSnapshot& snapshot, const std::optional<std::int64_t>& looked_at) {
  const TestOutcome* outcome = snapshot.outcome.get();
  const std::int64_t limit = looked_at.value_or(snapshot.step);
  ShownTest shown;
  if (snapshot.tests) {
    for (const training::TestPoint& test : *snapshot.tests) {
      if (test.step > limit || (shown.evaluation && test.step < shown.step)) continue;
      shown = {test.step, &test.evaluation, nullptr};
    }
  }
  // The state's own test is known picture by picture.
  if (outcome && outcome->step <= limit && (!shown.evaluation || outcome->step >= shown.step)) {
    shown = {outcome->step, &outcome->evaluation, outcome};
  }
  return shown;
}

std::int64_t classes_of(const training::Evaluation& evaluation) { return std::ssize(evaluation.class_sizes); }

std::int64_t count_in(const training::Evaluation& evaluation, const ConfusionCell& cell) {
  const std::int64_t classes = classes_of(evaluation);
  const auto at = [&](std::int64_t predicted) {
    return evaluation.confusion[static_cast<std::size_t>(cell.label * classes + predicted)];
  };
  if (cell.predicted) return at(*cell.predicted);
  return evaluation.class_sizes[static_cast<std::size_t>(cell.label)] - at(cell.label);
}

std::int64_t most_confused(const training::Evaluation& evaluation) {
  const std::int64_t classes = classes_of(evaluation);
  std::int64_t most = 0;
  for (std::int64_t i = 0; i < classes * classes; ++i) {
    if (i / classes != i % classes) most = std::max(most, evaluation.confusion[static_cast<std::size_t>(i)]);
  }
  return most;
}

OutcomePictures pictures_in(const TestOutcome& outcome, const ConfusionCell& cell, std::size_t most) {
  return choose(
      outcome, most,
      [&](std::size_t i) {
        if (label_of(outcome, i) != cell.label) return false;
        return cell.predicted ? outcome.predicted[i] == *cell.predicted : outcome.predicted[i] != cell.label;
      },
      [&](std::size_t i) { return -outcome.probability[i]; });
}

OutcomePictures worst_mistakes(const TestOutcome& outcome, std::size_t most) {
  return choose(
      outcome, most, [&](std::size_t i) { return label_of(outcome, i) != outcome.predicted[i]; },
      [&](std::size_t i) { return -outcome.probability[i]; });
}

OutcomePictures least_certain(const TestOutcome& outcome, std::size_t most) {
  return choose(
      outcome, most, [](std::size_t) { return true; }, [&](std::size_t i) { return outcome.probability[i]; });
}

std::optional<std::int64_t> SubsetPlaces::find(const training::Subset& subset, std::int64_t position) {
  if (data_ != subset.data || indices_.size() != subset.indices.size() || indices_ != subset.indices) {
    data_ = subset.data;
    indices_ = subset.indices;
    places_.assign(static_cast<std::size_t>(data_->size()), -1);
    for (std::size_t i = 0; i < indices_.size(); ++i) {
      places_[static_cast<std::size_t>(indices_[i])] = static_cast<std::int64_t>(i);
    }
  }
  if (position < 0 || position >= std::ssize(places_)) return std::nullopt;
  const std::int64_t place = places_[static_cast<std::size_t>(position)];
  return place < 0 ? std::nullopt : std::optional(place);
}

std::string in_words(const training::Evaluation& evaluation, std::span<const std::string> names,
                     const ConfusionCell& cell) {
  const auto name = [&](std::int32_t c) { return names[static_cast<std::size_t>(c)]; };
  const std::int64_t count = count_in(evaluation, cell);
  const std::int64_t all = evaluation.class_sizes[static_cast<std::size_t>(cell.label)];
  const bool is_mistake = cell.predicted && *cell.predicted != cell.label;
  std::string text = name(cell.label) + (is_mistake ? " taken for " + name(*cell.predicted) : "") + ": " +
                     grouped(count) + " of " + grouped(all);
  if (!is_mistake) text += cell.predicted ? " right" : " wrong";
  if (all > 0) {
    text += " (" + formatted("%.1f", 100 * static_cast<double>(count) / static_cast<double>(all)) + " %)";
  }
  return text;
}

}  // namespace convlens::model
