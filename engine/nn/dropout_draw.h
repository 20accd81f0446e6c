// Dropout's decision for one value: a plain function of its arguments, so that threads cannot change it.
#pragma once

#include <cstdint>

#include "engine/core/seed.h"

namespace convlens::nn {

// What a dropout layer draws in one step: value i is kept where hash(i) >= limit. It depends on seed, step,
// layer and i only. i counts a batch's values image by image, row by row, pixel by pixel, channel by channel.
struct DropoutDraw {
  std::uint32_t salt = 0;
  std::uint32_t limit = 0;
  float scale = 1;  // of the values kept, so that the expected sum stays

  DropoutDraw(float rate, std::uint64_t seed, std::uint64_t step, std::uint64_t layer)
      : salt(static_cast<std::uint32_t>(stream_seed(seed, step, layer))),
        limit(static_cast<std::uint32_t>(static_cast<double>(rate) * 4294967296.0)),
        scale(1 / (1 - rate)) {}

  // (Wellons, "Prospecting for Hash Functions", 2018: lowbias32.)
  std::uint32_t hash(std::uint32_t i) const {
    std::uint32_t h = i * 0x9E3779B1u + salt;
    h = (h ^ (h >> 16)) * 0x7FEB352Du;
    h = (h ^ (h >> 15)) * 0x846CA68Bu;
    return h ^ (h >> 16);
  }
  bool keeps(std::uint32_t i) const { return hash(i) >= limit; }
};

}  // namespace convlens::nn
