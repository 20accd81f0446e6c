// Two dispatches, each followed by reading its few numbers.
#include "app/gl/map_measure.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <utility>

namespace convlens::gl {

namespace {

constexpr GLuint kAnswerBinding = 0;
constexpr std::int64_t kInvocations = 256;  // as in the shader
constexpr std::int64_t kBandRows = 16;

// As the shader writes it.
struct Part {
  float least, most, sum, sum_rest, squares, squares_rest;
  std::uint32_t finite;
};
static_assert(sizeof(Part) == 28);

conv::DeviceStats merge(std::span<const Part> parts, std::int64_t values) {
  conv::DeviceStats stats;
  float least = std::numeric_limits<float>::infinity();
  float most = -least;
  double sum = 0, squares = 0;
  std::int64_t finite = 0;
  for (const Part& part : parts) {
    if (part.finite == 0) continue;
    least = std::min(least, part.least);
    most = std::max(most, part.most);
    sum += static_cast<double>(part.sum) + static_cast<double>(part.sum_rest);
    squares += static_cast<double>(part.squares) + static_cast<double>(part.squares_rest);
    finite += part.finite;
  }
  stats.not_finite = values - finite;
  if (finite == 0) return stats;
  const auto n = static_cast<double>(finite);
  stats.min = least;
  stats.max = most;
  stats.mean = sum / n;
  stats.standard_deviation = std::sqrt(std::max(0.0, squares / n - stats.mean * stats.mean));
  return stats;
}

// Room for `count` answers, which the next dispatch writes.
template <class T>
std::vector<T> prepare(const Buffer& buffer, std::int64_t count) {
  glBindBuffer(GL_SHADER_STORAGE_BUFFER, buffer.name());
  glBufferData(GL_SHADER_STORAGE_BUFFER, static_cast<GLsizeiptr>(count) * static_cast<GLsizeiptr>(sizeof(T)), nullptr,
               GL_STREAM_READ);
  glBindBufferBase(GL_SHADER_STORAGE_BUFFER, kAnswerBinding, buffer.name());
  return std::vector<T>(static_cast<std::size_t>(count));
}

template <class T>
void read(std::vector<T>& answers) {
  glMemoryBarrier(GL_BUFFER_UPDATE_BARRIER_BIT);
  glGetBufferSubData(GL_SHADER_STORAGE_BUFFER, 0, static_cast<GLsizeiptr>(answers.size() * sizeof(T)), answers.data());
}

void begin(const Program& program, const Shape& shape) {
  glUseProgram(program.name());
  glUniform1i(glGetUniformLocation(program.name(), "u_maps"), 0);
  glUniform2i(glGetUniformLocation(program.name(), "u_size"), static_cast<GLint>(shape.w), static_cast<GLint>(shape.h));
}

void set(const Program& program, const char* name, std::int64_t value) {
  glUniform1i(glGetUniformLocation(program.name(), name), static_cast<GLint>(value));
}

}  // namespace

Result<MapMeasure> MapMeasure::create(const ShaderTexts& texts) {
  Result<Program> statistics = make_compute_program(texts, "map_stats.comp", "#define GATHER 0\n");
  if (!statistics) return statistics.error();
  Result<Program> gather = make_compute_program(texts, "map_stats.comp", "#define GATHER 1\n");
  if (!gather) return gather.error();
  MapMeasure measure;
  measure.statistics_ = std::move(*statistics);
  measure.gather_ = std::move(*gather);
  measure.answer_ = Buffer::create();
  return measure;
}

std::vector<conv::DeviceStats> MapMeasure::statistics(const Shape& shape) const {
  const std::int64_t bands = (shape.h + kBandRows - 1) / kBandRows;
  const std::int64_t maps = shape.n * shape.c;
  std::vector<Part> parts = prepare<Part>(answer_, maps * bands);
  begin(statistics_, shape);
  set(statistics_, "u_band_rows", kBandRows);
  glDispatchCompute(static_cast<GLuint>(bands), static_cast<GLuint>(maps), 1);
  read(parts);
  std::vector<conv::DeviceStats> stats;
  for (std::int64_t map = 0; map < maps; ++map) {
    stats.push_back(
        merge(std::span(parts).subspan(static_cast<std::size_t>(map * bands), static_cast<std::size_t>(bands)),
              shape.h * shape.w));
  }
  return stats;
}

void MapMeasure::gather(const Shape& shape, std::int64_t step, std::vector<conv::DeviceStats>& stats) const {
  const std::int64_t count = (shape.h * shape.w + step - 1) / step;
  std::vector<float> samples = prepare<float>(answer_, std::ssize(stats) * count);
  begin(gather_, shape);
  set(gather_, "u_step", step);
  set(gather_, "u_samples", count);
  glDispatchCompute(static_cast<GLuint>((count + kInvocations - 1) / kInvocations), static_cast<GLuint>(stats.size()),
                    1);
  read(samples);
  auto from = samples.begin();
  for (conv::DeviceStats& map : stats) {
    map.samples.assign(from, from + count);
    from += count;
  }
}

std::vector<conv::DeviceStats> MapMeasure::measure(const GpuMaps& maps, std::int64_t step) const {
  glActiveTexture(GL_TEXTURE0);
  glBindTexture(GL_TEXTURE_2D_ARRAY, maps.texture.name());
  std::vector<conv::DeviceStats> stats = statistics(maps.shape);
  gather(maps.shape, step, stats);
  glBindTexture(GL_TEXTURE_2D_ARRAY, 0);
  glUseProgram(0);
  return stats;
}

}  // namespace convlens::gl
