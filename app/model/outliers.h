// How strong the bulk of a map's values is: what a display range may reach without being stretched by a few extremes.
#pragma once

#include <cstdint>
#include <span>

namespace convlens::model {

// Share of the nonzero values that is stronger than the bulk.
inline constexpr double kOutlierShare = 0.005;

// Magnitude that all but kOutlierShare of the nonzero finite values of a plane with rows of `width` values stay below,
// estimated from at most 16384 values spread evenly over it. `largest` (the largest finite magnitude) where too few of
// them are not zero to tell: maps of an impulse, a line or a digit keep their full range.
float bulk_magnitude(std::span<const float> plane, std::int64_t width, float largest);

// The same in two halves, for planes that are elsewhere: every how many-th of `count` values is looked at, and what
// those say.
std::int64_t sample_step(std::int64_t count, std::int64_t width);
float bulk_of_samples(std::span<const float> samples, float largest);

}  // namespace convlens::model
