// The table of embedded shader sources, and reading them from a folder instead.
#include "app/gl/shader_library.h"

#include <array>
#include <cassert>
#include <fstream>
#include <iterator>
#include <system_error>
#include <vector>

#define CONVLENS_EMBEDDED(symbol)                     \
  extern "C" const char convlens_embedded_##symbol[]; \
  extern "C" const char convlens_embedded_##symbol##_end[];

CONVLENS_EMBEDDED(shader_cover_vert)
CONVLENS_EMBEDDED(shader_box_filter_glsl)
CONVLENS_EMBEDDED(shader_heat_map_frag)
CONVLENS_EMBEDDED(shader_colour_picture_frag)
CONVLENS_EMBEDDED(shader_conv2d_comp)
CONVLENS_EMBEDDED(shader_map_stats_comp)
CONVLENS_EMBEDDED(shader_reduce_map_frag)

namespace convlens::gl {

namespace {

constexpr std::array<std::string_view, 7> kNames = {"cover.vert",          "box_filter.glsl", "heat_map.frag",
                                                    "colour_picture.frag", "conv2d.comp",     "map_stats.comp",
                                                    "reduce_map.frag"};

std::string_view embedded_text(std::string_view name) {
  struct Text {
    const char* begin;
    const char* end;
  };
  static const std::array<Text, kNames.size()> kTexts = {{
      {convlens_embedded_shader_cover_vert, convlens_embedded_shader_cover_vert_end},
      {convlens_embedded_shader_box_filter_glsl, convlens_embedded_shader_box_filter_glsl_end},
      {convlens_embedded_shader_heat_map_frag, convlens_embedded_shader_heat_map_frag_end},
      {convlens_embedded_shader_colour_picture_frag, convlens_embedded_shader_colour_picture_frag_end},
      {convlens_embedded_shader_conv2d_comp, convlens_embedded_shader_conv2d_comp_end},
      {convlens_embedded_shader_map_stats_comp, convlens_embedded_shader_map_stats_comp_end},
      {convlens_embedded_shader_reduce_map_frag, convlens_embedded_shader_reduce_map_frag_end},
  }};
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return {kTexts[i].begin, static_cast<std::size_t>(kTexts[i].end - kTexts[i].begin)};
  }
  return {};
}

}  // namespace

std::span<const std::string_view> shader_names() { return kNames; }

Result<ShaderTexts> ShaderTexts::from_folder(const std::filesystem::path& folder) {
  std::error_code failed;
  if (!std::filesystem::is_directory(folder, failed)) {
    return Error{folder.string() + " is not a folder; name one that holds shaders such as " +
                 std::string(kNames.front())};
  }
  ShaderTexts texts;
  for (const std::string_view name : kNames) {
    const std::filesystem::path path = folder / name;
    if (!std::filesystem::exists(path, failed)) continue;
    std::ifstream file(path, std::ios::binary);
    std::string text(std::istreambuf_iterator<char>(file), {});
    if (!file) return Error{"cannot read the shader " + path.string() + "; check its permissions"};
    texts.from_files_.emplace(name, std::move(text));
  }
  if (texts.from_files_.empty()) {
    std::string names;
    for (const std::string_view name : kNames) names.append(names.empty() ? "" : ", ").append(name);
    return Error{folder.string() + " holds none of the shaders " + names};
  }
  return texts;
}

std::string_view ShaderTexts::text(std::string_view name) const {
  const auto found = from_files_.find(name);
  return found != from_files_.end() ? std::string_view(found->second) : embedded_text(name);
}

Result<Program> make_program(const ShaderTexts& texts, std::string_view vertex,
                             std::initializer_list<std::string_view> fragments) {
  assert(fragments.size() > 0);
  const std::string_view label = *(fragments.end() - 1);
  const std::string_view vertex_source = texts.text(vertex);
  Result<Shader> vertex_shader = compile_shader(GL_VERTEX_SHADER, vertex, {&vertex_source, 1});
  if (!vertex_shader) return vertex_shader.error();
  std::vector<std::string_view> parts;
  for (const std::string_view name : fragments) parts.push_back(texts.text(name));
  Result<Shader> fragment_shader = compile_shader(GL_FRAGMENT_SHADER, label, parts);
  if (!fragment_shader) return fragment_shader.error();
  return link_program(label, {&*vertex_shader, &*fragment_shader});
}

Result<Program> make_compute_program(const ShaderTexts& texts, std::string_view name, std::string_view defines) {
  const std::array<std::string_view, 2> parts = {defines, texts.text(name)};
  Result<Shader> shader = compile_shader(GL_COMPUTE_SHADER, name, parts);
  if (!shader) return shader.error();
  return link_program(name, {&*shader});
}

}  // namespace convlens::gl
