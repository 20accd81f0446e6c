// The surfaces of the default scene: tiles, cloth, brick, leaves, letter block, sky. Colours are linear light.
#pragma once

#include "engine/pictures/vec3.h"

namespace convlens::pictures {

// Terrace of two-coloured tiles with joints. `footprint` is the width of a pixel on the ground.
Vec3 tile_colour(float x, float z, float footprint);

// Striped woven cloth lying on the terrace; u and v run across and along it in metres from its middle. False outside.
bool cloth_colour(float u, float v, float footprint, Vec3& colour);

// Brick wall; u along, v up, in metres.
Vec3 brick_colour(float u, float v);

// Overlapping leaves of a hedge; u along, v up. Returns how open the leaves are (0: a dark gap) beside the colour.
Vec3 leaf_colour(float u, float v);
// Height of the hedge at u.
float hedge_height(float u);

// A face of the toy block: u and v in [-1,1]; face 0 to 2 chooses the letter and the paint.
Vec3 block_colour(float u, float v, int face);

// Beach ball: eight gores around the axis and a cap at each pole; p on the unit sphere.
Vec3 ball_colour(const Vec3& p);

// Sky with clouds, sun and hills, towards a unit direction.
Vec3 sky_colour(const Vec3& direction);

}  // namespace convlens::pictures
