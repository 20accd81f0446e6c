// The table of embedded shader sources.
#include "app/gl/shader_library.h"

#include <array>
#include <cassert>
#include <vector>

#define CONVLENS_EMBEDDED(symbol)                     \
  extern "C" const char convlens_embedded_##symbol[]; \
  extern "C" const char convlens_embedded_##symbol##_end[];

CONVLENS_EMBEDDED(shader_cover_vert)
CONVLENS_EMBEDDED(shader_box_filter_glsl)
CONVLENS_EMBEDDED(shader_heat_map_frag)
CONVLENS_EMBEDDED(shader_colour_picture_frag)

namespace convlens::gl {

std::string_view shader_source(std::string_view name) {
  struct Entry {
    std::string_view name;
    const char* begin;
    const char* end;
  };
  static const std::array<Entry, 4> kShaders = {{
      {"cover.vert", convlens_embedded_shader_cover_vert, convlens_embedded_shader_cover_vert_end},
      {"box_filter.glsl", convlens_embedded_shader_box_filter_glsl, convlens_embedded_shader_box_filter_glsl_end},
      {"heat_map.frag", convlens_embedded_shader_heat_map_frag, convlens_embedded_shader_heat_map_frag_end},
      {"colour_picture.frag", convlens_embedded_shader_colour_picture_frag,
       convlens_embedded_shader_colour_picture_frag_end},
  }};
  for (const Entry& entry : kShaders) {
    if (entry.name == name) return {entry.begin, static_cast<std::size_t>(entry.end - entry.begin)};
  }
  return {};
}

Result<Program> make_program(std::string_view vertex, std::initializer_list<std::string_view> fragments) {
  assert(fragments.size() > 0);
  const std::string_view label = *(fragments.end() - 1);
  const std::string_view vertex_source = shader_source(vertex);
  Result<Shader> vertex_shader = compile_shader(GL_VERTEX_SHADER, vertex, {&vertex_source, 1});
  if (!vertex_shader) return vertex_shader.error();
  std::vector<std::string_view> parts;
  for (const std::string_view name : fragments) parts.push_back(shader_source(name));
  Result<Shader> fragment_shader = compile_shader(GL_FRAGMENT_SHADER, label, parts);
  if (!fragment_shader) return fragment_shader.error();
  return link_program(label, *vertex_shader, *fragment_shader);
}

}  // namespace convlens::gl
