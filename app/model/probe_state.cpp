// Moves of pins and focus. Knows no maps.
#include "app/model/probe_state.h"

#include <algorithm>

namespace convlens::model {
namespace {

void add_pin(ProbeState& state, const Pin& pin) {
  if (state.pins.size() >= kMostPins) state.pins.erase(state.pins.begin());
  state.pins.push_back(pin);
}

std::size_t common_prefix(std::span<const Filter> a, std::span<const Filter> b) {
  return static_cast<std::size_t>(std::ranges::mismatch(a, b).in1 - a.begin());
}

std::size_t common_suffix(std::span<const Filter> a, std::span<const Filter> b, std::size_t most) {
  std::size_t length = 0;
  while (length < most && a[a.size() - 1 - length] == b[b.size() - 1 - length]) ++length;
  return length;
}

// Of two lists of one length, where one filter went and those between made room.
void find_move(std::span<const Filter> before, std::span<const Filter> after, std::vector<int>& places) {
  const std::size_t first = common_prefix(before, after);
  if (first == before.size()) return;
  const std::size_t last = before.size() - 1 - common_suffix(before, after, before.size() - first - 1);
  const std::size_t between = last - first;
  const auto index = [](std::size_t i) { return static_cast<int>(i); };
  if (before[first] == after[last] &&
      std::ranges::equal(before.subspan(first + 1, between), after.subspan(first, between))) {
    for (std::size_t i = first + 1; i <= last; ++i) places[i] = index(i - 1);
    places[first] = index(last);
  } else if (before[last] == after[first] &&
             std::ranges::equal(before.subspan(first, between), after.subspan(first + 1, between))) {
    for (std::size_t i = first; i < last; ++i) places[i] = index(i + 1);
    places[last] = index(first);
  }
}

}  // namespace

int find_pin(std::span<const Pin> pins, const Pin& pin) {
  const auto found = std::ranges::find(pins, pin);
  return found == pins.end() ? -1 : static_cast<int>(found - pins.begin());
}

void place_pin(ProbeState& state, const Pin& pin) {
  const int watched = state.focus ? find_pin(state.pins, *state.focus) : -1;
  state.focus = pin;
  if (find_pin(state.pins, pin) >= 0) return;
  if (watched >= 0) {
    state.pins[static_cast<std::size_t>(watched)] = pin;
  } else {
    add_pin(state, pin);
  }
}

bool toggle_pin(ProbeState& state, const Pin& pin) {
  state.focus = pin;
  const int watched = find_pin(state.pins, pin);
  if (watched >= 0) {
    remove_pin(state, static_cast<std::size_t>(watched));
    return false;
  }
  add_pin(state, pin);
  return true;
}

void remove_pin(ProbeState& state, std::size_t index) {
  if (index < state.pins.size()) state.pins.erase(state.pins.begin() + static_cast<std::ptrdiff_t>(index));
}

void step_sum(SumPlayback& sum, int by) {
  sum.is_playing = false;
  const std::size_t taken = sum.taken();
  if (by > 0) sum.steps = std::min(taken + 1, sum.count);
  if (by < 0) sum.steps = taken > 0 ? taken - 1 : 0;
}

void toggle_sum(SumPlayback& sum) {
  sum.is_playing = !sum.is_playing;
  if (sum.is_playing && sum.is_over()) sum.steps = 0;
}

std::vector<int> filter_places(std::span<const Filter> before, std::span<const Filter> after) {
  std::vector<int> places(before.size());
  for (std::size_t i = 0; i < places.size(); ++i) places[i] = i < after.size() ? static_cast<int>(i) : -1;
  if (before.size() == after.size()) {
    find_move(before, after, places);
    return places;
  }
  const std::size_t shorter = std::min(before.size(), after.size());
  const std::size_t prefix = common_prefix(before, after);
  if (prefix + common_suffix(before, after, shorter - prefix) < shorter) return places;
  // One run was added or deleted after the first `prefix` filters.
  const auto shift = static_cast<int>(after.size()) - static_cast<int>(before.size());
  const std::size_t deleted = before.size() - std::min(before.size(), after.size());
  for (std::size_t i = prefix; i < places.size(); ++i) {
    places[i] = i < prefix + deleted ? -1 : static_cast<int>(i) + shift;
  }
  return places;
}

void follow_filters(ProbeState& state, std::span<const Filter> before, std::span<const Filter> after) {
  const std::vector<int> places = filter_places(before, after);
  const auto has_gone = [&](Pin& pin) {
    const bool is_known = pin.filter >= 0 && pin.filter < static_cast<int>(places.size());
    pin.filter = is_known ? places[static_cast<std::size_t>(pin.filter)] : -1;
    return pin.filter < 0;
  };
  std::erase_if(state.pins, has_gone);
  if (state.focus && has_gone(*state.focus)) state.focus->filter = 0;
}

Pin inside(Pin pin, std::int64_t rows, std::int64_t cols) {
  pin.row = std::clamp<std::int64_t>(pin.row, 0, std::max<std::int64_t>(rows, 1) - 1);
  pin.col = std::clamp<std::int64_t>(pin.col, 0, std::max<std::int64_t>(cols, 1) - 1);
  return pin;
}

}  // namespace convlens::model
