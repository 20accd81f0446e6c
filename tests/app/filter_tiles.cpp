// Where weights stand in tiles, and the form of filters by the layers before them.
#include "app/model/filter_tiles.h"

#include <doctest/doctest.h>

#include <limits>
#include <map>
#include <numeric>

#include "engine/nn/presets.h"

namespace convlens::model {
namespace {

std::map<std::pair<std::int64_t, std::int64_t>, float> texels(const FilterForm& form, const TileForm& tile,
                                                              std::span<const float> weights) {
  std::map<std::pair<std::int64_t, std::int64_t>, float> found;
  for_each_texel(form, tile, weights, [&](std::int64_t x, std::int64_t y, float value) {
    CHECK(x < tile.width());
    CHECK(y < tile.height());
    CHECK(found.emplace(std::pair{x, y}, value).second);
  });
  return found;
}

}  // namespace

TEST_CASE("every weight has a texel of its own, and texel_at finds the way back") {
  for (const FilterForm form :
       {FilterForm{1, 5, 5}, FilterForm{3, 3, 3}, FilterForm{7, 2, 4}, FilterForm{32, 1, 1}, FilterForm{16, 5, 5}}) {
    CAPTURE(form.channels);
    std::vector<float> weights(static_cast<std::size_t>(form.size()));
    std::iota(weights.begin(), weights.end(), 1.0F);
    const TileForm tile = tile_form(form, false);
    const auto found = texels(form, tile, weights);
    CHECK(std::ssize(found) == form.size());
    for (std::int64_t y = 0; y < tile.height(); ++y) {
      for (std::int64_t x = 0; x < tile.width(); ++x) {
        TileTexel texel;
        const bool is_weight = texel_at(tile, x, y, texel);
        REQUIRE(is_weight == found.contains({x, y}));
        if (!is_weight) continue;
        const std::int64_t index = (texel.channel * form.rows + texel.row) * form.cols + texel.col;
        CHECK(found.at({x, y}) == weights[static_cast<std::size_t>(index)]);
      }
    }
  }
}

TEST_CASE("a mean is over the channels") {
  const FilterForm form{2, 2, 2};
  const std::vector<float> weights{1, 2, 3, 4, 3, 4, 5, -4};
  const TileForm tile = tile_form(form, true);
  CHECK(tile.width() == 2);
  const auto found = texels(form, tile, weights);
  CHECK(found.at({0, 0}) == 2);
  CHECK(found.at({1, 0}) == 3);
  CHECK(found.at({1, 1}) == 0);
  CHECK(tile_reach(form, tile, weights) == 4);
}

TEST_CASE("what is not finite has no part in the range") {
  const FilterForm form{1, 1, 3};
  const std::vector<float> weights{0.5F, std::numeric_limits<float>::quiet_NaN(), -2};
  CHECK(tile_reach(form, tile_form(form, false), weights) == 2);
}

TEST_CASE("a dense layer shows the maps that were flattened before it") {
  const auto lenet = nn::make_model("lenet5", 1, 28, 28, 10);
  REQUIRE(lenet);
  const auto layers = nn::named_layers(*lenet);
  const auto shapes = nn::layer_shapes(*lenet);
  REQUIRE(shapes);
  int dense = 0, conv = 0;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (layers[i].kind != nn::LayerKind::kConv && layers[i].kind != nn::LayerKind::kDense) continue;
    const FilterForm form = filter_form(layers, *shapes, {1, 1, 28, 28}, i);
    CAPTURE(layers[i].name);
    if (layers[i].kind == nn::LayerKind::kConv) {
      CHECK(form == FilterForm{conv++ == 0 ? 1 : 6, 5, 5});
    } else if (dense++ == 0) {
      CHECK(form == FilterForm{16, 5, 5});
    } else {
      CHECK(form.plane() == 1);
      CHECK(form.channels == (dense == 2 ? 120 : 84));
    }
  }
  CHECK(conv == 2);
  CHECK(dense == 3);
}

TEST_CASE("even ranges hold what they are for and are no larger than a quarter more") {
  CHECK(even_range(0) == 1);
  CHECK(even_range(1) == 1);
  for (float reach = 1e-6F; reach < 1e6F; reach *= 1.07F) {
    const float range = even_range(reach);
    CHECK(range >= reach * 0.99999F);
    CHECK(range <= reach * 1.3F);
  }
}

}  // namespace convlens::model
