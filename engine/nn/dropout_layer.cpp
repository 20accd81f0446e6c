// Dropout: a hash of (seed, step, layer, position) decides about every value, so that nothing need be remembered.

#include <algorithm>

#include "engine/conv/kernels/simd.h"
#include "engine/nn/dropout_draw.h"
#include "engine/nn/layers.h"

#undef HWY_DISABLED_TARGETS
#define HWY_DISABLED_TARGETS CONVLENS_UNSIZED_TARGETS
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/nn/dropout_layer.cpp"
#include <hwy/foreach_target.h>
// The lines below are compiled once for each instruction set.
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace convlens::nn {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// out[i] = in[i] * scale where value first + i is kept, else 0. The count is rounded up to whole rows.
void drop(const DropoutDraw& draw, std::uint32_t first, const float* in, float* out, std::int64_t count) {
  const hn::ScalableTag<float> d;
  const hn::RebindToUnsigned<decltype(d)> du;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  const auto limit = hn::Set(du, draw.limit);
  const auto scale = hn::Set(d, draw.scale);
  for (std::int64_t i = 0; i < count; i += lanes) {
    auto h = hn::Iota(du, first + static_cast<std::uint32_t>(i));
    h = hn::Add(hn::Mul(h, hn::Set(du, 0x9E3779B1u)), hn::Set(du, draw.salt));
    h = hn::Mul(hn::Xor(h, hn::ShiftRight<16>(h)), hn::Set(du, 0x7FEB352Du));
    h = hn::Mul(hn::Xor(h, hn::ShiftRight<15>(h)), hn::Set(du, 0x846CA68Bu));
    h = hn::Xor(h, hn::ShiftRight<16>(h));
    const auto is_dropped = hn::RebindMask(d, hn::Lt(h, limit));
    hn::StoreU(hn::IfThenZeroElse(is_dropped, hn::Mul(hn::LoadU(d, in + i), scale)), d, out + i);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace convlens::nn
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace convlens::nn {
namespace {

HWY_EXPORT(drop);

class DropoutLayer final : public Layer {
 public:
  explicit DropoutLayer(const LayerSite& site)
      : input_(site.input),
        output_(site.output),
        rate_(site.spec.rate),
        index_(site.index),
        drop_(conv::function_for(HWY_DISPATCH_TABLE(drop), site.target)) {}

  void forward(const Pass& pass, const Piece& piece) override {
    for (std::int64_t i = 0; i < piece.count(); ++i) {
      apply(pass, piece.begin + i, input_.value(pass, piece, i), output_.value(pass, piece, i));
    }
  }
  void backward(const Pass& pass, const Piece& piece) override {
    if (!input_.wants_gradients) return;
    for (std::int64_t i = 0; i < piece.count(); ++i) {
      apply(pass, piece.begin + i, output_.gradient(piece, i), input_.gradient(piece, i));
    }
  }

 private:
  void apply(const Pass& pass, std::int64_t n, const float* in, float* out) const {
    if (!pass.is_training) {
      std::copy_n(in, input_.size(), out);
      return;
    }
    const DropoutDraw draw(rate_, pass.seed, pass.step, index_);
    drop_(draw, static_cast<std::uint32_t>(n * input_.size()), in, out, input_.size());
  }

  const Buffer& input_;
  const Buffer& output_;
  float rate_;
  std::size_t index_;
  void (*drop_)(const DropoutDraw&, std::uint32_t, const float*, float*, std::int64_t);
};

}  // namespace

std::unique_ptr<Layer> make_dropout_layer(const LayerSite& site) { return std::make_unique<DropoutLayer>(site); }

}  // namespace convlens::nn
#endif
