// Statistics of maps while they stand in a texture (shaders/map_stats.comp), in whatever OpenGL 4.3 context is current.
#pragma once

#include <cstdint>
#include <vector>

#include "app/gl/conv_compute.h"
#include "app/gl/objects.h"
#include "app/gl/shader_library.h"
#include "engine/conv/accelerator.h"
#include "engine/core/error.h"

namespace convlens::gl {

class MapMeasure {
 public:
  // Error: the driver rejects the shader; holds its log.
  static Result<MapMeasure> create(const ShaderTexts& texts);

  // As conv::MapKeeper::measure(), for maps in a texture. min, max and samples are exact; mean and deviation are as
  // good as sums in double, but for rounding each square to float.
  std::vector<conv::DeviceStats> measure(const GpuMaps& maps, std::int64_t step) const;

 private:
  std::vector<conv::DeviceStats> statistics(const Shape& shape) const;
  void gather(const Shape& shape, std::int64_t step, std::vector<conv::DeviceStats>& stats) const;

  Program statistics_;
  Program gather_;
  Buffer answer_;
};

}  // namespace convlens::gl
