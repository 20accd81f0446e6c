// Error bounds that decide the digits: what n rounded products, inputs and weights can be off by together.
#include "engine/explain/probe_places.h"

#include <algorithm>
#include <cmath>

#include "engine/explain/decimal.h"

namespace convlens::explain {
namespace {

// Whole numbers below this keep all their digits.
constexpr int kWholePlaces = 9;
constexpr int kCellDigits = 9;
// A column shows at least this many digits of its largest number, even where fewer would do for the sum.
constexpr int kLeastDigits = 3;

// The largest place whose rounding of values times `factor` together stays below `allowed`.
int place_for(double allowed, double factor) {
  return static_cast<int>(std::floor(std::log10(allowed) - std::log10(factor) - std::log10(0.5)));
}

ColumnPlace column_place(double largest, double factor, int value_place, int finer) {
  if (largest == 0) return {};
  const int lead = leading_place(largest);
  int place = lead - (kLeastDigits - 1);
  if (lead < kWholePlaces) place = std::min(place, 0);
  // An eighth of the value's unit: all inputs together, and all weights.
  if (factor > 0) place = std::min(place, place_for(0.125, factor) + value_place);
  place -= finer;
  return {lead - place >= kCellDigits, place};
}

}  // namespace

ProbePlaces choose_places(const Magnitudes& m, int digits, int finer) {
  ProbePlaces places;
  const int lead = m.sum_of_products > 0 ? leading_place(m.sum_of_products) : 0;
  places.value = lead - (digits - 1);
  if (lead < kWholePlaces) places.value = std::min(places.value, 0);
  places.product = places.value + place_for(0.25, static_cast<double>(m.cells + 1)) - finer;
  places.input = column_place(m.largest_input, m.sum_of_weights, places.value, finer);
  places.weight = column_place(m.largest_weight, m.sum_of_inputs, places.value, finer);
  return places;
}

}  // namespace convlens::explain
