// Seeds for independent random streams, so that what is drawn for one thing never depends on the others.
#pragma once

#include <cstdint>

namespace convlens {

// A well-mixed seed for the stream (seed, a, b), e.g. (seed, epoch, index).
// (SplitMix64's finaliser: Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", 2014.)
inline std::uint64_t stream_seed(std::uint64_t seed, std::uint64_t a, std::uint64_t b = 0) {
  const auto mix = [](std::uint64_t x) {
    x += 0x9E3779B97F4A7C15ull;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ull;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBull;
    return x ^ (x >> 31);
  };
  return mix(mix(mix(seed) ^ a) ^ b);
}

}  // namespace convlens
