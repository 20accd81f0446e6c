// Convolution by compute shaders: against the float64 oracle, inside its bounds, and its sentences where it cannot.
#include <doctest/doctest.h>
#include <glad/gl.h>

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "app/gl/conv_compute.h"
#include "app/gl/gpu_accelerator.h"
#include "app/gl/headless.h"
#include "tests/engine/conv_oracle.h"
#include "tests/support/temporary_folder.h"

using namespace convlens;

namespace {

using test::Case;

// Null where there is no OpenGL 4.3; the running test has then said so, or failed where CONVLENS_REQUIRE_GL is set.
gl::ConvCompute* compute() {
  // Never destroyed, like the context of the other tests.
  static auto* const context = new Result<gl::HeadlessContext>(gl::HeadlessContext::create());
  static auto* const result =
      new Result<gl::ConvCompute>(*context ? gl::ConvCompute::create(gl::ShaderTexts()) : context->error());
  if (*result) return &**result;
  if (std::getenv("CONVLENS_REQUIRE_GL") != nullptr) {
    FAIL(result->error().message);
  } else {
    MESSAGE("skipped: " << result->error().message);
  }
  return nullptr;
}

constexpr std::uint32_t kGuardBits = 0x7fc0dead;  // a NaN that no arithmetic makes
bool is_guard(float value) { return std::bit_cast<std::uint32_t>(value) == kGuardBits; }

void fill_with_guards(const gl::GpuMaps& maps) {
  const std::vector<float> guards(static_cast<std::size_t>(maps.shape.size()), std::bit_cast<float>(kGuardBits));
  if (maps.texture) {
    glBindTexture(GL_TEXTURE_2D_ARRAY, maps.texture.name());
    glTexSubImage3D(GL_TEXTURE_2D_ARRAY, 0, 0, 0, 0, static_cast<GLsizei>(maps.shape.w),
                    static_cast<GLsizei>(maps.shape.h), static_cast<GLsizei>(maps.shape.n * maps.shape.c), GL_RED,
                    GL_FLOAT, guards.data());
  } else {
    glBindBuffer(GL_SHADER_STORAGE_BUFFER, maps.buffer.name());
    glBufferSubData(GL_SHADER_STORAGE_BUFFER, 0, static_cast<GLsizeiptr>(guards.size() * sizeof(float)), guards.data());
  }
}

struct Outcome {
  gl::GpuTimes times;
  Shape shape;
  std::vector<float> values;
  bool guards_intact = true;
  bool wrote_all = true;
};

// Convolves into maps that are larger than needed and full of guard values.
Outcome run(gl::ConvCompute& gpu, const Case& c, const test::Data& data) {
  const auto geometry = conv::resolve(c.params, c.input, c.weights);
  REQUIRE(geometry);
  Outcome outcome;
  outcome.shape = geometry->output_shape();
  Shape roomy = outcome.shape;
  roomy.h += 3, roomy.w += 5;
  const auto maps = gpu.make_maps(roomy);
  REQUIRE(maps);
  fill_with_guards(*maps);
  const auto times = gpu.run(*geometry, data.input.view(), 0, data.weights.view(), data.bias, *maps);
  REQUIRE_MESSAGE(times.ok(), (times ? "" : times.error().message));
  outcome.times = *times;
  Tensor all(roomy);
  REQUIRE(gpu.read_back(*maps, all.view()));
  for (std::int64_t n = 0; n < roomy.n; ++n) {
    for (std::int64_t k = 0; k < roomy.c; ++k) {
      for (std::int64_t y = 0; y < roomy.h; ++y) {
        for (std::int64_t x = 0; x < roomy.w; ++x) {
          const float value = all.at(n, k, y, x);
          if (y < outcome.shape.h && x < outcome.shape.w) {
            outcome.wrote_all &= !is_guard(value);
            outcome.values.push_back(value);
          } else {
            outcome.guards_intact &= is_guard(value);
          }
        }
      }
    }
  }
  return outcome;
}

// The oracle's tolerance is 1e-5 of the sum of absolute products.
constexpr double kTolerance = 10;

void check_case(gl::ConvCompute& gpu, const Case& c) {
  INFO(test::describe(c));
  const test::Data data = test::make_data(c);
  const test::Expected expected = test::oracle(c, data);
  const Outcome outcome = run(gpu, c, data);
  REQUIRE(outcome.shape == expected.shape);
  CHECK(outcome.guards_intact);
  CHECK(outcome.wrote_all);
  CHECK(test::worst_error(expected, outcome.values) <= kTolerance);
}

}  // namespace

TEST_CASE("the GPU agrees with the float64 oracle on random cases over all parameters") {
  gl::ConvCompute* gpu = compute();
  if (gpu == nullptr) return;
  constexpr int kCases = 1000;
  constexpr std::uint64_t kSeed = 20240607;
  INFO("seed " << kSeed);
  Random random(kSeed);
  std::set<conv::Border> borders;
  std::set<conv::PaddingMode> paddings;
  std::map<conv::Activation, int> activations;
  int tiled = 0, direct = 0, partial = 0, grouped = 0, batches = 0, flips = 0;
  for (int i = 0; i < kCases; ++i) {
    const Case c = test::random_case(random, 200'000);
    check_case(*gpu, c);
    const auto geometry = conv::resolve(c.params, c.input, c.weights);
    const auto plan = gl::plan_convolution(*geometry, true, gpu->limits());
    (plan->variant.tile_floats > 0 ? tiled : direct) += 1;
    partial += plan->variant.partial_sums;
    grouped += c.params.groups > 1, batches += c.input.n > 1, flips += c.params.flip;
    borders.insert(c.params.border);
    paddings.insert(c.params.padding);
    ++activations[c.params.activation];
  }
  CHECK(borders.size() == 4);
  CHECK(paddings.size() == 5);
  CHECK(activations.size() == 9);
  for (const auto& [activation, count] : activations) CHECK(count >= 10);
  for (const int count : {tiled, direct, partial, grouped, batches, flips}) CHECK(count >= 20);
}
