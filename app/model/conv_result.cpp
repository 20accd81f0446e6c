// Looking things up in a result. No convolution.
#include "app/model/conv_result.h"

namespace convlens::model {

double JobTimes::total(Stage stage) const {
  std::chrono::duration<double, std::milli> sum{};
  for (const Span& span : spans) {
    if (span.stage == stage) sum += span.end - span.begin;
  }
  return sum.count();
}

std::optional<float> ConvResult::value(int map, std::int64_t row, std::int64_t col) const {
  if (!has(map) || row < 0 || row >= geometry.p || col < 0 || col >= geometry.q) return std::nullopt;
  return maps[static_cast<std::size_t>(map)]->at(row, col);
}

std::array<std::int64_t, 256> histogram(const FeatureMap& map, float lo, float hi) {
  std::array<std::int64_t, 256> bins{};
  if (!(lo < hi)) return bins;
  const float scale = 256.0F / (hi - lo);
  for (const float value : map.values()) {
    if (!(value >= lo && value <= hi)) continue;
    const int bin = static_cast<int>((value - lo) * scale);
    ++bins[static_cast<std::size_t>(bin < 255 ? bin : 255)];
  }
  return bins;
}

}  // namespace convlens::model
