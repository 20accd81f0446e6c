// The fused convolution as a layer: padding, packed weights, and sums per chunk that are added in a fixed order.
#include <algorithm>
#include <cstring>
#include <optional>
#include <vector>

#include "engine/nn/fused_conv.h"
#include "engine/nn/layers.h"

namespace convlens::nn {
namespace {

// From here on an image is worth waking another thread for.
constexpr std::int64_t kSharedMultiplyAdds = 2'000'000;

std::int64_t floats_with_slack(std::int64_t count) { return buffer_stride(count); }

Tensor block(std::int64_t floats) { return Tensor({1, 1, 1, std::max<std::int64_t>(1, floats)}); }

// An image inside a larger one of zeros.
struct Frame {
  std::int64_t h = 0, w = 0, c = 0;  // inside
  std::int64_t top = 0, bottom = 0, left = 0, right = 0;

  bool is_empty() const { return top + bottom + left + right == 0; }
  std::int64_t pitch() const { return (w + left + right) * c; }
  std::int64_t floats() const { return floats_with_slack((h + top + bottom) * pitch()); }
  void put(const float* image, float* framed) const {
    for (std::int64_t y = 0; y < h; ++y) std::copy_n(image + y * w * c, w * c, framed + (y + top) * pitch() + left * c);
  }
  void take(const float* framed, float* image) const {
    for (std::int64_t y = 0; y < h; ++y) std::copy_n(framed + (y + top) * pitch() + left * c, w * c, image + y * w * c);
  }
};

class FusedConvLayer final : public Layer {
 public:
  FusedConvLayer(const LayerSite& site, const conv::Geometry& g, bool relu, bool pool)
      : functions_(fused_conv(site.target)),
        input_(site.input),
        output_(site.output),
        store_(site.store),
        weight_(site.store.index_of(site.index, ParameterRole::kWeight)),
        frame_{g.h, g.w, g.c, g.pad.top, g.pad.bottom, g.pad.left, g.pad.right},
        gradient_frame_{
            g.p, g.q, g.k, g.r - 1 - g.pad.top, g.r - 1 - g.pad.bottom, g.s - 1 - g.pad.left, g.s - 1 - g.pad.right} {
    if (site.spec.bias) bias_ = site.store.index_of(site.index, ParameterRole::kBias);
    shape_ = {g.h + g.pad.top + g.pad.bottom, g.w + g.pad.left + g.pad.right, g.c, g.k, g.r, g.s, relu, pool};
    // A convolution of the framed gradient with the turned filters gives the input's gradient where nothing was pooled.
    transposed_ = {g.h + g.r - 1, g.w + g.s - 1, g.k, g.c, g.r, g.s, false, false};
    scratch_floats_ = std::max(functions_.scratch_floats(shape_), functions_.scratch_floats(transposed_));
    scratch_ = block(scratch_floats_ * site.workers);
    packed_ = block(functions_.packed_floats(shape_));
    packed_bias_ = block(shape_.padded_k());
    if (!frame_.is_empty()) framed_ = block(frame_.floats() * site.workers);
    layout_ = functions_.sum_layout(shape_);
    sum_floats_ = conv::whole_rows(layout_.floats) + shape_.padded_k();
    sums_ = block(sum_floats_ * chunks_of(site.batch) + conv::kRowUnit);
    const std::int64_t windows = shape_.out_h() * shape_.out_w();
    if (pool) codes_.resize(static_cast<std::size_t>(site.batch * windows * shape_.padded_k() + conv::kRowUnit));
    if (!input_.wants_gradients) return;
    if (pool) {
      packed_backward_ = block(functions_.backward_floats(shape_));
      list_floats_ = windows * (shape_.padded_k() + kListSlack);
      list_values_ = block(list_floats_ * site.workers);
      list_offsets_.resize(static_cast<std::size_t>(list_floats_ * site.workers));
      list_ends_.resize(static_cast<std::size_t>(windows * 4 * site.workers));
      if (!frame_.is_empty()) framed_gradient_ = block(frame_.floats() * site.workers);
    } else {
      packed_backward_ = block(functions_.packed_floats(transposed_));
      zero_bias_ = block(transposed_.padded_k());
      framed_gradient_ = block(gradient_frame_.floats() * site.workers);
    }
  }

  void prepare() override {
    functions_.pack(shape_, store_.value(weight_), packed_.data());
    if (bias_) std::copy_n(store_.value(*bias_), shape_.k, packed_bias_.data());
    if (!input_.wants_gradients) return;
    if (shape_.pool) {
      functions_.pack_backward(shape_, store_.value(weight_), packed_backward_.data());
    } else {
      functions_.pack_flipped(transposed_, store_.value(weight_), packed_backward_.data());
    }
  }

  bool needs_whole_batch(const Pass& pass) const override {
    return pass.is_split && shape_.p() * shape_.q() * shape_.k * shape_.taps() > kSharedMultiplyAdds;
  }

  void forward(const Pass& pass, const Piece& piece) override {
    if (needs_whole_batch(pass)) return forward_shared(pass, piece);
    for (std::int64_t i = 0; i < piece.count(); ++i) {
      functions_.forward(
          shape_, framed(pass, piece, i), packed_.data(), packed_bias_.data(), output_.value(pass, piece, i),
          shape_.pool && pass.is_training ? codes_of(piece.begin + i) : nullptr, scratch(piece.worker), 0, shape_.p());
    }
  }

  void backward(const Pass& pass, const Piece& piece) override {
    float* sums = sums_.data() + piece.chunk * sum_floats_;
    std::fill_n(sums, sum_floats_, 0.0f);
    FusedBackward io;
    io.weight_sums = sums;
    io.bias_sums = sums + conv::whole_rows(layout_.floats);
    io.packed = packed_backward_.data();
    if (shape_.pool && input_.wants_gradients) {
      const std::int64_t windows = shape_.out_h() * shape_.out_w();
      io.list_values = list_values_.data() + piece.worker * list_floats_;
      io.list_offsets = list_offsets_.data() + piece.worker * list_floats_;
      io.list_ends = list_ends_.data() + piece.worker * windows * 4;
    }
    for (std::int64_t i = 0; i < piece.count(); ++i) {
      io.input = framed(pass, piece, i);
      io.gradient = output_.gradient(piece, i);
      io.output = output_.value(pass, piece, i);
      io.codes = shape_.pool ? codes_of(piece.begin + i) : nullptr;
      const bool wants_input = input_.wants_gradients;
      float* framed_gradient = framed_gradient_.data();
      if (wants_input && shape_.pool) {
        io.input_gradient =
            frame_.is_empty() ? input_.gradient(piece, i) : framed_gradient + piece.worker * frame_.floats();
      }
      functions_.backward(shape_, io);
      if (!wants_input) continue;
      if (!shape_.pool) {
        float* around = framed_gradient + piece.worker * gradient_frame_.floats();
        gradient_frame_.put(io.gradient, around);
        functions_.forward(transposed_, around, packed_backward_.data(), zero_bias_.data(), input_.gradient(piece, i),
                           nullptr, scratch(piece.worker), 0, transposed_.p());
      } else if (!frame_.is_empty()) {
        frame_.take(io.input_gradient, input_.gradient(piece, i));
      }
    }
  }

  std::int64_t gradient_tasks(const Pass&) const override { return shape_.k; }

  void gradient_task(const Pass& pass, std::int64_t k, int) override {
    const std::int64_t chunks = chunks_of(pass.n);
    const auto total = [&](std::int64_t offset) {
      float sum = 0;
      for (std::int64_t chunk = 0; chunk < chunks; ++chunk) sum += sums_.data()[chunk * sum_floats_ + offset];
      return sum;
    };
    float* out = store_.gradient(weight_) + k * shape_.taps();
    for (std::int64_t c = 0; c < shape_.c; ++c) {
      for (std::int64_t r = 0; r < shape_.r; ++r) {
        for (std::int64_t s = 0; s < shape_.s; ++s) {
          *out++ = total(k * layout_.k_stride + c * layout_.c_stride + r * layout_.r_stride + s * layout_.s_stride);
        }
      }
    }
    if (bias_) store_.gradient(*bias_)[k] = total(conv::whole_rows(layout_.floats) + k);
  }

 private:
  // Threads share the rows of each image.
  void forward_shared(const Pass& pass, const Piece& piece) {
    const std::int64_t pairs = (shape_.p() + 1) / 2;
    for (std::int64_t i = 0; i < piece.count(); ++i) {
      const float* input = framed(pass, piece, i);
      float* output = output_.value(pass, piece, i);
      pass.parallel->for_each_with_worker(pairs, [&](std::int64_t pair, int worker) {
        functions_.forward(shape_, input, packed_.data(), packed_bias_.data(), output, nullptr, scratch(worker),
                           2 * pair, std::min(shape_.p(), 2 * pair + 2));
      });
    }
  }

  const float* framed(const Pass& pass, const Piece& piece, std::int64_t i) {
    const float* image = input_.value(pass, piece, i);
    if (frame_.is_empty()) return image;
    float* around = framed_.data() + piece.worker * frame_.floats();
    frame_.put(image, around);
    return around;
  }
  float* scratch(int worker) { return scratch_.data() + worker * scratch_floats_; }
  std::uint8_t* codes_of(std::int64_t n) {
    return codes_.data() + n * shape_.out_h() * shape_.out_w() * shape_.padded_k();
  }

  FusedConvFunctions functions_;
  const Buffer& input_;
  const Buffer& output_;
  ParameterStore& store_;
  std::size_t weight_;
  std::optional<std::size_t> bias_;
  Frame frame_, gradient_frame_;
  FusedConvShape shape_, transposed_;
  Tensor packed_, packed_bias_, packed_backward_, zero_bias_;
  Tensor framed_, framed_gradient_, scratch_;  // one for each worker
  std::int64_t scratch_floats_ = 0;
  SumLayout layout_;
  std::int64_t sum_floats_ = 0;
  Tensor sums_;  // of the weights and of the bias, for each chunk
  std::vector<std::uint8_t> codes_;
  std::int64_t list_floats_ = 0;
  Tensor list_values_;
  std::vector<std::uint32_t> list_offsets_;
  std::vector<std::uint16_t> list_ends_;
};

}  // namespace

bool can_fuse(const conv::Geometry& g) {
  const bool is_plain = g.stride_y == 1 && g.stride_x == 1 && g.dilation_y == 1 && g.dilation_x == 1 && g.groups == 1;
  const bool is_framed = g.pad == conv::Padding{} || g.border == conv::Border::kZero;
  const bool is_narrow =
      std::max(g.pad.top, g.pad.bottom) < g.r && std::max(g.pad.left, g.pad.right) < g.s;  // at most "full"
  return is_plain && is_framed && is_narrow && !g.flip;
}

std::unique_ptr<Layer> make_fused_conv_layer(const LayerSite& site, const conv::Geometry& geometry, bool relu,
                                             bool pool) {
  return std::make_unique<FusedConvLayer>(site, geometry, relu, pool);
}

}  // namespace convlens::nn
