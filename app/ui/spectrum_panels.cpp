// Lays the four out and marks them. A cell of a spectrum is a pixel of its canvas, frequency 0 in the middle.
#include "app/ui/spectrum_panels.h"

#include <algorithm>
#include <cmath>

#include "app/ui/canvas.h"
#include "app/ui/widgets.h"

namespace convlens::ui {
namespace {

constexpr float kFloor = -100;  // decibels; what is fainter has the darkest colour

struct Panel {
  const char* id;
  const char* short_caption;
  std::string caption;
  const Tensor* spectrum = nullptr;  // none: nothing to show
  view::ValueRange range;
  const char* help;
};

std::string channel_name(const model::Spectra& spectra, const model::Document& document) {
  if (spectra.geometry.c == 3 && document.settings.conv.channels == model::Channels::kRgb) {
    const std::int64_t group = spectra.filter / spectra.geometry.filters_per_group();
    constexpr std::array<const char*, 3> kNames = {"red", "green", "blue"};
    const auto c = static_cast<std::size_t>(group * spectra.geometry.channels_per_group() + spectra.channel);
    if (c < kNames.size()) return std::string("Input ") + kNames[c];
  }
  return spectra.geometry.c == 1 ? "Input" : "Input channel " + std::to_string(spectra.channel + 1);
}

std::array<Panel, 4> panels_of(const model::Spectra& s, const model::Document& document) {
  const model::PictureSpectra* picture = s.picture ? &*s.picture : nullptr;
  const bool is_sum = s.geometry.channels_per_group() > 1;
  const bool is_strided = s.geometry.stride_y * s.geometry.stride_x > 1 && picture && picture->window.is_folding;
  return {Panel{"input", "Input", channel_name(s, document), picture ? &picture->input : nullptr, decibel_range(),
                "How much of each wave is in the picture. The middle is the mean, the edges are waves of two pixels."},
          Panel{"response", "× filter", "× filter: its gain", &s.response, gain_range(s),
                "By how much the filter multiplies each wave"},
          Panel{"product", "= product", is_sum ? "= product, channels added" : "= product",
                picture ? &picture->product : nullptr, decibel_range(),
                "Each wave of the input times the filter's gain there: what the convolution theorem expects of the map "
                "at stride 1, before bias and activation"},
          Panel{"map", "Map", is_strided ? "Map, folded by the stride" : "Map", picture ? &picture->map : nullptr,
                decibel_range(), "How much of each wave is in what the layer makes, with stride, bias and activation"}};
}

// `canvas` as the canvas of a smaller spectrum with the same middle and the same cells.
CanvasState centred(const CanvasState& canvas, std::int64_t size, const Tensor& spectrum) {
  CanvasState part = canvas;
  const Shape& shape = spectrum.shape();
  const auto x0 = static_cast<double>(size / 2 - shape.w / 2), y0 = static_cast<double>(size / 2 - shape.h / 2);
  const auto w = static_cast<double>(shape.w), h = static_cast<double>(shape.h);
  const view::Point from = canvas.placement.to_screen({x0, y0});
  const view::Point to = canvas.placement.to_screen({x0 + w, y0 + h});
  part.placement.image_width = w;
  part.placement.image_height = h;
  part.placement.image = {from.x, from.y, to.x, to.y};
  return part;
}

// The middle of the cell of a frequency, in pixels of the canvas.
view::Point cell_middle(std::int64_t size, double fy, double fx) {
  const double middle = static_cast<double>(size / 2) + 0.5;
  return {fx * static_cast<double>(size) + middle, fy * static_cast<double>(size) + middle};
}

ImVec2 to_vec(const view::Point& point) { return {static_cast<float>(point.x), static_cast<float>(point.y)}; }

void draw_axes(Ui& ui, const CanvasState& canvas, std::int64_t size) {
  const view::Placement& placement = canvas.placement;
  const ImVec2 middle = to_vec(placement.to_screen(cell_middle(size, 0, 0)));
  const view::Rect& area = placement.canvas;
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  draw.PushClipRect({static_cast<float>(area.x0), static_cast<float>(area.y0)},
                    {static_cast<float>(area.x1), static_cast<float>(area.y1)}, true);
  draw.AddLine({middle.x, static_cast<float>(placement.image.y0)}, {middle.x, static_cast<float>(placement.image.y1)},
               ui.palette.grid);
  draw.AddLine({static_cast<float>(placement.image.x0), middle.y}, {static_cast<float>(placement.image.x1), middle.y},
               ui.palette.grid);
  draw.PopClipRect();
}

// What the stride keeps apart.
void draw_box(Ui& ui, const CanvasState& canvas, std::int64_t size, const conv::Geometry& g) {
  if (g.stride_y * g.stride_x == 1) return;
  const explain::NyquistBox box = explain::nyquist_box(g.stride_y, g.stride_x);
  const view::Point from = cell_middle(size, -box.rows, -box.cols), to = cell_middle(size, box.rows, box.cols);
  outline_pixels(canvas, from.x - 0.5, from.y - 0.5, to.x - 0.5, to.y - 0.5, ui.palette.window_outline,
                 1.5F * ui.scale);
}

void mark_wave(Ui& ui, const CanvasState& canvas, std::int64_t size, double fy, double fx, ImU32 colour) {
  for (const double sign : {1.0, -1.0}) {  // a real picture has every wave twice
    const view::Point at = cell_middle(size, sign * fy, sign * fx);
    mark_pixels(canvas, at.x - 0.5, at.y - 0.5, at.x + 0.5, at.y + 0.5, colour, 1.5F * ui.scale, 7 * ui.scale);
  }
}

bool is_beyond(const Wave& wave, const conv::Geometry& g) {
  const explain::NyquistBox box = explain::nyquist_box(g.stride_y, g.stride_x);
  return std::abs(wave.fy) > box.rows || std::abs(wave.fx) > box.cols;
}

// From a wave to where the stride shows it.
void draw_fold(Ui& ui, const CanvasState& canvas, std::int64_t size, const Wave& wave, const conv::Geometry& g) {
  const view::Rect& area = canvas.placement.canvas;
  const ImVec2 from = to_vec(canvas.placement.to_screen(cell_middle(size, wave.fy, wave.fx)));
  const ImVec2 to = to_vec(canvas.placement.to_screen(
      cell_middle(size, explain::alias_of(wave.fy, g.stride_y), explain::alias_of(wave.fx, g.stride_x))));
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  draw.PushClipRect({static_cast<float>(area.x0), static_cast<float>(area.y0)},
                    {static_cast<float>(area.x1), static_cast<float>(area.y1)}, true);
  draw.AddLine(from, to, ui.palette.window_outline, 1.5F * ui.scale);
  draw.AddCircleFilled(to, 3 * ui.scale, ui.palette.window_outline);
  draw.PopClipRect();
}

void draw_caption(Ui& ui, const Panel& panel, float width) {
  ImGui::PushFont(ui.fonts.small);
  const std::string& full = panel.caption;
  const std::string shown = ImGui::CalcTextSize(full.c_str()).x <= width ? full : panel.short_caption;
  ImGui::PushStyleColor(ImGuiCol_Text, ui.palette.text_dim);
  ImGui::TextUnformatted(shown.c_str());
  ImGui::PopStyleColor();
  ImGui::PopFont();
  tooltip(ui, full + ": " + panel.help);
}

}  // namespace

const view::Colormap& spectrum_colormap(const Ui& ui) {
  return view::find_colormap(ui.document.settings.view.unsigned_colormap);
}

view::ValueRange decibel_range() { return {kFloor, 0}; }

view::ValueRange gain_range(const model::Spectra& spectra) {
  const auto largest = static_cast<float>(spectra.peak.gain);
  return {0, largest > 0 ? largest : 1};
}

std::optional<Wave> SpectrumPanels::draw(Ui& ui, const std::string& name, float width, int columns,
                                         const model::Spectra& spectra, std::uint64_t serial,
                                         const std::optional<Wave>& pointed) {
  const std::array<Panel, kCount> panels = panels_of(spectra, ui.document);
  const std::int64_t size = spectra.response.shape().h;
  const auto extent = static_cast<double>(size);
  const float gap = 6 * ui.scale;
  const auto count = static_cast<float>(columns);
  const float side = std::floor((width - (count - 1) * gap) / count);
  const conv::Geometry& g = spectra.geometry;
  const view::Colormap& colormap = spectrum_colormap(ui);
  std::optional<Wave> found;
  for (std::size_t i = 0; i < kCount; ++i) {
    const Panel& panel = panels[i];
    if (i % static_cast<std::size_t>(columns) != 0) ImGui::SameLine(0, gap);
    ImGui::BeginGroup();
    draw_caption(ui, panel, side);
    const CanvasState state = canvas(ui, name + "/" + panel.id, {side, side}, viewport_, extent, extent);
    if (panel.spectrum != nullptr) {
      const CanvasState part = centred(state, size, *panel.spectrum);
      const view::Source source{.tensor = panel.spectrum, .levels = {}, .generation = serial};
      draw_picture(part, pictures_[i].update(ui.painter, source, 0, part.placement, colormap, panel.range));
      draw_axes(ui, state, size);
      draw_box(ui, state, size, g);
      const bool is_map = panel.spectrum->shape().h != size || panel.spectrum->shape().w != size;
      if (pointed) {
        const bool folds = is_beyond(*pointed, g);
        if (folds && !is_map && i != 1) draw_fold(ui, state, size, *pointed, g);
        const bool is_moved = is_map && folds;
        const double fy = is_moved ? explain::alias_of(pointed->fy, g.stride_y) : pointed->fy;
        const double fx = is_moved ? explain::alias_of(pointed->fx, g.stride_x) : pointed->fx;
        mark_wave(ui, state, size, fy, fx, is_moved ? ui.palette.window_outline : ui.palette.accent);
      }
      const bool is_on_part = !is_map || (std::abs(2 * (state.y - size / 2)) <= panel.spectrum->shape().h &&
                                          std::abs(2 * (state.x - size / 2)) <= panel.spectrum->shape().w);
      if (state.is_on_picture && is_on_part) {
        found =
            Wave{static_cast<double>(state.y - size / 2) / extent, static_cast<double>(state.x - size / 2) / extent};
      }
    }
    ImGui::EndGroup();
  }
  return found;
}

}  // namespace convlens::ui
