// Values through a colour map: the index arithmetic is view::colour_index().
uniform sampler2D u_colours;  // 256 x 1
uniform vec3 u_range;         // lo, hi, and a power of two that keeps their difference in range
uniform vec3 u_not_finite;
out vec4 o_colour;

void main() {
  float value = average_values(1).r;
  vec3 colour = u_not_finite;
  if (!is_nan(value)) {
    float lo = u_range.x * u_range.z;
    float t = clamp((value * u_range.z - lo) / (u_range.y * u_range.z - lo), 0.0, 1.0);
    colour = texelFetch(u_colours, ivec2(int(floor(255.0 * t + 0.5)), 0), 0).rgb;
  }
  o_colour = vec4(colour, picture_coverage());
}
