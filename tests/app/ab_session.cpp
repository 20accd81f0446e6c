// A/B in the document: B frozen or following, the differences of pairs that belong together, swapping, and undo.
#include "app/model/ab_session.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "tests/app/desk.h"

namespace convlens::model {
namespace {

struct Desk : SettledDesk {
  using SettledDesk::SettledDesk;
  AbSession& ab() { return document.ab; }
  // Of the chosen map, which is to be there and current.
  explain::Comparison comparison() {
    const MapDifferencePtr difference = ab().difference(document.selection.filter);
    REQUIRE(difference);
    REQUIRE(ab().is_current(*difference));
    return difference->comparison;
  }
};

TEST_CASE("frozen, B stays while A is edited, and undo brings the difference back to nothing") {
  Desk desk;
  desk.document.freeze_b();
  desk.settle();
  CHECK(desk.ab().kind() == BKind::kFrozen);
  explain::Comparison found = desk.comparison();
  CHECK(found.equal == found.count);
  CHECK(found.ssim == 1);

  desk.document.settings.conv.bank.filters[0].weights[4] += 0.5F;
  desk.settle();
  found = desk.comparison();
  CHECK(found.largest > 0.1);
  CHECK(std::isfinite(found.psnr_db));
  CHECK(found.ssim < 1);
  // It is what the maps say.
  const auto [n, k, row, col] = found.largest_at;
  CHECK(found.largest == doctest::Approx(std::abs(static_cast<double>(*desk.ab().a()->value(0, row, col)) -
                                                  static_cast<double>(*desk.ab().b()->value(0, row, col)))));
  CHECK(desk.ab().a() == desk.document.result());
  CHECK(difference_in_words(desk.document.settings.conv, desk.ab().frozen()) == "Weight of Sobel x");

  CHECK(desk.document.undo());
  desk.settle();
  found = desk.comparison();
  CHECK(found.largest == 0);
  CHECK(found.equal == found.count);
  CHECK(difference_in_words(desk.document.settings.conv, desk.ab().frozen()) == "the same settings");
}

TEST_CASE("what follows A changes with every edit of it") {
  Desk desk;
  desk.ab().follow_as(BKind::kFlip);
  desk.settle();
  // Sobel x turned by 180 degrees is its negative.
  const double before = desk.comparison().largest;
  REQUIRE(desk.ab().a());
  CHECK(desk.ab().b()->settings.params.flip);
  float most = 0;
  for (const float value : desk.ab().a()->map(0).values()) most = std::max(most, std::abs(value));
  CHECK(before == doctest::Approx(2 * static_cast<double>(most)));

  for (float& weight : desk.document.settings.conv.bank.filters[0].weights) weight *= 2;
  desk.settle();
  CHECK(desk.comparison().largest == doctest::Approx(2 * before));
  CHECK(desk.ab().a() == desk.document.result());
  desk.set("conv/flip", 1);
  CHECK_FALSE(desk.ab().b()->settings.params.flip);
  CHECK(desk.comparison().largest == doctest::Approx(2 * before));
}

TEST_CASE("the border matters at the edge alone") {
  Desk desk;
  desk.ab().follow_as(BKind::kBorder);
  desk.settle();
  const explain::Comparison found = desk.comparison();
  CHECK(found.largest > 0);
  const conv::Geometry& g = desk.document.result()->geometry;
  CHECK(found.count - found.equal <= 2 * (g.p + g.q));
  const auto at = found.largest_at;
  CHECK((at[2] == 0 || at[2] == g.p - 1 || at[3] == 0 || at[3] == g.q - 1));
  desk.choose("conv/border", "reflect");
  CHECK(desk.ab().b()->settings.params.border == conv::Border::kZero);
}

TEST_CASE("all maps on the screen get their difference where differences are shown") {
  Desk desk;
  const std::vector<int> seen = {0, 1, 2, 3, 4, 5, 6, 7};
  desk.document.look_at(seen);
  desk.ab().follow_as(BKind::kBorder);
  desk.settle();
  for (const int map : seen) {
    INFO("map " << map);
    const MapDifferencePtr difference = desk.ab().difference(map);
    REQUIRE(difference);
    CHECK(desk.ab().is_current(*difference));
    CHECK(difference->map == map);
  }
}

TEST_CASE("maps of other sizes are not subtracted, and the reason is told") {
  Desk desk;
  desk.document.freeze_b();
  desk.settle();
  CHECK(desk.ab().mismatch(0).empty());
  desk.set("conv/stride_y", 2);
  CHECK(desk.ab().mismatch(0).find("240 × 640") != std::string::npos);
  CHECK(desk.ab().mismatch(0).find("480 × 640") != std::string::npos);
  CHECK_FALSE(desk.ab().difference(0));
  CHECK(desk.ab().b_map(0));
  desk.set("conv/stride_y", 1);
  CHECK(desk.comparison().largest == 0);
  desk.document.settings.conv.bank.filters.push_back(desk.document.settings.conv.bank.filters[0]);
  desk.settle();
  CHECK(desk.ab().mismatch(8).find("no counterpart") != std::string::npos);
  CHECK_FALSE(desk.ab().b_map(8));
}

TEST_CASE("frozen before its maps are there, B computes its own") {
  Desk desk;
  desk.document.settings.conv.bank.filters[0].weights[0] += 1;
  desk.document.freeze_b();
  desk.settle();
  REQUIRE(desk.ab().b());
  CHECK(desk.comparison().largest == 0);
}

TEST_CASE("swapping is one entry of the history and its own opposite") {
  Desk desk;
  desk.document.freeze_b();
  desk.set("conv/stride_x", 2);
  const ConvSettings strided = desk.document.settings.conv;
  desk.document.swap_ab();
  desk.settle();
  CHECK(desk.document.settings.conv.params.stride_x == 1);
  CHECK(desk.ab().frozen() == strided);
  CHECK(desk.document.history().entries().back().label == "Stride x 2 → 1");
  desk.document.swap_ab();
  desk.settle();
  CHECK(desk.document.settings.conv == strided);

  desk.ab().follow_as(BKind::kFlip);
  desk.settle();
  desk.document.swap_ab();
  desk.settle();
  CHECK(desk.document.settings.conv.params.flip);
  CHECK_FALSE(desk.ab().b()->settings.params.flip);
}

TEST_CASE("without a GPU, B says why it is the processor's, too") {
  Desk desk([]() -> Result<std::unique_ptr<conv::Accelerator>> { return Error{"there is none in this test"}; });
  desk.ab().follow_as(BKind::kProcessor);
  desk.settle();
  CHECK(desk.ab().complaint().find("there is none in this test") != std::string::npos);
  CHECK(desk.comparison().largest == 0);
}

TEST_CASE("without B there is nothing, whatever was under way") {
  Desk desk;
  desk.ab().follow_as(BKind::kFlip);
  desk.document.step(false);
  desk.ab().follow_as(BKind::kNone);
  desk.settle();
  CHECK_FALSE(desk.ab().a());
  CHECK_FALSE(desk.ab().b());
  CHECK_FALSE(desk.ab().difference(0));
  // And another B does not get the answer to the one before.
  desk.ab().follow_as(BKind::kFlip);
  desk.document.step(false);
  desk.ab().follow_as(BKind::kBorder);
  desk.settle();
  CHECK(desk.ab().b()->settings.params.border == conv::Border::kReflect);
  CHECK(desk.comparison().largest > 0);
}

}  // namespace
}  // namespace convlens::model
