// Entries of by_hand and frozen.
#include "app/model/train_edits.h"

#include <algorithm>
#include <atomic>
#include <cassert>
#include <utility>

namespace convlens::model {
namespace {

// Serials are of the program and not of one list: an entry that was undone never meets another with its number.
std::uint64_t new_serial(const TrainSettings& settings) {
  static std::atomic<std::uint64_t> newest{0};
  std::uint64_t least = 0;
  for (const HandEdit& edit : settings.by_hand) least = std::max(least, edit.serial);
  std::uint64_t before = newest.load();
  while (!newest.compare_exchange_weak(before, std::max(before, least) + 1)) {
  }
  return std::max(before, least) + 1;
}

std::uint64_t append(TrainSettings& settings, HandEdit edit) {
  edit.serial = new_serial(settings);
  settings.by_hand.push_back(std::move(edit));
  return settings.by_hand.back().serial;
}

bool concerns(const FrozenPart& part, std::size_t layer, std::int64_t filter) {
  return part.layer == layer && (!part.filter || *part.filter == filter);
}

std::string size_text(std::int64_t rows, std::int64_t cols) {
  return std::to_string(rows) + " × " + std::to_string(cols);
}

}  // namespace

std::uint64_t write_filter(TrainSettings& settings, const FilterPlace& place, std::vector<float> weights,
                           std::optional<float> bias, std::string label) {
  return append(settings, {.kind = HandEdit::Kind::kWrite,
                           .layer = place.layer,
                           .filter = place.filter,
                           .weights = std::move(weights),
                           .bias = bias,
                           .label = std::move(label)});
}

std::uint64_t randomise_filter(TrainSettings& settings, const FilterPlace& place) {
  const std::uint64_t serial = append(settings, {.kind = HandEdit::Kind::kRandomise,
                                                 .layer = place.layer,
                                                 .filter = place.filter,
                                                 .weights = {},
                                                 .label = "Re-randomise " + place.name});
  // Another draw each time, and the same whenever the entry is done again.
  settings.by_hand.back().seed = serial + settings.seed * 1'000'003;
  return serial;
}

std::uint64_t remove_filter(TrainSettings& settings, const FilterPlace& place) {
  return append(settings, {.kind = HandEdit::Kind::kRemove,
                           .layer = place.layer,
                           .filter = place.filter,
                           .weights = {},
                           .label = "Remove " + place.name});
}

std::uint64_t rewrite_filter(TrainSettings& settings, std::uint64_t gesture, const FilterPlace& place,
                             std::vector<float> weights, std::optional<float> bias, std::string label) {
  if (gesture == 0 || settings.by_hand.empty() || settings.by_hand.back().serial != gesture) {
    return write_filter(settings, place, std::move(weights), bias, std::move(label));
  }
  HandEdit& edit = settings.by_hand.back();
  edit.weights = std::move(weights);
  edit.bias = bias;
  edit.label = std::move(label);
  return gesture;
}

void forget_edit(TrainSettings& settings, std::uint64_t gesture) {
  if (gesture != 0 && !settings.by_hand.empty() && settings.by_hand.back().serial == gesture) {
    settings.by_hand.pop_back();
  }
}

bool is_removed(const TrainSettings& settings, std::size_t layer, std::int64_t filter) {
  const auto newest = std::find_if(settings.by_hand.rbegin(), settings.by_hand.rend(),
                                   [&](const HandEdit& edit) { return edit.layer == layer && edit.filter == filter; });
  return newest != settings.by_hand.rend() && newest->kind == HandEdit::Kind::kRemove;
}

bool is_frozen(const TrainSettings& settings, std::size_t layer, std::int64_t filter) {
  return std::ranges::any_of(settings.frozen, [&](const FrozenPart& part) { return concerns(part, layer, filter); });
}

bool is_layer_frozen(const TrainSettings& settings, std::size_t layer) {
  return std::ranges::any_of(settings.frozen,
                             [&](const FrozenPart& part) { return part.layer == layer && !part.filter; });
}

void freeze_filter(TrainSettings& settings, std::size_t layer, std::int64_t filter, bool frozen, std::int64_t filters) {
  if (is_frozen(settings, layer, filter) == frozen) return;
  if (frozen) {
    settings.frozen.push_back({layer, filter});
    return;
  }
  const bool was_whole = is_layer_frozen(settings, layer);
  std::erase_if(settings.frozen, [&](const FrozenPart& part) {
    return concerns(part, layer, filter) || (was_whole && part.layer == layer);
  });
  for (std::int64_t other = 0; was_whole && other < filters; ++other) {
    if (other != filter) settings.frozen.push_back({layer, other});
  }
}

void freeze_layer(TrainSettings& settings, std::size_t layer, bool frozen) {
  if (frozen && is_layer_frozen(settings, layer)) return;
  std::erase_if(settings.frozen, [&](const FrozenPart& part) { return part.layer == layer; });
  if (frozen) settings.frozen.push_back({layer, std::nullopt});
}

Result<std::vector<float>> put_matrix(const FilterForm& form, std::span<const float> weights, std::int64_t channel,
                                      const Matrix& matrix) {
  assert(std::ssize(weights) == form.size() && channel >= 0 && channel < form.channels);
  if (matrix.rows != form.rows || matrix.cols != form.cols) {
    return Error{"The matrix is " + size_text(matrix.rows, matrix.cols) + " and the filters of this layer are " +
                 size_text(form.rows, form.cols) + ": paste one of that size."};
  }
  if (matrix.channels != 1 && matrix.channels != form.channels) {
    return Error{"There are " + std::to_string(matrix.channels) + " matrices, and this filter has " +
                 std::to_string(form.channels) + " channels: paste one matrix for the chosen channel, or as many."};
  }
  std::vector<float> result(weights.begin(), weights.end());
  const bool is_whole = matrix.channels == form.channels;
  std::ranges::copy(matrix.values, result.begin() + (is_whole ? 0 : channel * form.plane()));
  return result;
}

Result<std::vector<float>> put_preset(const FilterForm& form, std::span<const float> weights, std::int64_t channel,
                                      std::string_view preset) {
  const filters::Preset* known = filters::find_preset(preset);
  const bool is_colour = known && known->colour && form.channels == 3;
  auto made = filters::make_preset(
      preset,
      {.rows = static_cast<int>(form.rows), .cols = static_cast<int>(form.cols), .channels = is_colour ? 3 : 1});
  if (!made) return made.error();
  return put_matrix(form, weights, channel,
                    {is_colour ? 3 : 1, static_cast<int>(form.rows), static_cast<int>(form.cols), std::move(*made)});
}

std::string filter_text(const FilterForm& form, std::span<const float> weights) {
  FilterBank bank{static_cast<int>(form.channels), static_cast<int>(form.rows), static_cast<int>(form.cols), {}};
  Filter filter;
  filter.weights.assign(weights.begin(), weights.end());
  return format_matrix(bank, filter);
}

}  // namespace convlens::model
