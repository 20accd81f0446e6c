// Uploads what changed, dispatches the plan in bands, and reads the maps back.
#include "app/gl/conv_compute.h"

#include <algorithm>
#include <cassert>
#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "app/gl/context.h"

namespace convlens::gl {

namespace {

using Clock = std::chrono::steady_clock;

constexpr GLuint kInputBinding = 0, kWeightsBinding = 1, kBiasBinding = 2, kMapsBinding = 3;
constexpr GLuint kMapsImage = 0;

double milliseconds_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

// Whether the driver has run out of memory since the last call; forgets its other complaints.
bool ran_out_of_memory() {
  bool is_out = false;
  // A lost context would answer for ever.
  for (int i = 0; i < 16; ++i) {
    const GLenum error = glGetError();
    if (error == GL_NO_ERROR) break;
    is_out |= error == GL_OUT_OF_MEMORY;
  }
  return is_out;
}

Error no_memory(const std::string& what) {
  return {"the GPU has no memory for " + what + "; choose a kernel of the processor or a smaller picture"};
}

bool is_dense(ConstView view) {
  const Shape& s = view.shape;
  return view.row_stride == s.w && view.plane_stride == s.h * s.w && view.image_stride == s.c * s.h * s.w;
}

template <class From, class To>
void copy_rows(const BasicView<From>& from, const BasicView<To>& to) {
  for (std::int64_t n = 0; n < from.shape.n; ++n) {
    for (std::int64_t c = 0; c < from.shape.c; ++c) {
      for (std::int64_t y = 0; y < from.shape.h; ++y) std::copy_n(from.row(n, c, y), from.shape.w, to.row(n, c, y));
    }
  }
}

// Replaces the whole contents; the driver gives new memory where the old is still being read.
void fill_buffer(const Buffer& buffer, const float* data, std::int64_t count) {
  glBindBuffer(GL_SHADER_STORAGE_BUFFER, buffer.name());
  glBufferData(GL_SHADER_STORAGE_BUFFER, static_cast<GLsizeiptr>(count) * static_cast<GLsizeiptr>(sizeof(float)), data,
               GL_DYNAMIC_DRAW);
}

// A fence that is waited for in small steps.
class Fence {
 public:
  Fence() : sync_(glFenceSync(GL_SYNC_GPU_COMMANDS_COMPLETE, 0)) {}
  ~Fence() { glDeleteSync(sync_); }
  Fence(const Fence&) = delete;
  Fence& operator=(const Fence&) = delete;
  void wait() const {
    constexpr GLuint64 kStep = 100'000'000;  // nanoseconds
    while (glClientWaitSync(sync_, GL_SYNC_FLUSH_COMMANDS_BIT, kStep) == GL_TIMEOUT_EXPIRED) {
    }
  }

 private:
  GLsync sync_;
};

}  // namespace

ConvLimits ConvCompute::limits_of_context() {
  const auto integer = [](GLenum name) {
    GLint64 value = 0;
    glGetInteger64v(name, &value);
    return static_cast<std::int64_t>(value);
  };
  ConvLimits limits;
  limits.is_software = current_context_info().is_software;
  limits.texture_size = integer(GL_MAX_TEXTURE_SIZE);
  limits.texture_layers = integer(GL_MAX_ARRAY_TEXTURE_LAYERS);
  limits.buffer_bytes = integer(GL_MAX_SHADER_STORAGE_BLOCK_SIZE);
  limits.shared_bytes = integer(GL_MAX_COMPUTE_SHARED_MEMORY_SIZE);
  for (GLuint axis = 0; axis < 3; ++axis) {
    GLint count = 0;
    glGetIntegeri_v(GL_MAX_COMPUTE_WORK_GROUP_COUNT, axis, &count);
    limits.workgroups[axis] = count;
  }
  return limits;
}

Result<ConvCompute> ConvCompute::create(ShaderTexts texts) {
  if (!GLAD_GL_VERSION_4_3) {
    return Error{
        "convolution on the GPU needs OpenGL 4.3, and this driver offers less; choose a kernel of the processor"};
  }
  return create(std::move(texts), limits_of_context());
}

Result<ConvCompute> ConvCompute::create(ShaderTexts texts, const ConvLimits& limits) {
  ConvCompute compute;
  compute.texts_ = std::move(texts);
  compute.limits_ = limits;
  compute.input_ = Buffer::create();
  compute.weights_ = Buffer::create();
  compute.biases_ = Buffer::create();
  compute.timer_ = Query::create();
  return compute;
}

Result<GpuMaps> ConvCompute::make_maps(const Shape& shape) const {
  GpuMaps maps;
  maps.shape = shape;
  ran_out_of_memory();
  if (fits_texture(shape, limits_)) {
    maps.texture = Texture::create();
    glBindTexture(GL_TEXTURE_2D_ARRAY, maps.texture.name());
    glTexStorage3D(GL_TEXTURE_2D_ARRAY, 1, GL_R32F, static_cast<GLsizei>(shape.w), static_cast<GLsizei>(shape.h),
                   static_cast<GLsizei>(shape.n * shape.c));
    set_sampling(GL_TEXTURE_2D_ARRAY, GL_NEAREST);
    glBindTexture(GL_TEXTURE_2D_ARRAY, 0);
  } else {
    const std::int64_t bytes = shape.size() * static_cast<std::int64_t>(sizeof(float));
    if (bytes > limits_.buffer_bytes) {
      return Error{"maps of " + to_string(shape) + " are larger than the textures (" +
                   std::to_string(limits_.texture_size) + " pixels, " + std::to_string(limits_.texture_layers) +
                   " layers) and the buffers of this GPU: choose a kernel of the processor, fewer filters or a larger "
                   "stride"};
    }
    maps.buffer = Buffer::create();
    fill_buffer(maps.buffer, nullptr, shape.size());
  }
  if (ran_out_of_memory()) return no_memory("maps of " + to_string(shape));
  return maps;
}

Result<ConvCompute::Compiled> ConvCompute::compile(const ShaderTexts& texts, const ConvVariant& variant) {
  Result<Program> program = make_compute_program(texts, "conv2d.comp", variant.defines());
  if (!program) return program.error();
  Compiled compiled;
  compiled.program = std::move(*program);
  const auto find = [&](const char* name) { return glGetUniformLocation(compiled.program.name(), name); };
  compiled.input_size = find("u_input_size");
  compiled.output_size = find("u_output_size");
  compiled.filter_size = find("u_filter_size");
  compiled.stride = find("u_stride");
  compiled.dilation = find("u_dilation");
  compiled.pad = find("u_pad");
  compiled.border = find("u_border");
  compiled.activation = find("u_activation");
  compiled.channels = find("u_channels");
  compiled.filters = find("u_filters");
  compiled.groups = find("u_groups");
  compiled.blocks = find("u_blocks");
  compiled.first = find("u_first");
  compiled.chunk_channels = find("u_chunk_channels");
  compiled.chunk_rows = find("u_chunk_rows");
  compiled.chunks = find("u_chunks");
  compiled.all_chunks = find("u_all_chunks");
  compiled.tile_size = find("u_tile_size");
  compiled.map_stride = find("u_map_stride");
  return compiled;
}

Result<const ConvCompute::Compiled*> ConvCompute::program_for(const ConvVariant& variant) {
  const auto found = programs_.find(variant);
  if (found != programs_.end()) return &found->second;
  Result<Compiled> compiled = compile(texts_, variant);
  if (!compiled) return compiled.error();
  return &programs_.emplace(variant, std::move(*compiled)).first->second;
}

Status ConvCompute::check(const ShaderTexts& texts) {
  const ConvVariant usual{.filters = 8, .tile_floats = 3584, .weight_vectors = 128};
  const Result<Compiled> compiled = compile(texts, usual);
  if (!compiled) return compiled.error();
  return Done{};
}

Status ConvCompute::set_shaders(ShaderTexts texts) {
  std::map<ConvVariant, Compiled> programs;
  if (programs_.empty()) {
    // Nothing is in use that could be made anew: an error is to be told now all the same.
    if (const Status checked = check(texts); !checked) return checked.error();
  }
  for (const auto& entry : programs_) {
    Result<Compiled> compiled = compile(texts, entry.first);
    if (!compiled) return compiled.error();
    programs.emplace(entry.first, std::move(*compiled));
  }
  texts_ = std::move(texts);
  programs_ = std::move(programs);
  return Done{};
}

void ConvCompute::upload_input(ConstView input, std::uint64_t identity) {
  if (identity != 0 && identity == input_identity_ && input.shape == input_shape_) return;
  input_identity_ = identity;
  input_shape_ = input.shape;
  if (is_dense(input)) {
    fill_buffer(input_, input.data, input.shape.size());
    return;
  }
  staging_.resize(static_cast<std::size_t>(input.shape.size()));
  copy_rows(input, dense_view(staging_.data(), input.shape));
  fill_buffer(input_, staging_.data(), input.shape.size());
}

// Weights as (block, C/groups, R, S, filter of the block): flipped where asked, zero where a block has fewer filters.
void ConvCompute::upload_filters(const conv::Geometry& g, const ConvPlan& plan, ConstView weights,
                                 std::span<const float> bias) {
  const std::int64_t width = plan.variant.filters;
  const std::int64_t block_size = g.channels_per_group() * g.r * g.s * width;
  const std::int64_t blocks = std::int64_t{g.groups} * plan.blocks;
  std::vector<float> packed(static_cast<std::size_t>(blocks * block_size), 0.0f);
  std::vector<float> packed_bias(static_cast<std::size_t>(blocks * width), 0.0f);
  for (std::int64_t k = 0; k < g.k; ++k) {
    const std::int64_t in_group = k % g.filters_per_group();
    const std::int64_t block = k / g.filters_per_group() * plan.blocks + in_group / width;
    const std::int64_t lane = in_group % width;
    if (!bias.empty()) packed_bias[static_cast<std::size_t>(block * width + lane)] = bias[static_cast<std::size_t>(k)];
    float* to = packed.data() + block * block_size + lane;
    for (std::int64_t c = 0; c < g.channels_per_group(); ++c) {
      for (std::int64_t r = 0; r < g.r; ++r) {
        const float* row = weights.row(k, c, g.flip ? g.r - 1 - r : r);
        for (std::int64_t s = 0; s < g.s; ++s, to += width) *to = row[g.flip ? g.s - 1 - s : s];
      }
    }
  }
  fill_buffer(weights_, packed.data(), std::ssize(packed));
  fill_buffer(biases_, packed_bias.data(), std::ssize(packed_bias));
}

void ConvCompute::set_uniforms(const Compiled& compiled, const conv::Geometry& g, const ConvPlan& plan,
                               const GpuMaps& maps) {
  const auto pair = [](GLint location, std::int64_t x, std::int64_t y) {
    glUniform2i(location, static_cast<GLint>(x), static_cast<GLint>(y));
  };
  const auto one = [](GLint location, std::int64_t x) { glUniform1i(location, static_cast<GLint>(x)); };
  pair(compiled.input_size, g.w, g.h);
  pair(compiled.output_size, g.q, g.p);
  pair(compiled.filter_size, g.s, g.r);
  pair(compiled.stride, g.stride_x, g.stride_y);
  pair(compiled.dilation, g.dilation_x, g.dilation_y);
  pair(compiled.pad, g.pad.left, g.pad.top);
  one(compiled.border, static_cast<int>(g.border));
  one(compiled.activation, static_cast<int>(g.activation));
  one(compiled.channels, g.channels_per_group());
  one(compiled.filters, g.filters_per_group());
  one(compiled.groups, g.groups);
  one(compiled.blocks, plan.blocks);
  one(compiled.chunk_channels, plan.chunk_channels);
  one(compiled.chunk_rows, plan.chunk_rows);
  one(compiled.all_chunks, plan.chunks);
  pair(compiled.tile_size, plan.tile_width, plan.tile_height);
  pair(compiled.map_stride, maps.shape.w, maps.shape.h * maps.shape.w);
}

Status ConvCompute::dispatch(const Compiled& compiled, const ConvPlan& plan, conv::Progress* progress,
                             GpuTimes& times) {
  const std::vector<ConvBand> bands = cut_into_bands(plan, limits_);
  if (progress) {
    progress->done = 0;
    progress->total = std::ssize(bands);
  }
  const auto is_cancelled = [&] { return progress && progress->is_cancelled.load(std::memory_order_relaxed); };
  // One band runs while the next is waiting: the GPU has always something to do, and a cancelled job ends soon.
  std::unique_ptr<Fence> running;
  glFinish();  // what was uploaded is not part of the clock's time
  const Clock::time_point start = Clock::now();
  glBeginQuery(GL_TIME_ELAPSED, timer_.name());
  for (const ConvBand& band : bands) {
    if (is_cancelled()) break;
    glUniform3i(compiled.first, static_cast<GLint>(band.first[0]), static_cast<GLint>(band.first[1]),
                static_cast<GLint>(band.first[2]));
    glUniform2i(compiled.chunks, static_cast<GLint>(band.first_chunk), static_cast<GLint>(band.end_chunk));
    // A later pass adds to what the earlier ones stored.
    if (band.first_chunk > 0) glMemoryBarrier(GL_SHADER_IMAGE_ACCESS_BARRIER_BIT | GL_SHADER_STORAGE_BARRIER_BIT);
    glDispatchCompute(static_cast<GLuint>(band.count[0]), static_cast<GLuint>(band.count[1]),
                      static_cast<GLuint>(band.count[2]));
    ++times.dispatches;
    auto queued = std::make_unique<Fence>();
    if (running) {
      running->wait();
      if (progress) ++progress->done;
    }
    running = std::move(queued);
  }
  glEndQuery(GL_TIME_ELAPSED);
  glMemoryBarrier(GL_TEXTURE_UPDATE_BARRIER_BIT | GL_TEXTURE_FETCH_BARRIER_BIT | GL_BUFFER_UPDATE_BARRIER_BIT |
                  GL_FRAMEBUFFER_BARRIER_BIT);
  if (running) running->wait();
  const double by_clock = milliseconds_since(start);
  if (is_cancelled()) return Error{"the convolution was cancelled"};
  if (progress) progress->done = progress->total.load();
  GLuint64 nanoseconds = 0;
  glGetQueryObjectui64v(timer_.name(), GL_QUERY_RESULT, &nanoseconds);
  times.compute_milliseconds = limits_.is_software ? by_clock : static_cast<double>(nanoseconds) * 1e-6;
  return Done{};
}

Result<GpuTimes> ConvCompute::run(const conv::Geometry& geometry, ConstView input, std::uint64_t input_identity,
                                  ConstView weights, std::span<const float> bias, const GpuMaps& maps,
                                  conv::Progress* progress) {
  assert(maps.shape.n == geometry.n && maps.shape.c == geometry.k);
  assert(maps.shape.h >= geometry.p && maps.shape.w >= geometry.q);
  const Result<ConvPlan> plan = plan_convolution(geometry, static_cast<bool>(maps.texture), limits_);
  if (!plan) return plan.error();
  const Result<const Compiled*> compiled = program_for(plan->variant);
  if (!compiled) return compiled.error();

  GpuTimes times;
  ran_out_of_memory();
  const Clock::time_point start = Clock::now();
  upload_input(input, input_identity);
  upload_filters(geometry, *plan, weights, bias);
  times.upload_milliseconds = milliseconds_since(start);
  if (ran_out_of_memory()) {
    input_identity_ = 0;
    return no_memory("an input of " + to_string(input.shape));
  }
  glUseProgram((*compiled)->program.name());
  set_uniforms(**compiled, geometry, *plan, maps);
  glBindBufferBase(GL_SHADER_STORAGE_BUFFER, kInputBinding, input_.name());
  glBindBufferBase(GL_SHADER_STORAGE_BUFFER, kWeightsBinding, weights_.name());
  glBindBufferBase(GL_SHADER_STORAGE_BUFFER, kBiasBinding, biases_.name());
  if (maps.texture) {
    glBindImageTexture(kMapsImage, maps.texture.name(), 0, GL_TRUE, 0, GL_WRITE_ONLY, GL_R32F);
  } else {
    glBindBufferBase(GL_SHADER_STORAGE_BUFFER, kMapsBinding, maps.buffer.name());
  }
  const Status done = dispatch(**compiled, *plan, progress, times);
  glUseProgram(0);
  if (!done) return done.error();
  return times;
}

Status ConvCompute::read_back(const GpuMaps& maps, View output) {
  assert(output.shape == maps.shape);
  const bool needs_copy = !is_dense(output);
  if (needs_copy) staging_.resize(static_cast<std::size_t>(maps.shape.size()));
  float* to = needs_copy ? staging_.data() : output.data;
  ran_out_of_memory();
  if (maps.texture) {
    glBindTexture(GL_TEXTURE_2D_ARRAY, maps.texture.name());
    glPixelStorei(GL_PACK_ALIGNMENT, 4);
    glGetTexImage(GL_TEXTURE_2D_ARRAY, 0, GL_RED, GL_FLOAT, to);
    glBindTexture(GL_TEXTURE_2D_ARRAY, 0);
  } else {
    glBindBuffer(GL_SHADER_STORAGE_BUFFER, maps.buffer.name());
    glGetBufferSubData(GL_SHADER_STORAGE_BUFFER, 0,
                       static_cast<GLsizeiptr>(maps.shape.size()) * static_cast<GLsizeiptr>(sizeof(float)), to);
  }
  if (ran_out_of_memory()) return no_memory("reading the maps back");
  if (needs_copy) copy_rows(ConstView(dense_view(to, maps.shape)), output);
  return Done{};
}

}  // namespace convlens::gl
