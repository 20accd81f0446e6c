// Two-dimensional weights of each named filter on one channel. Internal to filters; sizes are checked by the caller.
#pragma once

#include <vector>

#include "engine/filters/presets.h"

namespace convlens::filters {

// rows x cols weights, row by row. Cell ((rows-1)/2, (cols-1)/2) is the one over the output pixel; for even sizes blurs
// and differences are symmetric about the centre of the window instead.
using PlaneMaker = std::vector<double> (*)(const PresetArgs&);

std::vector<double> identity_plane(const PresetArgs& args);
// The picture moves by half the filter towards orientation_degrees (counter-clockwise from the right).
std::vector<double> shift_plane(const PresetArgs& args);

// Blurs; their weights sum to 1.
std::vector<double> box_plane(const PresetArgs& args);
std::vector<double> gaussian_plane(const PresetArgs& args);
// Along orientation_degrees, counter-clockwise from the right.
std::vector<double> motion_blur_plane(const PresetArgs& args);

// Sharpeners; their weights sum to 1.
std::vector<double> sharpen_plane(const PresetArgs& args);
std::vector<double> unsharp_plane(const PresetArgs& args);

// Derivatives; their weights sum to 0, and a ramp gets the same answer at every size: that of the 3 x 3 filter.
std::vector<double> sobel_x_plane(const PresetArgs& args);
std::vector<double> sobel_y_plane(const PresetArgs& args);
std::vector<double> prewitt_x_plane(const PresetArgs& args);
std::vector<double> prewitt_y_plane(const PresetArgs& args);
std::vector<double> scharr_x_plane(const PresetArgs& args);
std::vector<double> scharr_y_plane(const PresetArgs& args);
std::vector<double> roberts_diagonal_plane(const PresetArgs& args);
std::vector<double> roberts_antidiagonal_plane(const PresetArgs& args);

// Second derivatives and centre against surround; their weights sum to 0.
std::vector<double> laplacian4_plane(const PresetArgs& args);
std::vector<double> laplacian8_plane(const PresetArgs& args);
// Absolute values sum to 2, so that pictures in [0,1] give answers in [-1,1]; so do gabor and checker.
std::vector<double> log_plane(const PresetArgs& args);
std::vector<double> dog_plane(const PresetArgs& args);
std::vector<double> outline_plane(const PresetArgs& args);
// A diagonal derivative on top of the picture; sum 1.
std::vector<double> emboss_plane(const PresetArgs& args);

// Textures; their weights sum to 0.
// A wave of the given wavelength whose brightness changes along orientation_degrees (counter-clockwise from the
// right), under a round Gaussian window. J. G. Daugman, 1985.
std::vector<double> gabor_plane(const PresetArgs& args);
std::vector<double> checker_plane(const PresetArgs& args);

}  // namespace convlens::filters
