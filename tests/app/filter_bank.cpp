// Edits of the filter bank: shape, order, turning, blending.
#include "app/model/filter_bank.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "tests/app/random_edits.h"

namespace convlens::model {
namespace {

FilterBank bank_of(int channels, int rows, int cols, std::vector<float> weights) {
  FilterBank bank{channels, rows, cols, {}};
  bank.filters.push_back({"Test", std::move(weights), 0, 1});
  return bank;
}

FilterBank random_bank(Random& random) {
  FilterBank bank{
      random.below(2) == 0 ? 1 : 3, 1 + static_cast<int>(random.below(7)), 1 + static_cast<int>(random.below(7)), {}};
  const std::uint32_t count = 1 + random.below(6);
  for (std::uint32_t i = 0; i < count; ++i) {
    Filter filter;
    filter.name = "Filter " + std::to_string(i);
    for (int w = 0; w < bank.channels * bank.rows * bank.cols; ++w) filter.weights.push_back(random_weight(random));
    bank.filters.push_back(std::move(filter));
  }
  return bank;
}

std::vector<float> edited(const FilterBank& bank, FilterEdit edit) {
  Filter filter = bank.filters[0];
  REQUIRE(apply_edit(bank, filter, edit, 1));
  return filter.weights;
}

TEST_CASE("strength blends the identity into the filter") {
  FilterBank bank = bank_of(1, 3, 3, {1, 2, 3, 4, 5, 6, 7, 8, 9});
  Filter& filter = bank.filters[0];
  filter.strength = 0;
  CHECK(effective_weights(bank, filter) == std::vector<float>{0, 0, 0, 0, 1, 0, 0, 0, 0});
  filter.strength = 0.5F;
  CHECK(effective_weights(bank, filter) == std::vector<float>{0.5F, 1, 1.5F, 2, 3, 3, 3.5F, 4, 4.5F});
  bake_strength(bank, filter);
  CHECK(filter.strength == 1);
  CHECK(filter.weights[4] == 3);
}

TEST_CASE("a blend of huge weights stays finite") {
  FilterBank bank = bank_of(1, 1, 1, {3e38F});
  bank.filters[0].strength = 100;
  CHECK(std::isfinite(effective_weights(bank, bank.filters[0])[0]));
}

TEST_CASE("turning a filter") {
  const FilterBank bank = bank_of(1, 2, 2, {1, 2, 3, 4});
  CHECK(edited(bank, FilterEdit::kRotate90) == std::vector<float>{3, 1, 4, 2});
  CHECK(edited(bank, FilterEdit::kTranspose) == std::vector<float>{1, 3, 2, 4});
  CHECK(edited(bank, FilterEdit::kFlipHorizontal) == std::vector<float>{2, 1, 4, 3});
  CHECK(edited(bank, FilterEdit::kFlipVertical) == std::vector<float>{3, 4, 1, 2});
  CHECK(edited(bank, FilterEdit::kNegate) == std::vector<float>{-1, -2, -3, -4});
  CHECK(edited(bank, FilterEdit::kZero) == std::vector<float>{0, 0, 0, 0});
  CHECK(edited(bank, FilterEdit::kNormalise) == std::vector<float>{0.1F, 0.2F, 0.3F, 0.4F});
}

TEST_CASE("weights that sum to nothing are normalised by their sizes") {
  CHECK(edited(bank_of(1, 1, 3, {-1, 0, 1}), FilterEdit::kNormalise) == std::vector<float>{-0.5F, 0, 0.5F});
  CHECK(edited(bank_of(1, 1, 2, {0, 0}), FilterEdit::kNormalise) == std::vector<float>{0, 0});
}

TEST_CASE("only square filters turn") {
  const FilterBank bank = bank_of(1, 1, 3, {1, 2, 3});
  Filter filter = bank.filters[0];
  const Status turned = apply_edit(bank, filter, FilterEdit::kRotate90, 0);
  REQUIRE_FALSE(turned);
  CHECK(turned.error().message.find("1 × 3") != std::string::npos);
  CHECK(filter == bank.filters[0]);
}

TEST_CASE("turning is undone by turning") {
  CHECK(rc::check("flips twice, quarter turns four times", [](std::uint64_t seed) {
    Random random(seed);
    FilterBank bank = random_bank(random);
    set_size(bank, bank.rows, bank.rows);
    Filter filter = bank.filters[0];
    const auto times = [&](int count, FilterEdit edit) {
      for (int i = 0; i < count; ++i) {
        if (!apply_edit(bank, filter, edit, 0)) RC_FAIL("a square filter did not turn");
      }
    };
    times(2, FilterEdit::kFlipHorizontal);
    times(2, FilterEdit::kFlipVertical);
    times(2, FilterEdit::kTranspose);
    times(4, FilterEdit::kRotate90);
    times(2, FilterEdit::kNegate);
    RC_ASSERT(filter.weights == bank.filters[0].weights);
    times(2, FilterEdit::kRotate90);
    times(1, FilterEdit::kFlipHorizontal);
    times(1, FilterEdit::kFlipVertical);
    RC_ASSERT(filter.weights == bank.filters[0].weights);
  }));
}

TEST_CASE("randomising follows its seed and is not nothing") {
  const FilterBank bank = bank_of(1, 3, 3, std::vector<float>(9, 0.0F));
  Filter first = bank.filters[0];
  Filter second = bank.filters[0];
  REQUIRE(apply_edit(bank, first, FilterEdit::kRandomise, 7));
  REQUIRE(apply_edit(bank, second, FilterEdit::kRandomise, 7));
  CHECK(first == second);
  CHECK(std::count(first.weights.begin(), first.weights.end(), 0.0F) == 0);
  REQUIRE(apply_edit(bank, second, FilterEdit::kRandomise, 8));
  CHECK(first.weights != second.weights);
}

TEST_CASE("a larger kernel keeps the weights in its middle, a smaller one crops") {
  FilterBank bank = bank_of(1, 1, 1, {5});
  set_size(bank, 3, 5);
  CHECK(bank.filters[0].weights == std::vector<float>{0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0});
  set_size(bank, 1, 1);
  CHECK(bank.filters[0].weights == std::vector<float>{5});
}

TEST_CASE("growing and shrinking the kernel gives the weights back") {
  CHECK(rc::check("set_size there and back", [](std::uint64_t seed) {
    Random random(seed);
    const FilterBank before = random_bank(random);
    FilterBank bank = before;
    set_size(bank, before.rows + static_cast<int>(random.below(6)), before.cols + static_cast<int>(random.below(6)));
    set_size(bank, before.rows, before.cols);
    RC_ASSERT(bank == before);
  }));
}

TEST_CASE("one channel from three sums the slices, three from one share") {
  FilterBank bank = bank_of(3, 1, 2, {1, 2, 3, 4, 5, 6});
  set_channels(bank, 1);
  CHECK(bank.filters[0].weights == std::vector<float>{9, 12});
  set_channels(bank, 3);
  CHECK(bank.filters[0].weights == std::vector<float>{3, 4, 3, 4, 3, 4});
}

TEST_CASE("adding, copying, moving and deleting") {
  FilterBank bank = bank_of(1, 1, 1, {1});
  CHECK(add_filter(bank, {"Two", {2}, 0, 1}) == 1);
  CHECK(add_filter(bank, {"Three", {3}, 0, 1}) == 2);
  CHECK(move_filter(bank, 0, 2));
  CHECK(bank.filters[0].name == "Two");
  CHECK(bank.filters[2].name == "Test");
  CHECK(move_filter(bank, 2, 0));
  CHECK(bank.filters[0].name == "Test");
  CHECK_FALSE(move_filter(bank, 0, 3));
  CHECK(duplicate_filter(bank, 1) == 2);
  CHECK(bank.filters[2] == bank.filters[1]);
  CHECK(duplicate_filter(bank, 9) == -1);
  while (bank.filters.size() > 1) CHECK(delete_filter(bank, 0));
  CHECK_FALSE(delete_filter(bank, 0));
  while (add_filter(bank, {"More", {0}, 0, 1}) >= 0) continue;
  CHECK(bank.filters.size() == static_cast<std::size_t>(kMaxFilters));
  CHECK(duplicate_filter(bank, 0) == -1);
}

TEST_CASE("a broken bank is repaired") {
  FilterBank bank{1, 1, 2, {}};
  const float nan = std::numeric_limits<float>::quiet_NaN();
  bank.filters.push_back({"Broken", {nan}, nan, nan});
  CHECK(repair_bank(bank));
  CHECK(bank.filters[0] == Filter{"Broken", {0, 0}, 0, 1});
  CHECK_FALSE(repair_bank(bank));
  bank.filters.clear();
  CHECK(repair_bank(bank));
  CHECK(bank.filters.size() == 1);
}

TEST_CASE("the engine gets blended weights in order, and the biases") {
  FilterBank bank = bank_of(1, 1, 1, {4});
  bank.filters[0].strength = 0.5F;
  add_filter(bank, {"Two", {7}, 0.25F, 1});
  CHECK(packed_weights(bank) == std::vector<float>{2.5F, 7});
  CHECK(packed_biases(bank) == std::vector<float>{0, 0.25F});
}

TEST_CASE("what the sum of the weights means") {
  const auto words = [](std::vector<float> weights) {
    const FilterBank bank = bank_of(1, 1, static_cast<int>(weights.size()), weights);
    return describe_sum(bank, bank.filters[0]);
  };
  CHECK(words({-1, 0, 1}) == "sum 0: blind to flat areas");
  CHECK(words({0.5F, 0.5F}) == "sum 1: keeps brightness");
  CHECK(words({4, 5}) == "sum 9: brightens 9 times");
  CHECK(words({0.25F, 0.25F}) == "sum 0.5: darkens to 50 %");
  CHECK(words({-1}) == "sum -1: inverts brightness");
  CHECK(words({0, 0}) == "all weights 0: a flat map");
}

TEST_CASE("presets fit the bank or say why not") {
  const FilterBank grey = bank_of(1, 3, 3, std::vector<float>(9, 0.0F));
  const auto sobel = preset_filter(grey, "sobel-x");
  REQUIRE(sobel);
  CHECK(sobel->name == "Sobel x");
  CHECK(sobel->weights.size() == 9);
  const auto colour = preset_filter(grey, "red-green");
  REQUIRE_FALSE(colour);
  CHECK_FALSE(colour.error().message.empty());
  CHECK_FALSE(preset_filter(grey, "no such filter"));
}

}  // namespace
}  // namespace convlens::model
