// What is told of maps while their values are on the GPU alone: statistics, and samples. Maps are layers of a texture.
//
// Put in front of this text by app/gl/map_measure.cpp:
//   GATHER   1: copies every u_step-th value of each map; 0: statistics of bands of rows

#define INVOCATIONS 256

layout(local_size_x = INVOCATIONS) in;

uniform sampler2DArray u_maps;
uniform ivec2 u_size;  // of a map

#if GATHER

layout(std430, binding = 0) writeonly restrict buffer Samples { float samples[]; };  // (map, sample)
uniform int u_step;
uniform int u_samples;  // of a map

void main() {
  int sample_index = int(gl_GlobalInvocationID.x);
  int map = int(gl_WorkGroupID.y);
  if (sample_index >= u_samples) return;
  int at = sample_index * u_step;
  samples[map * u_samples + sample_index] = texelFetch(u_maps, ivec3(at % u_size.x, at / u_size.x, map), 0).r;
}

#else

// Over the finite values of a band. Each sum is a float and what its roundings have lost.
struct Part {
  float least;
  float most;
  float sum;
  float sum_rest;
  float squares;
  float squares_rest;
  uint finite;
};
layout(std430, binding = 0) writeonly restrict buffer Parts { Part parts[]; };  // (map, band)
uniform int u_band_rows;

shared Part s_parts[INVOCATIONS];

// The sum of two floats and its rounding error, exactly: Knuth, The Art of Computer Programming, 4.2.2, theorem B.
void add(inout float sum, inout float rest, float x) {
  precise float total = sum + x;
  precise float taken = total - sum;
  precise float error = (sum - (total - taken)) + (x - taken);
  sum = total;
  rest += error;
}

// Does not rely on isnan() and isinf(), which drivers may optimise away.
bool is_finite(float value) { return (floatBitsToUint(value) & 0x7f800000u) != 0x7f800000u; }

void main() {
  int lane = int(gl_LocalInvocationID.x);
  int map = int(gl_WorkGroupID.y);
  int first = int(gl_WorkGroupID.x) * u_band_rows;
  int values = (min(first + u_band_rows, u_size.y) - first) * u_size.x;
  Part part = Part(3.402823466e38, -3.402823466e38, 0.0, 0.0, 0.0, 0.0, 0u);
  for (int i = lane; i < values; i += INVOCATIONS) {
    float value = texelFetch(u_maps, ivec3(i % u_size.x, first + i / u_size.x, map), 0).r;
    if (!is_finite(value)) continue;
    part.least = min(part.least, value);
    part.most = max(part.most, value);
    add(part.sum, part.sum_rest, value);
    add(part.squares, part.squares_rest, value * value);
    ++part.finite;
  }
  s_parts[lane] = part;
  for (int half_count = INVOCATIONS / 2; half_count > 0; half_count /= 2) {
    barrier();
    if (lane < half_count) {
      Part other = s_parts[lane + half_count];
      part.least = min(part.least, other.least);
      part.most = max(part.most, other.most);
      add(part.sum, part.sum_rest, other.sum);
      add(part.squares, part.squares_rest, other.squares);
      part.sum_rest += other.sum_rest;
      part.squares_rest += other.squares_rest;
      part.finite += other.finite;
      s_parts[lane] = part;
    }
  }
  if (lane == 0) parts[map * int(gl_NumWorkGroups.x) + int(gl_WorkGroupID.x)] = part;
}

#endif
