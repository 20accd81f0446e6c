// Any convolution of conv/params as a layer: through the kernel table, which wants planes; so pixels are turned both
// ways.
#include <cassert>
#include <optional>
#include <vector>

#include "engine/conv/backward.h"
#include "engine/nn/layers.h"

namespace convlens::nn {
namespace {

class ConvLayer final : public Layer {
 public:
  ConvLayer(const LayerSite& site, const conv::Geometry& geometry)
      : input_(site.input),
        output_(site.output),
        geometry_(geometry),
        store_(site.store),
        weight_(site.store.index_of(site.index, ParameterRole::kWeight)),
        x_({site.batch, geometry.c, geometry.h, geometry.w}),
        y_({site.batch, geometry.k, geometry.p, geometry.q}) {
    geometry_.activation = conv::Activation::kNone;
    if (site.spec.bias) bias_ = site.store.index_of(site.index, ParameterRole::kBias);
    if (input_.wants_gradients) dx_ = Tensor({site.batch, geometry.c, geometry.h, geometry.w});
  }

  bool needs_whole_batch(const Pass&) const override { return true; }

  void forward(const Pass& pass, const Piece& piece) override {
    geometry_.n = pass.n;
    pass.parallel->for_each(pass.n, [&](std::int64_t i) { to_planes(input_, input_.value(pass, piece, i), x_, i); });
    const auto report = conv::forward(geometry_, view(x_), weights(store_.value(weight_)), bias(), view(y_), {},
                                      workspace_, *pass.parallel);
    assert(report);
    static_cast<void>(report);
    pass.parallel->for_each(pass.n, [&](std::int64_t i) { to_pixels(output_, y_, i, output_.value(pass, piece, i)); });
  }

  void backward(const Pass& pass, const Piece& piece) override {
    pass.parallel->for_each(pass.n, [&](std::int64_t i) { to_planes(output_, output_.gradient(piece, i), y_, i); });
    const std::span<float> bias_gradient =
        bias_ ? std::span<float>(store_.gradient(*bias_), static_cast<std::size_t>(geometry_.k)) : std::span<float>();
    conv::backward_weights(geometry_, view(x_), view(y_), weights(store_.gradient(weight_)), bias_gradient,
                           conv::BackwardMethod::kMatrix, workspace_, *pass.parallel);
    if (!input_.wants_gradients) return;
    conv::backward_input(geometry_, view(y_), weights(store_.value(weight_)), view(dx_), conv::BackwardMethod::kMatrix,
                         workspace_, *pass.parallel);
    pass.parallel->for_each(pass.n, [&](std::int64_t i) { to_pixels(input_, dx_, i, input_.gradient(piece, i)); });
  }

 private:
  // The images of this pass.
  View view(Tensor& tensor) const {
    View all = tensor.view();
    all.shape.n = geometry_.n;
    return all;
  }
  View weights(float* data) const { return dense_view(data, geometry_.weights_shape()); }
  std::span<const float> bias() {
    if (!bias_) return {};
    return {store_.value(*bias_), static_cast<std::size_t>(geometry_.k)};
  }
  static void to_planes(const Buffer& buffer, const float* pixels, Tensor& planes, std::int64_t i) {
    const std::int64_t area = buffer.h * buffer.w;
    float* out = planes.data() + i * buffer.size();
    for (std::int64_t c = 0; c < buffer.c; ++c) {
      for (std::int64_t j = 0; j < area; ++j) *out++ = pixels[j * buffer.c + c];
    }
  }
  static void to_pixels(const Buffer& buffer, const Tensor& planes, std::int64_t i, float* pixels) {
    const std::int64_t area = buffer.h * buffer.w;
    const float* from = planes.data() + i * buffer.size();
    for (std::int64_t c = 0; c < buffer.c; ++c) {
      for (std::int64_t j = 0; j < area; ++j) pixels[j * buffer.c + c] = *from++;
    }
  }

  const Buffer& input_;
  const Buffer& output_;
  conv::Geometry geometry_;
  ParameterStore& store_;
  std::size_t weight_;
  std::optional<std::size_t> bias_;
  conv::Workspace workspace_;
  Tensor x_, y_, dx_;
};

}  // namespace

std::unique_ptr<Layer> make_conv_layer(const LayerSite& site, const conv::Geometry& geometry) {
  return std::make_unique<ConvLayer>(site, geometry);
}

}  // namespace convlens::nn
