// Numbers as text, where std::to_string() is not enough.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

namespace convlens {

// As printf writes one double: formatted("%.3g", 0.25) is "0.25". What is longer than 63 bytes is cut.
inline std::string formatted(const char* pattern, double value) {
  std::array<char, 64> text;
  std::snprintf(text.data(), text.size(), pattern, value);
  return text.data();
}

// In groups of three digits: "66 355 200".
inline std::string grouped(std::int64_t value, std::string_view separator = " ") {
  std::string digits = std::to_string(value);
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > (value < 0 ? 1 : 0); at -= 3) {
    digits.insert(static_cast<std::size_t>(at), separator);
  }
  return digits;
}

}  // namespace convlens
