// From a net in training to the other workspaces and back: its filters on the picture of Explore, the whole net in
// Stack, a filter of Explore for the net.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "app/model/filter_tiles.h"
#include "app/model/settings.h"
#include "app/model/stack_settings.h"
#include "app/model/train_snapshot.h"
#include "engine/core/error.h"

namespace convlens::model {

// Why the filters of a layer cannot stand in Explore's bank, as a sentence; empty where they can.
std::string cannot_explore(const TrainRun& run, std::size_t layer);
// They become the bank, with the layer's stride, padding, dilation and activation; one channel sees the picture in
// grey, three see red, green and blue. Returns what was done, in words. Only where cannot_explore() is empty.
std::string use_in_explore(ConvSettings& conv, const TrainRun& run, const std::vector<float>& row, std::size_t layer);

// The weights of a filter of Explore for a filter of that form, as convolved there: where the channels differ, one is
// shared by all, or three are added up. Error: another kernel size.
struct FilterValues {
  std::vector<float> weights;
  float bias = 0;
};
Result<FilterValues> take_from_explore(const FilterBank& bank, int filter, const FilterForm& form);

// The net as a chain for Stack with its weights in a file of `folder` named after the model and the weights; what
// normalises pictures for the net stands in front of it as a layer of its own. Errors: what the disk says.
Result<StackSettings> net_for_stack(const TrainRun& run, const std::vector<float>& row,
                                    const std::filesystem::path& folder);
// One picture (C,H,W) in [0,1], C = 1 or 3, as a PNG file in `folder`, named after its bytes. Error, too: another
// number of channels.
Result<std::filesystem::path> picture_for_stack(const Shape& shape, std::span<const float> values,
                                                const std::string& name, const std::filesystem::path& folder);

}  // namespace convlens::model
