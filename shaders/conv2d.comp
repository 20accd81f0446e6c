// 2-D convolution: every parameter of engine/conv/params.h, bias and activation fused.
//
// A workgroup of 32 x 8 invocations makes a tile of 32 x 32 outputs of FILTERS filters of one group: each invocation has
// four rows of one column, eight rows apart, so that neighbours read neighbouring floats. The loop nest is
//   chunks of channels and filter rows          load their part of the input and of the weights into shared memory
//     channel, filter row, filter column        one weight vector and four inputs feed 4 * FILTERS multiply-adds
// The border is resolved while the tile is loaded; the inner loops know nothing of it.
//
// Put in front of this text by app/gl/conv_compute.cpp:
//   FILTERS         1, 4 or 8
//   TILE_FLOATS     shared floats for the input; 0 reads the input buffer instead, where no tile would fit
//   WEIGHT_VECTORS  shared weight vectors
//   PARTIAL_SUMS    1: each chunk is summed apart, which keeps the rounding of very long sums small
//   IN_PASSES       1: a very long sum is made by several dispatches, each of which adds its chunks to the maps
//   STORE_TEXTURE   1: maps go to layers of an R32F texture; 0: to a buffer

#define COLUMNS 32
#define ROWS 8
#define OUTPUTS 4

#if FILTERS == 1
#define LANES float
#define VECTORS 1
#elif FILTERS == 4
#define LANES vec4
#define VECTORS 1
#else
#define LANES vec4
#define VECTORS 2
#endif

#if IN_PASSES
#define MAP_ACCESS
#else
#define MAP_ACCESS writeonly
#endif

layout(local_size_x = COLUMNS, local_size_y = ROWS) in;

layout(std430, binding = 0) readonly restrict buffer Input { float values[]; };   // (N, C, H, W)
layout(std430, binding = 1) readonly restrict buffer Weights { LANES weights[]; };  // (block, C/groups, R, S, VECTORS)
layout(std430, binding = 2) readonly restrict buffer Biases { LANES biases[]; };    // (block, VECTORS)
#if STORE_TEXTURE
layout(r32f, binding = 0) MAP_ACCESS restrict uniform image2DArray u_maps;  // layer n * K + k
#else
layout(std430, binding = 3) MAP_ACCESS restrict buffer Maps { float maps[]; };
uniform ivec2 u_map_stride;  // floats from row to row and from map to map
#endif

// All as (x, y).
uniform ivec2 u_input_size;
uniform ivec2 u_output_size;
uniform ivec2 u_filter_size;
uniform ivec2 u_stride;
uniform ivec2 u_dilation;
uniform ivec2 u_pad;
uniform int u_border;      // conv::Border
uniform int u_activation;  // conv::Activation
uniform int u_channels;    // of a group
uniform int u_filters;     // of a group
uniform int u_groups;
uniform int u_blocks;       // of filters in a group
uniform ivec3 u_first;      // workgroup of the whole work with which this dispatch begins
uniform int u_chunk_channels;
uniform int u_chunk_rows;
uniform ivec2 u_chunks;     // first chunk of this dispatch, and the one after its last
uniform int u_all_chunks;
uniform ivec2 u_tile_size;  // of one channel of a chunk

// conv::border_index(): where position i reads on an axis of n, -1 for a zero cell.
int source(int i, int n) {
  if (i >= 0 && i < n) return i;
  if (u_border == 0) return -1;
  if (u_border == 2) return i < 0 ? 0 : n - 1;
  int period = u_border == 3 ? n : max(2 * (n - 1), 1);
  // GLSL leaves % of negative numbers open.
  int phase = i >= 0 ? i % period : period - 1 - (-1 - i) % period;
  return phase < n ? phase : period - phase;
}

// Follows conv::activate(). Where a formula in floats would lose a small argument, its series stands in.
float activate(float x) {
  switch (u_activation) {
    case 1:
      return x < 0.0 ? 0.0 : x;
    case 2:
      return x > 0.0 ? x : LEAKY_SLOPE * x;
    case 3: {
      float e = exp(-abs(x));
      return (x >= 0.0 ? 1.0 : e) / (1.0 + e);
    }
    case 4: {
      float square = x * x;
      if (square < 0.01) return x * (1.0 + square * (-1.0 / 3.0 + square * (2.0 / 15.0)));
      float e = exp(-2.0 * abs(x));
      return sign(x) * (1.0 - e) / (1.0 + e);
    }
    case 5:
      if (x > 0.0) return x;
      if (x > -0.1) return ELU_ALPHA * x * (1.0 + x * (0.5 + x * (1.0 / 6.0 + x * (1.0 / 24.0))));
      return ELU_ALPHA * (exp(x) - 1.0);
    case 6: {
      // erf to 1.5e-7: Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.26.
      float z = abs(x) * 0.70710678;
      float t = 1.0 / (1.0 + 0.3275911 * z);
      float poly = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
      float half_tail = 0.5 * poly * exp(-z * z);
      return x * (x >= 0.0 ? 1.0 - half_tail : half_tail);
    }
    case 7:
      return max(x, 0.0) + log(1.0 + exp(-abs(x)));
    case 8:
      return abs(x);
  }
  return x;
}

bool is_nan(float value) { return (floatBitsToUint(value) & 0x7fffffffu) > 0x7f800000u; }

#if STORE_TEXTURE
void put(ivec2 at, int map, float value) { imageStore(u_maps, ivec3(at, map), vec4(value)); }
#else
uint address(ivec2 at, int map) {
  return uint(map) * uint(u_map_stride.y) + uint(at.y) * uint(u_map_stride.x) + uint(at.x);
}
void put(ivec2 at, int map, float value) { maps[address(at, map)] = value; }
#endif

void store(ivec2 at, int map, float sum) {
#if IN_PASSES
#if STORE_TEXTURE
  if (u_chunks.x > 0) sum += imageLoad(u_maps, ivec3(at, map)).r;
#else
  if (u_chunks.x > 0) sum += maps[address(at, map)];
#endif
#endif
  bool is_sum = u_chunks.y < u_all_chunks || is_nan(sum);  // not to be activated
  put(at, map, is_sum ? sum : activate(sum));
}

LANES total[OUTPUTS][VECTORS];
#if PARTIAL_SUMS
LANES part[OUTPUTS][VECTORS];
#define SUMS part
#else
#define SUMS total
#endif

void begin_chunk() {
#if PARTIAL_SUMS
  for (int o = 0; o < OUTPUTS; ++o) {
    for (int v = 0; v < VECTORS; ++v) part[o][v] = LANES(0.0);
  }
#endif
}

void end_chunk() {
#if PARTIAL_SUMS
  for (int o = 0; o < OUTPUTS; ++o) {
    for (int v = 0; v < VECTORS; ++v) total[o][v] += part[o][v];
  }
#endif
}

#if TILE_FLOATS > 0

shared float s_tile[TILE_FLOATS];
shared LANES s_weights[WEIGHT_VECTORS];

// `corner`: input position of the tile's first cell.
void load_tile(uint plane, ivec2 corner, int channels, int height) {
  int lane = int(gl_LocalInvocationID.x);
  for (int row = int(gl_LocalInvocationID.y); row < channels * height; row += ROWS) {
    int channel = row / height;
    int at_row = row - channel * height;
    int y = source(corner.y + at_row, u_input_size.y);
    uint line = plane + (uint(channel) * uint(u_input_size.y) + uint(max(y, 0))) * uint(u_input_size.x);
    int to = (channel * u_tile_size.y + at_row) * u_tile_size.x;
    for (int x = lane; x < u_tile_size.x; x += COLUMNS) {
      int from = y < 0 ? -1 : source(corner.x + x, u_input_size.x);
      s_tile[to + x] = from < 0 ? 0.0 : values[line + uint(from)];
    }
  }
}

// The weights of a chunk are one run of the buffer: a chunk of several channels holds all filter rows.
void load_weights(uint first, int count) {
  for (int i = int(gl_LocalInvocationIndex); i < count; i += COLUMNS * ROWS) s_weights[i] = weights[first + uint(i)];
}

void accumulate(int channels, int rows) {
  ivec2 mine = ivec2(gl_LocalInvocationID.xy) * u_stride;
  int gap = ROWS * u_stride.y * u_tile_size.x;
  int weight = 0;
  for (int c = 0; c < channels; ++c) {
    for (int r = 0; r < rows; ++r) {
      int at = (c * u_tile_size.y + mine.y + r * u_dilation.y) * u_tile_size.x + mine.x;
      for (int s = 0; s < u_filter_size.x; ++s) {
        LANES w[VECTORS];
        for (int v = 0; v < VECTORS; ++v) w[v] = s_weights[weight++];
        for (int o = 0; o < OUTPUTS; ++o) {
          float value = s_tile[at + o * gap];
          for (int v = 0; v < VECTORS; ++v) SUMS[o][v] += value * w[v];
        }
        at += u_dilation.x;
      }
    }
  }
}

void convolve(ivec2 tile, uint plane, int block) {
  ivec2 corner = tile * u_stride - u_pad;
  uint row_vectors = uint(u_filter_size.x) * uint(VECTORS);
  int row_chunks = (u_filter_size.y + u_chunk_rows - 1) / u_chunk_rows;
  for (int chunk = u_chunks.x; chunk < u_chunks.y; ++chunk) {
    int c = chunk / row_chunks * u_chunk_channels;
    int r = chunk % row_chunks * u_chunk_rows;
    int channels = min(u_chunk_channels, u_channels - c);
    int rows = min(u_chunk_rows, u_filter_size.y - r);
    int height = (COLUMNS - 1) * u_stride.y + (rows - 1) * u_dilation.y + 1;
    barrier();
    load_tile(plane + uint(c) * uint(u_input_size.x) * uint(u_input_size.y), corner + ivec2(0, r * u_dilation.y),
              channels, height);
    load_weights(((uint(block) * uint(u_channels) + uint(c)) * uint(u_filter_size.y) + uint(r)) * row_vectors,
                 channels * rows * int(row_vectors));
    barrier();
    begin_chunk();
    accumulate(channels, rows);
    end_chunk();
  }
}

#else

// A chunk is one filter row of one channel.
void convolve(ivec2 tile, uint plane, int block) {
  ivec2 first = (tile + ivec2(gl_LocalInvocationID.xy)) * u_stride - u_pad;
  uint row_vectors = uint(u_filter_size.x) * uint(VECTORS);
  uint weight = (uint(block) * uint(u_channels) * uint(u_filter_size.y) + uint(u_chunks.x)) * row_vectors;
  for (int chunk = u_chunks.x; chunk < u_chunks.y; ++chunk) {
    int c = chunk / u_filter_size.y;
    int r = chunk - c * u_filter_size.y;
    bool is_inside[OUTPUTS];
    uint line[OUTPUTS];
    for (int o = 0; o < OUTPUTS; ++o) {
      int y = source(first.y + o * ROWS * u_stride.y + r * u_dilation.y, u_input_size.y);
      is_inside[o] = y >= 0;
      line[o] = plane + (uint(c) * uint(u_input_size.y) + uint(max(y, 0))) * uint(u_input_size.x);
    }
    begin_chunk();
    for (int s = 0; s < u_filter_size.x; ++s) {
      int x = source(first.x + s * u_dilation.x, u_input_size.x);
      for (int o = 0; o < OUTPUTS; ++o) {
        float value = is_inside[o] && x >= 0 ? values[line[o] + uint(x)] : 0.0;
        for (int v = 0; v < VECTORS; ++v) SUMS[o][v] += value * weights[weight + uint(v)];
      }
      weight += uint(VECTORS);
    }
    end_chunk();
  }
}

#endif

void main() {
  ivec3 group = ivec3(gl_WorkGroupID) + u_first;
  int block = group.z % (u_groups * u_blocks);  // of all filters
  int image = group.z / (u_groups * u_blocks);
  int part_of = block / u_blocks;  // which group of channels
  for (int o = 0; o < OUTPUTS; ++o) {
    for (int v = 0; v < VECTORS; ++v) {
      total[o][v] = u_chunks.x == 0 ? biases[block * VECTORS + v] : LANES(0.0);
    }
  }

  ivec2 tile = group.xy * COLUMNS;
  int first_channel = (image * u_groups + part_of) * u_channels;
  convolve(tile, uint(first_channel) * uint(u_input_size.x) * uint(u_input_size.y), block);

  int first_filter = (block - part_of * u_blocks) * FILTERS;
  int first_map = (image * u_groups + part_of) * u_filters + first_filter;
  ivec2 at = tile + ivec2(gl_LocalInvocationID.xy);
  for (int o = 0; o < OUTPUTS; ++o, at.y += ROWS) {
    if (at.x >= u_output_size.x || at.y >= u_output_size.y) continue;
    for (int f = 0; f < FILTERS; ++f) {  // a constant end: the sums stay in registers
      if (f >= u_filters - first_filter) break;
#if FILTERS == 1
      store(at, first_map + f, total[o][0]);
#else
      store(at, first_map + f, total[o][f / 4][f % 4]);
#endif
    }
  }
}
