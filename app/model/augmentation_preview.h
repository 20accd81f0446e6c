// Pictures as the epochs of a run see them: what augmentation makes of them, off the frame thread, to be looked at.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "engine/training/augmentation.h"
#include "engine/training/dataset.h"

namespace convlens::model {

struct AugmentationWish {
  std::shared_ptr<const training::Dataset> data;
  std::vector<std::int64_t> pictures;  // positions in `data`
  training::Augmentation augmentation{};
  std::uint64_t seed = 1;
  std::int64_t epochs = 3;  // how many, from the first
  bool operator==(const AugmentationWish&) const = default;
};

struct AugmentedPictures {
  AugmentationWish wish;
  std::uint64_t serial = 0;   // no two of a preview share it
  std::vector<float> values;  // (epochs, pictures, C, H, W), in [0,1], not normalised

  // (C,H,W)
  const float* picture(std::int64_t epoch, std::int64_t position) const;
};
using AugmentedPicturesPtr = std::shared_ptr<const AugmentedPictures>;

class AugmentationPreview {
 public:
  explicit AugmentationPreview(std::function<void()> wake);
  ~AugmentationPreview();
  // Asks for what differs from the last wish; never waits.
  void follow(const AugmentationWish& wish);
  bool collect();
  const AugmentedPicturesPtr& result() const;  // possibly of an older wish; null before the first

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace convlens::model
