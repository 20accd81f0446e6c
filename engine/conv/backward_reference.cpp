// Both gradients by the definition: every product of the forward sum, followed backwards.
#include "engine/conv/backward_reference.h"

#include <vector>

namespace convlens::conv {
namespace {

std::int64_t source_row(const Geometry& g, std::int64_t p, std::int64_t r) {
  return border_index(p * g.stride_y + r * g.dilation_y - g.pad.top, g.h, g.border);
}
std::int64_t source_column(const Geometry& g, std::int64_t q, std::int64_t s) {
  return border_index(q * g.stride_x + s * g.dilation_x - g.pad.left, g.w, g.border);
}

}  // namespace

void reference_backward_input(const Geometry& g, ConstView grad_output, ConstView weights, View grad_input,
                              const Parallel& parallel) {
  parallel.for_each(g.n * g.c, [&](std::int64_t plane) {
    const std::int64_t n = plane / g.c, channel = plane % g.c;
    const std::int64_t group = channel / g.channels_per_group(), c = channel % g.channels_per_group();
    std::vector<double> sums(static_cast<std::size_t>(g.h * g.w));
    for (std::int64_t k = group * g.filters_per_group(); k < (group + 1) * g.filters_per_group(); ++k) {
      for (std::int64_t p = 0; p < g.p; ++p) {
        for (std::int64_t r = 0; r < g.r; ++r) {
          const std::int64_t y = source_row(g, p, r);
          if (y < 0) continue;
          for (std::int64_t q = 0; q < g.q; ++q) {
            for (std::int64_t s = 0; s < g.s; ++s) {
              const std::int64_t x = source_column(g, q, s);
              if (x < 0) continue;
              const float weight = g.flip ? weights.at(k, c, g.r - 1 - r, g.s - 1 - s) : weights.at(k, c, r, s);
              sums[static_cast<std::size_t>(y * g.w + x)] +=
                  static_cast<double>(weight) * static_cast<double>(grad_output.at(n, k, p, q));
            }
          }
        }
      }
    }
    for (std::int64_t y = 0; y < g.h; ++y) {
      for (std::int64_t x = 0; x < g.w; ++x) {
        grad_input.at(n, channel, y, x) = static_cast<float>(sums[static_cast<std::size_t>(y * g.w + x)]);
      }
    }
  });
}

void reference_backward_weights(const Geometry& g, ConstView input, ConstView grad_output, View grad_weights,
                                std::span<float> grad_bias, const Parallel& parallel) {
  parallel.for_each(g.k, [&](std::int64_t k) {
    const std::int64_t first_channel = k / g.filters_per_group() * g.channels_per_group();
    for (std::int64_t c = 0; c < g.channels_per_group(); ++c) {
      for (std::int64_t r = 0; r < g.r; ++r) {
        for (std::int64_t s = 0; s < g.s; ++s) {
          double sum = 0;
          for (std::int64_t n = 0; n < g.n; ++n) {
            for (std::int64_t p = 0; p < g.p; ++p) {
              const std::int64_t y = source_row(g, p, r);
              if (y < 0) continue;
              for (std::int64_t q = 0; q < g.q; ++q) {
                const std::int64_t x = source_column(g, q, s);
                if (x < 0) continue;
                sum += static_cast<double>(input.at(n, first_channel + c, y, x)) *
                       static_cast<double>(grad_output.at(n, k, p, q));
              }
            }
          }
          const bool flip = g.flip;
          grad_weights.at(k, c, flip ? g.r - 1 - r : r, flip ? g.s - 1 - s : s) = static_cast<float>(sum);
        }
      }
    }
    if (grad_bias.empty()) return;
    double sum = 0;
    for (std::int64_t n = 0; n < g.n; ++n) {
      for (std::int64_t p = 0; p < g.p; ++p) {
        for (std::int64_t q = 0; q < g.q; ++q) sum += static_cast<double>(grad_output.at(n, k, p, q));
      }
    }
    grad_bias[static_cast<std::size_t>(k)] = static_cast<float>(sum);
  });
}

}  // namespace convlens::conv
