// Draws the overlays and their key in a corner of the canvas. Lattices are thinned until their points stand apart.
#include "app/ui/geometry_overlay.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "app/ui/widgets.h"

namespace convlens::ui {
namespace {

using model::GeometryFacts;
using model::OutputCell;

constexpr double kDotDistance = 9;       // at scale 1: least distance of drawn points of a lattice, in screen pixels
constexpr double kSkippedDistance = 12;  // ... and of the positions that the stride leaves out
constexpr double kKinPixels = 1.5;       // ... smallest pixel whose grid can be told from its neighbour's
constexpr double kThinnest = 5;          // ... and least height of hatching that marks a single row
constexpr float kKeyWidth = 200;         // ... canvases narrower than this have no key: the Geometry tab has it
constexpr ImU32 kHalo = IM_COL32(0, 0, 0, 140);

view::Rgba rgba(ImU32 colour, int alpha) {
  const auto byte = [&](int shift) { return static_cast<std::uint8_t>((colour >> shift) & 0xFF); };
  return {byte(IM_COL32_R_SHIFT), byte(IM_COL32_G_SHIFT), byte(IM_COL32_B_SHIFT), static_cast<std::uint8_t>(alpha)};
}

ImU32 with_alpha(ImU32 colour, int alpha) {
  return (colour & ~IM_COL32_A_MASK) | (static_cast<ImU32>(alpha) << IM_COL32_A_SHIFT);
}

// With the colour that a theme gives to an overlay: another theme makes another picture.
std::uint64_t coloured(std::uint64_t version, ImU32 colour) {
  return (version << 24U) + (colour & ~static_cast<ImU32>(IM_COL32_A_MASK));
}

// Which of a dilation's grids is lit, and of which geometry.
std::uint64_t kin_version(const GeometryFacts& facts, std::uint64_t version, OutputCell cell, bool is_input) {
  const conv::Geometry& g = facts.geometry;
  const std::int64_t y = is_input ? (cell.row * g.stride_y) % g.dilation_y : cell.row % facts.grids_y;
  const std::int64_t x = is_input ? (cell.col * g.stride_x) % g.dilation_x : cell.col % facts.grids_x;
  return version * 65536 + static_cast<std::uint64_t>(y) * 256 + static_cast<std::uint64_t>(x) + 1;
}

ImVec2 screen(const CanvasState& canvas, double x, double y) {
  const view::Point at = canvas.placement.to_screen({x, y});
  return {static_cast<float>(at.x), static_cast<float>(at.y)};
}

class Clip {
 public:
  explicit Clip(const CanvasState& canvas) : list_(ImGui::GetWindowDrawList()) {
    const view::Rect& area = canvas.placement.canvas;
    list_->PushClipRect({static_cast<float>(area.x0) + 1, static_cast<float>(area.y0) + 1},
                        {static_cast<float>(area.x1) - 1, static_cast<float>(area.y1) - 1}, true);
  }
  ~Clip() { list_->PopClipRect(); }
  Clip(const Clip&) = delete;
  Clip& operator=(const Clip&) = delete;
  ImDrawList* operator->() const { return list_; }

 private:
  ImDrawList* list_;
};

// A cross with a ring, seen on light and dark alike.
void cross(const CanvasState& canvas, double x, double y, ImU32 colour, float arm, float thickness) {
  const Clip draw(canvas);
  const ImVec2 at = screen(canvas, x, y);
  for (const auto& [ink, width] : {std::pair{kHalo, thickness + 2}, std::pair{colour, thickness}}) {
    draw->AddLine({at.x - arm, at.y}, {at.x + arm, at.y}, ink, width);
    draw->AddLine({at.x, at.y - arm}, {at.x, at.y + arm}, ink, width);
  }
}

void frame(const CanvasState& canvas, double x0, double y0, double x1, double y1, ImU32 colour, float thickness) {
  outline_pixels(canvas, x0, y0, x1, y1, kHalo, thickness + 2);
  outline_pixels(canvas, x0, y0, x1, y1, colour, thickness);
}

// Points first, first + step, ... below first + count * step, thinned to `least` screen pixels, inside [from, to].
struct Lattice {
  double first, step;
  std::int64_t begin, end, stride;
};
Lattice lattice(double first, double step, std::int64_t count, double from, double to, double scale, double least) {
  std::int64_t stride = 1;
  while (static_cast<double>(stride) * step * scale < least) stride *= 2;
  const double jump = step * static_cast<double>(stride);
  const auto begin = static_cast<std::int64_t>(std::max(0.0, std::ceil((from - first) / jump))) * stride;
  const double end = std::floor((to - first) / step) + 1;
  return {first, step, begin, std::clamp<std::int64_t>(static_cast<std::int64_t>(end), 0, count), stride};
}

// Part of the input plane that the canvas shows, beyond the picture too: outputs may be centred on padding.
view::Rect shown_plane(const CanvasState& canvas) {
  const view::Placement& at = canvas.placement;
  const view::Point a = at.to_image({at.canvas.x0, at.canvas.y0});
  const view::Point b = at.to_image({at.canvas.x1, at.canvas.y1});
  return {a.x, a.y, b.x, b.y};
}

template <class Visit>
void for_each_point(const Lattice& rows, const Lattice& cols, const Visit& visit) {
  for (std::int64_t i = rows.begin; i < rows.end; i += rows.stride) {
    for (std::int64_t j = cols.begin; j < cols.end; j += cols.stride) {
      visit(rows.first + static_cast<double>(i) * rows.step, cols.first + static_cast<double>(j) * cols.step);
    }
  }
}

// Where the stride puts outputs, and the positions between them. True where points were left out for lack of room.
bool draw_sampling(Ui& ui, const CanvasState& canvas, const GeometryFacts& facts) {
  const view::Rect seen = shown_plane(canvas);
  const double scale = canvas.placement.scale;
  // Centres of pixels, in the coordinates of the canvas.
  const auto rows = [&](double step, std::int64_t count, double least) {
    return lattice(facts.rows.first + 0.5, step, count, seen.y0, seen.y1, scale, least * ui.scale);
  };
  const auto cols = [&](double step, std::int64_t count, double least) {
    return lattice(facts.cols.first + 0.5, step, count, seen.x0, seen.x1, scale, least * ui.scale);
  };
  const Clip draw(canvas);
  const bool has_skipped = facts.sampling.stride_y * facts.sampling.stride_x > 1;
  if (has_skipped && scale >= kSkippedDistance * ui.scale) {
    const std::int64_t all_rows = (facts.rows.count - 1) * facts.sampling.stride_y + 1;
    const std::int64_t all_cols = (facts.cols.count - 1) * facts.sampling.stride_x + 1;
    const float r = 1.5F * ui.scale;
    for_each_point(rows(1, all_rows, kSkippedDistance), cols(1, all_cols, kSkippedDistance), [&](double y, double x) {
      const ImVec2 at = screen(canvas, x, y);
      draw->AddRectFilled({at.x - r, at.y - r}, {at.x + r, at.y + r}, IM_COL32(255, 255, 255, 90));
    });
  }
  const Lattice kept_rows = rows(facts.rows.step, facts.rows.count, kDotDistance);
  const Lattice kept_cols = cols(facts.cols.step, facts.cols.count, kDotDistance);
  const float r = std::clamp(0.22F * static_cast<float>(scale), 2 * ui.scale, 5 * ui.scale);
  for_each_point(kept_rows, kept_cols, [&](double y, double x) {
    const ImVec2 at = screen(canvas, x, y);
    draw->AddRectFilled({at.x - r - 1, at.y - r - 1}, {at.x + r + 1, at.y + r + 1}, kHalo);
    draw->AddRectFilled({at.x - r, at.y - r}, {at.x + r, at.y + r}, ui.palette.output_outline);
  });
  return kept_rows.stride > 1 || kept_cols.stride > 1;
}

void draw_input_alignment(Ui& ui, const CanvasState& canvas, const GeometryFacts& facts, OutputCell cell) {
  const conv::Geometry& g = facts.geometry;
  const explain::Alignment &rows = facts.rows, &cols = facts.cols;
  const float thickness = 1.5F * ui.scale;
  // Pixel (y, x) has its centre at (y + 0.5, x + 0.5) of the canvas.
  const double y0 = rows.first + 0.5, y1 = rows.centre(rows.count - 1) + 0.5;
  const double x0 = cols.first + 0.5, x1 = cols.centre(cols.count - 1) + 0.5;
  frame(canvas, x0, y0, x1, y1, ui.palette.output_outline, thickness);
  cross(canvas, static_cast<double>(g.w) / 2, static_cast<double>(g.h) / 2, ui.palette.window_outline, 9 * ui.scale,
        thickness);
  cross(canvas, (x0 + x1) / 2, (y0 + y1) / 2, ui.palette.output_outline, 6 * ui.scale, thickness);
  // The centre of the window that is looked at: between two pixels for an even filter.
  const double x = cols.centre(cell.col) + 0.5, y = rows.centre(cell.row) + 0.5;
  const Clip draw(canvas);
  const ImVec2 at = screen(canvas, x, y);
  draw->AddCircleFilled(at, 4 * ui.scale, kHalo);
  draw->AddCircleFilled(at, 3 * ui.scale, ui.palette.output_outline);
}

// The picture's frame and middle, in the coordinates of the map.
void draw_map_alignment(Ui& ui, const CanvasState& canvas, const GeometryFacts& facts) {
  const conv::Geometry& g = facts.geometry;
  const auto to_map = [](const explain::Alignment& axis, double input) {
    return (input - 0.5 - axis.first) / axis.step + 0.5;
  };
  const float thickness = 1.5F * ui.scale;
  const auto h = static_cast<double>(g.h), w = static_cast<double>(g.w);
  frame(canvas, to_map(facts.cols, 0), to_map(facts.rows, 0), to_map(facts.cols, w), to_map(facts.rows, h),
        ui.palette.window_outline, thickness);
  cross(canvas, to_map(facts.cols, w / 2), to_map(facts.rows, h / 2), ui.palette.window_outline, 8 * ui.scale,
        thickness);
  cross(canvas, static_cast<double>(g.q) / 2, static_cast<double>(g.p) / 2, ui.palette.output_outline, 5 * ui.scale,
        thickness);
}

// Last rows and columns that nothing reads: hatched, thick enough to be seen at any zoom.
void draw_dropped(Ui& ui, const CanvasState& canvas, const GeometryFacts& facts) {
  const auto h = static_cast<double>(facts.geometry.h), w = static_cast<double>(facts.geometry.w);
  const double least = kThinnest * ui.scale / canvas.placement.scale;
  const auto dropped = [&](double x0, double y0) {
    fill_pixels(canvas, x0, y0, w, h, with_alpha(ui.palette.canvas, 150));
    hatch_pixels(canvas, x0, y0, w, h, ui.palette.warning);
    outline_pixels(canvas, x0, y0, w, h, ui.palette.warning, ui.scale);
  };
  if (facts.dropped_rows > 0) dropped(0, h - std::max(static_cast<double>(facts.dropped_rows), least));
  if (facts.dropped_cols > 0) dropped(w - std::max(static_cast<double>(facts.dropped_cols), least), 0);
}

// The key of the overlays that are on, in the lower left corner of a canvas that has room for it.
class Key {
 public:
  Key(Ui& ui, const CanvasState& canvas) : ui_(ui), canvas_(canvas) {}
  void add(const view::Ramp& ramp, std::string words) { rows_.push_back({&ramp, 0, std::move(words)}); }
  void add(ImU32 colour, std::string words) { rows_.push_back({nullptr, colour, std::move(words)}); }
  void draw() const;

 private:
  struct Row {
    const view::Ramp* ramp;
    ImU32 colour;
    std::string words;
  };
  void draw_swatch(const Row& row, const ImVec2& corner, const ImVec2& size) const;

  Ui& ui_;
  const CanvasState& canvas_;
  std::vector<Row> rows_;
};

void Key::draw_swatch(const Row& row, const ImVec2& corner, const ImVec2& size) const {
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const ImVec2 far_corner(corner.x + size.x, corner.y + size.y);
  if (!row.ramp) {
    const ImVec2 middle((corner.x + far_corner.x) / 2, (corner.y + far_corner.y) / 2);
    const float r = 3 * ui_.scale;
    list.AddRectFilled({middle.x - r, middle.y - r}, {middle.x + r, middle.y + r}, row.colour);
    return;
  }
  // Over light grey, as over a picture or a map.
  list.AddRectFilled(corner, far_corner, IM_COL32(200, 200, 200, 255));
  const ImU32 from = ink_of(row.ramp->colours.front()), to = ink_of(row.ramp->colours.back());
  list.AddRectFilledMultiColor(corner, far_corner, from, to, to, from);
}

void Key::draw() const {
  const view::Rect& area = canvas_.placement.canvas;
  if (rows_.empty() || area.width() < kKeyWidth * ui_.scale) return;
  ImFont* font = ui_.fonts.small ? ui_.fonts.small : ImGui::GetFont();
  const float size = font_height(font), pad = 4 * ui_.scale;
  const ImVec2 swatch(26 * ui_.scale, std::round(size * 0.7F));
  float width = 0;
  for (const Row& row : rows_) width = std::max(width, font->CalcTextSizeA(size, FLT_MAX, 0, row.words.c_str()).x);
  width += swatch.x + 3 * pad;
  const float height = static_cast<float>(rows_.size()) * (size + pad / 2) + pad;
  // Above the zoom read-out where both would not fit side by side.
  const float readout = width + 70 * ui_.scale > static_cast<float>(area.width()) ? size + 3 * pad : 0;
  const ImVec2 corner(static_cast<float>(area.x0) + pad, static_cast<float>(area.y1) - pad - height - readout);
  const Clip draw(canvas_);
  draw->AddRectFilled(corner, {corner.x + width, corner.y + height}, IM_COL32(0, 0, 0, 165), 3 * ui_.scale);
  float y = corner.y + pad / 2;
  for (const Row& row : rows_) {
    draw_swatch(row, {corner.x + pad, std::round(y + (size - swatch.y) / 2)}, swatch);
    draw->AddText(font, size, {corner.x + 2 * pad + swatch.x, y}, IM_COL32(255, 255, 255, 230), row.words.c_str());
    y += size + pad / 2;
  }
}

// Grids of smaller pixels would only darken the picture.
bool is_kin_visible(const Ui& ui, const CanvasState& canvas) {
  return canvas.placement.scale >= kKinPixels * static_cast<double>(ui.scale);
}

bool is_dilated(const conv::Geometry& g) { return (g.dilation_y > 1 && g.r > 1) || (g.dilation_x > 1 && g.s > 1); }

}  // namespace

ImU32 ink_of(const view::Rgba& colour) { return IM_COL32(colour.r, colour.g, colour.b, colour.a); }

view::Ramp coverage_ramp(const Ui& ui, const GeometryFacts& facts) {
  // Dark where nothing reads, amber where most do.
  return view::linear_ramp({20, 14, 4, 190}, rgba(ui.palette.window_outline, 150), 0,
                           static_cast<double>(facts.most_read));
}

view::Ramp padding_ramp(const Ui& ui) {
  view::Ramp ramp = view::linear_ramp(rgba(ui.palette.padding_hatch, 240), rgba(ui.palette.padding_hatch, 110), 0, 1);
  ramp.colours.back().a = 0;  // no padding at all
  return ramp;
}

view::Ramp kin_ramp() { return view::linear_ramp({16, 18, 21, 195}, {16, 18, 21, 0}, 0, 1); }

const GeometryFacts& FollowedFacts::follow(const conv::Geometry& geometry) {
  if (version_ == 0 || facts_.geometry != geometry) {
    facts_ = model::geometry_facts(geometry);
    ++version_;
  }
  return facts_;
}

void InputGeometryOverlay::draw_coverage(Ui& ui, const CanvasState& canvas, const GeometryFacts& facts) {
  if (reads_version_ != facts_.version()) {
    reads_rows_.assign(facts.coverage.rows.begin(), facts.coverage.rows.end());
    reads_cols_.assign(facts.coverage.cols.begin(), facts.coverage.cols.end());
    reads_version_ = facts_.version();
  }
  const view::Ramp ramp = coverage_ramp(ui, facts);
  const std::uint64_t version = coloured(facts_.version(), ui.palette.window_outline);
  draw_picture(canvas, coverage_.update(reads_rows_, reads_cols_, ramp, version, canvas.placement));
  draw_dropped(ui, canvas, facts);
}

void InputGeometryOverlay::draw_kin(const CanvasState& canvas, const GeometryFacts& facts, OutputCell cell) {
  const std::vector<double> rows = model::kin_inputs(facts.geometry, conv::Axis::kY, cell.row);
  const std::vector<double> cols = model::kin_inputs(facts.geometry, conv::Axis::kX, cell.col);
  const std::uint64_t version = kin_version(facts, facts_.version(), cell, true);
  draw_picture(canvas, kin_.update(rows, cols, kin_ramp(), version, canvas.placement));
}

void InputGeometryOverlay::draw(Ui& ui, const CanvasState& canvas, const conv::Geometry& geometry, OutputCell cell) {
  const model::ViewSettings& view = ui.document.settings.view;
  const bool shows_kin = view.show_gridding && is_dilated(geometry);
  if (!view.show_coverage && !shows_kin && !view.show_sampling && !view.show_alignment) return;
  const GeometryFacts& facts = facts_.follow(geometry);
  Key key(ui, canvas);
  const view::Ramp ramp = coverage_ramp(ui, facts);
  if (view.show_coverage) {
    draw_coverage(ui, canvas, facts);
    key.add(ramp, "read 0 to " + std::to_string(facts.most_read) + (facts.most_read == 1 ? " time" : " times"));
    if (facts.dropped_rows + facts.dropped_cols > 0) key.add(ui.palette.warning, "hatched: dropped");
  }
  if (shows_kin && is_kin_visible(ui, canvas)) {
    draw_kin(canvas, facts, cell);
    key.add(IM_COL32_WHITE, "read by this output's grid");
  } else if (shows_kin) {
    key.add(IM_COL32_WHITE, "zoom in to see the grids");
  }
  if (view.show_sampling) {
    const bool is_thinned = draw_sampling(ui, canvas, facts);
    key.add(ui.palette.output_outline, is_thinned ? "outputs (some of them)" : "outputs");
  }
  if (view.show_alignment) {
    draw_input_alignment(ui, canvas, facts, cell);
    key.add(ui.palette.output_outline, "centres of outputs, their middle");
    key.add(ui.palette.window_outline, "the picture's middle");
  }
  key.draw();
}

void MapGeometryOverlay::draw(Ui& ui, const CanvasState& canvas, const conv::Geometry& geometry, OutputCell cell) {
  const model::ViewSettings& view = ui.document.settings.view;
  const bool shows_kin = view.show_gridding && is_dilated(geometry);
  if (!view.show_padding_share && !shows_kin && !view.show_alignment) return;
  const GeometryFacts& facts = facts_.follow(geometry);
  Key key(ui, canvas);
  const view::Ramp ramp = padding_ramp(ui);
  if (view.show_padding_share && facts.touched > 0) {
    const std::uint64_t version = coloured(facts_.version(), ui.palette.padding_hatch);
    draw_picture(canvas, padding_.update(facts.padding.rows, facts.padding.cols, ramp, version, canvas.placement));
    const model::Sweep& clean = facts.clean;
    if (clean.row0 < clean.row1 && clean.col0 < clean.col1) {
      outline_pixels(canvas, static_cast<double>(clean.col0), static_cast<double>(clean.row0),
                     static_cast<double>(clean.col1), static_cast<double>(clean.row1), ui.palette.padding_hatch,
                     1.5F * ui.scale);
    }
    key.add(ramp, "all padding to none");
  }
  if (shows_kin && !is_kin_visible(ui, canvas)) {
    key.add(IM_COL32_WHITE, "zoom in to see the grids");
  } else if (shows_kin) {
    const std::vector<double> rows = model::kin_outputs(geometry, conv::Axis::kY, cell.row);
    const std::vector<double> cols = model::kin_outputs(geometry, conv::Axis::kX, cell.col);
    const std::uint64_t version = kin_version(facts, facts_.version(), cell, false);
    draw_picture(canvas, kin_.update(rows, cols, kin_ramp(), version, canvas.placement));
    key.add(IM_COL32_WHITE, "share pixels with this one");
  }
  if (view.show_alignment) {
    draw_map_alignment(ui, canvas, facts);
    key.add(ui.palette.window_outline, "the picture's frame and middle");
    key.add(ui.palette.output_outline, "the map's middle");
  }
  key.draw();
}

}  // namespace convlens::ui
