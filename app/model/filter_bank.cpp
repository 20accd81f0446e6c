// The filter bank as a whole: its invariant, its shape, its order, and what the engine is given.
#include "app/model/filter_bank.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/filters/presets.h"

namespace convlens::model {
namespace {

// The cell that stays in place under "same" padding, where the odd row or column lies below and to the right.
int centre(int size) { return (size - 1) / 2; }

std::size_t weight_count(const FilterBank& bank) {
  return static_cast<std::size_t>(bank.channels) * static_cast<std::size_t>(bank.rows) *
         static_cast<std::size_t>(bank.cols);
}

std::size_t cell(const FilterBank& bank, int channel, int row, int col) {
  return (static_cast<std::size_t>(channel) * static_cast<std::size_t>(bank.rows) + static_cast<std::size_t>(row)) *
             static_cast<std::size_t>(bank.cols) +
         static_cast<std::size_t>(col);
}

bool is_index(const FilterBank& bank, int index) { return index >= 0 && index < static_cast<int>(bank.filters.size()); }

float finite_or(float value, float otherwise) { return std::isfinite(value) ? value : otherwise; }

}  // namespace

Filter identity_filter(const FilterBank& bank) {
  Filter filter;
  filter.name = "Identity";
  filter.weights.assign(weight_count(bank), 0.0F);
  for (int c = 0; c < bank.channels; ++c) {
    filter.weights[cell(bank, c, centre(bank.rows), centre(bank.cols))] = 1.0F / static_cast<float>(bank.channels);
  }
  return filter;
}

std::vector<float> effective_weights(const FilterBank& bank, const Filter& filter) {
  if (filter.strength == 1.0F) return filter.weights;
  std::vector<float> weights = filter.weights;
  const std::vector<float> identity = identity_filter(bank).weights;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    weights[i] = finite_or((1.0F - filter.strength) * identity[i] + filter.strength * weights[i], 0.0F);
  }
  return weights;
}

void bake_strength(const FilterBank& bank, Filter& filter) {
  filter.weights = effective_weights(bank, filter);
  filter.strength = 1.0F;
}

std::vector<float> packed_weights(const FilterBank& bank) {
  std::vector<float> packed;
  packed.reserve(bank.filters.size() * weight_count(bank));
  for (const Filter& filter : bank.filters) {
    const std::vector<float> weights = effective_weights(bank, filter);
    packed.insert(packed.end(), weights.begin(), weights.end());
  }
  return packed;
}

std::vector<float> packed_biases(const FilterBank& bank) {
  std::vector<float> biases;
  biases.reserve(bank.filters.size());
  for (const Filter& filter : bank.filters) biases.push_back(filter.bias);
  return biases;
}

bool repair_bank(FilterBank& bank) {
  bool repaired = false;
  const auto clamp_to = [&](int& value, int lo, int hi) {
    const int clamped = std::clamp(value, lo, hi);
    repaired |= clamped != value;
    value = clamped;
  };
  clamp_to(bank.channels, 1, 3);
  clamp_to(bank.rows, 1, kMaxEditableKernel);
  clamp_to(bank.cols, 1, kMaxEditableKernel);
  if (bank.filters.size() > static_cast<std::size_t>(kMaxFilters)) {
    bank.filters.resize(static_cast<std::size_t>(kMaxFilters));
    repaired = true;
  }
  const std::size_t count = weight_count(bank);
  const auto make_finite = [&](float& value, float otherwise) {
    if (std::isfinite(value)) return;
    value = otherwise;
    repaired = true;
  };
  for (Filter& filter : bank.filters) {
    if (filter.weights.size() != count) {
      filter.weights.resize(count, 0.0F);
      repaired = true;
    }
    for (float& weight : filter.weights) make_finite(weight, 0.0F);
    make_finite(filter.bias, 0.0F);
    make_finite(filter.strength, 1.0F);
  }
  if (bank.filters.empty()) {
    bank.filters.push_back(identity_filter(bank));
    repaired = true;
  }
  return repaired;
}

void set_channels(FilterBank& bank, int channels) {
  channels = std::max(channels, 1);
  if (channels == bank.channels) return;
  const std::size_t plane = static_cast<std::size_t>(bank.rows) * static_cast<std::size_t>(bank.cols);
  const std::size_t wanted = static_cast<std::size_t>(channels) * plane;
  for (Filter& filter : bank.filters) {
    std::vector<float>& weights = filter.weights;
    if (channels == 1) {
      std::vector<double> sums(plane, 0.0);
      for (std::size_t i = 0; i < weights.size(); ++i) sums[i % plane] += static_cast<double>(weights[i]);
      weights.resize(plane);
      for (std::size_t i = 0; i < plane; ++i) weights[i] = finite_or(static_cast<float>(sums[i]), 0.0F);
    } else if (bank.channels == 1) {
      const std::vector<float> slice = weights;
      weights.resize(wanted);
      for (std::size_t i = 0; i < wanted; ++i) weights[i] = slice[i % plane] / static_cast<float>(channels);
    } else {
      weights.resize(wanted, 0.0F);
    }
  }
  bank.channels = channels;
}

void set_size(FilterBank& bank, int rows, int cols) {
  rows = std::clamp(rows, 1, kMaxEditableKernel);
  cols = std::clamp(cols, 1, kMaxEditableKernel);
  if (rows == bank.rows && cols == bank.cols) return;
  FilterBank sized{bank.channels, rows, cols, {}};
  const int down = centre(rows) - centre(bank.rows);
  const int right = centre(cols) - centre(bank.cols);
  for (Filter& filter : bank.filters) {
    std::vector<float> weights(weight_count(sized), 0.0F);
    for (int c = 0; c < bank.channels; ++c) {
      for (int r = std::max(0, -down); r < bank.rows && r + down < rows; ++r) {
        for (int s = std::max(0, -right); s < bank.cols && s + right < cols; ++s) {
          weights[cell(sized, c, r + down, s + right)] = filter.weights[cell(bank, c, r, s)];
        }
      }
    }
    filter.weights = std::move(weights);
  }
  bank.rows = rows;
  bank.cols = cols;
}

namespace {

std::string needs_multiple(const ConvSettings& settings, std::size_t count) {
  const int groups = std::max(1, settings.params.groups);
  if (count % static_cast<std::size_t>(groups) == 0) return {};
  return "With " + std::to_string(groups) + " groups the number of filters must be a multiple of " +
         std::to_string(groups) + ": set groups to 1 first.";
}

}  // namespace

std::string cannot_add_filter(const ConvSettings& settings) {
  const std::size_t count = settings.bank.filters.size();
  if (count >= static_cast<std::size_t>(kMaxFilters)) {
    return "The bank is full: it holds at most " + std::to_string(kMaxFilters) + " filters.";
  }
  return needs_multiple(settings, count + 1);
}

std::string cannot_delete_filter(const ConvSettings& settings) {
  const std::size_t count = settings.bank.filters.size();
  if (count <= 1) return "The bank keeps at least one filter.";
  return needs_multiple(settings, count - 1);
}

int add_filter(FilterBank& bank, Filter filter) {
  if (bank.filters.size() >= static_cast<std::size_t>(kMaxFilters)) return -1;
  filter.weights.resize(weight_count(bank), 0.0F);
  bank.filters.push_back(std::move(filter));
  return static_cast<int>(bank.filters.size()) - 1;
}

int duplicate_filter(FilterBank& bank, int index) {
  if (!is_index(bank, index) || bank.filters.size() >= static_cast<std::size_t>(kMaxFilters)) return -1;
  Filter copy = bank.filters[static_cast<std::size_t>(index)];
  bank.filters.insert(bank.filters.begin() + index + 1, std::move(copy));
  return index + 1;
}

bool delete_filter(FilterBank& bank, int index) {
  if (!is_index(bank, index) || bank.filters.size() <= 1) return false;
  bank.filters.erase(bank.filters.begin() + index);
  return true;
}

bool move_filter(FilterBank& bank, int from, int to) {
  if (!is_index(bank, from) || !is_index(bank, to) || from == to) return false;
  const auto first = bank.filters.begin();
  if (from < to) {
    std::rotate(first + from, first + from + 1, first + to + 1);
  } else {
    std::rotate(first + to, first + from, first + from + 1);
  }
  return true;
}

Result<Filter> preset_filter(const FilterBank& bank, std::string_view preset) {
  filters::PresetArgs args;
  args.rows = bank.rows;
  args.cols = bank.cols;
  args.channels = bank.channels;
  return preset_filter(bank, preset, args);
}

Result<Filter> preset_filter(const FilterBank& bank, std::string_view preset, const filters::PresetArgs& args) {
  filters::PresetArgs shaped = args;
  shaped.rows = bank.rows;
  shaped.cols = bank.cols;
  shaped.channels = bank.channels;
  auto weights = filters::make_preset(preset, shaped);
  if (!weights) return weights.error();
  Filter filter;
  const filters::Preset* row = filters::find_preset(preset);
  filter.name = std::string(row ? row->label : preset);
  filter.weights = std::move(*weights);
  return filter;
}

}  // namespace convlens::model
