// Area averages of a window of values; shared by the passes that draw tensors. Coordinates are texels of the window.
uniform sampler2DArray u_values;
uniform ivec3 u_corner;  // x, y and layer of u_values where the window of values begins
uniform ivec2 u_size;    // of the window
uniform vec2 u_origin;   // where in the window the target's first pixel begins
uniform vec2 u_step;     // texels per target pixel
uniform vec4 u_picture;  // x0, y0, x1, y1 of the whole picture, which may end inside a texel
uniform bool u_is_exact; // one texel is one target pixel

// Does not rely on isnan(), which drivers may optimise away.
bool is_nan(float value) { return (floatBitsToUint(value) & 0x7fffffffu) > 0x7f800000u; }

float value_at(int x, int y, int layer) { return texelFetch(u_values, u_corner + ivec3(x, y, layer), 0).r; }

// The mean over the target pixel's footprint, at least one texel wide: between texels this is linear interpolation.
vec3 average_values(int layers) {
  if (u_is_exact) {
    ivec2 texel = ivec2(gl_FragCoord.xy);
    float first = value_at(texel.x, texel.y, 0);
    if (layers == 1) return vec3(first);
    return vec3(first, value_at(texel.x, texel.y, 1), value_at(texel.x, texel.y, 2));
  }
  vec2 center = u_origin + gl_FragCoord.xy * u_step;
  vec2 reach = 0.5 * max(u_step, vec2(1.0));
  vec2 lo = max(center - reach, vec2(0.0));
  vec2 hi = min(center + reach, vec2(u_size));
  ivec2 first = clamp(ivec2(floor(lo)), ivec2(0), u_size - 1);
  ivec2 last = clamp(ivec2(ceil(hi)) - 1, first, u_size - 1);
  vec3 sum = vec3(0.0);
  float total = 0.0;
  for (int y = first.y; y <= last.y; ++y) {
    float weight_y = min(hi.y, float(y + 1)) - max(lo.y, float(y));
    for (int x = first.x; x <= last.x; ++x) {
      float weight = weight_y * (min(hi.x, float(x + 1)) - max(lo.x, float(x)));
      if (weight <= 0.0) continue;
      vec3 value = vec3(value_at(x, y, 0));
      if (layers == 3) {
        value.g = value_at(x, y, 1);
        value.b = value_at(x, y, 2);
      }
      sum += weight * value;
      total += weight;
    }
  }
  // A footprint wholly outside the picture: its alpha is 0.
  if (total <= 0.0) return vec3(0.0);
  return sum / total;
}

// Share of the target pixel that the picture covers, so that its border is smooth.
float picture_coverage() {
  if (u_is_exact) return 1.0;
  vec2 lo = u_origin + (gl_FragCoord.xy - 0.5) * u_step;
  vec2 hi = lo + u_step;
  vec2 covered = clamp((min(hi, u_picture.zw) - max(lo, u_picture.xy)) / u_step, 0.0, 1.0);
  return covered.x * covered.y;
}
