// The same convolution on the processor and on the GPU, value by value. On a thread of its own, when somebody asks.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <thread>

#include "app/model/mailbox.h"
#include "app/model/picture_loader.h"
#include "app/model/settings.h"
#include "engine/conv/accelerator.h"
#include "engine/conv/conv.h"
#include "engine/core/error.h"

namespace convlens::model {

// How far two computations of the same maps are apart.
struct Comparison {
  // A position on the maps, and the difference there.
  struct Place {
    std::int64_t map = 0;
    std::int64_t row = 0;
    std::int64_t col = 0;
    double difference = 0;
  };
  Place largest;   // absolute
  Place relative;  // divided by the sum of the absolute products behind the value (bias included)
  conv::Report cpu;
  conv::Report gpu;
};
// "GPU (glsl on llvmpipe) and CPU (direct) differ by at most 4.8e-07 (map 3, row 12, column 40), and by ..."
std::string in_words(const Comparison& comparison);

// a and b (1,K,P,Q); magnitudes: sums of absolute products, in the same shape. A value that is NaN in one alone counts
// as infinitely far.
Comparison compare_maps(ConstView a, ConstView b, ConstView magnitudes);

class GpuComparison {
 public:
  // `wake` is called on the thread when it is done.
  GpuComparison(std::function<void()> wake, conv::AcceleratorFactory accelerator);
  ~GpuComparison();

  // Never waits. While one is under way, nothing.
  void request(PicturePtr picture, const ConvSettings& settings);
  bool is_busy() const { return is_running_; }
  std::optional<Result<Comparison>> take() { return mailbox_.take(); }

 private:
  Result<Comparison> compare(const PicturePtr& picture, const ConvSettings& settings);

  std::function<void()> wake_;
  conv::AcceleratorFactory accelerator_;
  conv::Progress progress_;
  std::atomic<bool> is_running_{false};
  Mailbox<Result<Comparison>> mailbox_;
  std::jthread worker_;  // last: joins before anything it uses goes
};

}  // namespace convlens::model
