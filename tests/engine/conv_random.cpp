// Every kernel on every instruction set against the float64 oracle, over random and ragged cases.
#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <string>

#include "tests/engine/conv_checks.h"

namespace convlens::test {
namespace {

using conv::Activation;
using conv::Border;
using conv::PaddingMode;

// How many cases each kernel ran.
using KernelCases = std::map<std::string, int>;

// Runs all kernels that take the case; returns what they had to give.
Expected check_case(const Case& c, const Parallel& parallel, KernelCases* kernel_cases = nullptr) {
  INFO(describe(c));
  const Data data = make_data(c);
  const Expected expected = oracle(c, data);
  REQUIRE(!expected.values.empty());
  for (const conv::KernelChoice& choice : choices_for(c, data)) {
    INFO("kernel " << choice.kernel << " isa " << choice.isa);
    check_outcome(run_engine(c, data, choice, parallel), expected, choice);
    if (kernel_cases) ++(*kernel_cases)[choice.kernel];
  }
  return expected;
}

TEST_CASE("every kernel agrees with the float64 oracle on random cases over all parameters") {
  constexpr int kCases = 700;
  constexpr std::uint64_t kSeed = 20240607;
  INFO("seed " << kSeed);
  Random random(kSeed);
  const Parallel parallel(2);

  // What the cases held, so that a generator that stops drawing something fails here.
  std::map<PaddingMode, int> paddings;
  std::map<Border, int> borders;
  std::map<Activation, int> activations;
  int flips = 0, biases = 0, depthwise = 0, grouped = 0, even = 0, large = 0, batches = 0, strided = 0, dilated = 0;
  std::size_t values = 0, non_zero = 0;
  KernelCases kernel_cases;
  for (int i = 0; i < kCases; ++i) {
    const Case c = random_case(random, 400'000);
    ++paddings[c.params.padding], ++borders[c.params.border], ++activations[c.params.activation];
    flips += c.params.flip, biases += c.has_bias, batches += c.input.n > 1;
    depthwise += c.params.groups > 1 && c.params.groups == c.input.c;
    grouped += c.params.groups > 1 && c.params.groups < c.input.c;
    even += c.weights.h % 2 == 0 || c.weights.w % 2 == 0;
    large += std::max(c.weights.h, c.weights.w) >= 25;
    strided += c.params.stride_x > 1, dilated += c.params.dilation_x > 1;
    const Expected expected = check_case(c, parallel, &kernel_cases);
    values += expected.values.size();
    non_zero += static_cast<std::size_t>(std::ranges::count_if(expected.values, [](double v) { return v != 0; }));
  }
  CHECK(paddings.size() == 5);
  CHECK(borders.size() == 4);
  CHECK(activations.size() == 9);
  for (const auto& [activation, count] : activations) CHECK(count >= 10);
  for (const int count : {flips, biases, depthwise, grouped, even, large, batches, strided, dilated})
    CHECK(count >= 20);
  CHECK(non_zero > values * 3 / 4);
  for (const conv::KernelInfo& kernel : conv::kernels()) {
    // It takes deep layers only, more work than these cases do: conv_winograd.cpp.
    if (kernel.name == "winograd") continue;
    INFO("kernel " << kernel.name);
    CHECK(kernel_cases[std::string(kernel.name)] >= 10);
  }
}

TEST_CASE("every width around the vector width is right, for every remainder of filters") {
  const Parallel parallel(2);
  for (std::int64_t width = 1; width <= 70; ++width) {
    Case c;
    c.input = {1, 2, 5, width};
    c.weights = {1 + width % 17, 2, 3, 3};
    c.has_bias = width % 2 == 1;
    c.params.border = static_cast<Border>(width % 4);
    c.params.stride_x = width % 3 == 0 ? 2 : 1;
    c.seed = static_cast<std::uint64_t>(width);
    check_case(c, parallel);
  }
}

TEST_CASE("wide rows, many channels and tall filters cross the kernels' strips and bands") {
  const Parallel parallel(2);
  Case wide;
  wide.input = {1, 3, 9, 2011};
  wide.weights = {9, 3, 3, 3};
  wide.params.border = Border::kReflect;
  Case deep;
  deep.input = {1, 150, 7, 131};
  deep.weights = {3, 150, 3, 3};
  deep.params.dilation_x = 2;
  Case tall;
  tall.input = {1, 1, 150, 37};
  tall.weights = {2, 1, 31, 31};
  tall.params.border = Border::kCircular;
  Case huge;  // larger than the picture, all of it border
  huge.input = {1, 1, 5, 4};
  huge.weights = {1, 1, 255, 3};
  huge.params.border = Border::kReflect;
  Case strips;  // the copy of one band would be larger than any cache
  strips.input = {1, 64, 40, 700};
  strips.weights = {1, 64, 9, 1};
  strips.params.stride_y = 3;
  for (const Case& c : {wide, deep, tall, huge, strips}) check_case(c, parallel);
}

TEST_CASE("exact integers stay exact in every kernel") {
  const Parallel parallel(2);
  Random random(5);
  for (int i = 0; i < 60; ++i) {
    Case c = random_case(random, 100'000);
    c.integers = true;
    c.params.activation = i % 2 ? Activation::kRelu : Activation::kNone;
    INFO(describe(c));
    const Data data = make_data(c);
    const Expected expected = oracle(c, data);
    CHECK(std::ranges::any_of(expected.values, [](double v) { return v != 0; }));
    for (const conv::KernelChoice& choice : choices_for(c, data)) {
      INFO("kernel " << choice.kernel << " isa " << choice.isa);
      const Outcome outcome = run_engine(c, data, choice, parallel);
      CHECK(is_exact(outcome.values, expected));
    }
  }
}

}  // namespace
}  // namespace convlens::test
