// How long the last frames took. Arithmetic only.
#pragma once

#include <array>
#include <cstddef>
#include <span>

namespace convlens::model {

// The value that `share` in [0,1] of the others do not exceed: 0.5 is the median; 0 of none. Sorts a copy.
double quantile(std::span<const double> values, double share);

class FrameTimes {
 public:
  static constexpr std::size_t kKept = 120;

  void add(double milliseconds);
  std::size_t count() const { return next_ < kKept ? next_ : kKept; }
  // Of the kept frames; 0 before the first one.
  double quantile(double share) const;
  // The i-th of the kept frames, the oldest first.
  double at(std::size_t i) const { return times_[next_ <= kKept ? i : (next_ + i) % kKept]; }

 private:
  std::array<double, kKept> times_{};
  std::size_t next_ = 0;
};

}  // namespace convlens::model
