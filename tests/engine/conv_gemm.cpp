// The gemm kernel on every instruction set: columns that run across rows and images, channel blocks, filter remainders,
// and the geometries that it reads without a copy.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>

#include "tests/engine/conv_checks.h"

namespace convlens::test {
namespace {

using conv::Activation;
using conv::Border;
using conv::PaddingMode;

void check_gemm(const Case& c, const Parallel& parallel) {
  INFO(describe(c));
  const Data data = make_data(c);
  const Expected expected = oracle(c, data);
  REQUIRE(!expected.values.empty());
  for (const conv::KernelChoice& choice : choices_of("gemm")) {
    INFO("isa " << choice.isa);
    check_outcome(run_engine(c, data, choice, parallel), expected, choice);
  }
}

// Deep, small and many: what the kernel is for.
Case deep_case(Random& random, std::int64_t max_multiply_adds) {
  const auto below = [&](std::int64_t count) {
    return static_cast<std::int64_t>(random.below(static_cast<std::uint32_t>(count)));
  };
  while (true) {
    Case c;
    c.seed = random.next();
    c.has_bias = below(2) == 1;
    conv::Params& p = c.params;
    p.padding = static_cast<PaddingMode>(below(5));
    p.border = static_cast<Border>(below(4));
    p.activation = below(2) ? Activation::kNone : static_cast<Activation>(below(9));
    p.flip = below(2) == 1;
    p.stride_y = below(2) ? 1 : 1 + static_cast<int>(below(3));
    p.stride_x = below(2) ? 1 : 1 + static_cast<int>(below(4));
    p.dilation_y = below(3) ? 1 : 1 + static_cast<int>(below(3));
    p.dilation_x = below(3) ? 1 : 1 + static_cast<int>(below(3));
    p.groups = below(3) ? 1 : 1 + static_cast<int>(below(4));
    p.custom = {static_cast<int>(below(4)), static_cast<int>(below(4)), static_cast<int>(below(4)),
                static_cast<int>(below(4))};
    constexpr std::array<std::int64_t, 6> kSizes = {1, 1, 2, 3, 3, 5};
    c.weights = {p.groups * (1 + below(40)), 1 + below(70), kSizes[static_cast<std::size_t>(below(6))],
                 kSizes[static_cast<std::size_t>(below(6))]};
    const bool is_wide = below(4) == 0;  // rows long enough to be cut one by one
    c.input = {1 + below(is_wide ? 2 : 5), p.groups * c.weights.c, 1 + below(is_wide ? 4 : 16),
               is_wide ? 190 + below(100) : 1 + below(20)};
    c.input.h += p.dilation_y * (c.weights.h - 1);
    c.input.w += p.dilation_x * (c.weights.w - 1);
    const std::int64_t outputs =
        c.input.n * c.weights.n * (c.input.h + 4) * (c.input.w + 4) / (p.stride_y * p.stride_x);
    if (outputs * c.weights.c * c.weights.h * c.weights.w <= max_multiply_adds) return c;
  }
}

TEST_CASE("gemm agrees with the float64 oracle on random deep layers") {
  constexpr std::uint64_t kSeed = 51;
  INFO("seed " << kSeed);
  Random random(kSeed);
  const Parallel parallel(2);
  int pointwise = 0, batches = 0, grouped = 0, strided = 0, flipped = 0, wide = 0;
  for (int i = 0; i < 300; ++i) {
    const Case c = deep_case(random, 1'500'000);
    pointwise += c.weights.h == 1 && c.weights.w == 1;
    batches += c.input.n > 1, grouped += c.params.groups > 1, strided += c.params.stride_x > 1;
    flipped += c.params.flip, wide += c.input.w > 190;
    check_gemm(c, parallel);
  }
  for (const int count : {pointwise, batches, grouped, strided, flipped, wide}) CHECK(count >= 10);
}

TEST_CASE("gemm takes every number of columns and filters around its tiles") {
  const Parallel parallel(2);
  for (std::int64_t i = 1; i <= 100; ++i) {
    Case c;
    c.seed = static_cast<std::uint64_t>(i);
    c.weights = {1 + i % 19, 5, i % 2 ? 3 : 1, i % 2 ? 3 : 1};
    // Columns that lie in one row, in rows of one image, and in several images.
    c.input = i % 3 == 0 ? Shape{1, 5, 1, i} : i % 3 == 1 ? Shape{1, 5, 1 + i / 7, 7} : Shape{1 + i / 6, 5, 2, 3};
    c.has_bias = true;
    check_gemm(c, parallel);
  }
}

TEST_CASE("gemm crosses channel blocks, filter chunks and areas") {
  const Parallel parallel(2);
  const auto layer = [](Shape input, Shape weights, int stride = 1) {
    Case c;
    c.input = input;
    c.weights = weights;
    c.params.stride_y = c.params.stride_x = stride;
    c.params.activation = Activation::kRelu;
    c.has_bias = true;
    return c;
  };
  check_gemm(layer({1, 100, 7, 7}, {130, 100, 3, 3}), parallel);
  check_gemm(layer({3, 70, 9, 9}, {65, 70, 3, 3}, 2), parallel);
  check_gemm(layer({1, 400, 6, 5}, {20, 400, 1, 1}), parallel);
  check_gemm(layer({2, 3, 40, 230}, {9, 3, 7, 7}, 2), parallel);
  check_gemm(layer({1, 2, 20, 900}, {5, 2, 3, 3}), parallel);
  check_gemm(layer({1, 1, 40, 30}, {2, 1, 25, 25}), parallel);
  check_gemm(layer({4, 48, 5, 3}, {17, 48, 1, 1}, 2), parallel);
}

TEST_CASE("gemm reads planes without gaps as one long row, and gives the bits of planes with gaps") {
  Random random(8);
  for (const std::int64_t width : {3, 7, 16, 61}) {
    Case c;
    c.input = {2, 24, 11, width};
    c.weights = {19, 24, 1, 1};
    c.seed = random.next();
    const Data data = make_data(c);
    const auto g = conv::resolve(c.params, c.input, c.weights);
    REQUIRE(g.ok());
    for (const conv::KernelChoice& choice : choices_of("gemm")) {
      INFO("isa " << choice.isa << " width " << width);
      Tensor output(g->output_shape());
      conv::Workspace workspace;
      REQUIRE(
          conv::forward(*g, data.input.view(), data.weights.view(), {}, output.view(), choice, workspace, Parallel(2))
              .ok());
      const std::vector<float> gaps = run_engine(c, data, choice, Parallel(2)).values;
      CHECK(std::ranges::equal(output.values(), gaps));
      CHECK(std::ranges::any_of(gaps, [](float v) { return v != 0; }));
    }
  }
}

}  // namespace
}  // namespace convlens::test
