// Picks the variant and cuts the work.
#include "app/gl/conv_plan.h"

#include <algorithm>

namespace convlens::gl {

namespace {

// Sums longer than this are made of partial sums; plain ones stay under a millionth of the sum of absolute products.
constexpr std::int64_t kLongSum = 512;

// Loop turns of one invocation: some drivers (Mesa's llvmpipe) leave all loops after 65535 turns, and those of GPUs
// reset a device whose invocations do not end.
constexpr std::int64_t kMostTurns = 50'000;

// Multiply-adds of one dispatch: some 50 ms of a slow GPU, and of the software driver on a few cores.
constexpr std::int64_t kBandCost = std::int64_t{1} << 32;
constexpr std::int64_t kSoftwareBandCost = std::int64_t{1} << 26;

// Splits of shared memory between input and weights, in floats. The small one lets several workgroups live on a
// multiprocessor at a time; the large one is the least that OpenGL 4.3 promises.
struct Split {
  int tile_floats;
  int weight_floats;
};
constexpr std::array<Split, 2> kSplits = {{{3584, 512}, {6144, 2048}}};

std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

int filters_for(std::int64_t filters_per_group) {
  if (filters_per_group == 1) return 1;
  return filters_per_group <= 4 ? 4 : 8;
}

std::int64_t tile_extent(int stride, int dilation, std::int64_t taps) {
  return (kTileSize - 1) * std::int64_t{stride} + conv::dilated_size(taps, dilation);
}

// Fits as many channels as go into the split, or as many filter rows of one channel; false where not even one row does.
bool fit(const conv::Geometry& g, const Split& split, ConvPlan& plan) {
  const std::int64_t row_weights = g.s * plan.variant.filters;
  const std::int64_t width = tile_extent(g.stride_x, g.dilation_x, g.s);
  const auto holds = [&](std::int64_t channels, std::int64_t rows) {
    return channels * rows * row_weights <= split.weight_floats &&
           channels * width * tile_extent(g.stride_y, g.dilation_y, rows) <= split.tile_floats;
  };
  std::int64_t rows = g.r;
  while (rows > 0 && !holds(1, rows)) --rows;
  if (rows == 0) return false;
  std::int64_t channels = 1;
  while (rows == g.r && channels < g.channels_per_group() && holds(channels + 1, rows)) ++channels;
  plan.chunk_channels = static_cast<int>(channels);
  plan.chunk_rows = static_cast<int>(rows);
  plan.tile_width = static_cast<int>(width);
  plan.tile_height = static_cast<int>(tile_extent(g.stride_y, g.dilation_y, rows));
  plan.variant.tile_floats = split.tile_floats;
  plan.variant.weight_vectors = split.weight_floats / plan.variant.lanes();
  return true;
}

// Loop turns of one invocation for one chunk, from above.
std::int64_t turns_of_chunk(const conv::Geometry& g, const ConvPlan& plan) {
  if (plan.variant.tile_floats == 0) return g.s + 1;
  const std::int64_t rows = std::int64_t{plan.chunk_channels} * plan.chunk_rows;
  const std::int64_t tile_rows = ceil_div(std::int64_t{plan.chunk_channels} * plan.tile_height, 8);
  return tile_rows * (1 + ceil_div(plan.tile_width, kTileSize)) + ceil_div(rows * g.s * plan.variant.vectors(), 256) +
         plan.chunk_channels + rows * (1 + g.s) + 1;
}

std::string megabytes(std::int64_t bytes) { return std::to_string(ceil_div(bytes, 1 << 20)) + " MB"; }

}  // namespace

std::string ConvVariant::defines() const {
  const auto line = [](const char* name, auto value) {
    return std::string("#define ") + name + " " + std::to_string(value) + "\n";
  };
  return line("FILTERS", filters) + line("TILE_FLOATS", tile_floats) + line("WEIGHT_VECTORS", weight_vectors) +
         line("PARTIAL_SUMS", partial_sums ? 1 : 0) + line("IN_PASSES", in_passes ? 1 : 0) +
         line("STORE_TEXTURE", stores_texture ? 1 : 0) + line("LEAKY_SLOPE", conv::kLeakySlope) +
         line("ELU_ALPHA", conv::kEluAlpha);
}

bool fits_texture(const Shape& maps, const ConvLimits& limits) {
  return maps.w <= limits.texture_size && maps.h <= limits.texture_size && maps.n * maps.c <= limits.texture_layers;
}

Result<ConvPlan> plan_convolution(const conv::Geometry& g, bool stores_texture, const ConvLimits& limits) {
  constexpr std::int64_t kFloat = sizeof(float);
  if (g.input_shape().size() * kFloat > limits.buffer_bytes) {
    return Error{"the input takes " + megabytes(g.input_shape().size() * kFloat) + ", and a buffer of this GPU holds " +
                 megabytes(limits.buffer_bytes) + ": choose a kernel of the processor or a smaller picture"};
  }
  ConvPlan plan;
  plan.variant.filters = filters_for(g.filters_per_group());
  plan.variant.stores_texture = stores_texture;
  plan.variant.partial_sums = g.channels_per_group() * g.r * g.s > kLongSum;
  plan.blocks = static_cast<int>(ceil_div(g.filters_per_group(), plan.variant.filters));
  if (plan.blocks * g.groups * plan.variant.filters * g.channels_per_group() * g.r * g.s * kFloat >
      limits.buffer_bytes) {
    return Error{"the filters are larger than a buffer of this GPU, which holds " + megabytes(limits.buffer_bytes) +
                 ": choose a kernel of the processor or fewer filters"};
  }
  for (const Split& split : kSplits) {
    if ((split.tile_floats + split.weight_floats) * kFloat > limits.shared_bytes) continue;
    // The small split serves only where it holds whole filters.
    if (fit(g, split, plan) && (plan.chunk_rows == g.r || &split == &kSplits.back())) break;
    plan.variant.tile_floats = plan.variant.weight_vectors = 0;
  }
  plan.workgroups = {ceil_div(g.q, kTileSize), ceil_div(g.p, kTileSize), g.n * g.groups * plan.blocks};
  const bool has_tile = plan.variant.tile_floats > 0;
  const std::int64_t taps = has_tile ? std::int64_t{plan.chunk_channels} * plan.chunk_rows * g.s : g.s;  // of a chunk
  const std::int64_t chunk_cost = std::int64_t{kTileSize} * kTileSize * plan.variant.filters * taps;
  plan.chunks = has_tile ? ceil_div(g.channels_per_group(), plan.chunk_channels) * ceil_div(g.r, plan.chunk_rows)
                         : g.channels_per_group() * g.r;
  plan.pass_size =
      std::clamp<std::int64_t>(std::min(kMostTurns / turns_of_chunk(g, plan), kBandCost / chunk_cost), 1, plan.chunks);
  plan.variant.in_passes = plan.pass_size < plan.chunks;
  plan.workgroup_cost = chunk_cost * plan.pass_size;
  return plan;
}

std::vector<ConvBand> cut_into_bands(const ConvPlan& plan, const ConvLimits& limits) {
  const std::int64_t budget =
      std::max<std::int64_t>(1, (limits.is_software ? kSoftwareBandCost : kBandCost) / plan.workgroup_cost);
  std::array<std::int64_t, 3> step{};
  std::int64_t below = 1;  // workgroups of one step along the axes before this one
  for (std::size_t axis = 0; axis < 3; ++axis) {
    step[axis] = std::clamp<std::int64_t>(budget / below, 1, std::min(plan.workgroups[axis], limits.workgroups[axis]));
    below *= plan.workgroups[axis];
  }
  std::vector<ConvBand> bands;
  const auto size = [&](std::size_t axis, std::int64_t first) {
    return std::min(step[axis], plan.workgroups[axis] - first);
  };
  for (std::int64_t chunk = 0; chunk < plan.chunks; chunk += plan.pass_size) {
    const std::int64_t end = std::min(chunk + plan.pass_size, plan.chunks);
    for (std::int64_t z = 0; z < plan.workgroups[2]; z += step[2]) {
      for (std::int64_t y = 0; y < plan.workgroups[1]; y += step[1]) {
        for (std::int64_t x = 0; x < plan.workgroups[0]; x += step[0]) {
          bands.push_back({{x, y, z}, {size(0, x), size(1, y), size(2, z)}, chunk, end});
        }
      }
    }
  }
  return bands;
}

}  // namespace convlens::gl
