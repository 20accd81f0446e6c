// How long the last frames took. Arithmetic only.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <vector>

namespace convlens {

class FrameTimes {
 public:
  static constexpr std::size_t kKept = 120;

  void add(float milliseconds) {
    times_[next_ % kKept] = milliseconds;
    ++next_;
  }
  // share in [0,1]: 0.5 is the median, 0.99 the 99th percentile of the kept frames; 0 before the first one.
  float quantile(double share) const {
    std::vector<float> sorted(times_.begin(), times_.begin() + static_cast<std::ptrdiff_t>(std::min(next_, kKept)));
    if (sorted.empty()) return 0;
    const auto index = static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1) + 0.5);
    std::nth_element(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(index), sorted.end());
    return sorted[index];
  }

 private:
  std::array<float, kKept> times_{};
  std::size_t next_ = 0;
};

}  // namespace convlens
