// The generator: the same numbers everywhere, and the distributions they should have.
#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "engine/core/random.h"

namespace convlens {
namespace {

TEST_CASE("the numbers of a seed are these for ever") {
  Random random(1);
  std::vector<std::uint32_t> numbers;
  for (int i = 0; i < 5; ++i) numbers.push_back(random.next());
  CHECK(numbers == std::vector<std::uint32_t>{1412771199u, 1791099446u, 124312908u, 1968572995u, 1080415314u});
  Random normals(2);
  CHECK(normals.normal() == 0x1.5f7278p+0f);
  CHECK(normals.normal() == 0x1.ff4a86p-1f);
}

TEST_CASE("seeds differ, copies agree") {
  Random a(1), b(2);
  CHECK(a.next() != b.next());
  Random c = a;
  CHECK(a.next() == c.next());
}

TEST_CASE("uniform numbers fill their range") {
  Random random(3);
  double sum = 0;
  for (int i = 0; i < 100000; ++i) {
    const float u = random.uniform(-2, 6);
    REQUIRE(u >= -2);
    REQUIRE(u < 6);
    sum += u;
  }
  CHECK(std::abs(sum / 100000 - 2) < 0.05);
}

TEST_CASE("below gives every count its share") {
  Random random(4);
  std::vector<int> counts(7);
  for (int i = 0; i < 70000; ++i) ++counts[random.below(7)];
  for (const int count : counts) CHECK(std::abs(count - 10000) < 500);
  for (int i = 0; i < 100; ++i) CHECK(random.below(1) == 0);
  for (int i = 0; i < 100; ++i) CHECK(random.below(0x80000001u) <= 0x80000000u);
}

TEST_CASE("normal numbers have the moments of the normal distribution") {
  Random random(5);
  constexpr int kCount = 200000;
  double mean = 0, square = 0, fourth = 0;
  int beyond_two = 0;
  for (int i = 0; i < kCount; ++i) {
    const double z = random.normal();
    mean += z / kCount, square += z * z / kCount, fourth += z * z * z * z / kCount;
    beyond_two += std::abs(z) > 2;
  }
  CHECK(std::abs(mean) < 0.01);
  CHECK(std::abs(square - 1) < 0.02);
  CHECK(std::abs(fourth - 3) < 0.15);
  CHECK(std::abs(beyond_two / double{kCount} - 0.0455) < 0.003);
}

}  // namespace
}  // namespace convlens
