// Batch normalisation. Sums over the batch are made per chunk and added in a fixed order.
#include <cmath>
#include <vector>

#include "engine/nn/layers.h"

namespace convlens::nn {
namespace {

class BatchNormLayer final : public Layer {
 public:
  explicit BatchNormLayer(const LayerSite& site)
      : input_(site.input),
        output_(site.output),
        store_(site.store),
        scale_(site.store.index_of(site.index, ParameterRole::kScale)),
        shift_(site.store.index_of(site.index, ParameterRole::kShift)),
        running_mean_(site.store.index_of(site.index, ParameterRole::kMean)),
        running_variance_(site.store.index_of(site.index, ParameterRole::kVariance)),
        epsilon_(site.spec.epsilon),
        momentum_(site.spec.momentum),
        // In a flat row every feature has statistics of its own.
        channels_(input_.is_flat ? input_.size() : input_.c),
        area_(input_.size() / channels_),
        sums_(static_cast<std::size_t>(chunks_of(site.batch) * channels_ * 2)),
        mean_(static_cast<std::size_t>(channels_)),
        variance_(static_cast<std::size_t>(channels_)) {}

  bool needs_whole_batch(const Pass& pass) const override { return pass.is_training; }

  void forward(const Pass& pass, const Piece& piece) override {
    if (!pass.is_training) {
      const float* mean = store_.value(running_mean_);
      const float* variance = store_.value(running_variance_);
      for (std::int64_t i = 0; i < piece.count(); ++i) normalise(pass, piece, i, mean, variance);
      return;
    }
    measure(pass, piece);
    pass.parallel->for_each(pass.n, [&](std::int64_t i) { normalise(pass, piece, i, mean_.data(), variance_.data()); });
  }

  void backward(const Pass& pass, const Piece& piece) override {
    // Sums of dy and of dy times the normalised value: the gradients of shift and scale.
    sum_over_batch(pass, [&](std::int64_t i, double* sums) {
      const float* x = input_.value(pass, piece, i);
      const float* dy = output_.gradient(piece, i);
      for_each_value([&](std::int64_t c, std::int64_t j) {
        sums[2 * c] += static_cast<double>(dy[j]);
        sums[2 * c + 1] += static_cast<double>(dy[j] * normalised(c, x[j]));
      });
    });
    float* d_shift = store_.gradient(shift_);
    float* d_scale = store_.gradient(scale_);
    for (std::int64_t c = 0; c < channels_; ++c) {
      d_shift[c] = static_cast<float>(total(pass, 2 * c));
      d_scale[c] = static_cast<float>(total(pass, 2 * c + 1));
    }
    if (!input_.wants_gradients) return;
    const float* scale = store_.value(scale_);
    const float count = static_cast<float>(pass.n * area_);
    pass.parallel->for_each(pass.n, [&](std::int64_t i) {
      const float* x = input_.value(pass, piece, i);
      const float* dy = output_.gradient(piece, i);
      float* dx = input_.gradient(piece, i);
      for_each_value([&](std::int64_t c, std::int64_t j) {
        const float centred = dy[j] - d_shift[c] / count - normalised(c, x[j]) * d_scale[c] / count;
        dx[j] = scale[c] * inverse_deviation(c) * centred;
      });
    });
  }

 private:
  template <class F>
  void for_each_value(const F& f) const {
    std::int64_t j = 0;
    for (std::int64_t pixel = 0; pixel < area_; ++pixel) {
      for (std::int64_t c = 0; c < channels_; ++c, ++j) f(c, j);
    }
  }
  float inverse_deviation(std::int64_t c) const {
    return 1 / std::sqrt(variance_[static_cast<std::size_t>(c)] + epsilon_);
  }
  float normalised(std::int64_t c, float x) const {
    return (x - mean_[static_cast<std::size_t>(c)]) * inverse_deviation(c);
  }

  // add(image, sums): adds the image to a chunk's sums, two for each channel.
  template <class Add>
  void sum_over_batch(const Pass& pass, const Add& add) {
    pass.parallel->for_each(chunks_of(pass.n), [&](std::int64_t chunk) {
      double* sums = sums_.data() + chunk * channels_ * 2;
      std::fill_n(sums, channels_ * 2, 0.0);
      for (std::int64_t i = chunk * kChunkImages; i < std::min(pass.n, (chunk + 1) * kChunkImages); ++i) add(i, sums);
    });
  }
  double total(const Pass& pass, std::int64_t which) const {
    double sum = 0;
    for (std::int64_t chunk = 0; chunk < chunks_of(pass.n); ++chunk) {
      sum += sums_[static_cast<std::size_t>(chunk * channels_ * 2 + which)];
    }
    return sum;
  }

  void measure(const Pass& pass, const Piece& piece) {
    const auto count = static_cast<double>(pass.n * area_);
    sum_over_batch(pass, [&](std::int64_t i, double* sums) {
      const float* x = input_.value(pass, piece, i);
      for_each_value([&](std::int64_t c, std::int64_t j) { sums[2 * c] += static_cast<double>(x[j]); });
    });
    for (std::int64_t c = 0; c < channels_; ++c) {
      mean_[static_cast<std::size_t>(c)] = static_cast<float>(total(pass, 2 * c) / count);
    }
    sum_over_batch(pass, [&](std::int64_t i, double* sums) {
      const float* x = input_.value(pass, piece, i);
      for_each_value([&](std::int64_t c, std::int64_t j) {
        const double off = static_cast<double>(x[j]) - static_cast<double>(mean_[static_cast<std::size_t>(c)]);
        sums[2 * c] += off * off;
      });
    });
    float* running_mean = store_.value(running_mean_);
    float* running_variance = store_.value(running_variance_);
    for (std::int64_t c = 0; c < channels_; ++c) {
      const double squares = total(pass, 2 * c);
      const auto at = static_cast<std::size_t>(c);
      variance_[at] = static_cast<float>(squares / count);
      // PyTorch keeps the unbiased variance for inference.
      const auto unbiased = static_cast<float>(squares / std::max(1.0, count - 1));
      running_mean[c] += momentum_ * (mean_[at] - running_mean[c]);
      running_variance[c] += momentum_ * (unbiased - running_variance[c]);
    }
  }

  void normalise(const Pass& pass, const Piece& piece, std::int64_t i, const float* mean, const float* variance) {
    const float* x = input_.value(pass, piece, i);
    float* y = output_.value(pass, piece, i);
    const float* scale = store_.value(scale_);
    const float* shift = store_.value(shift_);
    for_each_value([&](std::int64_t c, std::int64_t j) {
      y[j] = (x[j] - mean[c]) * (scale[c] / std::sqrt(variance[c] + epsilon_)) + shift[c];
    });
  }

  const Buffer& input_;
  const Buffer& output_;
  ParameterStore& store_;
  std::size_t scale_, shift_, running_mean_, running_variance_;
  float epsilon_, momentum_;
  std::int64_t channels_, area_;
  std::vector<double> sums_;            // two for each channel, for each chunk
  std::vector<float> mean_, variance_;  // of the batch
};

}  // namespace

std::unique_ptr<Layer> make_batch_norm_layer(const LayerSite& site) { return std::make_unique<BatchNormLayer>(site); }

}  // namespace convlens::nn
