// Maps drawn from where the GPU has left them look as those that are uploaded, and are told of in the same numbers.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <string>
#include <vector>

#include "app/model/reduce.h"
#include "app/view/picture.h"
#include "tests/gl/shared_gpu.h"
#include "tests/support/temporary_folder.h"

using namespace convlens;
using test::keep;
using test::Layer;
using test::on_worker;
using test::Pixels;
using view::Placement;
using view::Source;

namespace {

constexpr int kRows = 70, kCols = 150;

// Maps on the GPU, the same maps here, and a painter that draws them.
struct Scene {
  gl::WorkerContext beside;
  Layer layer;
  std::shared_ptr<const conv::DeviceMaps> maps;
  Tensor values;
  std::vector<conv::DeviceStats> stats;
  const Tensor nothing;

  // False where there is nothing to compute with; the test has said so.
  bool make(Layer of, std::int64_t step = 1) {
    layer = std::move(of);
    if (!test::open_beside(beside)) return false;
    values = Tensor(layer.geometry.output_shape());
    on_worker(beside, [&](conv::Accelerator& accelerator) {
      auto kept = keep(accelerator, layer);
      CHECK(kept.ok());
      if (!kept) return;
      maps = kept->maps;
      CHECK(accelerator.keeper()->read_back(*maps, values.view()).ok());
      auto told = accelerator.keeper()->measure(*maps, step);
      CHECK(told.ok());
      if (told) stats = *told;
    });
    REQUIRE(maps);
    return true;
  }
  // As it comes from the GPU, before and after its values are read, and from the processor.
  Source early() const { return {&nothing, {}, 1, maps.get()}; }
  Source late() const { return {&values, {}, 1, maps.get()}; }
  Source uploaded() const { return {&values, {}, 1}; }
};

view::Painter::Options on_gpu() {
  view::Painter::Options options;
  options.colouring = view::Painter::Colouring::kOnGpu;
  return options;
}

// The map at `scale` with its corner at (x, y), in a canvas of 300 x 140.
Placement at(double scale, double x, double y) {
  Placement placement;
  placement.canvas = {0, 0, 300, 140};
  placement.image_width = kCols;
  placement.image_height = kRows;
  placement.scale = scale;
  placement.image = {x, y, x + kCols * scale, y + kRows * scale};
  return placement;
}

struct Difference {
  int largest = 0;  // of a colour or an alpha
  int pixels = 0;
};
Difference difference(const Pixels& a, const Pixels& b) {
  REQUIRE(a.width == b.width);
  REQUIRE(a.height == b.height);
  Difference found;
  for (std::size_t i = 0; i < a.rgba.size(); ++i) {
    const int apart = std::abs(int{a.rgba[i]} - int{b.rgba[i]});
    found.largest = std::max(found.largest, apart);
    found.pixels += apart > 0;
  }
  return found;
}

}  // namespace

TEST_CASE("a map on the GPU looks as the same map uploaded, at every scale and place") {
  Scene scene;
  if (!scene.make(test::make_layer(4, kRows, kCols, 7))) return;
  view::Painter painter(on_gpu());
  REQUIRE(painter.status().ok());
  const view::Colormap& map = view::find_colormap("grey");
  for (const double scale : {8.0, 1.0, 0.7, 0.5, 0.31, 0.11, 0.02}) {
    for (const view::Point corner : {view::Point{0, 0}, view::Point{-40.5, -17.25}, view::Point{33, 60}}) {
      for (const int plane : {0, 3}) {
        CAPTURE(scale);
        CAPTURE(corner.x);
        CAPTURE(plane);
        const Placement placement = at(scale, corner.x, corner.y);
        if (placement.visible().width() <= 0 || placement.visible().height() <= 0) continue;
        view::PlanePicture kept, uploaded;
        const auto a = kept.update(painter, scene.early(), plane, placement, map, {-4, 4});
        const auto b = uploaded.update(painter, scene.uploaded(), plane, placement, map, {-4, 4});
        REQUIRE(a.texture != 0);
        CHECK(a.covers.x0 == b.covers.x0);
        CHECK(a.covers.y1 == b.covers.y1);
        const Pixels seen = test::read_texture(a.texture);
        const Difference apart = difference(seen, test::read_texture(b.texture));
        // Whole texels are the same bits; averages round in another order.
        CHECK(apart.largest <= (scale >= 0.7 ? 0 : 1));
        bool is_plain = true;
        for (std::size_t i = 0; i < seen.rgba.size(); i += 4) is_plain &= seen.rgba[i] == seen.rgba[0];
        if (scale >= 0.3) CHECK_FALSE(is_plain);
      }
    }
  }
  CHECK(test::is_driver_content());
}

TEST_CASE("a map on the GPU is never uploaded, and drawn once before and after its values are read") {
  Scene scene;
  if (!scene.make(test::make_layer(2, kRows, kCols, 8))) return;
  view::Painter painter(on_gpu());
  REQUIRE(painter.status().ok());
  const view::Colormap& map = view::find_colormap("red-blue");
  view::PlanePicture picture;
  const auto cost = [&](const Source& source, double scale, float limit) {
    const view::UploadMeter before = view::upload_meter(painter);
    REQUIRE(picture.update(painter, source, 1, at(scale, 0, 0), map, {-limit, limit}).texture != 0);
    const view::UploadMeter after = view::upload_meter(painter);
    CHECK(after.bytes == before.bytes);
    return after.passes - before.passes;
  };
  for (const double scale : {4.0, 0.3}) {
    CHECK(cost(scene.early(), scale, 2) == 1);
    CHECK(cost(scene.early(), scale, 2) == 0);
    CHECK(cost(scene.late(), scale, 2) == 0);
    CHECK(cost(scene.late(), scale, 3) == 1);  // other colours
  }
  for (const view::UploadPass& pass : view::take_upload_passes(painter)) CHECK_FALSE(pass.uploads);
  // From the processor the next one is uploaded again.
  picture.update(painter, scene.uploaded(), 1, at(4, 0, 0), map, {-2, 2});
  const auto passes = view::take_upload_passes(painter);
  REQUIRE(passes.size() == 1);
  CHECK(passes[0].uploads);
}

TEST_CASE("a painter on the processor draws a map on the GPU from its values, and nothing without them") {
  Scene scene;
  if (!scene.make(test::make_layer(2, kRows, kCols, 9))) return;
  view::Painter::Options options;
  options.colouring = view::Painter::Colouring::kOnCpu;
  view::Painter painter(options);
  CHECK_FALSE(painter.draws_on_gpu());
  view::PlanePicture picture, expected;
  const view::Colormap& map = view::find_colormap("grey");
  CHECK(picture.update(painter, scene.early(), 1, at(1.5, 0, 0), map, {-3, 3}).texture == 0);
  const auto a = picture.update(painter, scene.late(), 1, at(1.5, 0, 0), map, {-3, 3});
  const auto b = expected.update(painter, scene.uploaded(), 1, at(1.5, 0, 0), map, {-3, 3});
  REQUIRE(a.texture != 0);
  CHECK(difference(test::read_texture(a.texture), test::read_texture(b.texture)).pixels == 0);
}

TEST_CASE("the GPU's statistics are the processor's") {
  Layer layer = test::make_layer(3, kRows, kCols, 10);
  SUBCASE("of numbers") {}
  SUBCASE("where some are none") {
    layer.input.at(0, 0, 20, 30) = std::numeric_limits<float>::quiet_NaN();
    layer.input.at(0, 1, 60, 149) = std::numeric_limits<float>::infinity();
  }
  SUBCASE("where all are none") { std::ranges::fill(layer.input.values(), std::numeric_limits<float>::quiet_NaN()); }
  SUBCASE("where the mean is small beside the values") {
    for (std::size_t i = 0; i < layer.input.values().size(); ++i) layer.input.values()[i] += i % 2 ? 1000.0f : -1000.0f;
  }
  constexpr std::int64_t kStep = 7;
  Scene scene;
  if (!scene.make(std::move(layer), kStep)) return;
  std::vector<model::MapStats> expected;
  std::vector<Tensor> levels;
  model::measure_and_reduce(scene.values, Parallel(1), expected, levels);
  REQUIRE(scene.stats.size() == expected.size());
  for (std::size_t k = 0; k < expected.size(); ++k) {
    CAPTURE(k);
    const conv::DeviceStats& told = scene.stats[k];
    const model::MapStats& exact = expected[k];
    CHECK(told.min == exact.min);
    CHECK(told.max == exact.max);
    CHECK(told.not_finite == exact.not_finite);
    CHECK(std::abs(told.mean - exact.mean) <= 1e-9 * std::max(1.0, exact.standard_deviation));
    CHECK(told.standard_deviation == doctest::Approx(exact.standard_deviation).epsilon(1e-5));
    const float* plane = scene.values.view().plane(0, static_cast<std::int64_t>(k));
    REQUIRE(told.samples.size() == (kRows * kCols + kStep - 1) / kStep);
    bool are_same = true;
    for (std::size_t i = 0; i < told.samples.size(); ++i) {
      const float value = plane[i * kStep];
      are_same &= told.samples[i] == value || (std::isnan(value) && std::isnan(told.samples[i]));
    }
    CHECK(are_same);
  }
}

TEST_CASE("broken shaders for maps on the GPU are told with their logs") {
  gl::WorkerContext beside;
  if (!test::open_beside(beside)) return;
  CHECK(gl::check_compute_shaders(gl::ShaderTexts()).ok());
  const TemporaryFolder folder;
  const auto broken = [&](const char* name) {
    std::ofstream(folder.path() / name) << "nonsense";
    auto texts = gl::ShaderTexts::from_folder(folder.path());
    REQUIRE(texts);
    std::filesystem::remove(folder.path() / name);
    return *texts;
  };
  const Status statistics = gl::check_compute_shaders(broken("map_stats.comp"));
  REQUIRE(!statistics);
  CHECK(statistics.error().message.find("rejects the shader map_stats.comp: ") != std::string::npos);
  const Status convolution = gl::check_compute_shaders(broken("conv2d.comp"));
  REQUIRE(!convolution);
  CHECK(convolution.error().message.find("conv2d.comp") != std::string::npos);
  view::Painter painter(on_gpu());
  const Status reduction = painter.set_shaders(broken("reduce_map.frag"));
  REQUIRE(!reduction);
  CHECK(reduction.error().message.find("reduce_map.frag") != std::string::npos);
}
