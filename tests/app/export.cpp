// Exported arrays and pictures read back as what was computed and shown.
#include <doctest/doctest.h>

#include <filesystem>
#include <vector>

#include "app/model/export.h"
#include "app/view/map_png.h"
#include "engine/core/random.h"
#include "engine/io/npy.h"
#include "engine/io/picture.h"

namespace convlens {
namespace {

namespace fs = std::filesystem;

// A folder of its own that goes with the test.
struct Folder {
  fs::path path = fs::temp_directory_path() / ("convlens-export-" + std::to_string(std::uintptr_t(this)));
  Folder() { fs::create_directories(path); }
  ~Folder() { fs::remove_all(path); }
};

model::ConvResult random_result() {
  model::ConvResult result;
  conv::Params params;
  params.groups = 2;
  const auto geometry = conv::resolve(params, {1, 4, 5, 7}, {6, 2, 3, 2});
  REQUIRE(geometry);
  result.geometry = *geometry;
  Random random(3);
  auto block = std::make_shared<model::MapBlock>();
  block->values = Tensor(geometry->output_shape());
  for (float& value : block->values.values()) value = random.uniform(-2, 2);
  for (int k = 0; k < 6; ++k) {
    model::FeatureMap map;
    map.block = block;
    map.plane = k;
    result.maps.push_back(model::publish(std::move(map)));
  }
  result.is_made.assign(6, true);
  result.weights.resize(static_cast<std::size_t>(geometry->weights_shape().size()));
  for (float& value : result.weights) value = random.uniform(-1, 1);
  for (int k = 0; k < 6; ++k) result.biases.push_back(random.uniform(-1, 1));
  return result;
}

TEST_CASE("arrays read back value for value") {
  const Folder folder;
  const model::ConvResult result = random_result();
  const Shape shape = result.geometry.output_shape();

  REQUIRE(model::export_layer(result, folder.path / "layer.npy"));
  const auto layer = io::read_npy(folder.path / "layer.npy");
  REQUIRE(layer);
  CHECK(layer->shape == std::vector<std::int64_t>{6, shape.h, shape.w});
  CHECK(layer->values ==
        std::vector<float>(result.map(0).block->values.values().begin(), result.map(0).block->values.values().end()));

  REQUIRE(model::export_map(result, 4, folder.path / "map.npy"));
  const auto map = io::read_npy(folder.path / "map.npy");
  REQUIRE(map);
  CHECK(map->shape == std::vector<std::int64_t>{shape.h, shape.w});
  REQUIRE(map->values.size() == static_cast<std::size_t>(shape.h * shape.w));
  CHECK(map->values.front() == result.map(4).at(0, 0));
  CHECK(map->values.back() == result.map(4).at(shape.h - 1, shape.w - 1));

  REQUIRE(model::export_weights(result, folder.path / "weights.npy"));
  const auto weights = io::read_npy(folder.path / "weights.npy");
  REQUIRE(weights);
  CHECK(weights->shape == std::vector<std::int64_t>{6, 2, 3, 2});
  CHECK(weights->values == result.weights);

  REQUIRE(model::export_biases(result, folder.path / "biases.npy"));
  const auto biases = io::read_npy(folder.path / "biases.npy");
  REQUIRE(biases);
  CHECK(biases->shape == std::vector<std::int64_t>{6});
  CHECK(biases->values == result.biases);
}

TEST_CASE("a map's picture has the colours of the map") {
  const Folder folder;
  const model::ConvResult result = random_result();
  const view::Colormap& colours = view::find_colormap("red-blue");
  const view::ValueRange range{-1.5F, 1.5F};
  REQUIRE(view::write_map_png(result, 2, colours, range, folder.path / "map.png"));
  const auto picture = io::read_picture(folder.path / "map.png");
  REQUIRE(picture);
  const Shape shape = result.geometry.output_shape();
  REQUIRE(picture->pixels.shape() == Shape{1, 3, shape.h, shape.w});
  for (std::int64_t y = 0; y < shape.h; ++y) {
    for (std::int64_t x = 0; x < shape.w; ++x) {
      const view::Rgb expected = view::colour_of(colours, range, result.map(2).at(y, x));
      CHECK(picture->pixels.at(0, 0, y, x) == doctest::Approx(expected.r / 255.0));
      CHECK(picture->pixels.at(0, 1, y, x) == doctest::Approx(expected.g / 255.0));
      CHECK(picture->pixels.at(0, 2, y, x) == doctest::Approx(expected.b / 255.0));
    }
  }
}

TEST_CASE("what is not computed yet is not exported") {
  const Folder folder;
  model::ConvResult result = random_result();
  result.is_complete = false;
  result.is_made[2] = false;
  CHECK_FALSE(model::export_layer(result, folder.path / "layer.npy"));
  CHECK_FALSE(model::export_map(result, 2, folder.path / "map.npy"));
  CHECK_FALSE(view::write_map_png(result, 2, view::find_colormap("red-blue"), {-1, 1}, folder.path / "map.png"));
  CHECK(fs::is_empty(folder.path));
  CHECK(model::export_map(result, 3, folder.path / "map.npy"));
}

TEST_CASE("a folder that is not there is an error in words") {
  const model::ConvResult result = random_result();
  const Status status = model::export_layer(result, "/nowhere/at/all/layer.npy");
  REQUIRE_FALSE(status);
  CHECK(status.error().message.find("/nowhere/at/all") != std::string::npos);
}

}  // namespace
}  // namespace convlens
