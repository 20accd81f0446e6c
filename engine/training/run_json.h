// Runs, states and what was done to them as JSON texts: the notes of the files that training writes.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/error.h"
#include "engine/training/preprocessing.h"
#include "engine/training/recording.h"
#include "engine/training/run.h"
#include "engine/training/state.h"

namespace convlens::training {

// A model's description with its preprocessing: what engine/nn's model_from_json reads, and a field "preprocessing".
std::string model_to_json(const nn::ModelSpec& model, const Preprocessing& preprocessing);
struct DescribedModel {
  nn::ModelSpec model;
  std::optional<Preprocessing> preprocessing;  // absent in a plain description
};
// Errors are about the text: whoever has read it names the file.
Result<DescribedModel> model_from_json(std::string_view text);

std::string run_to_json(const RunDescription& run);
Result<RunDescription> run_from_json(std::string_view text);

std::string settings_to_json(const TrainerSettings& settings);
Result<TrainerSettings> settings_from_json(std::string_view text);

// Without what is kept as tensors: running means here, edits of changes and points of the curves below.
std::string key_to_json(const KeyState& key);
Result<KeyState> key_from_json(std::string_view text);
std::string tests_to_json(const std::vector<TestPoint>& tests);
Result<std::vector<TestPoint>> tests_from_json(std::string_view text, int classes);
// Edits keep their place and size; their values follow one after another somewhere else.
std::string changes_to_json(const std::vector<Change>& changes);
Result<std::vector<Change>> changes_from_json(std::string_view text, std::span<const float> values);

}  // namespace convlens::training
