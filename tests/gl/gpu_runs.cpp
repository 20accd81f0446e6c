// The context is made on first use and outlives every test.
#include "tests/gl/gpu_runs.h"

#include <doctest/doctest.h>
#include <glad/gl.h>

#include <bit>
#include <cstdlib>
#include <string>
#include <utility>

#include "app/gl/headless.h"

namespace convlens::test {

namespace {

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

}  // namespace

// Never destroyed, as in context_fixture.cpp.
bool has_gpu() {
  static auto* const context =
      new Result<gl::HeadlessContext>(gl::HeadlessContext::create(gl::HeadlessContext::Fallback::kNone));
  std::string reason = *context ? "" : context->error().message;
  if (*context && !(*context)->info().has_compute) reason = "OpenGL " + (*context)->info().version;
  if (reason.empty()) return true;
  if (std::getenv("CONVLENS_REQUIRE_GL") != nullptr) {
    FAIL(reason);
  } else {
    MESSAGE("skipped: no OpenGL 4.3 here. " << reason);
  }
  return false;
}

gl::ConvCompute make_compute(const gl::ConvLimits& limits, gl::ShaderTexts texts) {
  auto compute = gl::ConvCompute::create(std::move(texts), limits);
  REQUIRE(compute);
  return std::move(*compute);
}

gl::ConvLimits roomy() { return gl::ConvCompute::limits_of_context(); }
gl::ConvLimits narrow() {
  gl::ConvLimits limits = roomy();
  limits.shared_bytes = 0;
  limits.texture_size = 0;
  limits.workgroups = {2, 2, 40};
  return limits;
}

GpuOutcome run_on_gpu(gl::ConvCompute& gpu, const Case& c, const Data& data) {
  const auto geometry = conv::resolve(c.params, c.input, c.weights);
  REQUIRE(geometry);
  GpuOutcome outcome;
  outcome.shape = geometry->output_shape();
  Shape shape = outcome.shape;
  shape.h += 3, shape.w += 5;
  const auto maps = gpu.make_maps(shape);
  REQUIRE(maps);
  fill_with_guards(*maps);
  const auto times = gpu.run(*geometry, data.input.view(), 0, data.weights.view(), data.bias, *maps);
  REQUIRE_MESSAGE(times.ok(), (times ? "" : times.error().message));
  outcome.times = *times;
  Tensor all(shape);
  REQUIRE(gpu.read_back(*maps, all.view()));
  for (std::int64_t n = 0; n < shape.n; ++n) {
    for (std::int64_t k = 0; k < shape.c; ++k) {
      for (std::int64_t y = 0; y < shape.h; ++y) {
        for (std::int64_t x = 0; x < shape.w; ++x) {
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

}  // namespace convlens::test
