// The fft kernel where it differs from plain sums: tiles, weak signals beside strong ones, exact zeros, what is not
// finite.
#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "tests/engine/conv_checks.h"

namespace convlens::test {
namespace {

void check(const Case& c, const Data& data, const Expected& expected, const Parallel& parallel) {
  for (const conv::KernelChoice& choice : choices_of("fft")) {
    INFO(describe(c) << " isa " << choice.isa);
    check_outcome(run_engine(c, data, choice, parallel), expected, choice);
  }
}

// Pictures of several tiles and filters of tens of pixels, over all parameters.
Case large_case(Random& random) {
  Case c = random_case(random, 300'000);
  c.params.groups = 1 + static_cast<int>(random.below(2));
  c.weights = {c.params.groups * (1 + random.below(2)), 1 + random.below(2), 1 + random.below(24),
               1 + random.below(24)};
  c.input = {1 + random.below(2), c.params.groups * c.weights.c, 70 + random.below(60), 60 + random.below(70)};
  if (random.below(2)) c.params.stride_y = c.params.stride_x = 1;
  return c;
}

TEST_CASE("fft agrees with the oracle over several tiles and all parameters") {
  Random random(101);
  const Parallel parallel(2);
  std::size_t values = 0, non_zero = 0;
  for (int i = 0; i < 60; ++i) {
    const Case c = large_case(random);
    const Data data = make_data(c);
    const Expected expected = oracle(c, data);
    REQUIRE(!expected.values.empty());
    values += expected.values.size();
    non_zero += static_cast<std::size_t>(std::ranges::count_if(expected.values, [](double v) { return v != 0; }));
    check(c, data, expected, parallel);
  }
  CHECK(non_zero > values * 2 / 3);
}

TEST_CASE("fft: empty regions, sparse filters and values a million million times apart") {
  Random random(103);
  const Parallel parallel(2);
  std::size_t zeros = 0;
  for (int i = 0; i < 60; ++i) {
    Case c = large_case(random);
    c.params.activation = conv::Activation::kNone;
    Data data = make_data(c);
    for (float& v : data.input.values()) {
      if (random.below(400) != 0) v = 0;
      if (i % 3 == 1 && random.below(2)) v *= 1e-12f;
    }
    if (i % 2) {
      for (float& v : data.weights.values()) v = random.below(5) ? 0 : v;
    }
    if (i % 5 == 4) {
      for (float& v : data.weights.values()) v *= std::exp(-30 * std::abs(random.uniform(-1, 1)));
    }
    const Expected expected = oracle(c, data);
    zeros += static_cast<std::size_t>(std::ranges::count(expected.magnitudes, 0.0));
    check(c, data, expected, parallel);
  }
  CHECK(zeros > 1000);
}

TEST_CASE("fft: flat regions under filters that sum to zero stay flat") {
  Case c;
  c.input = {1, 1, 80, 90};
  c.weights = {1, 1, 9, 9};
  c.params.padding = conv::PaddingMode::kValid;
  Data data = make_data(c);
  std::ranges::fill(data.input.values(), 0.3f);
  for (std::int64_t i = 0; i < 81; ++i) data.weights.data()[i] = i < 40 ? 0.25f : (i == 40 ? 0.0f : -0.25f);
  for (const conv::KernelChoice& choice : choices_of("fft")) {
    const Outcome outcome = run_engine(c, data, choice, Parallel(1));
    CHECK(std::ranges::all_of(outcome.values, [](float v) { return v == 0; }));
  }
}

TEST_CASE("fft: exact integers come out exact") {
  Random random(107);
  const Parallel parallel(2);
  for (int i = 0; i < 30; ++i) {
    Case c = large_case(random);
    c.integers = true;
    c.params.activation = i % 2 ? conv::Activation::kRelu : conv::Activation::kNone;
    const Data data = make_data(c);
    const Expected expected = oracle(c, data);
    REQUIRE(std::ranges::any_of(expected.values, [](double v) { return v != 0; }));
    for (const conv::KernelChoice& choice : choices_of("fft")) {
      INFO(describe(c) << " isa " << choice.isa);
      CHECK(is_exact(run_engine(c, data, choice, parallel).values, expected));
    }
  }
}

TEST_CASE("fft: what is not finite shows where direct shows it, and nowhere else") {
  for (int i = 0; i < 8; ++i) {
    Case c;
    c.input = {2, 2, 60, 100};
    c.weights = {2, 2, 7, 11};
    c.has_bias = true;
    c.seed = static_cast<std::uint64_t>(i + 1);
    c.params.border = static_cast<conv::Border>(i % 4);
    Data data = make_data(c);
    data.input.at(0, i % 2, 3 + 5 * i, 90 - 9 * i) =
        i % 2 ? -std::numeric_limits<float>::infinity() : std::numeric_limits<float>::quiet_NaN();
    const std::vector<float> direct = run_engine(c, data, {"direct", "auto"}, Parallel(1)).values;
    REQUIRE(std::ranges::any_of(direct, [](float v) { return !std::isfinite(v); }));
    for (const conv::KernelChoice& choice : choices_of("fft")) {
      INFO(describe(c) << " isa " << choice.isa);
      CHECK(std::ranges::equal(run_engine(c, data, choice, Parallel(1)).values, direct, [](float a, float b) {
        return std::isfinite(a) == std::isfinite(b) && (!std::isfinite(a) || std::abs(a - b) < 1e-3f);
      }));
    }
  }
}

TEST_CASE("fft gives the same bits for any number of threads, and for a map without the others") {
  Random random(109);
  for (int i = 0; i < 6; ++i) {
    Case c = large_case(random);
    c.params.groups = 1;
    c.weights.n = 3;
    c.input.c = c.weights.c;
    const Data data = make_data(c);
    const conv::KernelChoice choice = choices_of("fft").front();
    const auto bits = [](const std::vector<float>& values) {
      std::vector<std::uint32_t> result;
      for (const float v : values) result.push_back(std::bit_cast<std::uint32_t>(v));
      return result;
    };
    const auto once = bits(run_engine(c, data, choice, Parallel(1)).values);
    for (const int threads : {2, 3, 8}) CHECK(bits(run_engine(c, data, choice, Parallel(threads)).values) == once);

    Case alone = c;
    alone.weights.n = 1;
    alone.input.n = c.input.n;
    Data first{data.input.clone(), Tensor(alone.weights), {}};
    std::copy_n(data.weights.data(), first.weights.size(), first.weights.data());
    if (c.has_bias) first.bias = {data.bias[0]};
    const auto map = bits(run_engine(alone, first, choice, Parallel(2)).values);
    const std::size_t plane = map.size() / static_cast<std::size_t>(c.input.n);
    CHECK(std::equal(map.begin(), map.begin() + static_cast<std::ptrdiff_t>(plane), once.begin()));
  }
}

TEST_CASE("fft says what it needs") {
  const auto words = [](const Case& c, const Data& data) {
    const auto g = conv::resolve(c.params, c.input, c.weights);
    REQUIRE(g.ok());
    const auto answers = conv::candidates(*g, data.weights.view());
    return std::string(std::ranges::find(answers, std::string_view("fft"), &conv::Candidate::kernel)->refusal);
  };
  Case c;
  c.input = {1, 1, 20, 20};
  c.weights = {1, 1, 3, 13};
  Data data = make_data(c);
  CHECK(words(c, data) == "");
  data.weights.at(0, 0, 2, 12) = std::numeric_limits<float>::infinity();
  CHECK(words(c, data) == "needs weights that are finite numbers");
  c.params.dilation_x = 64;
  CHECK(words(c, data) == "needs filters that span 768 pixels or fewer, gaps included");
  Case deep;
  deep.input = {1, 1024, 3, 3};
  deep.weights = {1024, 1024, 3, 3};
  CHECK(words(deep, make_data(deep)) ==
        "needs fewer filters and channels: their transforms would take more than half a gigabyte");
}

TEST_CASE("a large filter of full rank is run by fft unasked, a small one is not") {
  Case c;
  c.input = {1, 3, 200, 300};
  for (const std::int64_t size : {3, 41}) {
    c.weights = {4, 3, size, size};
    CHECK((run_engine(c, make_data(c), {}, Parallel(1)).report.kernel == "fft") == (size == 41));
  }
}

}  // namespace
}  // namespace convlens::test
