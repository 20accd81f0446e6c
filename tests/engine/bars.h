// A data set that is learnt in a few steps, for tests of training.
#pragma once

#include <cstdint>
#include <span>

#include "engine/core/random.h"
#include "engine/training/image_source.h"

namespace convlens::test {

// Bars in four directions with noise: a class is learnt in a few steps.
class Bars final : public training::ImageSource {
 public:
  explicit Bars(std::int64_t count, std::uint64_t seed) : count_(count), seed_(seed) {}
  std::int64_t size() const override { return count_; }
  void fill(std::span<const std::int64_t> indices, std::uint64_t, float* images, std::int32_t* labels) override {
    for (const std::int64_t index : indices) {
      Random random(seed_ * 1000 + static_cast<std::uint64_t>(index));
      const auto label = static_cast<std::int32_t>(random.below(4));
      const int at = 3 + static_cast<int>(random.below(10));
      *labels++ = label;
      for (int y = 0; y < 16; ++y) {
        for (int x = 0; x < 16; ++x) {
          const int along[] = {y, x, (x + y) / 2, (x - y + 16) / 2};
          *images++ = (along[label] == at ? 1.0f : 0.0f) + 0.2f * random.normal();
        }
      }
    }
  }

 private:
  std::int64_t count_;
  std::uint64_t seed_;
};

}  // namespace convlens::test
