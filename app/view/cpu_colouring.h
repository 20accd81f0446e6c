// The colour passes on the CPU, for drivers that have no GPU: there a shader is the same work with a detour.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "app/view/area_average.h"
#include "app/view/colour_target.h"
#include "app/view/texel_window.h"

namespace convlens::view {

class CpuColouring {
 public:
  // RGBA bytes of the whole grid, as the shaders heat_map.frag and colour_picture.frag give them; valid until the next
  // call.
  std::span<const std::uint8_t> heat_map(const Source& source, const WindowTracker& tracker, const TargetGrid& grid,
                                         const Placement& placement, const Colormap& map, const ValueRange& range);
  std::span<const std::uint8_t> colours(const Source& source, const WindowTracker& tracker, const TargetGrid& grid,
                                        const Placement& placement);

 private:
  // Reads the averages of row y of the grid for each channel into values_.
  void prepare(const Source& source, const WindowTracker& tracker, const TargetGrid& grid, const Placement& placement);
  void read_row(std::size_t channel_index, std::size_t y);
  void set_coverage(std::size_t y, std::uint8_t* rgba) const;

  Level level_;
  TexelWindow window_;
  bool is_exact_ = false;
  std::array<const float*, 3> planes_{};
  AxisWeights across_;
  AxisWeights down_;
  std::vector<float> scratch_;
  std::array<std::vector<float>, 3> values_;
  std::vector<std::uint32_t> indices_;
  std::vector<std::uint8_t> rgba_;
};

}  // namespace convlens::view
