// Both gradients of a convolution against differences of the float64 oracle, over every parameter that forward accepts.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "engine/conv/backward.h"
#include "tests/engine/conv_oracle.h"

namespace {

using namespace convlens;
using conv::BackwardMethod;

struct Gradients {
  Tensor input, weights;
  std::vector<float> bias;
};

conv::Geometry geometry_of(const test::Case& c) {
  auto geometry = conv::resolve(c.params, c.input, c.weights);
  REQUIRE(geometry);
  return *geometry;
}

Tensor random_gradient(const conv::Geometry& g, std::uint64_t seed) {
  Tensor gradient(g.output_shape());
  Random random(seed);
  for (float& v : gradient.values()) v = random.uniform(-1, 1);
  return gradient;
}

Gradients run(const conv::Geometry& g, const test::Data& data, const Tensor& gradient, BackwardMethod method,
              int threads) {
  const Parallel parallel(threads);
  conv::Workspace workspace;
  Gradients out{Tensor(g.input_shape()), Tensor(g.weights_shape()), std::vector<float>(static_cast<std::size_t>(g.k))};
  // A NaN left in the outputs shows a value that was not written.
  std::ranges::fill(out.input.values(), NAN);
  std::ranges::fill(out.weights.values(), NAN);
  conv::backward_input(g, gradient.view(), data.weights.view(), out.input.view(), method, workspace, parallel);
  conv::backward_weights(g, data.input.view(), gradient.view(), out.weights.view(), out.bias, method, workspace,
                         parallel);
  return out;
}

// sum of a(i) b(i), and of the absolute products.
struct Sum {
  double value = 0, magnitude = 0;
};
template <class A, class B>
Sum inner_product(const A& a, const B& b) {
  Sum sum;
  REQUIRE(std::size(a) == std::size(b));
  auto at = std::begin(b);
  for (const auto v : a) {
    const double product = static_cast<double>(v) * static_cast<double>(*at++);
    sum.value += product, sum.magnitude += std::abs(product);
  }
  return sum;
}

// A convolution is linear in its input and in its weights, so each gradient g satisfies, for every u,
// <g, u> = <gradient at the output, conv with u in that place>; the right side comes from the oracle alone.
void check_adjoint(const test::Case& c, const test::Data& data, const Tensor& gradient, const Gradients& got) {
  test::Case moved = c;
  moved.seed = c.seed + 77;
  const test::Data direction = test::make_data(moved);
  test::Data along_input{direction.input.clone(), data.weights.clone(), {}};
  test::Data along_weights{data.input.clone(), direction.weights.clone(), {}};
  test::Case linear = c;
  linear.has_bias = false;
  const Sum by_input = inner_product(gradient.values(), test::oracle(linear, along_input).values);
  const Sum by_weights = inner_product(gradient.values(), test::oracle(linear, along_weights).values);
  const Sum got_input = inner_product(got.input.values(), direction.input.values());
  const Sum got_weights = inner_product(got.weights.values(), direction.weights.values());
  CHECK(std::abs(by_input.value - got_input.value) <= 1e-5 * (by_input.magnitude + got_input.magnitude));
  CHECK(std::abs(by_weights.value - got_weights.value) <= 1e-5 * (by_weights.magnitude + got_weights.magnitude));
}

double largest(std::span<const float> values) {
  double most = 0;
  for (const float v : values) most = std::max(most, std::abs(static_cast<double>(v)));
  return most;
}

double worst_difference(std::span<const float> a, std::span<const float> b) {
  double worst = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double difference = std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i]));
    if (!(difference <= worst)) worst = std::isnan(difference) ? INFINITY : difference;
  }
  return worst;
}

TEST_CASE("gradients are the adjoint of the float64 convolution, for every parameter") {
  Random random(2024);
  int reflected = 0, grouped = 0, strided = 0, dilated = 0, flipped = 0;
  for (int i = 0; i < 150; ++i) {
    test::Case c = test::random_case(random, 300'000);
    c.params.activation = conv::Activation::kNone;
    CAPTURE(test::describe(c));
    const conv::Geometry g = geometry_of(c);
    reflected += g.border != conv::Border::kZero && g.pad != conv::Padding{};
    grouped += g.groups > 1, strided += g.stride_x > 1, dilated += g.dilation_y > 1, flipped += g.flip;
    const test::Data data = test::make_data(c);
    const Tensor gradient = random_gradient(g, c.seed + 1);
    const Gradients reference = run(g, data, gradient, BackwardMethod::kReference, 1);
    check_adjoint(c, data, gradient, reference);
    const Gradients matrix = run(g, data, gradient, BackwardMethod::kMatrix, 2);
    check_adjoint(c, data, gradient, matrix);
    const auto close = [](std::span<const float> a, std::span<const float> b) {
      return worst_difference(a, b) <= 1e-4 * std::max(1.0, largest(a));
    };
    CHECK(close(reference.input.values(), matrix.input.values()));
    CHECK(close(reference.weights.values(), matrix.weights.values()));
    CHECK(close(reference.bias, matrix.bias));
  }
  CHECK(std::min({reflected, grouped, strided, dilated, flipped}) > 10);
}

TEST_CASE("each gradient value is the slope of the loss, activation included") {
  Random random(5);
  int checked = 0;
  for (int i = 0; i < 24; ++i) {
    test::Case c = test::random_case(random, 3000);
    c.has_bias = true;
    c.params.activation = static_cast<conv::Activation>(i % 9);
    const conv::Geometry g = geometry_of(c);
    if (g.input_shape().size() > 600 || g.weights_shape().size() > 200) continue;
    CAPTURE(test::describe(c));
    test::Data data = test::make_data(c);
    Tensor gradient = random_gradient(g, c.seed + 1);
    const Tensor outer = gradient.clone();
    test::Case linear = c;
    linear.params.activation = conv::Activation::kNone;
    const auto before = test::oracle(linear, data).values;
    bool near_kink = false;
    for (std::size_t j = 0; j < before.size(); ++j) {
      near_kink |= std::abs(before[j]) < 0.02;
      gradient.values()[j] *= static_cast<float>(conv::activation_slope(before[j], c.params.activation));
    }
    const bool has_kink = c.params.activation == conv::Activation::kRelu ||
                          c.params.activation == conv::Activation::kLeakyRelu ||
                          c.params.activation == conv::Activation::kAbs;
    if (near_kink && has_kink) continue;
    const Gradients got = run(g, data, gradient, BackwardMethod::kMatrix, 1);
    const auto loss = [&] { return inner_product(outer.values(), test::oracle(c, data).values).value; };
    const auto slope = [&](float& value) {
      const float kept = value;
      constexpr float kStep = 0x1p-8f;
      value = kept + kStep;
      const double above = loss(), at_above = static_cast<double>(value);
      value = kept - kStep;
      const double below = loss(), at_below = static_cast<double>(value);
      value = kept;
      return (above - below) / (at_above - at_below);
    };
    const auto check = [&](std::span<float> values, std::span<const float> gradients) {
      for (int j = 0; j < 12; ++j) {
        const std::size_t at = random.below(static_cast<std::uint32_t>(values.size()));
        const double expected = slope(values[at]);
        CHECK(static_cast<double>(gradients[at]) == doctest::Approx(expected).epsilon(1e-3).scale(1));
        ++checked;
      }
    };
    check(data.input.values(), got.input.values());
    check(data.weights.values(), got.weights.values());
    check(data.bias, got.bias);
  }
  CHECK(checked > 200);
}

TEST_CASE("gradients have the same bits for every number of threads") {
  test::Case c;
  c.input = {5, 6, 19, 23};
  c.weights = {8, 3, 3, 5};
  c.params.groups = 2;
  c.params.border = conv::Border::kReflect;
  const conv::Geometry g = geometry_of(c);
  const test::Data data = test::make_data(c);
  const Tensor gradient = random_gradient(g, 3);
  const Gradients one = run(g, data, gradient, BackwardMethod::kMatrix, 1);
  CHECK(largest(one.weights.values()) > 0);
  for (const int threads : {2, 3, 8}) {
    const Gradients more = run(g, data, gradient, BackwardMethod::kMatrix, threads);
    CHECK(std::ranges::equal(one.input.values(), more.input.values()));
    CHECK(std::ranges::equal(one.weights.values(), more.weights.values()));
    CHECK(one.bias == more.bias);
  }
}

TEST_CASE("the slope of each activation is the derivative of its definition") {
  for (int a = 0; a < 9; ++a) {
    const auto activation = static_cast<conv::Activation>(a);
    for (double x = -6.03; x < 6; x += 0.11) {
      constexpr double kStep = 1e-5;
      const double slope =
          (conv::activate(x + kStep, activation) - conv::activate(x - kStep, activation)) / (2 * kStep);
      CHECK(conv::activation_slope(x, activation) == doctest::Approx(slope).epsilon(1e-6));
    }
  }
}

}  // namespace
