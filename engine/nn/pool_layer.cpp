// Pooling of any window and stride. The winner of a window is found again on the way back instead of being remembered.
#include <algorithm>

#include "engine/nn/layers.h"

namespace convlens::nn {
namespace {

class PoolLayer final : public Layer {
 public:
  explicit PoolLayer(const LayerSite& site)
      : input_(site.input),
        output_(site.output),
        is_max_(site.spec.kind == LayerKind::kMaxPool),
        rows_(site.spec.rows),
        cols_(site.spec.cols),
        stride_y_(site.spec.stride_y > 0 ? site.spec.stride_y : site.spec.rows),
        stride_x_(site.spec.stride_x > 0 ? site.spec.stride_x : site.spec.cols) {
    if (site.spec.kind == LayerKind::kGlobalAverage) {
      rows_ = stride_y_ = input_.h;
      cols_ = stride_x_ = input_.w;
    }
  }

  void forward(const Pass& pass, const Piece& piece) override {
    const float share = 1.0f / static_cast<float>(rows_ * cols_);
    for (std::int64_t i = 0; i < piece.count(); ++i) {
      const float* x = input_.value(pass, piece, i);
      float* y = output_.value(pass, piece, i);
      for_each_window([&](std::int64_t out, std::int64_t in) {
        for (std::int64_t c = 0; c < input_.c; ++c) {
          if (is_max_) {
            y[out + c] = x[winner(x, in + c)];
            continue;
          }
          float sum = 0;
          for_each_cell(in + c, [&](std::int64_t cell) { sum += x[cell]; });
          y[out + c] = sum * share;
        }
      });
    }
  }

  void backward(const Pass& pass, const Piece& piece) override {
    if (!input_.wants_gradients) return;
    const float share = 1.0f / static_cast<float>(rows_ * cols_);
    for (std::int64_t i = 0; i < piece.count(); ++i) {
      const float* x = input_.value(pass, piece, i);
      const float* dy = output_.gradient(piece, i);
      float* dx = input_.gradient(piece, i);
      std::fill_n(dx, input_.size(), 0.0f);
      for_each_window([&](std::int64_t out, std::int64_t in) {
        for (std::int64_t c = 0; c < input_.c; ++c) {
          const float g = dy[out + c];
          if (is_max_) {
            dx[winner(x, in + c)] += g;
          } else {
            for_each_cell(in + c, [&](std::int64_t cell) { dx[cell] += g * share; });
          }
        }
      });
    }
  }

 private:
  // window(offset of its output pixel, offset of its first input pixel)
  template <class Window>
  void for_each_window(const Window& window) const {
    for (std::int64_t p = 0; p < output_.h; ++p) {
      for (std::int64_t q = 0; q < output_.w; ++q) {
        window((p * output_.w + q) * output_.c, (p * stride_y_ * input_.w + q * stride_x_) * input_.c);
      }
    }
  }
  template <class Cell>
  void for_each_cell(std::int64_t first, const Cell& cell) const {
    for (std::int64_t r = 0; r < rows_; ++r) {
      for (std::int64_t s = 0; s < cols_; ++s) cell(first + (r * input_.w + s) * input_.c);
    }
  }
  // The first of the largest; a NaN wins over all, so that it is seen in the loss.
  std::int64_t winner(const float* x, std::int64_t first) const {
    std::int64_t best = first;
    for_each_cell(first, [&](std::int64_t cell) {
      if (x[cell] > x[best] || (x[cell] != x[cell] && x[best] == x[best])) best = cell;
    });
    return best;
  }

  const Buffer& input_;
  const Buffer& output_;
  bool is_max_;
  std::int64_t rows_, cols_, stride_y_, stride_x_;
};

}  // namespace

std::unique_ptr<Layer> make_pool_layer(const LayerSite& site) { return std::make_unique<PoolLayer>(site); }

}  // namespace convlens::nn
