// The separable kernel on the filters it takes: every geometry, sparse weights and pictures, and its refusals.
#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "tests/engine/conv_checks.h"

namespace convlens::test {
namespace {

// One slice of rank one or two that the kernel takes, of the kind that `kind` says.
void draw_slice(Random& random, int kind, bool integers, const View& weights, std::int64_t k, std::int64_t c) {
  const auto draw = [&](float low) {
    return integers ? static_cast<float>(random.below(9)) - 4.0f : random.uniform(low, 1);
  };
  std::vector<float> down(static_cast<std::size_t>(weights.shape.h)), along(static_cast<std::size_t>(weights.shape.w));
  for (float& v : down) v = draw(-1);
  for (float& v : along) v = draw(-1);
  if (kind == 1) {  // with rows and columns of zeros
    for (float& v : down) v *= static_cast<float>(random.below(2));
    for (float& v : along) v *= static_cast<float>(random.below(2));
  }
  if (kind == 2) {  // two terms that cannot cancel
    for (float& v : down) v = std::abs(v);
    for (float& v : along) v = std::abs(v);
  }
  const float across = draw(0.5f);
  for (std::int64_t r = 0; r < weights.shape.h; ++r) {
    for (std::int64_t s = 0; s < weights.shape.w; ++s) {
      const float product = down[static_cast<std::size_t>(r)] * along[static_cast<std::size_t>(s)];
      weights.at(k, c, r, s) = kind == 2 ? product + std::abs(across) : product;
    }
  }
  if (kind == 3) {  // a plus sign
    for (std::int64_t r = 0; r < weights.shape.h; ++r) {
      for (std::int64_t s = 0; s < weights.shape.w; ++s) {
        float& w = weights.at(k, c, r, s);
        w = r == weights.shape.h / 2 || s == weights.shape.w / 2 ? across : 0.0f;
      }
    }
  }
}

Data separable_data(const Case& c, Random& random) {
  Data data = make_data(c);
  for (std::int64_t k = 0; k < c.weights.n; ++k) {
    for (std::int64_t i = 0; i < c.weights.c; ++i) {
      draw_slice(random, static_cast<int>(random.below(c.integers ? 2 : 4)), c.integers, data.weights.view(), k, i);
    }
  }
  return data;
}

// Leaves a few values of the picture.
void empty_picture(Data& data, Random& random) {
  for (float& v : data.input.values()) v = random.below(60) == 0 ? v : 0.0f;
}

bool takes(const Case& c, const Data& data) {
  const auto choices = choices_for(c, data);
  return std::ranges::any_of(choices, [](const conv::KernelChoice& choice) { return choice.kernel == "separable"; });
}

void check(const Case& c, const Data& data, const Expected& expected, const Parallel& parallel) {
  for (const conv::KernelChoice& choice : choices_of("separable")) {
    INFO(describe(c) << " isa " << choice.isa);
    check_outcome(run_engine(c, data, choice, parallel), expected, choice);
  }
}

TEST_CASE("separable agrees with the oracle on filters made of one or two products") {
  Random random(71);
  const Parallel parallel(2);
  int taken = 0, strided = 0, many_terms = 0, empty = 0;
  std::size_t values = 0, non_zero = 0;
  for (int i = 0; i < 500; ++i) {
    const Case c = random_case(random, 200'000);
    Data data = separable_data(c, random);
    const bool is_empty = i % 4 == 3;
    if (is_empty) empty_picture(data, random);
    if (!takes(c, data)) continue;
    ++taken;
    strided += c.params.stride_x > 1;
    many_terms += c.weights.c > 4;
    empty += is_empty;
    const Expected expected = oracle(c, data);
    if (!is_empty) {
      values += expected.values.size();
      non_zero += static_cast<std::size_t>(std::ranges::count_if(expected.values, [](double v) { return v != 0; }));
    }
    check(c, data, expected, parallel);
  }
  CHECK(taken >= 300);
  CHECK(strided >= 50);
  CHECK(empty >= 50);
  CHECK(non_zero > values * 2 / 3);
}

TEST_CASE("separable: exact integers stay exact") {
  Random random(73);
  const Parallel parallel(2);
  int taken = 0;
  for (int i = 0; i < 150; ++i) {
    Case c = random_case(random, 100'000);
    c.integers = true;
    c.params.activation = conv::Activation::kNone;
    const Data data = separable_data(c, random);
    if (!takes(c, data)) continue;
    ++taken;
    const Expected expected = oracle(c, data);
    for (const conv::KernelChoice& choice : choices_of("separable")) {
      INFO(describe(c) << " isa " << choice.isa);
      const Outcome outcome = run_engine(c, data, choice, parallel);
      CHECK(is_exact(outcome.values, expected));
    }
  }
  CHECK(taken >= 120);
}

// Crosses strips, bands, the chunks of terms and every width around a vector.
std::vector<Case> cutting_cases() {
  std::vector<Case> cases;
  for (std::int64_t width = 1; width <= 70; width += 3) {
    Case c;
    c.input = {1, 1, 6, width};
    c.weights = {2, 1, 3, 5};
    c.params.border = static_cast<conv::Border>(width % 4);
    cases.push_back(c);
  }
  for (int i = 0; i < 8; ++i) {
    Case c;
    c.input = {1, 1, 20, 1100 + i};
    c.weights = {1, 1, 5, 7 + 4 * i};
    c.params.border = static_cast<conv::Border>(i % 4);
    c.params.dilation_x = 1 + i / 4;
    c.params.dilation_y = 1 + i % 3;
    c.params.stride_x = 1 + i % 2;
    cases.push_back(c);
  }
  Case deep;
  deep.input = {2, 7, 23, 40};
  deep.weights = {3, 7, 5, 5};
  deep.params.activation = conv::Activation::kRelu;
  cases.push_back(deep);
  Case huge;
  huge.input = {1, 1, 9, 7};
  huge.weights = {1, 1, 255, 255};
  huge.params.border = conv::Border::kReflect;
  cases.push_back(huge);
  for (Case& c : cases) c.has_bias = true;
  return cases;
}

TEST_CASE("separable crosses its strips, bands and chunks of terms with the same bits for any threads") {
  Random random(79);
  for (const Case& c : cutting_cases()) {
    Data data = make_data(c);
    for (std::int64_t k = 0; k < c.weights.n; ++k) {
      for (std::int64_t i = 0; i < c.weights.c; ++i)
        draw_slice(random, i % 2 ? 2 : 0, false, data.weights.view(), k, i);
    }
    REQUIRE(takes(c, data));
    const Expected expected = oracle(c, data);
    check(c, data, expected, Parallel(2));
    const conv::KernelChoice choice = choices_of("separable").front();
    const std::vector<float> once = run_engine(c, data, choice, Parallel(1)).values;
    for (const int threads : {2, 3, 8}) {
      CHECK(std::ranges::equal(run_engine(c, data, choice, Parallel(threads)).values, once, [](float a, float b) {
        return std::bit_cast<std::uint32_t>(a) == std::bit_cast<std::uint32_t>(b);
      }));
    }
  }
}

TEST_CASE("separable shows what is not finite where direct does") {
  Random random(83);
  for (int i = 0; i < 12; ++i) {
    Case c;
    c.input = {1, 2, 30, 90};
    c.weights = {2, 2, 5, 3};
    c.params.border = static_cast<conv::Border>(i % 4);
    Data data = separable_data(c, random);
    if (!takes(c, data)) continue;
    data.input.at(0, 0, 13, 5 + 7 * i) =
        i % 2 ? std::numeric_limits<float>::infinity() : std::numeric_limits<float>::quiet_NaN();
    data.input.at(0, 1, 0, 89) = std::numeric_limits<float>::quiet_NaN();
    const std::vector<float> direct = run_engine(c, data, {"direct", "auto"}, Parallel(1)).values;
    REQUIRE(std::ranges::any_of(direct, [](float v) { return !std::isfinite(v); }));
    for (const conv::KernelChoice& choice : choices_of("separable")) {
      INFO(describe(c) << " isa " << choice.isa);
      CHECK(std::ranges::equal(run_engine(c, data, choice, Parallel(1)).values, direct,
                               [](float a, float b) { return std::isfinite(a) == std::isfinite(b); }));
    }
  }
}

TEST_CASE("separable refuses filters of full rank and says what it needs") {
  Case c;
  c.input = {1, 1, 9, 9};
  c.weights = {1, 1, 5, 5};
  const Data data = make_data(c);
  CHECK(!takes(c, data));
  const auto g = conv::resolve(c.params, c.input, c.weights);
  Tensor output(g->output_shape());
  conv::Workspace workspace;
  const auto report = conv::forward(*g, data.input.view(), data.weights.view(), {}, output.view(),
                                    {"separable", "auto"}, workspace, Parallel(1));
  REQUIRE(!report.ok());
  CHECK(report.error().message ==
        "the kernel 'separable' needs filters that are sums of one or two outer products: choose another, or auto");
}

TEST_CASE("a large product filter is run by separable unasked, a small one is not") {
  Random random(89);
  Case c;
  c.input = {1, 1, 200, 300};
  for (const std::int64_t size : {3, 15}) {
    c.weights = {1, 1, size, size};
    Data data = make_data(c);
    draw_slice(random, 0, false, data.weights.view(), 0, 0);
    CHECK((run_engine(c, data, {}, Parallel(1)).report.kernel == "separable") == (size == 15));
  }
}

}  // namespace
}  // namespace convlens::test
