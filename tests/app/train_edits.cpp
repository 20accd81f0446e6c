// What is done to filters by hand: one entry each, gestures that stay one, freezing, matrices.
#include "app/model/train_edits.h"

#include <doctest/doctest.h>

#include <numeric>
#include <set>

namespace convlens::model {
namespace {

const FilterPlace kPlace{0, 2, "conv1 filter 3"};

}  // namespace

TEST_CASE("every edit is one entry with a serial of its own") {
  TrainSettings settings = default_train_settings();
  std::set<std::uint64_t> serials;
  serials.insert(write_filter(settings, kPlace, {1, 2, 3}, 0.5F, "Edit conv1 filter 3"));
  serials.insert(randomise_filter(settings, kPlace));
  serials.insert(randomise_filter(settings, kPlace));
  serials.insert(remove_filter(settings, kPlace));
  REQUIRE(settings.by_hand.size() == 4);
  CHECK(serials.size() == 4);
  CHECK(settings.by_hand[0].weights == std::vector<float>{1, 2, 3});
  CHECK(settings.by_hand[0].bias == 0.5F);
  CHECK(settings.by_hand[1].kind == HandEdit::Kind::kRandomise);
  CHECK(settings.by_hand[1].seed != settings.by_hand[2].seed);
  CHECK(settings.by_hand[3].label == "Remove conv1 filter 3");
  CHECK(is_removed(settings, 0, 2));
  CHECK_FALSE(is_removed(settings, 0, 1));
  randomise_filter(settings, kPlace);
  CHECK_FALSE(is_removed(settings, 0, 2));
}

TEST_CASE("a serial that was undone is not given again, nor one of a file") {
  TrainSettings settings = default_train_settings();
  const std::uint64_t first = remove_filter(settings, kPlace);
  settings.by_hand.clear();
  CHECK(remove_filter(settings, kPlace) > first);
  TrainSettings opened = default_train_settings();
  opened.by_hand.push_back({.serial = first + 1'000'000, .weights = {}, .label = "Edit"});
  const std::uint64_t next = remove_filter(opened, kPlace);
  CHECK(next > first + 1'000'000);
  CHECK(remove_filter(settings, kPlace) > next);
}

TEST_CASE("a gesture stays one entry, and gives way where it is cancelled") {
  TrainSettings settings = default_train_settings();
  const std::uint64_t before = write_filter(settings, kPlace, {9}, {}, "Edit");
  std::uint64_t gesture = 0;
  for (const float value : {1.0F, 2.0F, 3.0F}) {
    const std::uint64_t next = rewrite_filter(settings, gesture, kPlace, {value}, {}, "Edit conv1 filter 3");
    CHECK(next != before);
    CHECK((gesture == 0 || next == gesture));
    gesture = next;
  }
  REQUIRE(settings.by_hand.size() == 2);
  CHECK(settings.by_hand[0].serial == before);
  CHECK(settings.by_hand[1].weights == std::vector<float>{3});
  forget_edit(settings, gesture);
  CHECK(settings.by_hand.size() == 1);
  forget_edit(settings, gesture);  // no longer the newest
  CHECK(settings.by_hand.size() == 1);
}

TEST_CASE("freezing a filter, a layer, and thawing one filter of a frozen layer") {
  TrainSettings settings = default_train_settings();
  freeze_filter(settings, 1, 4, true, 8);
  freeze_filter(settings, 1, 4, true, 8);
  CHECK(settings.frozen.size() == 1);
  CHECK(is_frozen(settings, 1, 4));
  CHECK_FALSE(is_frozen(settings, 1, 5));
  CHECK_FALSE(is_frozen(settings, 0, 4));
  freeze_layer(settings, 1, true);
  CHECK(settings.frozen.size() == 1);
  CHECK(is_layer_frozen(settings, 1));
  CHECK(is_frozen(settings, 1, 7));
  freeze_filter(settings, 1, 4, false, 8);
  CHECK_FALSE(is_layer_frozen(settings, 1));
  CHECK(settings.frozen.size() == 7);
  for (std::int64_t k = 0; k < 8; ++k) CHECK(is_frozen(settings, 1, k) == (k != 4));
  freeze_layer(settings, 1, false);
  CHECK(settings.frozen.empty());
}

TEST_CASE("a matrix takes the place of one channel or of all") {
  const FilterForm form{2, 1, 2};
  const std::vector<float> now{1, 2, 3, 4};
  const auto one = put_matrix(form, now, 1, {1, 1, 2, {8, 9}});
  REQUIRE(one);
  CHECK(*one == std::vector<float>{1, 2, 8, 9});
  const auto all = put_matrix(form, now, 1, {2, 1, 2, {5, 6, 7, 8}});
  REQUIRE(all);
  CHECK(*all == std::vector<float>{5, 6, 7, 8});
  const auto large = put_matrix(form, now, 0, {1, 3, 3, std::vector<float>(9)});
  REQUIRE_FALSE(large);
  CHECK(large.error().message.find("3 × 3") != std::string::npos);
  CHECK_FALSE(put_matrix(form, now, 0, {3, 1, 2, std::vector<float>(6)}));
}

TEST_CASE("named filters come in the filter's size") {
  const FilterForm form{3, 3, 3};
  const std::vector<float> now(27, 0.25F);
  const auto sobel = put_preset(form, now, 1, "sobel-x");
  REQUIRE(sobel);
  CHECK(std::accumulate(sobel->begin() + 9, sobel->begin() + 18, 0.0F) == doctest::Approx(0));
  CHECK((*sobel)[9] == doctest::Approx(-1));
  CHECK((*sobel)[12] == doctest::Approx(-2));
  CHECK((*sobel)[0] == 0.25F);
  CHECK((*sobel)[18] == 0.25F);
  CHECK_FALSE(put_preset(form, now, 0, "no such filter"));
}

TEST_CASE("the text of a filter reads back as the same numbers") {
  const FilterForm form{2, 2, 2};
  const std::vector<float> weights{0.1F, -0.25F, 1e-7F, 3, 4, 5.5F, -6, 0.3333333F};
  const auto back = parse_matrix(filter_text(form, weights));
  REQUIRE(back);
  CHECK(back->channels == 2);
  CHECK(back->values == weights);
}

}  // namespace convlens::model
