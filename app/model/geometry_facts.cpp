// Counts from engine/explain, put into sentences.
#include "app/model/geometry_facts.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "engine/core/text.h"
namespace convlens::model {
namespace {

constexpr const char* kNoBreak = "\u00a0";  // a space where no line ends

std::string number(std::int64_t value) { return grouped(value, kNoBreak); }

std::string decimal(double value) { return formatted("%.4g", value == 0 ? 0 : value); }

std::string percent(double share) {
  const double value = 100 * share;
  return formatted(value >= 10 ? "%.0f" : "%.2g", value) + kNoBreak + "%";
}

std::string counted(std::int64_t count, const std::string& noun) {
  return number(count) + " " + noun + (count == 1 ? "" : "s");
}

std::int64_t least(const std::vector<std::int64_t>& counts) { return *std::min_element(counts.begin(), counts.end()); }

double mean(const std::vector<double>& shares) {
  return std::accumulate(shares.begin(), shares.end(), 0.0) / static_cast<double>(shares.size());
}

// First and one past the last whole share; both 0 where there is none.
void whole_run(const std::vector<double>& inside, std::int64_t& first, std::int64_t& last) {
  const auto is_whole = [](double share) { return share == 1; };
  const auto begin = std::find_if(inside.begin(), inside.end(), is_whole);
  if (begin == inside.end()) return;
  first = begin - inside.begin();
  last = std::find_if(inside.rbegin(), inside.rend(), is_whole).base() - inside.begin();
}

explain::StackLayer layer_of(const conv::Geometry& g, conv::Axis axis) {
  if (axis == conv::Axis::kY) return {g.r, g.dilation_y, g.stride_y};
  return {g.s, g.dilation_x, g.stride_x};
}

std::vector<std::int64_t> two_layers(const conv::Geometry& g, conv::Axis axis) {
  const std::array<explain::StackLayer, 2> stack{layer_of(g, axis), layer_of(g, axis)};
  return explain::stack_paths(stack);
}

std::int64_t positive_modulo(std::int64_t value, std::int64_t modulus) {
  return ((value % modulus) + modulus) % modulus;
}

// 1 where i = residue (mod modulus).
std::vector<double> lattice(std::int64_t length, std::int64_t residue, std::int64_t modulus) {
  std::vector<double> lit(static_cast<std::size_t>(length), 0);
  for (std::int64_t i = positive_modulo(residue, modulus); i < length; i += modulus)
    lit[static_cast<std::size_t>(i)] = 1;
  return lit;
}

}  // namespace

GeometryFacts geometry_facts(const conv::Geometry& g) {
  GeometryFacts facts;
  facts.geometry = g;
  facts.coverage = explain::coverage(g);
  facts.least_read = least(facts.coverage.rows) * least(facts.coverage.cols);
  facts.most_read = facts.coverage.largest();
  facts.unread = facts.coverage.unread_pixels();
  facts.dropped_rows = facts.coverage.dropped_rows();
  facts.dropped_cols = facts.coverage.dropped_cols();

  facts.padding = explain::padding_share(g);
  facts.outputs = g.p * g.q;
  facts.touched = facts.padding.touched_outputs();
  const std::vector<double>& inside_rows = facts.padding.rows;
  const std::vector<double>& inside_cols = facts.padding.cols;
  facts.largest_share = 1 - *std::min_element(inside_rows.begin(), inside_rows.end()) *
                                *std::min_element(inside_cols.begin(), inside_cols.end());
  facts.mean_share = std::max(0.0, 1 - mean(inside_rows) * mean(inside_cols));
  if (facts.touched == 0) facts.mean_share = 0;
  whole_run(inside_rows, facts.clean.row0, facts.clean.row1);
  whole_run(inside_cols, facts.clean.col0, facts.clean.col1);

  facts.rows = explain::alignment(g, conv::Axis::kY);
  facts.cols = explain::alignment(g, conv::Axis::kX);
  facts.sampling = explain::sampling_grid(g);
  // A single tap has no neighbours to be apart from.
  facts.grids_y = g.r > 1 ? explain::interleaved_grids(g, conv::Axis::kY) : 1;
  facts.grids_x = g.s > 1 ? explain::interleaved_grids(g, conv::Axis::kX) : 1;
  facts.two_layers = two_layers(g, conv::Axis::kX);
  const double read_x = 1 - explain::hole_share(facts.two_layers);
  const double read_y = 1 - explain::hole_share(two_layers(g, conv::Axis::kY));
  facts.holes = 1 - read_y * read_x;
  return facts;
}

std::string coverage_words(const GeometryFacts& facts) {
  std::string text =
      facts.least_read == facts.most_read
          ? "Each map reads every pixel " + counted(facts.most_read, "time") + "."
          : "Each map reads a pixel " + number(facts.least_read) + " to " + counted(facts.most_read, "time") + ".";
  if (facts.unread == 0) return text;
  text += " " + counted(facts.unread, "pixel") + (facts.unread == 1 ? " is" : " are") + " never read";
  std::string last;
  if (facts.dropped_rows > 0) last = counted(facts.dropped_rows, "row");
  if (facts.dropped_cols > 0) last += (last.empty() ? "" : " and ") + counted(facts.dropped_cols, "column");
  return text + (last.empty() ? "." : ", the last " + last + " among them.");
}

std::string padding_words(const GeometryFacts& facts) {
  if (facts.touched == 0) return "No output has padding in its window.";
  return number(facts.touched) + " of " + number(facts.outputs) + " outputs (" +
         percent(static_cast<double>(facts.touched) / static_cast<double>(facts.outputs)) +
         ") have padding in their window, at most " + percent(facts.largest_share) + " of it; " +
         percent(facts.mean_share) + " of all that is read.";
}

std::string gridding_words(const GeometryFacts& facts) {
  const conv::Geometry& g = facts.geometry;
  const bool is_dense = (g.dilation_y == 1 || g.r == 1) && (g.dilation_x == 1 || g.s == 1);
  if (is_dense) return "The filter is dense: no holes.";
  const std::int64_t grids = facts.grids_y * facts.grids_x;
  std::string text = grids == 1 ? "All outputs belong to one grid."
                                : "The outputs fall into " + number(facts.grids_y) + " × " + number(facts.grids_x) +
                                      " grids that share no position.";
  return text + " Two such layers never read " + percent(facts.holes) + " of the field they span.";
}

std::string sampling_words(const GeometryFacts& facts) {
  const std::int64_t positions = std::int64_t{facts.sampling.stride_y} * facts.sampling.stride_x;
  if (positions == 1) return "Stride 1: an output at every position.";
  return "Keeps 1 of " + number(positions) + " positions (" + percent(facts.sampling.kept) + "): outputs stand " +
         counted(facts.sampling.stride_y, "row") + " and " + counted(facts.sampling.stride_x, "column") + " apart.";
}

std::string alignment_words(const GeometryFacts& facts) {
  std::string text = "Output (0, 0) is centred on (" + decimal(facts.rows.first) + ", " + decimal(facts.cols.first) +
                     "), the next one " + decimal(facts.rows.step) + " down, " + decimal(facts.cols.step) + " right.";
  if (facts.rows.shift == 0 && facts.cols.shift == 0) return text + " The middles agree.";
  std::string shift;
  if (facts.rows.shift != 0) {
    shift = decimal(std::abs(facts.rows.shift)) + " px " + (facts.rows.shift > 0 ? "down" : "up");
  }
  if (facts.cols.shift != 0) {
    shift += (shift.empty() ? "" : ", ") + decimal(std::abs(facts.cols.shift)) + " px " +
             (facts.cols.shift > 0 ? "right" : "left");
  }
  return text + " The map is shifted " + shift + ".";
}

// Output o reads o * stride - pad + i * dilation; all outputs of its grid differ from it by a multiple of dilation.
std::vector<double> kin_inputs(const conv::Geometry& g, conv::Axis axis, std::int64_t output) {
  const bool is_y = axis == conv::Axis::kY;
  if ((is_y ? g.r : g.s) == 1) return lattice(is_y ? g.h : g.w, 0, 1);
  return is_y ? lattice(g.h, output * g.stride_y - g.pad.top, g.dilation_y)
              : lattice(g.w, output * g.stride_x - g.pad.left, g.dilation_x);
}

std::vector<double> kin_outputs(const conv::Geometry& g, conv::Axis axis, std::int64_t output) {
  const bool is_y = axis == conv::Axis::kY;
  if ((is_y ? g.r : g.s) == 1) return lattice(is_y ? g.p : g.q, 0, 1);
  return lattice(is_y ? g.p : g.q, output, explain::interleaved_grids(g, axis));
}

}  // namespace convlens::model
