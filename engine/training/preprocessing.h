// What happens to a picture before a trained network sees it, and what its answers are called.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/error.h"
#include "engine/core/tensor.h"
#include "engine/nn/model.h"
#include "engine/training/dataset.h"

namespace convlens::training {

struct Preprocessing {
  Normalisation normalisation;
  std::vector<std::string> class_names;
  // The value in [0,1] at the border of the pictures it learnt from, where all of them agree: a picture with the
  // opposite border is to be inverted.
  std::optional<float> background;
  bool operator==(const Preprocessing&) const = default;
};

// As training on these pictures should have it.
Preprocessing measure_preprocessing(const Subset& subset);

// Equal for equal pictures and labels in the same order: their number and a hash, such as "60000-8f3a...".
std::string fingerprint(const Subset& subset);

// Whether a model can learn from, or be tested with, such pictures: their size, channels and classes. The error says
// what both have.
Status check_fit(const nn::ModelSpec& model, const Dataset& data);

// One picture of any size, ready for a model: its middle part by area average, as luminance where the model sees one
// channel, inverted where its border is the opposite of the background, normalised.
struct ReadyPicture {
  std::vector<float> values;  // (C,H,W)
  bool was_inverted = false;
};
ReadyPicture make_ready(ConstView picture, const nn::ModelSpec& model, const Preprocessing& preprocessing);
// The same as a sentence: what is done to every picture.
std::string in_words(const nn::ModelSpec& model, const Preprocessing& preprocessing);

}  // namespace convlens::training
