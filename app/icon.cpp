// Draws the nine weights of a Sobel filter, the window around them, and the value they make.
#include "app/icon.h"

#define GLFW_INCLUDE_NONE
#include <GLFW/glfw3.h>

#include <array>
#include <cstdint>
#include <vector>

namespace convlens {
namespace {

constexpr int kSide = 64;

struct Colour {
  std::uint8_t r, g, b;
};
constexpr Colour kBack{0x1B, 0x1E, 0x24}, kOutline{0xFF, 0xC2, 0x33}, kValue{0x3F, 0xD7, 0xE8};
constexpr Colour kNegative{0xB1, 0x8C, 0xC4}, kMostNegative{0x6A, 0x3D, 0x84}, kZero{0xF4, 0xF4, 0xF4};
constexpr Colour kPositive{0x8D, 0xC8, 0x8B}, kMostPositive{0x2F, 0x8A, 0x44};
constexpr std::array<Colour, 9> kWeights = {kNegative,     kZero,     kPositive, kMostNegative, kZero,
                                            kMostPositive, kNegative, kZero,     kPositive};

void fill(std::vector<std::uint8_t>& pixels, int x0, int y0, int x1, int y1, Colour colour) {
  for (int y = y0; y < y1; ++y) {
    for (int x = x0; x < x1; ++x) {
      std::uint8_t* pixel = pixels.data() + (static_cast<std::size_t>(y) * kSide + static_cast<std::size_t>(x)) * 4;
      pixel[0] = colour.r;
      pixel[1] = colour.g;
      pixel[2] = colour.b;
      pixel[3] = 0xFF;
    }
  }
}

}  // namespace

void set_icon(GLFWwindow* window) {
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(kSide) * kSide * 4);
  fill(pixels, 2, 2, kSide - 2, kSide - 2, kBack);
  fill(pixels, 6, 6, 52, 52, kOutline);
  fill(pixels, 8, 8, 50, 50, kBack);
  for (int i = 0; i < 9; ++i) {
    const int x = 9 + i % 3 * 14, y = 9 + i / 3 * 14;
    fill(pixels, x, y, x + 12, y + 12, kWeights[static_cast<std::size_t>(i)]);
  }
  fill(pixels, 43, 43, 60, 60, kBack);
  fill(pixels, 45, 45, 58, 58, kValue);
  const GLFWimage image{kSide, kSide, pixels.data()};
  glfwSetWindowIcon(window, 1, &image);
}

}  // namespace convlens
