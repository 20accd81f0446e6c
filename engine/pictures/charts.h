// The built-in pictures that are test charts: exact signals whose answer to a filter can be foretold.
#pragma once

#include "engine/core/tensor.h"

namespace convlens::pictures {

// All (1,1,H,W) in [0,1].
Tensor make_impulse();
Tensor make_step();
Tensor make_checkerboard();
Tensor make_zone_plate();
Tensor make_gradient();
Tensor make_chirp();
Tensor make_text();
Tensor make_digit();

}  // namespace convlens::pictures
