// The GLSL sources of shaders/, embedded at build time, and programs made of them.
#pragma once

#include <initializer_list>
#include <string_view>

#include "app/gl/objects.h"
#include "engine/core/error.h"

namespace convlens::gl {

// The text of shaders/<name>; empty for a name that is not embedded.
std::string_view shader_source(std::string_view name);

// A program whose fragment shader is the named files one after another; the last names it in errors.
Result<Program> make_program(std::string_view vertex, std::initializer_list<std::string_view> fragments);

}  // namespace convlens::gl
