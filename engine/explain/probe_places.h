// How many digits a probe shows: the decimal places of its columns, from magnitudes alone. Internal to explain.
#pragma once

#include <cstdint>

namespace convlens::explain {

// What the places follow from. Cells that are not finite are left out.
struct Magnitudes {
  std::int64_t cells = 0;
  double sum_of_inputs = 0;    // of absolute values
  double sum_of_weights = 0;   // of absolute values
  double sum_of_products = 0;  // of absolute values, with the bias
  double largest_input = 0;
  double largest_weight = 0;
};

// Where one column's last digit stands.
struct ColumnPlace {
  bool is_per_cell = false;  // nine significant digits in each cell instead of one place for all
  int place = 0;
};

struct ProbePlaces {
  ColumnPlace input, weight;
  int product = 0;
  int value = 0;
};
// `finer` more digits than `digits` ask for in all but the value.
ProbePlaces choose_places(const Magnitudes& magnitudes, int digits, int finer);

}  // namespace convlens::explain
