// How a filter in training is doing: whether anything still reaches it, and what has become of its weights. In numbers
// and words; draws nothing.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "app/model/train_snapshot.h"

namespace convlens::model {

// Filters in front of a ReLU whose gradient is zero to the last weight: the ReLU let nothing of the whole batch
// through. All false where no ReLU follows, and for filters that are frozen.
std::vector<bool> dead_filters(const TrainRun& run, const std::vector<float>& gradients, std::size_t layer,
                               const std::vector<bool>& frozen);

double norm_of(std::span<const float> weights);
// Degrees between two filters as vectors; 0 where one of them is zero.
double angle_between(std::span<const float> a, std::span<const float> b);

// "norm grows: 0.42 → 1.31", "turned by 63° since the start"; nothing about what has hardly changed.
std::vector<std::string> change_words(std::span<const float> first, std::span<const float> now);

}  // namespace convlens::model
