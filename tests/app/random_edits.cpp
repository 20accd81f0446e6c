// One random edit at a time, through the same functions as the panels.
#include "tests/app/random_edits.h"

#include <cmath>
#include <limits>

#include "app/model/fields.h"
#include "app/model/filter_bank.h"
#include "engine/filters/presets.h"

namespace convlens::model {
namespace {

int below(Random& random, std::size_t count) {
  return static_cast<int>(random.below(static_cast<std::uint32_t>(count)));
}

double wild_value(const Field& field, Random& random) {
  switch (random.below(6)) {
    case 0:
      return std::numeric_limits<double>::quiet_NaN();
    case 1:
      return random.below(2) == 0 ? 1e300 : -std::numeric_limits<double>::infinity();
    case 2:
      return field.hi + 1;
    case 3:
      return field.lo - 1;
    default:
      // Small values are the usual ones, and they leave room for the others.
      return field.lo + static_cast<double>(random.below(8));
  }
}

void turn_or_paste(FilterBank& bank, int index, Random& random) {
  Filter& filter = bank.filters[static_cast<std::size_t>(index)];
  if (random.below(4) > 0) {
    const auto edit = static_cast<FilterEdit>(random.below(8));
    if (!apply_edit(bank, filter, edit, random.next())) return;
    return;
  }
  Matrix matrix;
  matrix.rows = 1 + below(random, 6);
  matrix.cols = 1 + below(random, 6);
  for (int i = 0; i < matrix.rows * matrix.cols; ++i) matrix.values.push_back(random_weight(random));
  if (!paste_matrix(bank, index, matrix)) return;
}

}  // namespace

float random_weight(Random& random) {
  switch (random.below(4)) {
    case 0:
      return static_cast<float>(below(random, 9)) - 4;
    case 1:
      return std::ldexp(random.uniform(-1, 1), below(random, 200) - 100);
    default:
      return random.normal();
  }
}

void random_field_edit(Settings& settings, const Shape& picture, Random& random) {
  const auto table = fields();
  const Field& field = table[static_cast<std::size_t>(below(random, table.size()))];
  const double value = wild_value(field, random);
  set_field(settings, field, value, picture);
}

void random_bank_edit(Settings& settings, Random& random) {
  FilterBank& bank = settings.conv.bank;
  const int index = below(random, bank.filters.size());
  Filter& filter = bank.filters[static_cast<std::size_t>(index)];
  switch (random.below(9)) {
    case 0: {
      const auto presets = filters::presets();
      auto added = preset_filter(bank, presets[static_cast<std::size_t>(below(random, presets.size()))].name);
      if (added) add_filter(bank, std::move(*added));
      break;
    }
    case 1:
      duplicate_filter(bank, index);
      break;
    case 2:
      delete_filter(bank, index);
      break;
    case 3:
      move_filter(bank, index, below(random, bank.filters.size()));
      break;
    case 4:
      filter.bias = random_weight(random);
      break;
    case 5:
      filter.strength = random.uniform(0, 2);
      break;
    case 6:
      filter.name = "Filter " + std::to_string(random.below(100));
      break;
    case 7:
      turn_or_paste(bank, index, random);
      break;
    default:
      bake_strength(bank, filter);
      filter.weights[static_cast<std::size_t>(below(random, filter.weights.size()))] = random_weight(random);
  }
}

void random_edit(Settings& settings, const Shape& picture, Random& random) {
  if (random.below(2) == 0) {
    random_field_edit(settings, picture, random);
  } else {
    random_bank_edit(settings, random);
  }
}

}  // namespace convlens::model
