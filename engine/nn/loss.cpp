// The stable form: the largest logit is taken out before the exponential.
#include "engine/nn/loss.h"

#include <algorithm>
#include <cmath>

namespace convlens::nn {

SampleLoss softmax_cross_entropy(const float* logits, std::int64_t classes, std::int32_t label, float smoothing,
                                 float scale, float* gradient) {
  SampleLoss result;
  const float* top = std::max_element(logits, logits + classes);
  result.predicted = static_cast<std::int32_t>(top - logits);
  float sum = 0, mean = 0;
  for (std::int64_t c = 0; c < classes; ++c) {
    const float e = std::exp(logits[c] - *top);
    if (gradient) gradient[c] = e;
    sum += e;
    mean += logits[c] - *top;
  }
  mean /= static_cast<float>(classes);
  result.loss = std::log(sum) - (1 - smoothing) * (logits[label] - *top) - smoothing * mean;
  if (!gradient) return result;
  const float base = smoothing / static_cast<float>(classes);
  for (std::int64_t c = 0; c < classes; ++c) {
    const float target = c == label ? base + 1 - smoothing : base;
    gradient[c] = scale * (gradient[c] / sum - target);
  }
  return result;
}

void softmax(float* logits, std::int64_t classes) {
  const float top = *std::max_element(logits, logits + classes);
  float sum = 0;
  for (std::int64_t c = 0; c < classes; ++c) sum += logits[c] = std::exp(logits[c] - top);
  for (std::int64_t c = 0; c < classes; ++c) logits[c] /= sum;
}

}  // namespace convlens::nn
