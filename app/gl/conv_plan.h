// How shaders/conv2d.comp is set up for one geometry: which variant, what it keeps in shared memory, how the work is
// cut into dispatches. Arithmetic alone, no OpenGL.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/conv/params.h"
#include "engine/core/error.h"

namespace convlens::gl {

// Of the context, as far as the plan depends on them.
struct ConvLimits {
  std::int64_t texture_size = 16384;
  std::int64_t texture_layers = 2048;
  std::int64_t buffer_bytes = std::int64_t{1} << 24;
  std::int64_t shared_bytes = 32768;
  std::array<std::int64_t, 3> workgroups = {65535, 65535, 65535};
  bool is_software = false;
};

// One compiled form of the shader.
struct ConvVariant {
  int filters = 8;      // made by one invocation: 1, 4 or 8
  int tile_floats = 0;  // 0: reads the input buffer directly
  int weight_vectors = 0;
  bool partial_sums = false;
  bool in_passes = false;
  bool stores_texture = true;
  auto operator<=>(const ConvVariant&) const = default;
  int vectors() const { return filters == 8 ? 2 : 1; }  // of a filter block
  int lanes() const { return filters == 1 ? 1 : 4; }    // of a vector
  std::string defines() const;
};

// A part of the work for one dispatch: workgroups, and which chunks of the sum they add.
struct ConvBand {
  std::array<std::int64_t, 3> first{};
  std::array<std::int64_t, 3> count{};
  std::int64_t first_chunk = 0;
  std::int64_t end_chunk = 0;
};

struct ConvPlan {
  ConvVariant variant;
  int blocks = 1;          // of filters in a group of channels
  int chunk_channels = 1;  // in shared memory at a time
  int chunk_rows = 1;
  int tile_width = 0;  // of one channel, in input pixels
  int tile_height = 0;
  std::int64_t chunks = 1;                   // of the sum behind each output
  std::int64_t pass_size = 1;                // chunks added by one dispatch
  std::array<std::int64_t, 3> workgroups{};  // across, down, images x filter blocks
  std::int64_t workgroup_cost = 0;           // multiply-adds in a pass
};

inline constexpr int kTileSize = 32;  // outputs of a workgroup in both directions, as in the shader

// Whether maps of this shape fit a texture array; else they fit a buffer or nothing.
bool fits_texture(const Shape& maps, const ConvLimits& limits);

// Error: the input or the maps are larger than this context allows.
Result<ConvPlan> plan_convolution(const conv::Geometry& geometry, bool stores_texture, const ConvLimits& limits);

// The work in dispatches that take a fraction of a second each, so that no driver believes the GPU has hung and a
// cancelled job ends soon.
std::vector<ConvBand> cut_into_bands(const ConvPlan& plan, const ConvLimits& limits);

}  // namespace convlens::gl
