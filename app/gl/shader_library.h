// The GLSL sources of shaders/, embedded at build time or read from a folder, and programs made of them.
#pragma once

#include <filesystem>
#include <initializer_list>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "app/gl/objects.h"
#include "engine/core/error.h"

namespace convlens::gl {

// The names of all shader files.
std::span<const std::string_view> shader_names();

// The texts of all shader files: the embedded ones, or those of a folder that has them.
class ShaderTexts {
 public:
  // As embedded.
  ShaderTexts() = default;
  // Files that the folder lacks are taken from the program. Error: no such folder, a file that cannot be read, or a
  // folder without a single one of shader_names().
  static Result<ShaderTexts> from_folder(const std::filesystem::path& folder);

  // Empty for a name that is not one of shader_names().
  std::string_view text(std::string_view name) const;

 private:
  std::map<std::string, std::string, std::less<>> from_files_;
};

// A program whose fragment shader is the named files one after another; the last names it in errors.
Result<Program> make_program(const ShaderTexts& texts, std::string_view vertex,
                             std::initializer_list<std::string_view> fragments);

// A compute program of one file, with `defines` in front of it.
Result<Program> make_compute_program(const ShaderTexts& texts, std::string_view name, std::string_view defines);

}  // namespace convlens::gl
