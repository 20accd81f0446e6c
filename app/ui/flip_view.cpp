// Cells of the filter as turned squares; the impulse response is the engine's.
#include "app/ui/flip_view.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <span>
#include <string>
#include <vector>

#include "app/model/fields.h"
#include "app/model/filter_bank.h"
#include "app/ui/maps_panel_marks.h"
#include "app/ui/text.h"
#include "app/ui/widgets.h"
#include "app/view/colormap.h"

namespace convlens::ui {
namespace {

constexpr double kSeconds = 1.4;    // for half a turn
constexpr float kHighestBox = 190;  // at scale 1
constexpr float kValueCell = 26;    // ... smallest cell with its weight in it
constexpr float kLeastSlider = 70;  // ... width
constexpr float kHalfTurn = 180;
constexpr std::size_t kMostTold = 1024;  // values of a response that the text twin holds

// One channel of the chosen filter, R x S.
struct Slice {
  std::vector<float> weights;
  int rows = 1, cols = 1;
  int channel = 0;
  float at(int r, int s) const { return weights[static_cast<std::size_t>(r * cols + s)]; }
};

Slice chosen_slice(const model::Document& document) {
  const model::FilterBank& bank = document.settings.conv.bank;
  const auto index =
      static_cast<std::size_t>(std::clamp(document.selection.filter, 0, static_cast<int>(bank.filters.size()) - 1));
  const std::vector<float> all = model::effective_weights(bank, bank.filters[index]);
  const int channel = std::clamp(document.selection.channel, 0, bank.channels - 1);
  const auto begin = all.begin() + static_cast<std::ptrdiff_t>(channel) * bank.rows * bank.cols;
  return {{begin, begin + static_cast<std::ptrdiff_t>(bank.rows) * bank.cols}, bank.rows, bank.cols, channel};
}

view::ValueRange range_of(const Slice& slice, const view::Colormap& map) {
  const auto [low, high] = std::minmax_element(slice.weights.begin(), slice.weights.end());
  return view::display_range(map, *low, *high);
}

void caption(Ui& ui, const ImVec2& corner, float width, const char* text) {
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  draw.PushClipRect(corner, {corner.x + width, corner.y + 2 * font_height(ui.fonts.small)}, true);
  draw.AddText(ui.fonts.small, font_height(ui.fonts.small), corner, ui.palette.text_dim, text);
  draw.PopClipRect();
}

// The slice turned clockwise by `degrees` inside a square of `side`; its first weight carries a dot.
void draw_turned(Ui& ui, const Slice& slice, const ImVec2& corner, float side, float degrees) {
  const view::Colormap& map = view::find_colormap(ui.document.settings.view.weight_colormap);
  const view::ValueRange range = range_of(slice, map);
  const float angle = degrees / kHalfTurn * std::numbers::pi_v<float>;
  const float c = std::cos(angle), s = std::sin(angle);
  const auto rows = static_cast<float>(slice.rows), cols = static_cast<float>(slice.cols);
  // As large as the turned rectangle allows.
  const float width = std::abs(c) * cols + std::abs(s) * rows, height = std::abs(s) * cols + std::abs(c) * rows;
  const float cell = (side - 2 * ui.scale) / std::max(width, height);
  const ImVec2 middle(corner.x + side / 2, corner.y + side / 2);
  const auto place = [&](float x, float y) {
    const float dx = (x - cols / 2) * cell, dy = (y - rows / 2) * cell;
    return ImVec2(middle.x + c * dx - s * dy, middle.y + s * dx + c * dy);
  };
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  for (int r = 0; r < slice.rows; ++r) {
    for (int q = 0; q < slice.cols; ++q) {
      const auto x = static_cast<float>(q), y = static_cast<float>(r);
      const view::Rgb colour = view::colour_of(map, range, slice.at(r, q));
      const ImVec2 a = place(x, y), b = place(x + 1, y), d = place(x + 1, y + 1), e = place(x, y + 1);
      draw.AddQuadFilled(a, b, d, e, IM_COL32(colour.r, colour.g, colour.b, 255));
      if (cell >= 6 * ui.scale) draw.AddQuad(a, b, d, e, ui.palette.grid);
      const ImU32 ink = is_dark(colour) ? IM_COL32_WHITE : IM_COL32_BLACK;
      if (r == 0 && q == 0 && slice.weights.size() > 1) {
        draw.AddCircleFilled(place(0.16F, 0.16F), std::max(1.5F * ui.scale, 0.07F * cell), ink);
      }
      if (cell < kValueCell * ui.scale) continue;
      const std::string text = number_text(static_cast<double>(slice.at(r, q)), 2);
      const float natural = font_height(ui.fonts.small);
      const float wide = ui.fonts.small->CalcTextSizeA(natural, FLT_MAX, 0, text.c_str()).x;
      const float size = std::min(natural, natural * (cell - 4 * ui.scale) / std::max(wide, 1.0F));
      const ImVec2 extent = ui.fonts.small->CalcTextSizeA(size, FLT_MAX, 0, text.c_str());
      const ImVec2 at = place(x + 0.5F, y + 0.5F);
      draw.AddText(ui.fonts.small, size, {at.x - extent.x / 2, at.y - extent.y / 2}, ink, text.c_str());
    }
  }
}

const char* response_caption(const Ui& ui, float room) {
  constexpr const char* kWhole = "Impulse response";
  return width_of(ui.fonts.small, kWhole) <= room ? kWhole : "Response";
}

bool is_symmetric(const Slice& slice) {
  return std::equal(slice.weights.begin(), slice.weights.end(), slice.weights.rbegin());
}

// Left edge (or top) of the bright pixel in a response of that many columns: it stands under the middle of the filter.
double impulse_corner(std::int64_t size) {
  const std::int64_t taps = (size + 1) / 2;  // of the dilated filter: the response has 2 taps - 1 values
  return static_cast<double>((taps - 1) / 2) + static_cast<double>(taps - 1) / 2;
}

std::string words_of(const Slice& slice, bool is_flipped) {
  std::string text =
      is_flipped
          ? "A convolution turns the filter by 180° before it slides: one bright pixel (framed) comes out as the "
            "filter itself."
          : "A correlation slides the filter as it is drawn: one bright pixel (framed) comes out as the filter "
            "turned by 180°.";
  if (is_symmetric(slice)) text += " This filter looks the same either way, so both give the same map.";
  return text;
}

}  // namespace

void FlipView::advance(Ui& ui, bool is_flipped) {
  const double now = ImGui::GetTime();
  const float target = is_flipped ? kHalfTurn : 0;
  if (was_flipped_ && *was_flipped_ != is_flipped) {
    since_ = now;
    from_ = angle_;
    to_ = target;
  }
  if (!was_flipped_) angle_ = target;
  was_flipped_ = is_flipped;
  if (!since_) return;
  const double t = std::clamp((now - *since_) / kSeconds, 0.0, 1.0);
  const double eased = t * t * (3 - 2 * t);
  angle_ = from_ + (to_ - from_) * static_cast<float>(eased);
  if (t >= 1) {
    since_.reset();
  } else {
    ui.needs_frames = true;
  }
}

void FlipView::draw(Ui& ui, const model::LayerStepsPtr& steps) {
  const model::Field& field = *model::find_field("conv/flip");
  const bool is_flipped = field.get(ui.document.settings) != 0;
  advance(ui, is_flipped);
  if (button(ui, "geometry/flip/mode", is_flipped ? "Slide as correlation" : "Slide as convolution",
             std::string(field.tooltip))) {
    model::set_field(ui.document.settings, field, is_flipped ? 0 : 1, ui.document.picture_shape());
  }
  ImGui::SameLine();
  if (button(ui, "geometry/flip/play", "Turn again", "Shows once more how the filter is turned before it slides.",
             is_flipped, "A correlation does not turn the filter.")) {
    since_ = ImGui::GetTime();
    from_ = 0;
    to_ = kHalfTurn;
    ui.needs_frames = true;
  }
  ImGui::SameLine();
  if (ImGui::GetContentRegionAvail().x < kLeastSlider * ui.scale) ImGui::NewLine();
  ImGui::BeginDisabled(!is_flipped);
  const float before = angle_;
  float shown = angle_;
  slider_number(ui, "geometry/flip/angle", "##angle", &shown, 0, kHalfTurn, "%.0f°",
                "How far the filter is turned; drag it by hand.", -1);
  ImGui::EndDisabled();
  if (shown != before) {
    angle_ = shown;
    since_.reset();
  }

  const Slice slice = chosen_slice(ui.document);
  const float gap = 8 * ui.scale;
  const float side = std::min(std::floor((ImGui::GetContentRegionAvail().x - 2 * gap) / 3), kHighestBox * ui.scale);
  const float above = font_height(ui.fonts.small) + 3 * ui.scale;
  const ImVec2 corner = ImGui::GetCursorScreenPos();
  caption(ui, corner, side, "Filter");
  draw_turned(ui, slice, {corner.x, corner.y + above}, side, 0);
  ImGui::Dummy({side, side + above});
  record(ui, "geometry/flip/filter", "plot", "Filter", slice.weights);
  tooltip(ui, "The chosen slice as it is drawn; the dot marks its first weight.");
  ImGui::SameLine(0, gap);
  caption(ui, {corner.x + side + gap, corner.y}, side, "As it slides");
  draw_turned(ui, slice, {corner.x + side + gap, corner.y + above}, side, angle_);
  ImGui::Dummy({side, side + above});
  record(ui, "geometry/flip/turned", "plot", "As it slides", static_cast<double>(angle_), {0, kHalfTurn});
  tooltip(ui, "What meets the pixels of the picture: turned by 180° in a convolution, as it is in a correlation.");
  ImGui::SameLine(0, gap);
  if (steps && steps->impulse) {
    const StepSource impulse = source_of(*steps->impulse);
    const view::Colormap& map = view::find_colormap(ui.document.settings.view.map_colormap);
    const view::ValueRange range = view::display_range(map, impulse.stats->min, impulse.stats->max);
    const CanvasState state = impulse_.draw(ui, "geometry/impulse", response_caption(ui, side), {side, side + above},
                                            impulse_view_, impulse, map, range);
    const double x = impulse_corner(impulse.cols()), y = impulse_corner(impulse.rows());
    outline_pixels(state, x, y, x + 1, y + 1, ui.palette.window_outline, 1.5F * ui.scale);
    if (state.is_on_picture) {
      ui.hovered_value = "impulse response (row " + std::to_string(state.y) + ", col " + std::to_string(state.x) +
                         ") = " + number_text(static_cast<double>(impulse.values.at(0, 0, state.y, state.x)));
    }
    const std::span<const float> values = steps->impulse->values.values();
    const bool is_told = ui.twin.is_active() && values.size() <= kMostTold;
    record(ui, "geometry/flip/impulse", "plot", "Impulse response",
           is_told ? nlohmann::json(std::vector<float>(values.begin(), values.end())) : nlohmann::json(),
           {impulse.rows(), impulse.cols()});
  } else {
    ImGui::Dummy({side, side + above});
  }
  std::string words = words_of(slice, is_flipped);
  if (steps && steps->is_impulse_dense) words += " (The response is drawn without the dilation.)";
  dim_text(ui, words);
  record(ui, "geometry/flip/words", "text", words, words);
}

}  // namespace convlens::ui
