// What the fuzz tests share: the changes made to valid files, and what a refusal must look like.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/core/random.h"

namespace convlens::fuzz {

using Bytes = std::vector<std::uint8_t>;

constexpr int kRounds = 1500;

inline std::uint32_t below(Random& random, std::size_t count) {
  return random.below(static_cast<std::uint32_t>(std::max<std::size_t>(count, 1)));
}

// One to four changes.
inline void mutate(Random& random, Bytes& bytes) {
  constexpr std::uint8_t kTelling[] = {0x00, 0x01, 0x7F, 0x80, 0xFF, 0xFE};
  const std::uint32_t edits = 1 + random.below(4);
  for (std::uint32_t i = 0; i < edits && !bytes.empty(); ++i) {
    const std::uint32_t at = below(random, bytes.size());
    const auto here = bytes.begin() + at;
    switch (random.below(7)) {
      case 0:
        *here = static_cast<std::uint8_t>(random.next());
        break;
      case 1:
        *here = kTelling[random.below(6)];
        break;
      case 2:
        *here ^= static_cast<std::uint8_t>(1u << random.below(8));
        break;
      case 3:  // headers matter most
        bytes[below(random, std::min<std::size_t>(bytes.size(), 40))] = static_cast<std::uint8_t>(random.next());
        break;
      case 4:
        bytes.resize(at);
        break;
      case 5:
        bytes.erase(here, here + below(random, std::min<std::size_t>(bytes.size() - at, 16)));
        break;
      default: {
        const Bytes piece(here, here + below(random, std::min<std::size_t>(bytes.size() - at, 64)));
        bytes.insert(bytes.begin() + below(random, bytes.size()), piece.begin(), piece.end());
      }
    }
  }
}

inline bool is_one_sentence(const std::string& message, const std::string& name) {
  return message.find(name) != std::string::npos && message.find('\n') == std::string::npos && message.size() > 20 &&
         message.size() < 400;
}

}  // namespace convlens::fuzz
