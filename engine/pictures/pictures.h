// Built-in pictures, made by code, so that the program is useful with no file.
#pragma once

#include <span>
#include <string_view>

#include "engine/core/error.h"
#include "engine/core/tensor.h"

namespace convlens::pictures {

struct BuiltinPicture {
  std::string_view name;   // "scene"
  std::string_view label;  // "Scene"
  std::string_view shows;  // one line: what it is good for
};

// The first one ("scene") is the default: a shaded scene rich in edges and texture.
// scene, impulse, step, checkerboard, zone-plate, gradient, chirp, text, digit.
std::span<const BuiltinPicture> builtin_pictures();

// (1,C,H,W) in [0,1], C = 1 or 3. Error: unknown name (the known ones are listed).
Result<Tensor> make_builtin_picture(std::string_view name);

}  // namespace convlens::pictures
