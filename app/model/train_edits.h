// What a person does to the filters of a net in training, as changes of its settings, so that each is one entry of the
// history. The training thread carries them out.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/model/filter_bank.h"
#include "app/model/filter_tiles.h"
#include "app/model/train_settings.h"
#include "engine/core/error.h"

namespace convlens::model {

// A filter of a convolution or an output of a dense layer, and what labels call it.
struct FilterPlace {
  std::size_t layer = 0;
  std::int64_t filter = 0;
  std::string name;  // "conv1 filter 3"
};

// Each appends one entry to `by_hand` and returns its serial, which no other entry of the program has.
std::uint64_t write_filter(TrainSettings& settings, const FilterPlace& place, std::vector<float> weights,
                           std::optional<float> bias, std::string label);
std::uint64_t randomise_filter(TrainSettings& settings, const FilterPlace& place);
std::uint64_t remove_filter(TrainSettings& settings, const FilterPlace& place);

// One gesture that writes many times, such as a drag: changes entry `gesture` where that is the newest one, and appends
// one otherwise (0: the first call). The run follows every call; in the list, and for undo, it is one entry. Returns
// the entry's serial for the next call.
std::uint64_t rewrite_filter(TrainSettings& settings, std::uint64_t gesture, const FilterPlace& place,
                             std::vector<float> weights, std::optional<float> bias, std::string label);
// Takes the newest entry out again where it is this one: a gesture that was cancelled.
void forget_edit(TrainSettings& settings, std::uint64_t gesture);

// The newest entry of this filter removes it.
bool is_removed(const TrainSettings& settings, std::size_t layer, std::int64_t filter);

bool is_frozen(const TrainSettings& settings, std::size_t layer, std::int64_t filter);
bool is_layer_frozen(const TrainSettings& settings, std::size_t layer);
// Thawing one filter of a layer that is frozen as a whole leaves its others, `filters` in all, frozen.
void freeze_filter(TrainSettings& settings, std::size_t layer, std::int64_t filter, bool frozen, std::int64_t filters);
void freeze_layer(TrainSettings& settings, std::size_t layer, bool frozen);

// Weights of a filter of this form in which a matrix has taken the place of slice `channel`, or of all slices where it
// has as many. Error: another size than the filter's.
Result<std::vector<float>> put_matrix(const FilterForm& form, std::span<const float> weights, std::int64_t channel,
                                      const Matrix& matrix);
// The same with a named filter, made in the filter's size: colour filters go into all of three channels. Error: what
// the filter says against that size.
Result<std::vector<float>> put_preset(const FilterForm& form, std::span<const float> weights, std::int64_t channel,
                                      std::string_view preset);
// As filter_bank's format_matrix: one matrix, or one for each channel.
std::string filter_text(const FilterForm& form, std::span<const float> weights);

}  // namespace convlens::model
