// The table of named filters.
#include "engine/filters/presets.h"

#include <array>
#include <string>

namespace convlens::filters {

std::span<const Preset> presets() {
  static constexpr std::array<Preset, 3> kTable = {{
      {"identity", "Identity", "Basic", "The picture itself: one weight of 1 in the middle"},
      {"sobel-x", "Sobel x", "Edge", "Vertical edges: where brightness changes from left to right"},
      {"sobel-y", "Sobel y", "Edge", "Horizontal edges: where brightness changes from top to bottom"},
  }};
  return kTable;
}

const Preset* find_preset(std::string_view name) {
  for (const Preset& preset : presets())
    if (preset.name == name) return &preset;
  return nullptr;
}

Result<std::vector<float>> make_preset(std::string_view name, const PresetArgs& args) {
  if (!find_preset(name)) return Error{"there is no filter called '" + std::string(name) + "'"};
  std::vector<float> weights(static_cast<std::size_t>(args.channels * args.rows * args.cols));
  for (int c = 0; c < args.channels; ++c)
    weights[static_cast<std::size_t>((c * args.rows + (args.rows - 1) / 2) * args.cols + (args.cols - 1) / 2)] =
        1.0f / static_cast<float>(args.channels);
  return weights;
}

}  // namespace convlens::filters
