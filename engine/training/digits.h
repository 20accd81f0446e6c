// Digits written by code, one stroke model per way of writing, so that training works with no file at all. The shapes
// are made from scratch: no picture of a data set is in them, only MNIST's way of cutting and centring (LeCun et al.,
// "Gradient-Based Learning Applied to Document Recognition", 1998, section III.A).
#pragma once

#include <cstdint>
#include <span>

#include "engine/core/parallel.h"
#include "engine/training/dataset.h"

namespace convlens::training {

inline constexpr std::int64_t kDigitSide = 28;
inline constexpr std::int64_t kDigitPixels = kDigitSide * kDigitSide;

// How much hands differ. Deviations are of normal distributions; lengths are shares of the digit's height.
struct DigitVariety {
  float jitter = 0.04f;        // of every control point on its own
  float warp = 0.065f;         // of a smooth displacement of the whole digit
  float slant = 0.28f;         // tangent of the lean
  float rotation = 0.025f;     // turns
  float proportion = 0.25f;    // of width / height, as a share
  float taper = 0.3f;          // of the upper half's width against the lower's
  float balance = 0.06f;       // of the height of the middle
  float thinnest_pen = 0.75f;  // radius in pixels of the finished picture
  float thickest_pen = 2.9f;
  float pressure = 0.15f;  // of the pen along a stroke, as a share
  bool operator==(const DigitVariety&) const = default;
};

// Which digit number `index` shows: every ten consecutive ones hold each digit once.
std::int32_t digit_label(std::int64_t index);

// Writes number `index` of the endless series `seed`, 28 x 28 bytes, ink 255 on 0, its centre of mass in the middle.
// The same bytes on every platform.
void write_digit(std::uint64_t seed, std::int64_t index, const DigitVariety& variety,
                 std::span<std::uint8_t, kDigitPixels> out);

// Numbers [first, first + count) as a dataset. The same for every number of threads.
Dataset make_digits(std::int64_t count, std::uint64_t seed, const Parallel& parallel, std::int64_t first = 0,
                    const DigitVariety& variety = {});

}  // namespace convlens::training
