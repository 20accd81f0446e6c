// The accelerator on threads of its own, with shaders that change, and folders of shaders.
#include <doctest/doctest.h>

#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "app/gl/gpu_accelerator.h"
#include "tests/gl/gpu_runs.h"
#include "tests/support/temporary_folder.h"

using namespace convlens;
using test::Case;

TEST_CASE("an accelerator convolves on a thread of its own") {
  if (!test::has_gpu()) return;
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
  CHECK(test::worst_error(test::oracle(c, data), values) <= test::kTolerance);
}

TEST_CASE("an accelerator follows the shared shaders") {
  if (!test::has_gpu()) return;
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
