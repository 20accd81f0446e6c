// Two-dimensional weights of each named filter on one channel.
#include "engine/filters/planes.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <utility>

#include "engine/filters/profiles.h"

namespace convlens::filters {
namespace {

using Plane = std::vector<double>;

// Cosine and sine of an angle in degrees, exact at multiples of 90.
struct Direction {
  double x;
  double y;
};
Direction direction(double degrees) {
  const double turn = std::remainder(degrees, 360.0);
  if (turn == 0) return {1, 0};
  if (turn == 90) return {0, 1};
  if (turn == -90) return {0, -1};
  if (std::abs(turn) == 180) return {-1, 0};
  const double angle = turn * std::numbers::pi / 180;
  return {std::cos(angle), std::sin(angle)};
}

// value(dy, dx) at every cell, with dy and dx counted down and right from the centre of the window.
template <class Value>
Plane fill(const PresetArgs& args, Value value) {
  Plane plane;
  plane.reserve(static_cast<std::size_t>(args.rows) * static_cast<std::size_t>(args.cols));
  for (int y = 0; y < args.rows; ++y) {
    for (int x = 0; x < args.cols; ++x) plane.push_back(value(y - (args.rows - 1) / 2.0, x - (args.cols - 1) / 2.0));
  }
  return plane;
}

Plane outer(const Profile& down, const Profile& across, double scale) {
  Plane plane;
  plane.reserve(down.size() * across.size());
  for (const double a : down) {
    for (const double b : across) plane.push_back(scale * (a * b));
  }
  return plane;
}

double& middle(Plane& plane, const PresetArgs& args) {
  return plane[static_cast<std::size_t>((args.rows - 1) / 2 * args.cols + (args.cols - 1) / 2)];
}

Plane scaled(Plane plane, double factor) {
  for (double& value : plane) value *= factor;
  return plane;
}

// Spreads what is missing to sum 0 in proportion to `weight`, then scales absolute values to sum 2.
Plane balanced(Plane plane, const Plane& weight) {
  double sum = 0, share = 0;
  for (std::size_t i = 0; i < plane.size(); ++i) {
    sum += plane[i];
    share += weight[i];
  }
  double absolute = 0;
  for (std::size_t i = 0; i < plane.size(); ++i) {
    plane[i] -= sum * weight[i] / share;
    absolute += std::abs(plane[i]);
  }
  // A sine sampled at its zeros leaves rounding errors only; those are not to be blown up.
  return absolute > 1e-9 ? scaled(std::move(plane), 2 / absolute) : plane;
}

// Each cell on the middle row or column is `arm`, the middle makes the sum `total`.
Plane cross(const PresetArgs& args, double row_arm, double column_arm, double total) {
  double sum = 0;
  Plane plane = fill(args, [&](double dy, double dx) {
    const double value = dy == 0 && dx == 0 ? 0 : dy == 0 ? row_arm : dx == 0 ? column_arm : 0;
    sum += value;
    return value;
  });
  middle(plane, args) = total - sum;
  return plane;
}

}  // namespace

Plane identity_plane(const PresetArgs& args) {
  Plane plane = fill(args, [](double, double) { return 0.0; });
  middle(plane, args) = 1;
  return plane;
}

Plane shift_plane(const PresetArgs& args) {
  const Direction d = direction(args.orientation_degrees);
  // The output reads where the picture comes from: opposite to its movement. Rows count downwards.
  int dx = -static_cast<int>(std::lround(args.cols / 2 * d.x));
  int dy = static_cast<int>(std::lround(args.rows / 2 * d.y));
  if (dx == 0 && dy == 0) (args.cols > 1 ? dx : dy) = args.cols > 1 ? -(args.cols / 2) : args.rows / 2;
  return fill(args, [&](double y, double x) { return y == dy && x == dx ? 1.0 : 0.0; });
}

Plane box_plane(const PresetArgs& args) { return outer(box(args.rows), box(args.cols), 1); }

Plane gaussian_plane(const PresetArgs& args) { return outer(gaussian(args.rows), gaussian(args.cols), 1); }

Plane motion_blur_plane(const PresetArgs& args) {
  const Direction d = direction(args.orientation_degrees);
  double sum = 0;
  Plane plane = fill(args, [&](double dy, double dx) {
    // Cells within one pixel of the line share it, as a line one pixel wide covers them.
    const double distance = std::abs(dx * d.y + dy * d.x);
    const double value = distance < 1 - 1e-9 ? 1 - distance : 0;
    sum += value;
    return value;
  });
  return scaled(std::move(plane), 1 / sum);
}

Plane sharpen_plane(const PresetArgs& args) {
  // Longer arms share what the four neighbours have in 3 x 3.
  const double row_arm = args.cols > 1 ? -1.0 / (args.cols / 2) : 0;
  const double column_arm = args.rows > 1 ? -1.0 / (args.rows / 2) : 0;
  return cross(args, row_arm, column_arm, 1);
}

Plane unsharp_plane(const PresetArgs& args) {
  Plane plane = outer(gaussian(args.rows), gaussian(args.cols), -1);
  middle(plane, args) += 2;
  return plane;
}

Plane sobel_x_plane(const PresetArgs& args) { return outer(binomial(args.rows), smooth_difference(args.cols), 8); }
Plane sobel_y_plane(const PresetArgs& args) { return outer(smooth_difference(args.rows), binomial(args.cols), 8); }
Plane prewitt_x_plane(const PresetArgs& args) { return outer(box(args.rows), fitted_slope(args.cols), 6); }
Plane prewitt_y_plane(const PresetArgs& args) { return outer(fitted_slope(args.rows), box(args.cols), 6); }
Plane scharr_x_plane(const PresetArgs& args) {
  return outer(scharr_smoothing(args.rows), smooth_difference(args.cols), 32);
}
Plane scharr_y_plane(const PresetArgs& args) {
  return outer(smooth_difference(args.rows), scharr_smoothing(args.cols), 32);
}

Plane roberts_diagonal_plane(const PresetArgs&) { return {1, 0, 0, -1}; }
Plane roberts_antidiagonal_plane(const PresetArgs&) { return {0, 1, -1, 0}; }

Plane laplacian4_plane(const PresetArgs& args) { return cross(args, 1, 1, 0); }

Plane laplacian8_plane(const PresetArgs& args) {
  Plane plane = fill(args, [](double, double) { return 1.0; });
  middle(plane, args) = 1.0 - args.rows * args.cols;
  return plane;
}

Plane log_plane(const PresetArgs& args) {
  // sigma 1.4 at nine cells, the usual textbook example, and in proportion elsewhere.
  const double sy = 0.15 * args.rows + 0.05;
  const double sx = 0.15 * args.cols + 0.05;
  const auto window = [&](double dy, double dx) {
    return std::exp(-0.5 * (dy * dy / (sy * sy) + dx * dx / (sx * sx)));
  };
  const auto bend = [](double d, double s) { return (d * d / (s * s) - 1) / (s * s); };
  Plane plane = fill(args, [&](double dy, double dx) {
    const double down = args.rows > 1 ? bend(dy, sy) : 0;
    const double across = args.cols > 1 ? bend(dx, sx) : 0;
    return (down + across) * window(dy, dx);
  });
  return balanced(std::move(plane), fill(args, window));
}

Plane dog_plane(const PresetArgs& args) {
  // The ratio 1.6 comes closest to a Laplacian of Gaussian. D. Marr and E. Hildreth, 1980.
  const auto blur = [&](double ratio) {
    return outer(sampled_gaussian(args.rows, ratio * args.rows / 9), sampled_gaussian(args.cols, ratio * args.cols / 9),
                 1);
  };
  Plane plane = blur(1);
  const Plane wide = blur(1.6);
  for (std::size_t i = 0; i < plane.size(); ++i) plane[i] -= wide[i];
  return plane;
}

Plane outline_plane(const PresetArgs& args) { return scaled(laplacian8_plane(args), -1); }

Plane emboss_plane(const PresetArgs& args) {
  double lit = 0;
  Plane plane = fill(args, [&](double dy, double dx) {
    lit += std::max(0.0, dy + dx);
    return dy + dx;
  });
  plane = scaled(std::move(plane), 4 / lit);
  middle(plane, args) += 1;
  return plane;
}

Plane gabor_plane(const PresetArgs& args) {
  const Direction d = direction(args.orientation_degrees);
  const double phase = args.phase_degrees * std::numbers::pi / 180;
  // One octave wide (sigma = 0.56 wavelengths) where the window has room for it.
  const auto sigma = [&](int n) { return std::min(0.56 * args.wavelength, std::max(0.5, n / 4.0)); };
  const double sy = sigma(args.rows), sx = sigma(args.cols);
  const auto window = [&](double dy, double dx) {
    return std::exp(-0.5 * (dy * dy / (sy * sy) + dx * dx / (sx * sx)));
  };
  Plane plane = fill(args, [&](double dy, double dx) {
    const double along = dx * d.x - dy * d.y;
    return window(dy, dx) * std::cos(2 * std::numbers::pi * along / args.wavelength + phase);
  });
  return balanced(std::move(plane), fill(args, window));
}

Plane checker_plane(const PresetArgs& args) {
  Plane plane;
  for (int y = 0; y < args.rows; ++y) {
    for (int x = 0; x < args.cols; ++x) plane.push_back((x + y) % 2 == 0 ? 1 : -1);
  }
  return balanced(std::move(plane), Plane(plane.size(), 1.0));
}

}  // namespace convlens::filters
