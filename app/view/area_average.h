// A plane resampled to a target grid on the CPU: every target pixel is the mean of the values under it. No colours.
#pragma once

#include <cstdint>
#include <vector>

namespace convlens::view {

// Along one axis: which texels each target pixel averages, with which weights (summing to 1), and how much of the
// target pixel the picture covers.
class AxisWeights {
 public:
  // Target pixel i lies on texels [origin + i * step, origin + (i + 1) * step); its footprint is at least one texel
  // wide, which interpolates between texels. The picture covers [picture_lo, picture_hi) of `texels` texels.
  void prepare(double origin, double step, int count, std::int64_t texels, double picture_lo, double picture_hi);

  struct Pixel {
    std::int64_t first = 0;    // texel
    std::int32_t count = 1;    // texels
    std::int32_t weights = 0;  // index of the first weight
    float coverage = 1;
  };
  const std::vector<Pixel>& pixels() const { return pixels_; }
  const float* weights(const Pixel& pixel) const { return weights_.data() + pixel.weights; }
  // Target pixels that the picture covers in part only, or not at all.
  const std::vector<std::int32_t>& border() const { return border_; }

  // Three texels for every target pixel, without branches: where there are fewer, the last one is taken again and its
  // weight shared, so that infinities stay infinities. Empty where a target pixel needs more than three.
  struct Triple {
    std::int32_t a = 0, b = 0, c = 0;  // texels, counted from the first texel of all
    float weight_a = 0, weight_b = 0, weight_c = 0;
  };
  const std::vector<Triple>& triples() const { return triples_; }

 private:
  void make_triples();

  std::vector<Pixel> pixels_;
  std::vector<std::int32_t> border_;
  std::vector<Triple> triples_;
  std::vector<float> weights_;
};

// Averages row `y` of the target into `out`; `plane` has rows of plane_width values. scratch is kept between calls.
void average_row(const float* plane, std::int64_t plane_width, const AxisWeights& across, const AxisWeights& down,
                 std::size_t y, std::vector<float>& scratch, float* out);

}  // namespace convlens::view
