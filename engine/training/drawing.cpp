// Smooth strokes on a raster, and the stages from there to what a net sees.
#include "engine/training/drawing.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <utility>

namespace convlens::training {
namespace {

constexpr int kStepsPerPiece = 6;  // straight lines in a curved piece
constexpr float kInk = 0.5f;       // covered by half: ink, as in a scan of black and white

// The curve from b to c with neighbours a and d. (Catmull, Rom, "A class of local interpolating splines", 1974.)
PadPoint catmull_rom(const PadPoint& a, const PadPoint& b, const PadPoint& c, const PadPoint& d, float t) {
  const auto axis = [t](float p, float q, float r, float s) {
    return q + 0.5f * t * (r - p + t * (2 * p - 5 * q + 4 * r - s + t * (3 * (q - r) + s - p)));
  };
  return {axis(a.x, b.x, c.x, d.x), axis(a.y, b.y, c.y, d.y)};
}

// A straight line with round ends; coordinates and radius in pixels.
void draw_line(PadPoint a, PadPoint b, float radius, bool erases, View raster) {
  const float reach = radius + 1;
  const auto first = [&](float p, float q) {
    return std::max<std::int64_t>(0, static_cast<std::int64_t>(std::floor(std::min(p, q) - reach)));
  };
  const auto past = [&](float p, float q, std::int64_t limit) {
    return std::min(limit, static_cast<std::int64_t>(std::floor(std::max(p, q) + reach)) + 1);
  };
  const float dx = b.x - a.x, dy = b.y - a.y;
  const float squared = dx * dx + dy * dy;
  const float inverse = squared > 0 ? 1 / squared : 0;
  const std::int64_t x0 = first(a.x, b.x), x1 = past(a.x, b.x, raster.shape.w);
  for (std::int64_t y = first(a.y, b.y); y < past(a.y, b.y, raster.shape.h); ++y) {
    float* row = raster.row(0, 0, y);
    const float py = static_cast<float>(y) + 0.5f - a.y;
    for (std::int64_t x = x0; x < x1; ++x) {
      const float px = static_cast<float>(x) + 0.5f - a.x;
      const float t = std::clamp((px * dx + py * dy) * inverse, 0.0f, 1.0f);
      const float ex = px - t * dx, ey = py - t * dy;
      const float cover = std::clamp(0.5f + radius - std::sqrt(ex * ex + ey * ey), 0.0f, 1.0f);
      row[x] = erases ? std::min(row[x], 1 - cover) : std::max(row[x], cover);
    }
  }
}

PixelBox ink_box(ConstView raster) {
  PixelBox box{raster.shape.w, raster.shape.h, 0, 0};
  for (std::int64_t y = 0; y < raster.shape.h; ++y) {
    const float* row = raster.row(0, 0, y);
    for (std::int64_t x = 0; x < raster.shape.w; ++x) {
      if (row[x] < kInk) continue;
      box.x0 = std::min(box.x0, x), box.x1 = std::max(box.x1, x + 1);
      box.y0 = std::min(box.y0, y), box.y1 = y + 1;
    }
  }
  return box;
}

Tensor crop(ConstView raster, const PixelBox& box) {
  Tensor out = Tensor::uninitialized({1, 1, box.height(), box.width()});
  for (std::int64_t y = 0; y < box.height(); ++y) {
    std::copy_n(raster.row(0, 0, box.y0 + y) + box.x0, box.width(), out.view().row(0, 0, y));
  }
  return out;
}

// Along one axis: which old pixels make a new one, and how much of each. The weights of a new pixel add up to 1.
struct Footprint {
  std::int64_t first = 0;
  std::vector<float> weights;
};

// A new pixel is the mean of the old ones under it; where it is smaller than an old one, it lies between two of them.
std::vector<Footprint> footprints(std::int64_t from, std::int64_t to) {
  std::vector<Footprint> all(static_cast<std::size_t>(to));
  const double ratio = static_cast<double>(from) / static_cast<double>(to);
  const double half = std::max(ratio, 1.0) / 2;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const double middle = (static_cast<double>(i) + 0.5) * ratio;
    const double low = std::max(0.0, middle - half), high = std::min(static_cast<double>(from), middle + half);
    all[i].first = static_cast<std::int64_t>(low);
    for (std::int64_t at = all[i].first; at < from && static_cast<double>(at) < high; ++at) {
      const double cover = std::min(high, static_cast<double>(at) + 1) - std::max(low, static_cast<double>(at));
      all[i].weights.push_back(static_cast<float>(cover / (high - low)));
    }
  }
  return all;
}

Tensor resample(const Tensor& in, std::int64_t h, std::int64_t w) {
  const Shape& from = in.shape();
  const std::vector<Footprint> across = footprints(from.w, w), down = footprints(from.h, h);
  Tensor rows(Shape{1, 1, h, from.w});
  for (std::int64_t y = 0; y < h; ++y) {
    const Footprint& footprint = down[static_cast<std::size_t>(y)];
    float* out = rows.view().row(0, 0, y);
    for (std::size_t k = 0; k < footprint.weights.size(); ++k) {
      const float* row = in.view().row(0, 0, footprint.first + static_cast<std::int64_t>(k));
      for (std::int64_t x = 0; x < from.w; ++x) out[x] += footprint.weights[k] * row[x];
    }
  }
  Tensor result = Tensor::uninitialized({1, 1, h, w});
  for (std::int64_t y = 0; y < h; ++y) {
    const float* row = rows.view().row(0, 0, y);
    for (std::int64_t x = 0; x < w; ++x) {
      const Footprint& footprint = across[static_cast<std::size_t>(x)];
      float sum = 0;
      for (std::size_t k = 0; k < footprint.weights.size(); ++k) {
        sum += footprint.weights[k] * row[footprint.first + static_cast<std::int64_t>(k)];
      }
      result.at(0, 0, y, x) = std::clamp(sum, 0.0f, 1.0f);
    }
  }
  return result;
}

Tensor scale(const Tensor& cropped, const Shape& picture, const DrawingRecipe& recipe) {
  const std::int64_t box_h = recipe.fits_box ? digit_box(picture.h) : picture.h;
  const std::int64_t box_w = recipe.fits_box ? digit_box(picture.w) : picture.w;
  if (!recipe.keeps_aspect) return resample(cropped, box_h, box_w);
  const auto h = static_cast<double>(cropped.shape().h), w = static_cast<double>(cropped.shape().w);
  const double factor = std::min(static_cast<double>(box_h) / h, static_cast<double>(box_w) / w);
  const auto side = [factor](double length) { return std::max<std::int64_t>(1, std::llround(length * factor)); };
  return resample(cropped, side(h), side(w));
}

struct Mass {
  double total = 0, x = 0, y = 0;  // centre in pixels from the upper left corner; the middle where there is no ink
};

Mass measure_mass(ConstView ink) {
  Mass mass;
  for (std::int64_t y = 0; y < ink.shape.h; ++y) {
    const float* row = ink.row(0, 0, y);
    for (std::int64_t x = 0; x < ink.shape.w; ++x) {
      const auto value = static_cast<double>(row[x]);
      mass.total += value;
      mass.x += value * (static_cast<double>(x) + 0.5);
      mass.y += value * (static_cast<double>(y) + 0.5);
    }
  }
  mass.x = mass.total > 0 ? mass.x / mass.total : static_cast<double>(ink.shape.w) / 2;
  mass.y = mass.total > 0 ? mass.y / mass.total : static_cast<double>(ink.shape.h) / 2;
  return mass;
}

// Whole pixels alone, so that nothing is blurred a second time.
PixelBox find_place(const Tensor& scaled, const Mass& mass, const Shape& picture, const DrawingRecipe& recipe) {
  const auto begin = [&](std::int64_t field, std::int64_t size, double centre) {
    const double anchor = recipe.centres_mass ? centre : static_cast<double>(size) / 2;
    return static_cast<std::int64_t>(std::floor(static_cast<double>(field) / 2 - anchor + 0.5));
  };
  const std::int64_t w = scaled.shape().w, h = scaled.shape().h;
  const std::int64_t x = begin(picture.w, w, mass.x) + recipe.nudge_x;
  const std::int64_t y = begin(picture.h, h, mass.y) + recipe.nudge_y;
  return {x, y, x + w, y + h};
}

Tensor put_into_picture(const Tensor& scaled, const PixelBox& place, const Shape& picture) {
  Tensor out(Shape{1, 1, picture.h, picture.w});
  for (std::int64_t y = std::max<std::int64_t>(0, place.y0); y < std::min(picture.h, place.y1); ++y) {
    for (std::int64_t x = std::max<std::int64_t>(0, place.x0); x < std::min(picture.w, place.x1); ++x) {
      out.at(0, 0, y, x) = scaled.at(0, 0, y - place.y0, x - place.x0);
    }
  }
  return out;
}

}  // namespace

std::int64_t piece_count(const Stroke& stroke) {
  const std::int64_t points = std::ssize(stroke.points);
  return points > 1 ? points - 1 : points;
}

void draw_pieces(const Stroke& stroke, std::int64_t first, std::int64_t end, View raster) {
  assert(raster.shape.h == raster.shape.w);
  const auto side = static_cast<float>(raster.shape.w);
  const float radius = std::max(0.5f, stroke.width * side / 2);
  const auto last = std::ssize(stroke.points) - 1;
  const auto point = [&](std::int64_t i) {
    const PadPoint& p = stroke.points[static_cast<std::size_t>(std::clamp<std::int64_t>(i, 0, last))];
    return PadPoint{p.x * side, p.y * side};
  };
  for (std::int64_t i = first; i < std::min(end, piece_count(stroke)); ++i) {
    const PadPoint a = point(i - 1), b = point(i), c = point(i + 1), d = point(i + 2);
    PadPoint from = b;
    for (int step = 1; step <= kStepsPerPiece; ++step) {
      const PadPoint to = catmull_rom(a, b, c, d, static_cast<float>(step) / kStepsPerPiece);
      draw_line(from, to, radius, stroke.erases, raster);
      from = to;
    }
  }
}

Tensor draw(const Drawing& drawing, std::int64_t side) {
  Tensor raster(Shape{1, 1, side, side});
  for (const Stroke& stroke : drawing) draw_pieces(stroke, 0, piece_count(stroke), raster.view());
  return raster;
}

std::int64_t digit_box(std::int64_t side) { return std::max<std::int64_t>(1, (side * 20 + 14) / 28); }

DrawingStages make_stages(ConstView raster, const Shape& picture, const Preprocessing& preprocessing,
                          const DrawingRecipe& recipe) {
  DrawingStages stages;
  const PixelBox ink = ink_box(raster);
  stages.is_empty = ink.width() <= 0;
  stages.box = recipe.crops && !stages.is_empty ? ink : PixelBox{0, 0, raster.shape.w, raster.shape.h};
  stages.cropped = crop(raster, stages.box);
  stages.scaled = scale(stages.cropped, picture, recipe);
  const Mass mass = measure_mass(stages.scaled.view());
  stages.place = find_place(stages.scaled, mass, picture, recipe);
  stages.placed = put_into_picture(stages.scaled, stages.place, picture);
  const Mass kept = measure_mass(stages.placed.view());
  stages.mass_x = kept.x;
  stages.mass_y = kept.y;
  stages.lost = mass.total > 0 ? std::max(0.0, 1 - kept.total / mass.total) : 0;
  stages.is_inverted = preprocessing.background.value_or(0) > 0.5f;
  const Normalisation normalisation = recipe.normalises ? preprocessing.normalisation : Normalisation{};
  for (float& value : stages.placed.values()) {
    if (stages.is_inverted) value = 1 - value;
  }
  for (std::int64_t c = 0; c < picture.c; ++c) {
    for (const float value : stages.placed.values()) {
      stages.values.push_back((value - normalisation.mean) / normalisation.deviation);
    }
  }
  return stages;
}

}  // namespace convlens::training
