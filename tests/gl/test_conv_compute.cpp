// Convolution by compute shaders: against the float64 oracle, and inside its bounds.
#include <doctest/doctest.h>
#include <glad/gl.h>

#include <algorithm>
#include <initializer_list>
#include <limits>
#include <map>
#include <set>

#include "tests/gl/gpu_runs.h"

using namespace convlens;
using test::Case;

namespace {

void check_case(const Case& c, std::initializer_list<gl::ConvCompute*> computes) {
  INFO(test::describe(c));
  const test::Data data = test::make_data(c);
  const test::Expected expected = test::oracle(c, data);
  REQUIRE(!expected.values.empty());
  for (gl::ConvCompute* gpu : computes) {
    INFO((gpu->limits().shared_bytes > 0 ? "tiled" : "direct"));
    const test::GpuOutcome outcome = test::run_on_gpu(*gpu, c, data);
    REQUIRE(outcome.shape == expected.shape);
    CHECK(outcome.guards_intact);
    CHECK(outcome.wrote_all);
    CHECK(test::worst_error(expected, outcome.values) <= test::kTolerance);
  }
}

}  // namespace

TEST_CASE("the GPU agrees with the float64 oracle on random cases over all parameters") {
  if (!test::has_gpu()) return;
  constexpr int kCases = 1000;
  constexpr std::uint64_t kSeed = 20240607;
  INFO("seed " << kSeed);
  gl::ConvCompute tiled = test::make_compute(test::roomy());
  gl::ConvCompute direct = test::make_compute(test::narrow());
  Random random(kSeed);
  std::set<conv::Border> borders;
  std::set<conv::PaddingMode> paddings;
  std::map<conv::Activation, int> activations;
  std::map<int, int> widths;  // of filter blocks
  int with_tile = 0, partial = 0, grouped = 0, batches = 0, flips = 0;
  for (int i = 0; i < kCases; ++i) {
    const Case c = test::random_case(random, 200'000);
    check_case(c, {&tiled, &direct});
    const auto geometry = conv::resolve(c.params, c.input, c.weights);
    const auto plan = gl::plan_convolution(*geometry, true, tiled.limits());
    with_tile += plan->variant.tile_floats > 0;
    partial += plan->variant.partial_sums;
    ++widths[plan->variant.filters];
    grouped += c.params.groups > 1, batches += c.input.n > 1, flips += c.params.flip;
    borders.insert(c.params.border);
    paddings.insert(c.params.padding);
    ++activations[c.params.activation];
  }
  CHECK(borders.size() == 4);
  CHECK(paddings.size() == 5);
  CHECK(activations.size() == 9);
  CHECK(widths.size() == 3);
  for (const auto& [activation, count] : activations) CHECK(count >= 10);
  CHECK(partial >= 4);
  for (const int count : {with_tile, grouped, batches, flips, widths[1], widths[4], widths[8]}) CHECK(count >= 20);
  CHECK(glGetError() == GL_NO_ERROR);
}

TEST_CASE("the GPU is exact where sums of small integers are") {
  if (!test::has_gpu()) return;
  gl::ConvCompute tiled = test::make_compute(test::roomy());
  gl::ConvCompute direct = test::make_compute(test::narrow());
  Random random(5);
  for (int i = 0; i < 100; ++i) {
    Case c = test::random_case(random, 200'000);
    c.integers = true;
    c.params.activation = i % 2 ? conv::Activation::kRelu : conv::Activation::kNone;
    INFO(test::describe(c));
    const test::Data data = test::make_data(c);
    const test::Expected expected = test::oracle(c, data);
    CHECK(std::ranges::any_of(expected.values, [](double v) { return v != 0; }));
    for (gl::ConvCompute* gpu : {&tiled, &direct}) {
      const test::GpuOutcome outcome = test::run_on_gpu(*gpu, c, data);
      CHECK(std::ranges::equal(outcome.values, expected.values,
                               [](float a, double b) { return static_cast<double>(a) == b; }));
    }
  }
}

TEST_CASE("tiles, chunks of channels and chunks of filter rows meet without a seam on the GPU") {
  if (!test::has_gpu()) return;
  gl::ConvCompute tiled = test::make_compute(test::roomy());
  gl::ConvCompute direct = test::make_compute(test::narrow());
  Case wide;  // many tiles in a row, the last one cut
  wide.input = {1, 3, 9, 2011};
  wide.weights = {9, 3, 3, 3};
  wide.params.border = conv::Border::kReflect;
  Case deep;  // many chunks of channels, the last one cut, partial sums
  deep.input = {1, 151, 7, 40};
  deep.weights = {13, 151, 3, 3};
  deep.params.dilation_x = 2;
  Case tall;  // filter rows in chunks
  tall.input = {1, 2, 90, 37};
  tall.weights = {5, 2, 31, 31};
  tall.params.border = conv::Border::kCircular;
  Case huge;  // larger than the picture, all of it border
  huge.input = {1, 1, 5, 4};
  huge.weights = {1, 1, 255, 255};
  huge.params.border = conv::Border::kReflect;
  Case far;  // no tile holds what a workgroup reads
  far.input = {1, 1, 300, 300};
  far.weights = {3, 1, 5, 5};
  far.params.stride_x = 64, far.params.stride_y = 7, far.params.dilation_x = 64, far.params.dilation_y = 64;
  const auto chunk_rows = [&](const Case& c) {
    return gl::plan_convolution(*conv::resolve(c.params, c.input, c.weights), true, tiled.limits())->chunk_rows;
  };
  CHECK(chunk_rows(tall) > 1);
  CHECK(chunk_rows(tall) < 31);
  for (const Case& c : {wide, deep, tall, huge, far}) check_case(c, {&tiled, &direct});
}

TEST_CASE("a sum of many passes of equal products keeps its digits on the GPU") {
  if (!test::has_gpu()) return;
  gl::ConvCompute tiled = test::make_compute(test::roomy());
  gl::ConvCompute direct = test::make_compute(test::narrow());
  Case c;
  c.input = {1, 4, 3, 3};
  c.weights = {1, 4, 255, 255};
  c.params.border = conv::Border::kReplicate;
  c.params.activation = conv::Activation::kAbs;
  c.has_bias = true;
  test::Data data = test::make_data(c);
  const auto plan = gl::plan_convolution(*conv::resolve(c.params, c.input, c.weights), true, tiled.limits());
  CHECK(plan->variant.in_passes);
  CHECK(plan->chunks > 4 * plan->pass_size);
  std::ranges::fill(data.input.values(), 0.7f);
  std::ranges::fill(data.weights.values(), -0.1f);
  const test::Expected expected = test::oracle(c, data);
  for (gl::ConvCompute* gpu : {&tiled, &direct})
    CHECK(test::worst_error(expected, test::run_on_gpu(*gpu, c, data).values) <= 1);
}

TEST_CASE("not a number stays where its windows are") {
  if (!test::has_gpu()) return;
  gl::ConvCompute gpu = test::make_compute(test::roomy());
  for (const conv::Activation activation :
       {conv::Activation::kNone, conv::Activation::kRelu, conv::Activation::kGelu}) {
    Case c;
    c.input = {1, 1, 9, 9};
    c.weights = {1, 1, 3, 3};
    c.params.activation = activation;
    test::Data data = test::make_data(c);
    data.input.at(0, 0, 4, 4) = std::numeric_limits<float>::quiet_NaN();
    const test::GpuOutcome outcome = test::run_on_gpu(gpu, c, data);
    CHECK(std::ranges::count_if(outcome.values, [](float v) { return v != v; }) == 9);
  }
}
