// Every layer's forward and backward as plain loops in double: the lesson, and what the fast network is tested against.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/conv/params.h"
#include "engine/core/tensor.h"
#include "engine/nn/model.h"
#include "engine/nn/parameters.h"

namespace convlens::nn::reference {

// Dense NCHW values. Backward functions add to the gradients of parameters and write those of inputs whole.
using Values = std::vector<double>;

// y = conv(x, w) + b, without the activation; b may be empty.
Values conv_forward(const conv::Geometry& g, const Values& x, const Values& w, const Values& b);
Values conv_backward(const conv::Geometry& g, const Values& x, const Values& w, const Values& dy, Values& dw,
                     Values& db);

// x (N, inputs), w (outputs, inputs), y (N, outputs).
Values dense_forward(std::int64_t n, std::int64_t inputs, std::int64_t outputs, const Values& x, const Values& w,
                     const Values& b);
Values dense_backward(std::int64_t n, std::int64_t inputs, std::int64_t outputs, const Values& x, const Values& w,
                      const Values& dy, Values& dw, Values& db);

Values activation_forward(conv::Activation activation, const Values& x);
Values activation_backward(conv::Activation activation, const Values& x, const Values& dy);

// Windows of rows x cols. The first of equal largest values gets the whole gradient.
struct Windows {
  Shape input;  // n counts images
  std::int64_t rows = 2, cols = 2, stride_y = 2, stride_x = 2;
  std::int64_t p() const { return (input.h - rows) / stride_y + 1; }
  std::int64_t q() const { return (input.w - cols) / stride_x + 1; }
};
Values max_pool_forward(const Windows& windows, const Values& x);
Values max_pool_backward(const Windows& windows, const Values& x, const Values& dy);
Values average_pool_forward(const Windows& windows, const Values& x);
Values average_pool_backward(const Windows& windows, const Values& dy);

// Per channel over n, h, w. (Ioffe and Szegedy, "Batch Normalization", 2015.)
struct Statistics {
  Values mean, variance;  // the variance divides by the count
};
Statistics batch_statistics(const Shape& shape, const Values& x);
Values batch_norm_forward(const Shape& shape, const Values& x, const Statistics& statistics, double epsilon,
                          const Values& scale, const Values& shift);
// Where the statistics are those of x itself, and where they are given (inference).
Values batch_norm_backward(const Shape& shape, const Values& x, const Statistics& statistics, bool of_batch,
                           double epsilon, const Values& scale, const Values& dy, Values& d_scale, Values& d_shift);

// Mean over the batch of the cross-entropy between softmax(logits) and the labels, smoothed: 1 - smoothing to the label
// and smoothing / classes to every class. Writes d loss / d logits where it is not null.
double softmax_cross_entropy(std::int64_t n, std::int64_t classes, const Values& logits,
                             std::span<const std::int32_t> labels, double smoothing, Values* gradient);

// A whole pass through a model.
struct Pass {
  bool is_training = true;  // dropout, and statistics of the batch
  std::uint64_t seed = 1;
  std::uint64_t step = 0;
  double smoothing = 0;
};
struct Outcome {
  Values logits;
  double loss = 0;
  std::vector<Values> gradients;  // one per parameter of list_parameters()
  Values input_gradient;
  // Values before each kinked activation (ReLU, leaky ReLU, abs) and differences between the two largest values of each
  // pooling window: the least of their absolutes says how far a difference may step.
  double nearest_kink = 0;
};
Outcome evaluate(const ModelSpec& model, const std::vector<Values>& parameters, const Values& images,
                 std::span<const std::int32_t> labels, const Pass& pass);

}  // namespace convlens::nn::reference
