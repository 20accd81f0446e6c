// An activation on its own, by its definition in double; ReLU also in float, exactly the same.
#include "engine/conv/backward.h"
#include "engine/nn/layers.h"

namespace convlens::nn {
namespace {

class ActivationLayer final : public Layer {
 public:
  ActivationLayer(const LayerSite& site, conv::Activation activation)
      : input_(site.input), output_(site.output), activation_(activation) {}

  void forward(const Pass& pass, const Piece& piece) override {
    for (std::int64_t i = 0; i < piece.count(); ++i) {
      const float* x = input_.value(pass, piece, i);
      float* y = output_.value(pass, piece, i);
      if (activation_ == conv::Activation::kRelu) {
        for (std::int64_t j = 0; j < input_.size(); ++j) y[j] = x[j] < 0 ? 0.0f : x[j];
        continue;
      }
      for (std::int64_t j = 0; j < input_.size(); ++j) {
        y[j] = static_cast<float>(conv::activate(static_cast<double>(x[j]), activation_));
      }
    }
  }

  void backward(const Pass& pass, const Piece& piece) override {
    if (!input_.wants_gradients) return;
    for (std::int64_t i = 0; i < piece.count(); ++i) {
      const float* x = input_.value(pass, piece, i);
      const float* dy = output_.gradient(piece, i);
      float* dx = input_.gradient(piece, i);
      if (activation_ == conv::Activation::kRelu) {
        for (std::int64_t j = 0; j < input_.size(); ++j) dx[j] = x[j] > 0 ? dy[j] : 0.0f;
        continue;
      }
      for (std::int64_t j = 0; j < input_.size(); ++j) {
        const double slope = conv::activation_slope(static_cast<double>(x[j]), activation_);
        dx[j] = static_cast<float>(slope) * dy[j];
      }
    }
  }

 private:
  const Buffer& input_;
  const Buffer& output_;
  conv::Activation activation_;
};

}  // namespace

std::unique_ptr<Layer> make_activation_layer(const LayerSite& site, conv::Activation activation) {
  return std::make_unique<ActivationLayer>(site, activation);
}

}  // namespace convlens::nn
