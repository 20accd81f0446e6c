// Convolution by compute shaders from call to call: programs, uploads, cancelling, and its sentences where it cannot.
#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <vector>

#include "tests/gl/gpu_runs.h"
#include "tests/support/temporary_folder.h"

using namespace convlens;
using test::Case;

TEST_CASE("the shader's text is what computes, and a broken one is told with its log") {
  if (!test::has_gpu()) return;
  const TemporaryFolder folder;
  const std::string text(gl::ShaderTexts().text("conv2d.comp"));
  const auto write = [&](const std::string& changed) {
    std::ofstream(folder.path() / "conv2d.comp") << changed;
    auto texts = gl::ShaderTexts::from_folder(folder.path());
    REQUIRE(texts);
    return *texts;
  };
  const std::string line = "put(at, map, is_sum ? sum : activate(sum));";
  const std::size_t at = text.find(line);
  REQUIRE(at != std::string::npos);
  const gl::ShaderTexts sevens = write(std::string(text).replace(at, line.size(), "put(at, map, 7.0);"));
  const gl::ShaderTexts broken = write(std::string(text).replace(at, line.size(), "put(at, map, nonsense);"));

  Case c;
  c.input = {1, 2, 11, 40};
  c.weights = {3, 2, 3, 3};
  const test::Data data = test::make_data(c);
  const test::Expected expected = test::oracle(c, data);
  const auto is_seven = [](float value) { return value == 7.0f; };

  gl::ConvCompute gpu = test::make_compute(test::roomy());
  CHECK(test::worst_error(expected, test::run_on_gpu(gpu, c, data).values) <= test::kTolerance);
  REQUIRE(gpu.set_shaders(sevens));
  CHECK(std::ranges::all_of(test::run_on_gpu(gpu, c, data).values, is_seven));
  const Status refused = gpu.set_shaders(broken);
  REQUIRE(!refused);
  CHECK(refused.error().message.find("conv2d.comp") != std::string::npos);
  CHECK(refused.error().message.find("nonsense") != std::string::npos);
  CHECK(std::ranges::all_of(test::run_on_gpu(gpu, c, data).values, is_seven));  // the old program is kept

  gl::ConvCompute never = test::make_compute(test::roomy(), broken);
  const auto geometry = conv::resolve(c.params, c.input, c.weights);
  const auto maps = never.make_maps(geometry->output_shape());
  REQUIRE(maps);
  const auto times = never.run(*geometry, data.input.view(), 0, data.weights.view(), data.bias, *maps);
  REQUIRE(!times);
  CHECK(times.error().message.find("nonsense") != std::string::npos);
  CHECK(!test::make_compute(test::roomy()).set_shaders(broken));  // told before anything was computed, too
}

TEST_CASE("an input under the same number is uploaded once") {
  if (!test::has_gpu()) return;
  gl::ConvCompute gpu = test::make_compute(test::roomy());
  Case c;
  c.input = {1, 1, 8, 8};
  c.weights = {1, 1, 1, 1};
  test::Data data = test::make_data(c);
  std::ranges::fill(data.weights.values(), 1.0f);
  const auto geometry = conv::resolve(c.params, c.input, c.weights);
  const auto maps = gpu.make_maps(geometry->output_shape());
  REQUIRE(maps);
  Tensor output(geometry->output_shape());
  const auto first_value = [&](std::uint64_t identity) {
    REQUIRE(gpu.run(*geometry, data.input.view(), identity, data.weights.view(), {}, *maps));
    REQUIRE(gpu.read_back(*maps, output.view()));
    return output.at(0, 0, 0, 0);
  };
  data.input.at(0, 0, 0, 0) = 1;
  CHECK(first_value(5) == 1);
  data.input.at(0, 0, 0, 0) = 2;
  CHECK(first_value(5) == 1);
  CHECK(first_value(6) == 2);
  data.input.at(0, 0, 0, 0) = 3;
  CHECK(first_value(0) == 3);
}

TEST_CASE("sizes beyond the limits of the GPU are refused in words") {
  if (!test::has_gpu()) return;
  Case c;
  c.input = {1, 2, 16, 16};
  c.weights = {3, 2, 3, 3};
  const auto geometry = conv::resolve(c.params, c.input, c.weights);
  gl::ConvLimits limits = test::roomy();
  limits.buffer_bytes = 1024;
  const auto input_too_large = gl::plan_convolution(*geometry, true, limits);
  REQUIRE(!input_too_large);
  CHECK(input_too_large.error().message.find("a buffer of this GPU holds") != std::string::npos);

  c.weights = {40, 2, 15, 15};
  limits.buffer_bytes = 4096;
  const auto filters_too_large = gl::plan_convolution(*conv::resolve(c.params, c.input, c.weights), true, limits);
  REQUIRE(!filters_too_large);
  CHECK(filters_too_large.error().message.find("the filters are larger") != std::string::npos);

  limits.texture_layers = 39;
  const gl::ConvCompute gpu = test::make_compute(limits);
  const auto maps = gpu.make_maps({1, 40, 16, 16});
  REQUIRE(!maps);
  CHECK(maps.error().message.find("1x40x16x16") != std::string::npos);
  limits.buffer_bytes = 1 << 20;
  const auto in_buffer = test::make_compute(limits).make_maps({1, 40, 16, 16});
  REQUIRE(in_buffer);
  CHECK(in_buffer->buffer);
  CHECK_FALSE(in_buffer->texture);
}

TEST_CASE("a cancelled convolution says so, and the next one is right") {
  if (!test::has_gpu()) return;
  gl::ConvCompute gpu = test::make_compute(test::roomy());
  Case c;
  c.input = {1, 2, 30, 40};
  c.weights = {3, 2, 3, 3};
  const test::Data data = test::make_data(c);
  const auto geometry = conv::resolve(c.params, c.input, c.weights);
  const auto maps = gpu.make_maps(geometry->output_shape());
  REQUIRE(maps);
  conv::Progress progress;
  progress.is_cancelled = true;
  const auto times = gpu.run(*geometry, data.input.view(), 1, data.weights.view(), data.bias, *maps, &progress);
  REQUIRE(!times);
  CHECK(times.error().message.find("cancelled") != std::string::npos);
  progress.is_cancelled = false;
  REQUIRE(gpu.run(*geometry, data.input.view(), 1, data.weights.view(), data.bias, *maps, &progress));
  CHECK(progress.done == progress.total);
  CHECK(progress.total >= 1);
  Tensor output(geometry->output_shape());
  REQUIRE(gpu.read_back(*maps, output.view()));
  const std::vector<float> values(output.values().begin(), output.values().end());
  CHECK(test::worst_error(test::oracle(c, data), values) <= test::kTolerance);
}

TEST_CASE("bands cover all the work once") {
  gl::ConvPlan plan;
  for (const std::int64_t cost : {1LL, 1LL << 24, 1LL << 28, 1LL << 40}) {
    plan.workgroup_cost = cost;
    plan.workgroups = {7, 5, 11};
    plan.chunks = 5, plan.pass_size = 2;
    gl::ConvLimits limits;
    limits.is_software = cost == 1LL << 24;
    limits.workgroups = {4, 100, 3};
    std::vector<int> visits(7 * 5 * 11, 0);  // chunks that each workgroup has added
    for (const gl::ConvBand& band : gl::cut_into_bands(plan, limits)) {
      for (std::size_t axis = 0; axis < 3; ++axis) CHECK(band.count[axis] <= limits.workgroups[axis]);
      for (std::int64_t z = band.first[2]; z < band.first[2] + band.count[2]; ++z) {
        for (std::int64_t y = band.first[1]; y < band.first[1] + band.count[1]; ++y) {
          for (std::int64_t x = band.first[0]; x < band.first[0] + band.count[0]; ++x) {
            int& visit = visits.at(static_cast<std::size_t>((z * 5 + y) * 7 + x));
            CHECK(band.first_chunk == visit);
            visit += static_cast<int>(band.end_chunk - band.first_chunk);
          }
        }
      }
    }
    CHECK(std::ranges::all_of(visits, [](int count) { return count == 5; }));
  }
}
