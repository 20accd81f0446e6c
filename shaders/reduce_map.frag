// A map reduced for display: each fragment is the mean of a square of its values, which is smaller at the lower and
// right edges.
uniform sampler2DArray u_values;
uniform ivec2 u_size;   // of the map
uniform ivec2 u_first;  // texel of the reduced map in the target's corner
uniform int u_layer;
uniform int u_factor;
out vec4 o_value;

void main() {
  ivec2 from = (ivec2(gl_FragCoord.xy) + u_first) * u_factor;
  ivec2 to = min(from + u_factor, u_size);
  float sum = 0.0;
  for (int y = from.y; y < to.y; ++y) {
    float row = 0.0;
    for (int x = from.x; x < to.x; ++x) row += texelFetch(u_values, ivec3(x, y, u_layer), 0).r;
    sum += row;
  }
  o_value = vec4(sum / float((to.x - from.x) * (to.y - from.y)));
}
