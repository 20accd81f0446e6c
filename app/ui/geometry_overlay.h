// What the geometry switches lay over the input and the maps: coverage, padding share, gridding, sampling grid,
// alignment. Counts come from app/model/geometry_facts; the pictures underneath and the switches are drawn elsewhere.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/model/geometry_facts.h"
#include "app/model/sweep.h"
#include "app/ui/canvas.h"
#include "app/view/separable_picture.h"
#include "engine/conv/params.h"

namespace convlens::ui {

// Colours with a meaning, for the canvas and for legends alike: amber is what is read of the input, grey is padding,
// cyan is where outputs are.
view::Ramp coverage_ramp(const Ui& ui, const model::GeometryFacts& facts);
// Of the share inside the picture: 1 is clear.
view::Ramp padding_ramp(const Ui& ui);
// 0 is in shade, 1 is clear.
view::Ramp kin_ramp();
ImU32 ink_of(const view::Rgba& colour);

// Facts that are worked out again when the geometry changes; `version` counts how often that was.
class FollowedFacts {
 public:
  const model::GeometryFacts& follow(const conv::Geometry& geometry);
  std::uint64_t version() const { return version_; }

 private:
  model::GeometryFacts facts_;
  std::uint64_t version_ = 0;
};

// Over the picture of the input (H x W), for the output `cell` that is looked at.
class InputGeometryOverlay {
 public:
  void draw(Ui& ui, const CanvasState& canvas, const conv::Geometry& geometry, model::OutputCell cell);

 private:
  void draw_coverage(Ui& ui, const CanvasState& canvas, const model::GeometryFacts& facts);
  void draw_kin(const CanvasState& canvas, const model::GeometryFacts& facts, model::OutputCell cell);

  FollowedFacts facts_;
  std::vector<double> reads_rows_, reads_cols_;
  std::uint64_t reads_version_ = 0;
  view::SeparablePicture coverage_, kin_;
};

// Over a map (P x Q). One for all tiles of a panel: they show the same window.
class MapGeometryOverlay {
 public:
  void draw(Ui& ui, const CanvasState& canvas, const conv::Geometry& geometry, model::OutputCell cell);

 private:
  FollowedFacts facts_;
  view::SeparablePicture padding_, kin_;
};

}  // namespace convlens::ui
