// A convolution that runs beside the processor's own kernels, on a GPU: what sessions and the command line know of it.
// Implemented by app/gl; the engine knows no OpenGL.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/conv/conv.h"
#include "engine/conv/params.h"
#include "engine/core/error.h"
#include "engine/core/tensor.h"

namespace convlens::conv {

// The name by which a KernelChoice asks for it.
inline constexpr const char* kAcceleratorKernel = "glsl";

// Maps that stay on the device, for whoever draws them there. May be let go of on any thread.
class DeviceMaps {
 public:
  virtual ~DeviceMaps() = default;
  virtual Shape shape() const = 0;  // (N, K, P, Q)
};

// What the device tells of one map. Over its finite values; all zero where there is none.
struct DeviceStats {
  float min = 0;
  float max = 0;
  double mean = 0;
  double standard_deviation = 0;
  std::int64_t not_finite = 0;
  std::vector<float> samples;  // values 0, step, 2 step, ... of the map, row by row
};

// The side of an accelerator that leaves maps on the device.
class MapKeeper {
 public:
  virtual ~MapKeeper() = default;

  struct Kept {
    Report report;
    std::shared_ptr<const DeviceMaps> maps;
  };
  // Whether maps of this shape can stay there.
  virtual bool can_keep(const Shape& maps) const = 0;
  // As Accelerator::forward(), without the way back. The maps are whole when it returns.
  virtual Result<Kept> forward_and_keep(const Geometry& geometry, ConstView input, std::uint64_t input_identity,
                                        ConstView weights, std::span<const float> bias,
                                        Progress* progress = nullptr) = 0;
  // One per map, image by image.
  virtual Result<std::vector<DeviceStats>> measure(const DeviceMaps& maps, std::int64_t step) = 0;
  // `output` has their shape.
  virtual Status read_back(const DeviceMaps& maps, View output) = 0;
  // Lets go of memory that only saves time.
  virtual void rest() = 0;
};

// Belongs to the thread that made it and is used and destroyed there.
class Accelerator {
 public:
  virtual ~Accelerator() = default;

  // As conv::forward(). `input_identity` names the values of `input`: what was uploaded under the same number is used
  // again; 0 is never remembered. In the report `isa` is the device, `threads` is 0 and `milliseconds` is the device's
  // own time for the arithmetic, without transfers.
  virtual Result<Report> forward(const Geometry& geometry, ConstView input, std::uint64_t input_identity,
                                 ConstView weights, std::span<const float> bias, View output,
                                 Progress* progress = nullptr) = 0;
  // Grows when what computes has become another, so that results made before are not to be used again.
  virtual std::uint64_t revision() const = 0;
  // Null where maps cannot stay on the device, or nobody could draw them there.
  virtual MapKeeper* keeper() { return nullptr; }
  // The device in full, such as "llvmpipe (LLVM 15.0.6, 256 bits), OpenGL 4.5".
  virtual std::string description() const = 0;
};

// Makes one on the calling thread, or says in one sentence why there is none here.
using AcceleratorFactory = std::function<Result<std::unique_ptr<Accelerator>>()>;

}  // namespace convlens::conv
