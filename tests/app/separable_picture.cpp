// Ramps and block means of overlays: what a texel shows is the mean of the pixels under it.
#include "app/view/separable_picture.h"

#include <doctest/doctest.h>

#include <vector>

namespace convlens::view {
namespace {

TEST_CASE("a ramp has its ends at its ends and equal steps between") {
  const Ramp ramp = linear_ramp({0, 0, 0, 255}, {255, 100, 0, 0}, 1, 9);
  CHECK(ramp.at(-5) == Rgba{0, 0, 0, 255});
  CHECK(ramp.at(1) == Rgba{0, 0, 0, 255});
  CHECK(ramp.at(9) == Rgba{255, 100, 0, 0});
  CHECK(ramp.at(12) == Rgba{255, 100, 0, 0});
  CHECK(ramp.at(5) == Rgba{128, 50, 0, 127});
  // Without width everything from its value on is at the upper end.
  const Ramp flat = linear_ramp({1, 1, 1, 1}, {2, 2, 2, 2}, 3, 3);
  CHECK(flat.at(3) == Rgba{2, 2, 2, 2});
  CHECK(flat.at(2.5) == Rgba{1, 1, 1, 1});
}

TEST_CASE("block means: of what lies inside, and separable") {
  const std::vector<double> rows{1, 3, 5, 7, 9}, cols{2, 4, 6};
  CHECK(block_means(rows, 1, 1, 4) == std::vector<double>{3, 5, 7});
  CHECK(block_means(rows, 2, 0, 3) == std::vector<double>{2, 6, 9});
  CHECK(block_means(rows, 4, 1, 2) == std::vector<double>{9});
  // The mean of the products of a block is the product of the means.
  const double product = block_means(rows, 2, 1, 2)[0] * block_means(cols, 2, 0, 1)[0];
  double sum = 0;
  for (const std::size_t y : {2U, 3U}) {
    for (const std::size_t x : {0U, 1U}) sum += rows[y] * cols[x];
  }
  CHECK(product == sum / 4);
}

}  // namespace
}  // namespace convlens::view
