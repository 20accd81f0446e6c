// A picture in its own colours: one channel is grey, three are red, green and blue; [0, 1] is the screen's range.
uniform int u_layers;
uniform vec3 u_not_finite;
out vec4 o_colour;

void main() {
  vec3 value = average_values(u_layers);
  vec3 colour = floor(255.0 * clamp(value, 0.0, 1.0) + 0.5) / 255.0;
  if (is_nan(value.r) || is_nan(value.g) || is_nan(value.b)) colour = u_not_finite;
  o_colour = vec4(colour, picture_coverage());
}
