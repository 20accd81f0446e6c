// The ways in which people write each digit, as pen strokes. Internal to training; draws nothing.
#pragma once

#include <array>
#include <cstddef>
#include <span>

namespace convlens::training {

enum class PenMove {
  kStart,   // the pen comes down
  kSmooth,  // the curve passes through without a corner
  kCorner,  // the curve stops and starts again
};

// y runs down from 0 to 100; x is in the same unit.
struct PenPoint {
  float x, y;
  PenMove move;
};

struct DigitStyle {
  float weight;  // how often among the digit's styles; they need not add up to anything
  std::span<const PenPoint> points;
};

inline constexpr std::size_t kMostPenPoints = 24;

// digit in [0, 9].
std::span<const DigitStyle> digit_styles(int digit);

}  // namespace convlens::training
