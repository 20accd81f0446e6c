// Which colours and which range a map gets in each mode.
#include "app/view/map_range.h"

#include <doctest/doctest.h>

#include <array>

namespace convlens::view {
namespace {

using model::MapStats;
using model::RangeMode;

const std::array<MapStats, 3> kStats{{{-1, 3, 0, 0, 0}, {-8, 2, 0, 0, 0}, {0.5F, 4, 0, 0, 0}}};

TEST_CASE("The activation decides between signed and unsigned colours") {
  model::ViewSettings view;
  view.map_colormap = "blue-orange";
  view.unsigned_colormap = "magma";
  using conv::Activation;
  for (const Activation signed_one :
       {Activation::kNone, Activation::kLeakyRelu, Activation::kTanh, Activation::kElu, Activation::kGelu}) {
    CHECK(map_colormap(view, signed_one).name == "blue-orange");
    CHECK(map_colormap_field(signed_one) == "view/map_colormap");
  }
  for (const Activation unsigned_one :
       {Activation::kRelu, Activation::kSigmoid, Activation::kSoftplus, Activation::kAbs}) {
    CHECK(map_colormap(view, unsigned_one).name == "magma");
    CHECK(map_colormap_field(unsigned_one) == "view/unsigned_colormap");
    // The promise behind the choice, on the engine's own activation.
    for (double x = -20; x <= 20; x += 0.25) CHECK(conv::activate(x, unsigned_one) >= 0);
  }
}

TEST_CASE("Signed ranges are symmetric about zero in every mode") {
  const Colormap& map = find_colormap("red-blue");
  REQUIRE(map.is_diverging);
  model::ViewSettings view;
  view.range = RangeMode::kPerMap;
  CHECK(map_range(view, map, kStats, 0, {-20, 1}) == ValueRange{-3, 3});
  CHECK(map_range(view, map, kStats, 2, {-20, 1}) == ValueRange{-4, 4});
  view.range = RangeMode::kLayer;
  CHECK(map_range(view, map, kStats, 0, {-20, 1}) == ValueRange{-8, 8});
  view.range = RangeMode::kGlobal;
  CHECK(map_range(view, map, kStats, 0, {-20, 1}) == ValueRange{-20, 20});
  view.range = RangeMode::kFixed;
  view.fixed_lo = -0.5F;
  view.fixed_hi = 2;
  CHECK(map_range(view, map, kStats, 0, {-20, 1}) == ValueRange{-2, 2});
}

TEST_CASE("Clipping outliers narrows the map's and the layer's range, and no other") {
  const Colormap& map = find_colormap("red-blue");
  std::array<MapStats, 2> stats{{{-1, 30, 0, 0, 0, 2}, {-8, 2, 0, 0, 0, 5}}};
  model::ViewSettings view;
  view.clip_outliers = true;
  CHECK(map_range(view, map, stats, 0, {-20, 1}) == ValueRange{-2, 2});
  view.range = RangeMode::kLayer;
  CHECK(map_range(view, map, stats, 0, {-20, 1}) == ValueRange{-5, 5});
  view.range = RangeMode::kGlobal;
  CHECK(map_range(view, map, stats, 0, {-20, 1}) == ValueRange{-20, 20});
  view.range = RangeMode::kLayer;
  view.clip_outliers = false;
  CHECK(map_range(view, map, stats, 0, {-20, 1}) == ValueRange{-30, 30});
  CHECK(map_range(view, find_colormap("viridis"), stats, 0, {0, 1}).hi == 30);
}

TEST_CASE("Unsigned ranges begin at zero or at the fixed end") {
  const Colormap& map = find_colormap("viridis");
  REQUIRE_FALSE(map.is_diverging);
  model::ViewSettings view;
  view.range = RangeMode::kPerMap;
  CHECK(map_range(view, map, kStats, 2, {0, 9}) == ValueRange{0, 4});
  view.range = RangeMode::kGlobal;
  CHECK(map_range(view, map, kStats, 2, {0, 9}) == ValueRange{0, 9});
  view.range = RangeMode::kFixed;
  view.fixed_lo = 2;
  view.fixed_hi = 0.5F;
  CHECK(map_range(view, map, kStats, 2, {0, 9}) == ValueRange{0.5F, 2});
}

TEST_CASE("No range is empty") {
  const std::array<MapStats, 1> flat{{{0, 0, 0, 0, 0}}};
  for (const char* name : {"red-blue", "viridis"}) {
    const Colormap& map = find_colormap(name);
    for (const RangeMode mode : {RangeMode::kPerMap, RangeMode::kLayer, RangeMode::kGlobal, RangeMode::kFixed}) {
      model::ViewSettings view;
      view.range = mode;
      for (const float end : {0.0F, 1.0F, -5.0F, 1e6F}) {
        view.fixed_lo = view.fixed_hi = end;
        const ValueRange range = map_range(view, map, flat, 0, {0, 0});
        CHECK(range.lo < range.hi);
      }
    }
  }
  CHECK(value_extent({}) == ValueRange{0, 0});
}

}  // namespace
}  // namespace convlens::view
