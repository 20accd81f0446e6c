// Pins: which are watched after clicks and edits of the filter bank.
#include "app/model/probe_state.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <string>

#include "tests/app/random_edits.h"

namespace convlens::model {
namespace {

std::vector<Filter> named(std::initializer_list<const char*> names) {
  std::vector<Filter> filters;
  for (const char* name : names) filters.push_back({.name = name, .weights = {1}});
  return filters;
}

TEST_CASE("a click moves the watched value that has the focus, and adds one where none has") {
  ProbeState state;
  place_pin(state, {0, 1, 2});
  place_pin(state, {1, 3, 4});
  REQUIRE(state.pins.size() == 1);
  CHECK(state.pins[0] == Pin{1, 3, 4});
  CHECK(state.focus == Pin{1, 3, 4});
  CHECK(toggle_pin(state, {0, 9, 9}));
  CHECK(state.pins.size() == 2);
  place_pin(state, {0, 8, 8});
  CHECK(state.pins == std::vector<Pin>{{1, 3, 4}, {0, 8, 8}});
  state.focus = Pin{2, 0, 0};
  place_pin(state, {2, 1, 1});
  CHECK(state.pins.size() == 3);
}

TEST_CASE("a click on a watched value chooses it") {
  ProbeState state;
  toggle_pin(state, {0, 1, 1});
  toggle_pin(state, {0, 2, 2});
  place_pin(state, {0, 1, 1});
  CHECK(state.pins.size() == 2);
  CHECK(state.focus == Pin{0, 1, 1});
  CHECK_FALSE(toggle_pin(state, {0, 1, 1}));
  CHECK(state.pins == std::vector<Pin>{{0, 2, 2}});
}

TEST_CASE("the oldest goes where there are too many") {
  ProbeState state;
  for (std::int64_t i = 0; i < 40; ++i) toggle_pin(state, {0, i, i});
  REQUIRE(state.pins.size() == kMostPins);
  CHECK(state.pins.back() == Pin{0, 39, 39});
  CHECK(state.pins.front().row == 40 - static_cast<std::int64_t>(kMostPins));
  remove_pin(state, 999);
  CHECK(state.pins.size() == kMostPins);
}

TEST_CASE("the sum is told step by step, and from the start where it is over") {
  SumPlayback sum;
  sum.count = 5;
  CHECK(sum.is_over());
  CHECK(sum.taken() == 5);
  step_sum(sum, -1);
  CHECK(sum.taken() == 4);
  CHECK_FALSE(sum.is_over());
  step_sum(sum, 1);
  step_sum(sum, 1);
  CHECK(sum.taken() == 5);
  toggle_sum(sum);
  CHECK(sum.is_playing);
  CHECK(sum.taken() == 0);
  step_sum(sum, -1);
  CHECK_FALSE(sum.is_playing);
  CHECK(sum.taken() == 0);
  sum.steps = 3;
  toggle_sum(sum);
  CHECK(sum.taken() == 3);
  toggle_sum(sum);
  CHECK_FALSE(sum.is_playing);
}

TEST_CASE("filters are found again after one is deleted, added or moved") {
  const auto before = named({"a", "b", "c", "d"});
  CHECK(filter_places(before, before) == std::vector<int>{0, 1, 2, 3});
  CHECK(filter_places(before, named({"a", "c", "d"})) == std::vector<int>{0, -1, 1, 2});
  CHECK(filter_places(before, named({"a", "b", "c"})) == std::vector<int>{0, 1, 2, -1});
  CHECK(filter_places(before, named({"x", "a", "b", "c", "d"})) == std::vector<int>{1, 2, 3, 4});
  CHECK(filter_places(before, named({"a", "b", "b", "c", "d"})) == std::vector<int>{0, 1, 3, 4});
  CHECK(filter_places(before, named({"b", "c", "a", "d"})) == std::vector<int>{2, 0, 1, 3});
  CHECK(filter_places(before, named({"a", "d", "b", "c"})) == std::vector<int>{0, 2, 3, 1});
  CHECK(filter_places(before, named({"b", "a", "c", "d"})) == std::vector<int>{1, 0, 2, 3});
  CHECK(filter_places(before, named({"a", "b", "x", "d"})) == std::vector<int>{0, 1, 2, 3});
  CHECK(filter_places(before, named({"x", "y"})) == std::vector<int>{0, 1, -1, -1});
}

TEST_CASE("pins stay with their filters and go with them") {
  const auto before = named({"a", "b", "c", "d"});
  ProbeState state;
  for (int filter = 0; filter < 4; ++filter) toggle_pin(state, {filter, 5, 6});
  state.focus = Pin{2, 5, 6};
  follow_filters(state, before, named({"a", "c", "d"}));
  CHECK(state.pins == std::vector<Pin>{{0, 5, 6}, {1, 5, 6}, {2, 5, 6}});
  CHECK(state.focus == Pin{1, 5, 6});
  follow_filters(state, named({"a", "c", "d"}), named({"x"}));
  CHECK(state.pins == std::vector<Pin>{{0, 5, 6}});
}

TEST_CASE("whatever happens to the bank, every pin is of one of its filters, and equal filters keep theirs") {
  CHECK(rc::check("random lists", [](std::uint64_t seed) {
    Random random(seed);
    const auto list = [&] {
      std::vector<Filter> filters;
      for (std::uint32_t i = 1 + random.below(6); i > 0; --i) {
        filters.push_back({.name = std::string(1, static_cast<char>('a' + random.below(4))), .weights = {1}});
      }
      return filters;
    };
    const auto before = list();
    const auto after = list();
    const std::vector<int> places = filter_places(before, after);
    RC_ASSERT(places.size() == before.size());
    ProbeState state;
    for (std::size_t i = 0; i < before.size(); ++i) {
      RC_ASSERT(places[i] >= -1 && places[i] < static_cast<int>(after.size()));
      if (places[i] >= 0) RC_ASSERT(std::count(places.begin(), places.end(), places[i]) == 1);
      state.pins.push_back({static_cast<int>(i), 0, 0});
    }
    follow_filters(state, before, after);
    for (const Pin& pin : state.pins) RC_ASSERT(pin.filter >= 0 && pin.filter < static_cast<int>(after.size()));
    RC_ASSERT(filter_places(before, before).back() == static_cast<int>(before.size()) - 1);
  }));
}

TEST_CASE("a position outside a smaller map is brought inside") {
  CHECK(inside({1, 500, 3}, 240, 320) == Pin{1, 239, 3});
  CHECK(inside({1, 2, 3}, 0, 0) == Pin{1, 0, 0});
}

}  // namespace
}  // namespace convlens::model
