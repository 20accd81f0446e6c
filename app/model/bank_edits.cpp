// Edits of one filter: normalise, turn, randomise, and what the sum of its weights means in words.
#include <algorithm>
#include <array>
#include <cmath>

#include "app/model/filter_bank.h"
#include "engine/core/random.h"
#include "engine/core/text.h"

namespace convlens::model {
namespace {

constexpr std::array<FilterEditName, 8> kEditNames{{
    {"normalise", "Normalise", "Scales the weights so that they sum to 1, or their sizes do where they sum to 0"},
    {"negate", "Negate", "Changes the sign of every weight"},
    {"flip-horizontal", "Flip left–right", "Mirrors the columns"},
    {"flip-vertical", "Flip top–bottom", "Mirrors the rows"},
    {"rotate-90", "Rotate 90°", "Turns the filter clockwise by a quarter; square filters only"},
    {"transpose", "Transpose", "Swaps rows and columns; square filters only"},
    {"randomise", "Randomise", "Draws every weight anew"},
    {"zero", "Zero", "Sets every weight to 0"},
}};

// Sums within this fraction of the sum of absolute weights count as 0.
constexpr double kZeroSum = 1e-5;

struct Sums {
  double plain = 0;
  double absolute = 0;
};

Sums sums_of(const std::vector<float>& weights) {
  Sums sums;
  for (const float weight : weights) {
    sums.plain += static_cast<double>(weight);
    sums.absolute += std::abs(static_cast<double>(weight));
  }
  return sums;
}

void scale(std::vector<float>& weights, double factor) {
  for (float& weight : weights) {
    const auto scaled = static_cast<float>(static_cast<double>(weight) * factor);
    weight = std::isfinite(scaled) ? scaled : 0.0F;
  }
}

// Fills every slice from the old one: target(r, s) = old(source_row(r, s), source_col(r, s)).
template <class SourceRow, class SourceCol>
void rearrange(const FilterBank& bank, Filter& filter, SourceRow source_row, SourceCol source_col) {
  const std::vector<float> old = filter.weights;
  std::size_t target = 0;
  for (int c = 0; c < bank.channels; ++c) {
    for (int r = 0; r < bank.rows; ++r) {
      for (int s = 0; s < bank.cols; ++s) {
        const int source = (c * bank.rows + source_row(r, s)) * bank.cols + source_col(r, s);
        filter.weights[target++] = old[static_cast<std::size_t>(source)];
      }
    }
  }
}

std::string short_number(double value) { return formatted("%.3g", value); }

}  // namespace

std::span<const FilterEditName> filter_edit_names() { return kEditNames; }

Status apply_edit(const FilterBank& bank, Filter& filter, FilterEdit edit, std::uint64_t seed) {
  const bool needs_square = edit == FilterEdit::kRotate90 || edit == FilterEdit::kTranspose;
  if (needs_square && bank.rows != bank.cols) {
    return Error{"Only square filters can be turned; this one is " + std::to_string(bank.rows) + " × " +
                 std::to_string(bank.cols) + ". Make rows and columns equal first."};
  }
  bake_strength(bank, filter);
  const int last_row = bank.rows - 1;
  const int last_col = bank.cols - 1;
  switch (edit) {
    case FilterEdit::kNormalise: {
      const Sums sums = sums_of(filter.weights);
      if (std::abs(sums.plain) > kZeroSum * sums.absolute) {
        scale(filter.weights, 1.0 / sums.plain);
      } else if (sums.absolute > 0) {
        scale(filter.weights, 1.0 / sums.absolute);
      }
      break;
    }
    case FilterEdit::kNegate:
      for (float& weight : filter.weights) weight = 0.0F - weight;
      break;
    case FilterEdit::kFlipHorizontal:
      rearrange(
          bank, filter, [](int r, int) { return r; }, [=](int, int s) { return last_col - s; });
      break;
    case FilterEdit::kFlipVertical:
      rearrange(
          bank, filter, [=](int r, int) { return last_row - r; }, [](int, int s) { return s; });
      break;
    case FilterEdit::kRotate90:
      rearrange(
          bank, filter, [=](int, int s) { return last_row - s; }, [](int r, int) { return r; });
      break;
    case FilterEdit::kTranspose:
      rearrange(
          bank, filter, [](int, int s) { return s; }, [](int r, int) { return r; });
      break;
    case FilterEdit::kRandomise: {
      // Normal, with the standard deviation that keeps the variance of a white input: 1 / sqrt(weights).
      Random random(seed);
      const float deviation = 1.0F / std::sqrt(static_cast<float>(filter.weights.size()));
      for (float& weight : filter.weights) weight = deviation * random.normal();
      filter.name = "Random";
      break;
    }
    case FilterEdit::kZero:
      std::fill(filter.weights.begin(), filter.weights.end(), 0.0F);
      filter.name = "Zero";
      break;
  }
  return Done{};
}

std::string describe_sum(const FilterBank& bank, const Filter& filter) {
  const Sums sums = sums_of(effective_weights(bank, filter));
  if (sums.absolute == 0) return "all weights 0: a flat map";
  if (std::abs(sums.plain) <= kZeroSum * sums.absolute) return "sum 0: blind to flat areas";
  const std::string text = "sum " + short_number(sums.plain) + ": ";
  const double size = std::abs(sums.plain);
  const bool is_one = std::abs(size - 1) < 1e-4;
  if (sums.plain > 0) {
    if (is_one) return text + "keeps brightness";
    if (size > 1) return text + "brightens " + short_number(size) + " times";
    return text + "darkens to " + short_number(100 * size) + " %";
  }
  if (is_one) return text + "inverts brightness";
  if (size > 1) return text + "inverts and brightens " + short_number(size) + " times";
  return text + "inverts and darkens to " + short_number(100 * size) + " %";
}

}  // namespace convlens::model
