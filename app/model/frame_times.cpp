// Keeps frames in a ring and ranks them.
#include "app/model/frame_times.h"

#include <algorithm>
#include <vector>

namespace convlens::model {

double quantile(std::span<const double> values, double share) {
  if (values.empty()) return 0;
  std::vector<double> sorted(values.begin(), values.end());
  const auto index = static_cast<std::ptrdiff_t>(share * static_cast<double>(sorted.size() - 1) + 0.5);
  std::nth_element(sorted.begin(), sorted.begin() + index, sorted.end());
  return sorted[static_cast<std::size_t>(index)];
}

void FrameTimes::add(double milliseconds) {
  times_[next_ % kKept] = milliseconds;
  ++next_;
}

double FrameTimes::quantile(double share) const { return model::quantile(std::span(times_).first(count()), share); }

}  // namespace convlens::model
