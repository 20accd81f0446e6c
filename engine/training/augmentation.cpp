// One smooth map of where each pixel comes from, then one bilinear look-up per pixel.
#include "engine/training/augmentation.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "engine/core/seed.h"
#include "engine/pictures/portable_math.h"

namespace convlens::training {
namespace {

// exp(x) for x in [-8, 0] from basic operations, so that no maths library changes a bit.
double portable_exp(double x) {
  const double small = x / 64;
  double series = 1;
  for (int k = 9; k >= 1; --k) series = 1 + series * small / k;
  for (int i = 0; i < 6; ++i) series *= series;
  return series;
}

std::vector<float> half_gaussian(float sigma) {
  const int radius = static_cast<int>(3 * sigma + 0.5f);
  std::vector<double> exact;
  double sum = 0;
  for (int i = 0; i <= radius; ++i) {
    exact.push_back(portable_exp(-0.5 * i * i / (static_cast<double>(sigma) * static_cast<double>(sigma))));
    sum += i == 0 ? exact.back() : 2 * exact.back();
  }
  std::vector<float> taps;
  for (const double value : exact) taps.push_back(static_cast<float>(value / sum));
  return taps;
}

// acc[i] += factor * (a[i] + b[i])
void add_pair(float factor, const float* a, const float* b, float* acc, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) acc[i] += factor * (a[i] + b[i]);
}

// The sum of four uniform bytes, brought to mean 0 and deviation 1: normal enough for noise, from one draw.
float near_normal(Random& random) {
  const std::uint32_t draw = random.next();
  const std::uint32_t sum = (draw & 255) + (draw >> 8 & 255) + (draw >> 16 & 255) + (draw >> 24);
  constexpr float kDeviation = 147.8f;  // sqrt(4 (256^2 - 1) / 12)
  return (static_cast<float>(sum) - 510) / kDeviation;
}

}  // namespace

Augmenter::Augmenter(const Augmentation& augmentation, const Shape& picture, int threads)
    : settings_(augmentation), picture_(picture), scratch_(static_cast<std::size_t>(std::max(threads, 1))) {
  assert(picture.c >= 1 && picture.h >= 1 && picture.w >= 1);
  if (settings_.elastic > 0) blur_ = half_gaussian(settings_.smooth);
  const auto plane = static_cast<std::size_t>(picture.h * picture.w);
  for (Scratch& scratch : scratch_) {
    scratch.field_x.resize(plane);
    scratch.field_y.resize(plane);
    scratch.blurred.resize(plane);
    scratch.wrapped.resize(plane + 2 * blur_.size() * static_cast<std::size_t>(std::max(picture.h, picture.w)));
    scratch.padded.resize(static_cast<std::size_t>((picture.h + 2) * (picture.w + 2)));
  }
}

// Blurs along y what stands in the middle rows of scratch.wrapped. Borders wrap around, so that a field is as lively
// there as in the middle.
void Augmenter::blur_down(std::int64_t rows, std::int64_t columns, Scratch& scratch, float* out) const {
  const auto radius = static_cast<std::int64_t>(blur_.size()) - 1;
  float* middle = scratch.wrapped.data() + radius * columns;
  for (std::int64_t i = 1; i <= radius; ++i) {
    std::copy_n(middle + (rows - 1 - (i - 1) % rows) * columns, columns, middle - i * columns);
    std::copy_n(middle + (i - 1) % rows * columns, columns, middle + (rows - 1 + i) * columns);
  }
  const std::int64_t count = rows * columns;
  for (std::int64_t i = 0; i < count; ++i) out[i] = blur_[0] * middle[i];
  for (std::int64_t i = 1; i <= radius; ++i) {
    add_pair(blur_[static_cast<std::size_t>(i)], middle - i * columns, middle + i * columns, out, count);
  }
}

// field = elastic * (white noise in [-1,1] blurred by the Gaussian).
void Augmenter::bend(Random& random, Scratch& scratch, std::vector<float>& field) const {
  const std::int64_t h = picture_.h, w = picture_.w;
  const auto radius = static_cast<std::int64_t>(blur_.size()) - 1;
  // Columns lie side by side at first, so that both blurs run along whole rows of memory.
  float* noise = scratch.wrapped.data() + radius * h;
  const float step = settings_.elastic / 127.5f;
  for (std::int64_t i = 0; i < h * w; i += 4) {
    std::uint32_t bytes = random.next();
    for (std::int64_t k = i; k < std::min(i + 4, h * w); ++k, bytes >>= 8) {
      noise[k] = (static_cast<float>(bytes & 255) - 127.5f) * step;
    }
  }
  blur_down(w, h, scratch, scratch.blurred.data());
  float* across = scratch.wrapped.data() + radius * w;
  for (std::int64_t y = 0; y < h; ++y) {
    for (std::int64_t x = 0; x < w; ++x) across[y * w + x] = scratch.blurred[static_cast<std::size_t>(x * h + y)];
  }
  blur_down(h, w, scratch, field.data());
}

// Bilinear look-up at (x + field_x, y + field_y); beyond the border stands the border's own value.
void Augmenter::sample(std::span<const std::uint8_t> picture, Scratch& scratch, float* out) const {
  const std::int64_t h = picture_.h, w = picture_.w, stride = w + 2;
  const auto x_most = static_cast<float>(w), y_most = static_cast<float>(h);
  float* padded = scratch.padded.data();
  for (std::int64_t c = 0; c < picture_.c; ++c) {
    const std::uint8_t* plane = picture.data() + c * h * w;
    for (std::int64_t y = 0; y < h + 2; ++y) {
      const std::uint8_t* row = plane + std::clamp<std::int64_t>(y - 1, 0, h - 1) * w;
      float* to = padded + y * stride;
      to[0] = row[0];
      for (std::int64_t x = 0; x < w; ++x) to[x + 1] = row[x];
      to[w + 1] = row[w - 1];
    }
    for (std::int64_t y = 0; y < h; ++y) {
      const float* dx = scratch.field_x.data() + y * w;
      const float* dy = scratch.field_y.data() + y * w;
      for (std::int64_t x = 0; x < w; ++x) {
        // Places in the padded plane, where pixel (0,0) stands at (1,1).
        const float px = std::clamp(static_cast<float>(x + 1) + dx[x], 0.0f, x_most + 0.999f);
        const float py = std::clamp(static_cast<float>(y + 1) + dy[x], 0.0f, y_most + 0.999f);
        const auto left = static_cast<std::int32_t>(px), top = static_cast<std::int32_t>(py);
        const float fx = px - static_cast<float>(left), fy = py - static_cast<float>(top);
        const float* from = padded + top * stride + left;
        const float above = from[0] + fx * (from[1] - from[0]);
        const float below = from[stride] + fx * (from[stride + 1] - from[stride]);
        *out++ = above + fy * (below - above);
      }
    }
  }
}

void Augmenter::fill_one(std::span<const std::uint8_t> picture, const Normalisation& normalisation, std::uint64_t seed,
                         Scratch& scratch, float* out) const {
  Random random(seed);
  const std::int64_t h = picture_.h, w = picture_.w;
  const float shift_x = random.uniform(-settings_.shift, settings_.shift);
  const float shift_y = random.uniform(-settings_.shift, settings_.shift);
  const double turn = static_cast<double>(random.uniform(-settings_.rotate, settings_.rotate)) / 360;
  const float scale_x = 1 / (1 + random.uniform(-settings_.scale, settings_.scale));
  const float scale_y = 1 / (1 + random.uniform(-settings_.scale, settings_.scale));
  if (settings_.elastic > 0) {
    bend(random, scratch, scratch.field_x);
    bend(random, scratch, scratch.field_y);
  } else {
    std::fill(scratch.field_x.begin(), scratch.field_x.end(), 0.0f);
    std::fill(scratch.field_y.begin(), scratch.field_y.end(), 0.0f);
  }
  // From the place of an output pixel back to where it comes from: shift, turn and scale about the middle, undone.
  const float cosine = pictures::cos_turns(turn), sine = pictures::sin_turns(turn);
  const float xx = scale_x * cosine - 1, xy = scale_x * sine, yx = -scale_y * sine, yy = scale_y * cosine - 1;
  const float middle_x = 0.5f * static_cast<float>(w - 1), middle_y = 0.5f * static_cast<float>(h - 1);
  for (std::int64_t y = 0; y < h; ++y) {
    const float v = static_cast<float>(y) - middle_y - shift_y;
    float* to_x = scratch.field_x.data() + y * w;
    float* to_y = scratch.field_y.data() + y * w;
    for (std::int64_t x = 0; x < w; ++x) {
      const float u = static_cast<float>(x) - middle_x - shift_x;
      to_x[x] += xx * u + xy * v - shift_x;
      to_y[x] += yx * u + yy * v - shift_y;
    }
  }
  sample(picture, scratch, out);
  const std::int64_t count = picture_.c * h * w;
  if (settings_.noise > 0) {
    const float step = 255 * settings_.noise;
    for (std::int64_t i = 0; i < count; ++i) out[i] = std::clamp(out[i] + step * near_normal(random), 0.0f, 255.0f);
  }
  const float factor = 1 / (255 * normalisation.deviation), offset = -normalisation.mean / normalisation.deviation;
  for (std::int64_t i = 0; i < count; ++i) out[i] = out[i] * factor + offset;
}

void Augmenter::fill_batch(const Dataset& dataset, std::span<const std::int64_t> indices,
                           const Normalisation& normalisation, std::uint64_t seed, std::int64_t epoch, float* out,
                           const Parallel& parallel) {
  assert(dataset.picture_shape() == (Shape{1, picture_.c, picture_.h, picture_.w}));
  assert(parallel.threads() <= static_cast<int>(scratch_.size()));
  parallel.for_each_with_worker(std::ssize(indices), [&](std::int64_t i, int worker) {
    const std::int64_t index = indices[static_cast<std::size_t>(i)];
    const std::uint64_t own = stream_seed(seed, static_cast<std::uint64_t>(epoch), static_cast<std::uint64_t>(index));
    fill_one(dataset.picture(index), normalisation, own, scratch_[static_cast<std::size_t>(worker)],
             out + i * dataset.picture_size());
  });
}

}  // namespace convlens::training
