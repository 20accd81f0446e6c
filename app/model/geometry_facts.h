// What the geometry overlays and their legends show of one convolution: the engine's counts, kept together with what is
// said about them in words. No drawing.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/model/sweep.h"
#include "engine/conv/params.h"
#include "engine/explain/overlays.h"

namespace convlens::model {

struct GeometryFacts {
  conv::Geometry geometry;

  explain::Coverage coverage;
  std::int64_t least_read = 0, most_read = 0;  // times, over all pixels
  std::int64_t unread = 0;                     // pixels that nothing reads
  std::int64_t dropped_rows = 0, dropped_cols = 0;

  explain::PaddingShare padding;
  std::int64_t outputs = 0, touched = 0;  // of one map; with padding in their window
  double largest_share = 0, mean_share = 0;
  // Outputs [row0, row1) x [col0, col1) that see no padding; empty where all do.
  Sweep clean{.row0 = 0, .row1 = 0, .col0 = 0, .col1 = 0};

  explain::Alignment rows, cols;
  explain::SamplingGrid sampling;

  std::int64_t grids_y = 1, grids_x = 1;  // that dilation cuts the outputs into
  // In how many ways two such layers read each offset of their field, along x: 1 0 2 0 3 0 2 0 1.
  std::vector<std::int64_t> two_layers;
  double holes = 0;  // share of the two layers' field, rows x columns, that is never read
};
GeometryFacts geometry_facts(const conv::Geometry& geometry);

// One or two sentences each, with the numbers above in them; inside a number and before % stand no-break spaces.
std::string coverage_words(const GeometryFacts& facts);
std::string padding_words(const GeometryFacts& facts);
std::string gridding_words(const GeometryFacts& facts);
std::string sampling_words(const GeometryFacts& facts);
std::string alignment_words(const GeometryFacts& facts);

// Along one axis: 1 at the input positions that share a grid with output `output`, 0 at the others: H or W values.
std::vector<double> kin_inputs(const conv::Geometry& geometry, conv::Axis axis, std::int64_t output);
// ... and at the outputs that can share a position with it: P or Q values.
std::vector<double> kin_outputs(const conv::Geometry& geometry, conv::Axis axis, std::int64_t output);

}  // namespace convlens::model
