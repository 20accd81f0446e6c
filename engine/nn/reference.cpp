// The layers one by one. Indices are spelt out; nothing here is fast.
#include "engine/nn/reference.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

#include "engine/conv/backward.h"
#include "engine/conv/conv.h"

namespace convlens::nn::reference {
namespace {

std::size_t at(std::int64_t i) { return static_cast<std::size_t>(i); }

Values zeros(std::int64_t count) { return Values(at(count)); }

// Calls product(index in y, index in x, index in w) for every product of the convolution.
template <class Product>
void for_each_product(const conv::Geometry& g, const Product& product) {
  const std::int64_t channels = g.channels_per_group();
  for (std::int64_t n = 0; n < g.n; ++n) {
    for (std::int64_t k = 0; k < g.k; ++k) {
      for (std::int64_t p = 0; p < g.p; ++p) {
        for (std::int64_t q = 0; q < g.q; ++q) {
          const std::int64_t y_index = ((n * g.k + k) * g.p + p) * g.q + q;
          for (std::int64_t c = 0; c < channels; ++c) {
            const std::int64_t plane = n * g.c + k / g.filters_per_group() * channels + c;
            for (std::int64_t r = 0; r < g.r; ++r) {
              const std::int64_t row = conv::border_index(p * g.stride_y + r * g.dilation_y - g.pad.top, g.h, g.border);
              for (std::int64_t s = 0; row >= 0 && s < g.s; ++s) {
                const std::int64_t column =
                    conv::border_index(q * g.stride_x + s * g.dilation_x - g.pad.left, g.w, g.border);
                if (column < 0) continue;
                const std::int64_t tap = g.flip ? (g.r - 1 - r) * g.s + g.s - 1 - s : r * g.s + s;
                product(at(y_index), at((plane * g.h + row) * g.w + column), at((k * channels + c) * g.r * g.s + tap));
              }
            }
          }
        }
      }
    }
  }
}

// Calls window(index in y, function that calls f(index in x) for each of its values).
template <class Window>
void for_each_window(const Windows& w, const Window& window) {
  std::int64_t y_index = 0;
  for (std::int64_t plane = 0; plane < w.input.n * w.input.c; ++plane) {
    for (std::int64_t p = 0; p < w.p(); ++p) {
      for (std::int64_t q = 0; q < w.q(); ++q, ++y_index) {
        window(at(y_index), [&](const auto& f) {
          for (std::int64_t r = 0; r < w.rows; ++r) {
            for (std::int64_t s = 0; s < w.cols; ++s) {
              f(at((plane * w.input.h + p * w.stride_y + r) * w.input.w + q * w.stride_x + s));
            }
          }
        });
      }
    }
  }
}

template <class Each>
std::size_t largest_in(const Values& x, const Each& each) {
  std::size_t best = std::numeric_limits<std::size_t>::max();
  each([&](std::size_t i) {
    if (best == std::numeric_limits<std::size_t>::max() || x[i] > x[best]) best = i;
  });
  return best;
}

// Calls f(channel, index) for every value of (N,C,H,W).
template <class F>
void for_each_value(const Shape& shape, const F& f) {
  std::int64_t index = 0;
  for (std::int64_t n = 0; n < shape.n; ++n) {
    for (std::int64_t c = 0; c < shape.c; ++c) {
      for (std::int64_t i = 0; i < shape.h * shape.w; ++i, ++index) f(at(c), at(index));
    }
  }
}

}  // namespace

Values conv_forward(const conv::Geometry& g, const Values& x, const Values& w, const Values& b) {
  Values y = zeros(g.output_shape().size());
  for_each_product(g, [&](std::size_t yi, std::size_t xi, std::size_t wi) { y[yi] += x[xi] * w[wi]; });
  if (b.empty()) return y;
  for_each_value(g.output_shape(), [&](std::size_t k, std::size_t i) { y[i] += b[k]; });
  return y;
}

Values conv_backward(const conv::Geometry& g, const Values& x, const Values& w, const Values& dy, Values& dw,
                     Values& db) {
  Values dx = zeros(g.input_shape().size());
  for_each_product(g, [&](std::size_t yi, std::size_t xi, std::size_t wi) {
    dx[xi] += dy[yi] * w[wi];
    dw[wi] += dy[yi] * x[xi];
  });
  if (db.empty()) return dx;
  for_each_value(g.output_shape(), [&](std::size_t k, std::size_t i) { db[k] += dy[i]; });
  return dx;
}

Values dense_forward(std::int64_t n, std::int64_t inputs, std::int64_t outputs, const Values& x, const Values& w,
                     const Values& b) {
  Values y = zeros(n * outputs);
  for (std::int64_t image = 0; image < n; ++image) {
    for (std::int64_t o = 0; o < outputs; ++o) {
      double sum = b.empty() ? 0 : b[at(o)];
      for (std::int64_t i = 0; i < inputs; ++i) sum += x[at(image * inputs + i)] * w[at(o * inputs + i)];
      y[at(image * outputs + o)] = sum;
    }
  }
  return y;
}

Values dense_backward(std::int64_t n, std::int64_t inputs, std::int64_t outputs, const Values& x, const Values& w,
                      const Values& dy, Values& dw, Values& db) {
  Values dx = zeros(n * inputs);
  for (std::int64_t image = 0; image < n; ++image) {
    for (std::int64_t o = 0; o < outputs; ++o) {
      const double d = dy[at(image * outputs + o)];
      for (std::int64_t i = 0; i < inputs; ++i) {
        dx[at(image * inputs + i)] += d * w[at(o * inputs + i)];
        dw[at(o * inputs + i)] += d * x[at(image * inputs + i)];
      }
      if (!db.empty()) db[at(o)] += d;
    }
  }
  return dx;
}

Values activation_forward(conv::Activation activation, const Values& x) {
  Values y = x;
  for (double& v : y) v = conv::activate(v, activation);
  return y;
}

Values activation_backward(conv::Activation activation, const Values& x, const Values& dy) {
  Values dx = dy;
  for (std::size_t i = 0; i < x.size(); ++i) dx[i] *= conv::activation_slope(x[i], activation);
  return dx;
}

Values max_pool_forward(const Windows& windows, const Values& x) {
  Values y = zeros(windows.input.n * windows.input.c * windows.p() * windows.q());
  for_each_window(windows, [&](std::size_t yi, const auto& each) { y[yi] = x[largest_in(x, each)]; });
  return y;
}

Values max_pool_backward(const Windows& windows, const Values& x, const Values& dy) {
  Values dx = zeros(windows.input.size());
  for_each_window(windows, [&](std::size_t yi, const auto& each) { dx[largest_in(x, each)] += dy[yi]; });
  return dx;
}

Values average_pool_forward(const Windows& windows, const Values& x) {
  Values y = zeros(windows.input.n * windows.input.c * windows.p() * windows.q());
  const auto count = static_cast<double>(windows.rows * windows.cols);
  for_each_window(windows,
                  [&](std::size_t yi, const auto& each) { each([&](std::size_t xi) { y[yi] += x[xi] / count; }); });
  return y;
}

Values average_pool_backward(const Windows& windows, const Values& dy) {
  Values dx = zeros(windows.input.size());
  const auto count = static_cast<double>(windows.rows * windows.cols);
  for_each_window(windows,
                  [&](std::size_t yi, const auto& each) { each([&](std::size_t xi) { dx[xi] += dy[yi] / count; }); });
  return dx;
}

Statistics batch_statistics(const Shape& shape, const Values& x) {
  Statistics s{zeros(shape.c), zeros(shape.c)};
  const auto count = static_cast<double>(shape.n * shape.h * shape.w);
  for_each_value(shape, [&](std::size_t c, std::size_t i) { s.mean[c] += x[i] / count; });
  for_each_value(
      shape, [&](std::size_t c, std::size_t i) { s.variance[c] += (x[i] - s.mean[c]) * (x[i] - s.mean[c]) / count; });
  return s;
}

Values batch_norm_forward(const Shape& shape, const Values& x, const Statistics& s, double epsilon, const Values& scale,
                          const Values& shift) {
  Values y = x;
  for_each_value(shape, [&](std::size_t c, std::size_t i) {
    y[i] = (x[i] - s.mean[c]) / std::sqrt(s.variance[c] + epsilon) * scale[c] + shift[c];
  });
  return y;
}

Values batch_norm_backward(const Shape& shape, const Values& x, const Statistics& s, bool of_batch, double epsilon,
                           const Values& scale, const Values& dy, Values& d_scale, Values& d_shift) {
  const auto count = static_cast<double>(shape.n * shape.h * shape.w);
  const auto normalised = [&](std::size_t c, std::size_t i) {
    return (x[i] - s.mean[c]) / std::sqrt(s.variance[c] + epsilon);
  };
  // Sums of this pass alone: d_scale and d_shift may hold another's.
  Values sum = zeros(shape.c), sum_normalised = zeros(shape.c);
  for_each_value(shape, [&](std::size_t c, std::size_t i) {
    sum[c] += dy[i];
    sum_normalised[c] += dy[i] * normalised(c, i);
  });
  for (std::size_t c = 0; c < sum.size(); ++c) d_shift[c] += sum[c], d_scale[c] += sum_normalised[c];
  Values dx = dy;
  for_each_value(shape, [&](std::size_t c, std::size_t i) {
    const double centred = of_batch ? dy[i] - sum[c] / count - normalised(c, i) * sum_normalised[c] / count : dy[i];
    dx[i] = scale[c] / std::sqrt(s.variance[c] + epsilon) * centred;
  });
  return dx;
}

double softmax_cross_entropy(std::int64_t n, std::int64_t classes, const Values& logits,
                             std::span<const std::int32_t> labels, double smoothing, Values* gradient) {
  double loss = 0;
  const auto count = static_cast<double>(n);
  if (gradient) *gradient = zeros(n * classes);
  for (std::int64_t image = 0; image < n; ++image) {
    const double* z = logits.data() + image * classes;
    // log(sum of exp) with the largest taken out, so that nothing overflows.
    const double top = *std::max_element(z, z + classes);
    double sum = 0;
    for (std::int64_t c = 0; c < classes; ++c) sum += std::exp(z[c] - top);
    const double log_sum = top + std::log(sum);
    for (std::int64_t c = 0; c < classes; ++c) {
      const double target = smoothing / static_cast<double>(classes) + (c == labels[at(image)] ? 1 - smoothing : 0);
      loss += target * (log_sum - z[c]) / count;
      if (gradient) (*gradient)[at(image * classes + c)] = (std::exp(z[c] - log_sum) - target) / count;
    }
  }
  return loss;
}

}  // namespace convlens::nn::reference
