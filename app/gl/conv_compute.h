// 2-D convolution by compute shaders (shaders/conv2d.comp) in whatever OpenGL 4.3 context is current. Owns its programs
// and buffers, not the context. Everything here is called where that context is current.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "app/gl/conv_plan.h"
#include "app/gl/objects.h"
#include "app/gl/shader_library.h"
#include "engine/conv/conv.h"
#include "engine/core/error.h"
#include "engine/core/tensor.h"

namespace convlens::gl {

// Maps on the GPU: an R32F texture array, layer n * K + k, as the heat-map pass reads it; a buffer (N, K, P, Q) where a
// texture cannot be as large.
struct GpuMaps {
  Shape shape;  // (N, K, P, Q)
  Texture texture;
  Buffer buffer;
};

// What one convolution took. `compute` is the GPU's own time for the dispatches, by timer query; software drivers do
// not time their compute shaders, so there it is the clock's.
struct GpuTimes {
  double compute_milliseconds = 0;
  double upload_milliseconds = 0;
  int dispatches = 0;
};

class ConvCompute {
 public:
  // Error: the context is older than 4.3. Programs are made when they are first needed.
  static Result<ConvCompute> create(ShaderTexts texts);
  // The same with smaller limits than the driver's, so that tests reach them.
  static Result<ConvCompute> create(ShaderTexts texts, const ConvLimits& limits);
  static ConvLimits limits_of_context();

  // Room for maps of this shape. Error: neither a texture nor a buffer can be as large.
  Result<GpuMaps> make_maps(const Shape& shape) const;

  // Convolves into `maps`, whose shape is at least the geometry's in every dimension but N and K, which are equal; what
  // lies beyond P x Q is not touched. `input_identity` names the values of `input`: the input of the last call is not
  // uploaded again under the same number; 0 is always uploaded. Bias is empty or has K values.
  // Errors: a driver that rejects the shader (with its log), sizes beyond the limits, memory, cancelled.
  Result<GpuTimes> run(const conv::Geometry& geometry, ConstView input, std::uint64_t input_identity, ConstView weights,
                       std::span<const float> bias, const GpuMaps& maps, conv::Progress* progress = nullptr);

  // Copies all of the maps to `output`, which has their shape. Error: memory.
  Status read_back(const GpuMaps& maps, View output);

  // Makes the programs anew from other texts. On an error the old ones stay in use.
  Status set_shaders(ShaderTexts texts);

  // Whether the driver takes conv2d.comp as it is in these texts. Error: its log.
  static Status check(const ShaderTexts& texts);

  const ConvLimits& limits() const { return limits_; }

 private:
  struct Compiled {
    Program program;
    GLint input_size = -1, output_size = -1, filter_size = -1, stride = -1, dilation = -1, pad = -1, border = -1,
          activation = -1, channels = -1, filters = -1, groups = -1, blocks = -1, first = -1, chunk_channels = -1,
          chunk_rows = -1, chunks = -1, all_chunks = -1, tile_size = -1, map_stride = -1;
  };

  ConvCompute() = default;
  static Result<Compiled> compile(const ShaderTexts& texts, const ConvVariant& variant);
  Result<const Compiled*> program_for(const ConvVariant& variant);
  void upload_input(ConstView input, std::uint64_t identity);
  void upload_filters(const conv::Geometry& geometry, const ConvPlan& plan, ConstView weights,
                      std::span<const float> bias);
  static void set_uniforms(const Compiled& compiled, const conv::Geometry& geometry, const ConvPlan& plan,
                           const GpuMaps& maps);
  Status dispatch(const Compiled& compiled, const ConvPlan& plan, conv::Progress* progress, GpuTimes& times);

  ShaderTexts texts_;
  ConvLimits limits_;
  std::map<ConvVariant, Compiled> programs_;
  Buffer input_;
  Buffer weights_;
  Buffer biases_;
  Query timer_;
  std::uint64_t input_identity_ = 0;
  Shape input_shape_{0, 0, 0, 0};
  std::vector<float> staging_;
};

}  // namespace convlens::gl
