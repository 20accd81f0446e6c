// A convolution that runs beside the processor's own kernels, on a GPU: what sessions and the command line know of it.
// Implemented by app/gl; the engine knows no OpenGL.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "engine/conv/conv.h"
#include "engine/conv/params.h"
#include "engine/core/error.h"
#include "engine/core/tensor.h"

namespace convlens::conv {

// The name by which a KernelChoice asks for it.
inline constexpr const char* kAcceleratorKernel = "glsl";

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
  // The device in full, such as "llvmpipe (LLVM 15.0.6, 256 bits), OpenGL 4.5".
  virtual std::string description() const = 0;
};

// Makes one on the calling thread, or says in one sentence why there is none here.
using AcceleratorFactory = std::function<Result<std::unique_ptr<Accelerator>>()>;

}  // namespace convlens::conv
