// What a run of training is made of, apart from its state: enough to begin it again, and to know what it was.
#pragma once

#include <cstdint>
#include <string>

#include "engine/nn/model.h"
#include "engine/training/augmentation.h"
#include "engine/training/preprocessing.h"

namespace convlens::training {

struct RunDescription {
  nn::ModelSpec model;
  std::int64_t batch = 64;
  std::int64_t steps = 0;  // the run is to have; schedules that know their end know it from the settings
  std::string data;        // as open_data takes it, with this seed
  std::uint64_t data_seed = 1;
  std::string fingerprint;  // of the training pictures
  Preprocessing preprocessing;
  Augmentation augmentation;  // drawn with data_seed
  bool operator==(const RunDescription&) const = default;
};

}  // namespace convlens::training
