// A seeded generator whose numbers are the same on every platform and compiler.
#pragma once

#include <cstdint>

namespace convlens {

class Random {
 public:
  explicit Random(std::uint64_t seed);

  std::uint32_t next();
  // Uniform in [0, 1), 24 bits.
  float uniform();
  // Uniform in [lo, hi).
  float uniform(float lo, float hi) { return lo + (hi - lo) * uniform(); }
  // Uniform integer in [0, count), without modulo bias.
  std::uint32_t below(std::uint32_t count);
  // Standard normal. Uses only IEEE basic operations, so that no maths library changes its bits.
  float normal();

 private:
  std::uint64_t state_;
};

}  // namespace convlens
