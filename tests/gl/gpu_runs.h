// Compute shaders under test: a context without a window, limits to run them under, and runs on guarded maps.
#pragma once

#include <vector>

#include "app/gl/conv_compute.h"
#include "tests/engine/conv_oracle.h"

namespace convlens::test {

// Makes a context for all tests of the program. False where there is no OpenGL 4.3: the running test has then said so,
// or failed where CONVLENS_REQUIRE_GL is set.
bool has_gpu();

gl::ConvCompute make_compute(const gl::ConvLimits& limits, gl::ShaderTexts texts = {});

// As the driver offers, and with nothing to spare: no shared memory, no textures, few workgroups at a time.
gl::ConvLimits roomy();
gl::ConvLimits narrow();

struct GpuOutcome {
  gl::GpuTimes times;
  Shape shape;
  std::vector<float> values;
  bool guards_intact = true;
  bool wrote_all = true;
};
// Convolves into maps that are larger than needed and full of guard values.
GpuOutcome run_on_gpu(gl::ConvCompute& gpu, const Case& c, const Data& data);

// The oracle's tolerance is 1e-5 of the sum of absolute products.
inline constexpr double kTolerance = 10;

}  // namespace convlens::test
