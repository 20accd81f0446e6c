// From an opened picture to the tensor that is convolved.
#pragma once

#include <memory>
#include <vector>

#include "app/model/picture_loader.h"
#include "app/model/settings.h"
#include "engine/core/parallel.h"
#include "engine/core/tensor.h"

namespace convlens::model {

// Luminance of gamma-encoded colours, with the weights of ITU-R BT.709 (Rec. 709), part 3.
inline constexpr float kLumaRed = 0.2126F;
inline constexpr float kLumaGreen = 0.7152F;
inline constexpr float kLumaBlue = 0.0722F;

struct InputChannels {
  std::shared_ptr<const Tensor> tensor;  // (1,C,H,W), C = 1 or 3; the picture's own memory where nothing is chosen
  std::vector<Tensor> levels;            // reduced copies; empty where the tensor is the picture's own
};

InputChannels choose_channels(const PicturePtr& picture, Channels channels, const Parallel& parallel);

}  // namespace convlens::model
