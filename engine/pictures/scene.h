// The default picture: a ray-traced still life on a terrace.
#pragma once

#include "engine/core/tensor.h"

namespace convlens::pictures {

// (1,3,480,640) in [0,1]: a glossy, a striped, a mirroring and a matte ball, a letter block, a cloth, tiles, bricks,
// leaves and sky. Edges in every direction, textures at several scales, red against green and blue against yellow.
Tensor make_scene();

}  // namespace convlens::pictures
