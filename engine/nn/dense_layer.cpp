// The dense layer: three matrix products with the inputs as SIMD lanes. Large ones are cut by inputs, so that every
// weight comes from memory once; small ones go through with their chunk.
#include <algorithm>
#include <optional>

#include "engine/nn/layers.h"

namespace convlens::nn {
namespace {

constexpr std::int64_t kTaskFloats = 96;        // inputs of a gradient task: a batch of them stays in the first level
constexpr std::int64_t kBlockFloats = 512;      // inputs of a task of a large layer
constexpr std::int64_t kLargeFloats = 1 << 18;  // weights that do not stay in a core's cache from chunk to chunk

class DenseLayer final : public Layer {
 public:
  DenseLayer(const LayerSite& site, bool relu)
      : products_(conv::row_products(site.target)),
        input_(site.input),
        output_(site.output),
        store_(site.store),
        weight_(site.store.index_of(site.index, ParameterRole::kWeight)),
        relu_(relu),
        outputs_(site.spec.outputs),
        row_(conv::whole_rows(site.input.size())),
        blocks_((row_ + kBlockFloats - 1) / kBlockFloats) {
    if (site.spec.bias) bias_ = site.store.index_of(site.index, ParameterRole::kBias);
    if (is_large()) partial_ = Tensor({1, blocks_, site.batch, conv::whole_rows(outputs_)});
  }

  bool needs_whole_batch(const Pass&) const override { return is_large(); }
  bool keeps_output_gradients() const override { return true; }

  void forward(const Pass& pass, const Piece& piece) override {
    if (is_large()) return forward_whole(pass, piece);
    const conv::ConstRows x{input_.value(pass, piece, 0), piece.count(), input_.stride};
    const conv::Rows y{output_.value(pass, piece, 0), piece.count(), output_.stride};
    products_.dot(x, weights(0), row_, bias(), y, false);
    if (!relu_) return;
    for (std::int64_t i = 0; i < piece.count(); ++i) cut(y.data + i * y.pitch);
  }

  void backward(const Pass& pass, const Piece& piece) override {
    if (relu_) {
      for (std::int64_t i = 0; i < piece.count(); ++i) {
        const float* y = output_.value(pass, piece, i);
        float* dy = output_.gradient(piece, i);
        for (std::int64_t o = 0; o < outputs_; ++o) dy[o] = y[o] > 0 ? dy[o] : 0.0f;
      }
    }
    if (!input_.wants_gradients) return;
    const conv::Coefficients dy{output_.gradient(piece, 0), output_.stride, 1};
    const auto part = [&](std::int64_t i, std::int64_t length) {
      products_.combine(dy, weights(i), length, {input_.gradient(piece, 0) + i, piece.count(), input_.stride}, false);
    };
    if (!is_large()) return part(0, row_);
    pass.parallel->for_each(
        blocks_, [&](std::int64_t b) { part(b * kBlockFloats, std::min(kBlockFloats, row_ - b * kBlockFloats)); });
  }

  std::int64_t gradient_tasks(const Pass&) const override { return (row_ + kTaskFloats - 1) / kTaskFloats; }

  void gradient_task(const Pass& pass, std::int64_t task, int) override {
    const Piece all{0, pass.n, 0, 0};
    const std::int64_t i = task * kTaskFloats;
    const float* dy = output_.gradient(all, 0);
    products_.combine({dy, 1, output_.stride}, {input_.value(pass, all, 0) + i, pass.n, input_.stride},
                      std::min(kTaskFloats, row_ - i), {store_.gradient(weight_) + i, outputs_, row_}, false);
    if (task != 0 || !bias_) return;
    float* bias_gradient = store_.gradient(*bias_);
    std::fill_n(bias_gradient, outputs_, 0.0f);
    for (std::int64_t n = 0; n < pass.n; ++n) {
      for (std::int64_t o = 0; o < outputs_; ++o) bias_gradient[o] += dy[n * output_.stride + o];
    }
  }

 private:
  bool is_large() const { return row_ * outputs_ > kLargeFloats; }
  conv::ConstRows weights(std::int64_t i) { return {store_.value(weight_) + i, outputs_, row_}; }
  const float* bias() { return bias_ ? store_.value(*bias_) : nullptr; }
  // A NaN is not below zero and stays.
  void cut(float* y) const {
    for (std::int64_t o = 0; o < outputs_; ++o) y[o] = y[o] < 0 ? 0.0f : y[o];
  }

  // Each block of inputs makes sums of its own; these are added in the order of the blocks.
  void forward_whole(const Pass& pass, const Piece& piece) {
    const std::int64_t pitch = conv::whole_rows(outputs_);
    pass.parallel->for_each(blocks_, [&](std::int64_t b) {
      const std::int64_t i = b * kBlockFloats;
      products_.dot({input_.value(pass, piece, 0) + i, pass.n, input_.stride}, weights(i),
                    std::min(kBlockFloats, row_ - i), nullptr, {partial_.data() + b * pass.n * pitch, pass.n, pitch},
                    false);
    });
    for (std::int64_t n = 0; n < pass.n; ++n) {
      float* y = output_.value(pass, piece, n);
      for (std::int64_t o = 0; o < outputs_; ++o) y[o] = bias_ ? bias()[o] : 0.0f;
      for (std::int64_t b = 0; b < blocks_; ++b) {
        const float* sums = partial_.data() + (b * pass.n + n) * pitch;
        for (std::int64_t o = 0; o < outputs_; ++o) y[o] += sums[o];
      }
      if (relu_) cut(y);
    }
  }

  conv::RowProducts products_;
  const Buffer& input_;
  const Buffer& output_;
  ParameterStore& store_;
  std::size_t weight_;
  std::optional<std::size_t> bias_;
  bool relu_;
  std::int64_t outputs_;
  std::int64_t row_;  // floats of a row of weights
  std::int64_t blocks_;
  Tensor partial_;  // (blocks, batch, outputs)
};

}  // namespace

std::unique_ptr<Layer> make_dense_layer(const LayerSite& site, bool relu) {
  return std::make_unique<DenseLayer>(site, relu);
}

}  // namespace convlens::nn
