// Tensors and views: shapes, alignment, moves, gaps.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <utility>

#include "engine/core/tensor.h"

namespace convlens {
namespace {

TEST_CASE("a new tensor is zero, dense and aligned") {
  const Tensor t({2, 3, 5, 7});
  CHECK(t.size() == 210);
  CHECK(std::ranges::all_of(t.values(), [](float v) { return v == 0; }));
  CHECK(reinterpret_cast<std::uintptr_t>(t.data()) % 64 == 0);
  CHECK(&t.view().at(1, 2, 4, 6) == t.data() + 209);
  CHECK(t.view().row(1, 0, 2) == t.data() + 105 + 14);
}

TEST_CASE("a default tensor is empty and can be moved from") {
  Tensor a;
  CHECK(a.empty());
  CHECK(a.values().empty());
  Tensor b({1, 1, 2, 2});
  b.at(0, 0, 1, 1) = 5;
  a = std::move(b);
  CHECK(a.at(0, 0, 1, 1) == 5);
  CHECK(b.empty());  // NOLINT(bugprone-use-after-move): the promise under test
  CHECK(b.capacity() == 0);
  const Tensor c(std::move(a));
  CHECK(c.at(0, 0, 1, 1) == 5);
  CHECK(a.size() == 0);  // NOLINT(bugprone-use-after-move): the promise under test
}

TEST_CASE("a clone is deep") {
  Tensor a({1, 1, 1, 3});
  a.at(0, 0, 0, 2) = 4;
  Tensor b = a.clone();
  a.at(0, 0, 0, 2) = 9;
  CHECK(b.at(0, 0, 0, 2) == 4);
  CHECK(b.shape() == a.shape());
}

TEST_CASE("reshaping keeps the memory while it is large enough") {
  Tensor t({1, 2, 10, 10});
  const float* before = t.data();
  t.reshape_uninitialized({1, 1, 5, 7});
  CHECK(t.data() == before);
  CHECK(t.size() == 35);
  CHECK(t.capacity() == 200);
  t.reshape_uninitialized({1, 3, 10, 10});
  CHECK(t.size() == 300);
  CHECK(t.capacity() == 300);
}

TEST_CASE("views may have gaps") {
  float memory[100];
  for (int i = 0; i < 100; ++i) memory[i] = static_cast<float>(i);
  const View view{memory + 1, {2, 2, 2, 3}, 40, 15, 5};
  CHECK(view.at(1, 1, 1, 2) == 1 + 40 + 15 + 5 + 2);
  const ConstView read_only = view;
  CHECK(read_only.row(0, 1, 1) == memory + 1 + 15 + 5);
}

TEST_CASE("shapes in words") { CHECK(to_string(Shape{1, 3, 480, 640}) == "1x3x480x640"); }

}  // namespace
}  // namespace convlens
