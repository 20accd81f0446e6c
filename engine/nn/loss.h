// Softmax and cross-entropy in one, for one image. The batch's mean is the network's.
#pragma once

#include <cstdint>

namespace convlens::nn {

struct SampleLoss {
  float loss = 0;
  std::int32_t predicted = 0;  // the class of the largest logit, the first of equals
};

// The cross-entropy between softmax(logits) and 1 - smoothing on the label plus smoothing / classes on every class.
// gradient, where not null, becomes scale * d loss / d logit. Nothing overflows for finite logits; other logits give a
// loss that is not finite.
SampleLoss softmax_cross_entropy(const float* logits, std::int64_t classes, std::int32_t label, float smoothing,
                                 float scale, float* gradient);

// logits become probabilities.
void softmax(float* logits, std::int64_t classes);

}  // namespace convlens::nn
