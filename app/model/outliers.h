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

}  // namespace convlens::model
