// Channel choice: RGB as it is, one of the three, or their luminance.
#include "app/model/input_channels.h"

#include <algorithm>

#include "app/model/reduce.h"

namespace convlens::model {

InputChannels choose_channels(const PicturePtr& picture, Channels channels, const Parallel& parallel) {
  const Tensor& pixels = picture->pixels;
  const Shape& shape = pixels.shape();
  InputChannels input;
  if (channels == Channels::kRgb || shape.c < 3) {
    input.tensor = std::shared_ptr<const Tensor>(picture, &pixels);
    return input;
  }
  auto plane = std::make_shared<Tensor>(Tensor::uninitialized({1, 1, shape.h, shape.w}));
  parallel.for_each(shape.h, [&](std::int64_t y) {
    const ConstView from = pixels.view();
    float* target = plane->view().row(0, 0, y);
    if (channels == Channels::kGrey) {
      const float* red = from.row(0, 0, y);
      const float* green = from.row(0, 1, y);
      const float* blue = from.row(0, 2, y);
      for (std::int64_t x = 0; x < shape.w; ++x) {
        target[x] = kLumaRed * red[x] + kLumaGreen * green[x] + kLumaBlue * blue[x];
      }
    } else {
      const int channel = channels == Channels::kRed ? 0 : channels == Channels::kGreen ? 1 : 2;
      std::copy_n(from.row(0, channel, y), shape.w, target);
    }
  });
  input.levels = reduced_levels(*plane, parallel);
  input.tensor = std::move(plane);
  return input;
}

}  // namespace convlens::model
