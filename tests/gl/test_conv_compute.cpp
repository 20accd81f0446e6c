// Convolution by compute shaders: against the float64 oracle, inside its bounds, and its sentences where it cannot.
#include <doctest/doctest.h>
#include <glad/gl.h>

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <fstream>
#include <initializer_list>
#include <limits>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "app/gl/conv_compute.h"
#include "app/gl/gpu_accelerator.h"
#include "app/gl/headless.h"
#include "tests/engine/conv_oracle.h"
#include "tests/support/temporary_folder.h"

using namespace convlens;

namespace {

using test::Case;

// A context for all tests of the program; never destroyed, as in context_fixture.cpp. False where there is no
// OpenGL 4.3: the running test has then said so, or failed where CONVLENS_REQUIRE_GL is set.
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

gl::ConvCompute make_compute(const gl::ConvLimits& limits, gl::ShaderTexts texts = {}) {
  auto compute = gl::ConvCompute::create(std::move(texts), limits);
  REQUIRE(compute);
  return std::move(*compute);
}

// As the driver offers, and with nothing to spare: no shared memory, no textures, few workgroups at a time.
gl::ConvLimits roomy() { return gl::ConvCompute::limits_of_context(); }
gl::ConvLimits narrow() {
  gl::ConvLimits limits = roomy();
  limits.shared_bytes = 0;
  limits.texture_size = 0;
  limits.workgroups = {2, 2, 40};
  return limits;
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

// The oracle's tolerance is 1e-5 of the sum of absolute products.
constexpr double kTolerance = 10;

void check_case(const Case& c, std::initializer_list<gl::ConvCompute*> computes) {
  INFO(test::describe(c));
  const test::Data data = test::make_data(c);
  const test::Expected expected = test::oracle(c, data);
  REQUIRE(!expected.values.empty());
  for (gl::ConvCompute* gpu : computes) {
    INFO((gpu->limits().shared_bytes > 0 ? "tiled" : "direct"));
    const Outcome outcome = run(*gpu, c, data);
    REQUIRE(outcome.shape == expected.shape);
    CHECK(outcome.guards_intact);
    CHECK(outcome.wrote_all);
    CHECK(test::worst_error(expected, outcome.values) <= kTolerance);
  }
}

}  // namespace

TEST_CASE("the GPU agrees with the float64 oracle on random cases over all parameters") {
  if (!has_gpu()) return;
  constexpr int kCases = 1000;
  constexpr std::uint64_t kSeed = 20240607;
  INFO("seed " << kSeed);
  gl::ConvCompute tiled = make_compute(roomy());
  gl::ConvCompute direct = make_compute(narrow());
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
  if (!has_gpu()) return;
  gl::ConvCompute tiled = make_compute(roomy());
  gl::ConvCompute direct = make_compute(narrow());
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
      const Outcome outcome = run(*gpu, c, data);
      CHECK(std::ranges::equal(outcome.values, expected.values,
                               [](float a, double b) { return static_cast<double>(a) == b; }));
    }
  }
}

TEST_CASE("tiles, chunks of channels and chunks of filter rows meet without a seam on the GPU") {
  if (!has_gpu()) return;
  gl::ConvCompute tiled = make_compute(roomy());
  gl::ConvCompute direct = make_compute(narrow());
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
  if (!has_gpu()) return;
  gl::ConvCompute tiled = make_compute(roomy());
  gl::ConvCompute direct = make_compute(narrow());
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
  for (gl::ConvCompute* gpu : {&tiled, &direct}) CHECK(test::worst_error(expected, run(*gpu, c, data).values) <= 1);
}

TEST_CASE("not a number stays where its windows are") {
  if (!has_gpu()) return;
  gl::ConvCompute gpu = make_compute(roomy());
  for (const conv::Activation activation :
       {conv::Activation::kNone, conv::Activation::kRelu, conv::Activation::kGelu}) {
    Case c;
    c.input = {1, 1, 9, 9};
    c.weights = {1, 1, 3, 3};
    c.params.activation = activation;
    test::Data data = test::make_data(c);
    data.input.at(0, 0, 4, 4) = std::numeric_limits<float>::quiet_NaN();
    const Outcome outcome = run(gpu, c, data);
    CHECK(std::ranges::count_if(outcome.values, [](float v) { return v != v; }) == 9);
  }
}

TEST_CASE("the shader's text is what computes, and a broken one is told with its log") {
  if (!has_gpu()) return;
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

  gl::ConvCompute gpu = make_compute(roomy());
  CHECK(test::worst_error(expected, run(gpu, c, data).values) <= kTolerance);
  REQUIRE(gpu.set_shaders(sevens));
  CHECK(std::ranges::all_of(run(gpu, c, data).values, is_seven));
  const Status refused = gpu.set_shaders(broken);
  REQUIRE(!refused);
  CHECK(refused.error().message.find("conv2d.comp") != std::string::npos);
  CHECK(refused.error().message.find("nonsense") != std::string::npos);
  CHECK(std::ranges::all_of(run(gpu, c, data).values, is_seven));  // the old program is kept

  gl::ConvCompute never = make_compute(roomy(), broken);
  const auto geometry = conv::resolve(c.params, c.input, c.weights);
  const auto maps = never.make_maps(geometry->output_shape());
  REQUIRE(maps);
  const auto times = never.run(*geometry, data.input.view(), 0, data.weights.view(), data.bias, *maps);
  REQUIRE(!times);
  CHECK(times.error().message.find("nonsense") != std::string::npos);
  CHECK(!make_compute(roomy()).set_shaders(broken));  // told before anything was computed, too
}

TEST_CASE("an input under the same number is uploaded once") {
  if (!has_gpu()) return;
  gl::ConvCompute gpu = make_compute(roomy());
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
  if (!has_gpu()) return;
  Case c;
  c.input = {1, 2, 16, 16};
  c.weights = {3, 2, 3, 3};
  const auto geometry = conv::resolve(c.params, c.input, c.weights);
  gl::ConvLimits limits = roomy();
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
  const gl::ConvCompute gpu = make_compute(limits);
  const auto maps = gpu.make_maps({1, 40, 16, 16});
  REQUIRE(!maps);
  CHECK(maps.error().message.find("1x40x16x16") != std::string::npos);
  limits.buffer_bytes = 1 << 20;
  const auto in_buffer = make_compute(limits).make_maps({1, 40, 16, 16});
  REQUIRE(in_buffer);
  CHECK(in_buffer->buffer);
  CHECK_FALSE(in_buffer->texture);
}

TEST_CASE("a cancelled convolution says so, and the next one is right") {
  if (!has_gpu()) return;
  gl::ConvCompute gpu = make_compute(roomy());
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
  CHECK(test::worst_error(test::oracle(c, data), values) <= kTolerance);
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

TEST_CASE("an accelerator convolves on a thread of its own") {
  if (!has_gpu()) return;
  Case c;
  c.input = {2, 3, 33, 47};
  c.weights = {5, 3, 5, 5};
  c.has_bias = true;
  const test::Data data = test::make_data(c);
  const auto geometry = conv::resolve(c.params, c.input, c.weights);
  Tensor output(geometry->output_shape());
  std::string description;
  Result<conv::Report> report = Error{"did not run"};
  std::jthread([&] {
    auto accelerator = gl::make_gpu_accelerator(std::make_shared<gl::SharedShaders>(gl::ShaderTexts()));
    if (!accelerator) {
      report = accelerator.error();
      return;
    }
    description = (*accelerator)->description();
    report = (*accelerator)->forward(*geometry, data.input.view(), 1, data.weights.view(), data.bias, output.view());
  }).join();
  REQUIRE_MESSAGE(report.ok(), (report ? "" : report.error().message));
  CHECK(report->kernel == "glsl");
  CHECK_FALSE(report->isa.empty());
  CHECK(report->milliseconds > 0);
  CHECK(description.find("OpenGL 4") != std::string::npos);
  const std::vector<float> values(output.values().begin(), output.values().end());
  CHECK(test::worst_error(test::oracle(c, data), values) <= kTolerance);
}

TEST_CASE("an accelerator follows the shared shaders") {
  if (!has_gpu()) return;
  const TemporaryFolder folder;
  std::string text(gl::ShaderTexts().text("conv2d.comp"));
  const std::string line = "put(at, map, is_sum ? sum : activate(sum));";
  REQUIRE(text.find(line) != std::string::npos);
  std::ofstream(folder.path() / "conv2d.comp") << text.replace(text.find(line), line.size(), "put(at, map, 7.0);");
  const auto sevens = gl::ShaderTexts::from_folder(folder.path());
  REQUIRE(sevens);
  const auto shaders = std::make_shared<gl::SharedShaders>(gl::ShaderTexts());
  std::vector<float> values;
  std::jthread([&] {
    const auto accelerator = gl::make_gpu_accelerator(shaders);
    if (!accelerator) return;
    Case c;
    c.input = {1, 1, 5, 5};
    c.weights = {1, 1, 3, 3};
    const test::Data data = test::make_data(c);
    const auto geometry = conv::resolve(c.params, c.input, c.weights);
    Tensor output(geometry->output_shape());
    const auto run_once = [&] {
      const auto report =
          (*accelerator)->forward(*geometry, data.input.view(), 1, data.weights.view(), data.bias, output.view());
      values.push_back(report ? output.at(0, 0, 2, 2) : -1.0f);
    };
    run_once();
    const std::uint64_t before = (*accelerator)->revision();
    shaders->set(*sevens);
    values.push_back(static_cast<float>((*accelerator)->revision() - before));
    run_once();
  }).join();
  REQUIRE(values.size() == 3);
  CHECK(values[0] != 7.0f);
  CHECK(values[0] != -1.0f);
  CHECK(values[1] == 1.0f);
  CHECK(values[2] == 7.0f);
}

TEST_CASE("a folder of shaders is told apart from what is none") {
  const TemporaryFolder folder;
  const auto missing = gl::ShaderTexts::from_folder(folder.path() / "none");
  REQUIRE(!missing);
  CHECK(missing.error().message.find("is not a folder") != std::string::npos);
  const auto empty = gl::ShaderTexts::from_folder(folder.path());
  REQUIRE(!empty);
  CHECK(empty.error().message.find("holds none of the shaders") != std::string::npos);
  std::ofstream(folder.path() / "heat_map.frag") << "text";
  const auto texts = gl::ShaderTexts::from_folder(folder.path());
  REQUIRE(texts);
  CHECK(texts->text("heat_map.frag") == "text");
  CHECK(texts->text("cover.vert") == gl::ShaderTexts().text("cover.vert"));
}
