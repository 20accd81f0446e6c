// printf into a string. Nothing else.
#pragma once

#include <array>
#include <cstdio>
#include <string>

namespace convlens::cli {

// What is longer than 511 bytes is cut.
template <class... Values>
std::string format(const char* pattern, Values... values) {
  std::array<char, 512> text{};
  std::snprintf(text.data(), text.size(), pattern, values...);
  return text.data();
}

}  // namespace convlens::cli
