// The input: title row, channel choice, the picture as the convolution sees it with its overlays, and a line of words.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <memory>
#include <string>

#include "app/ui/builtin_picker.h"
#include "app/ui/canvas.h"
#include "app/ui/geometry_overlay.h"
#include "app/ui/input_overlay.h"
#include "app/ui/panels.h"
#include "app/ui/probe_pins.h"
#include "app/ui/transport.h"
#include "app/ui/widgets.h"
#include "app/view/picture.h"

namespace convlens::ui {
namespace {

using model::Channels;
using model::Hover;

constexpr float kFitMargin = 10;      // least screen pixels around a fitted picture
constexpr double kPointedPixels = 5;  // at 100 % interface scale: smallest pixel that is framed when pointed at

// Room around a fitted picture: enough for its padding, as long as that takes no more than a quarter of the canvas.
float fit_margin(const ImVec2& canvas, const conv::Geometry& g, float least) {
  const auto needed = [](float length, std::int64_t size, int pad) {
    const float total = static_cast<float>(size) + 2 * static_cast<float>(pad);
    return length * static_cast<float>(pad) / total + 2;
  };
  const float x = needed(canvas.x, g.w, std::max(g.pad.left, g.pad.right));
  const float y = needed(canvas.y, g.h, std::max(g.pad.top, g.pad.bottom));
  // The axis that the picture fills decides.
  const bool fills_width = canvas.x * static_cast<float>(g.h) < canvas.y * static_cast<float>(g.w);
  const float most = std::min(canvas.x, canvas.y) / 8;
  return std::clamp(fills_width ? x : y, least, std::max(least, most));
}

// What is on the canvas: the tensor that was convolved, or the opened picture until there is one.
struct ShownInput {
  std::shared_ptr<const Tensor> tensor;
  model::PicturePtr picture;
  model::ConvResultPtr result;  // whose input it is; null where it is the picture itself
  Channels channels = Channels::kRgb;
  std::uint64_t generation = 0;  // grows with every other tensor

  std::span<const Tensor> levels() const {
    if (result && !result->input_levels.empty()) return result->input_levels;
    return picture->levels;
  }
};

void follow_document(const model::Document& document, ShownInput& shown) {
  const model::PicturePtr& picture = document.picture();
  model::ConvResultPtr result = document.result();
  if (!picture) return;
  if (result && (result->picture != picture || !result->input)) result = nullptr;
  std::shared_ptr<const Tensor> tensor =
      result ? result->input : std::shared_ptr<const Tensor>(picture, &picture->pixels);
  if (tensor != shown.tensor) ++shown.generation;
  shown.tensor = std::move(tensor);
  shown.picture = picture;
  shown.channels = result ? result->settings.channels : Channels::kRgb;
  shown.result = std::move(result);
}

const char* channel_word(Channels channels) {
  switch (channels) {
    case Channels::kRed:
      return "R ";
    case Channels::kGreen:
      return "G ";
    case Channels::kBlue:
      return "B ";
    case Channels::kGrey:
      return "grey ";
    case Channels::kRgb:
      break;
  }
  return "";
}

std::string short_number(float value) {
  if (!std::isfinite(value) || std::abs(value) >= 100) return number_text(static_cast<double>(value), 3);
  char text[16];
  std::snprintf(text, sizeof text, std::abs(value) >= 10 ? "%.1f" : "%.2f", static_cast<double>(value));
  return text;
}

// "R 0.314 G 0.22 B 0.1"
std::string pixel_words(const ShownInput& shown, std::int64_t y, std::int64_t x) {
  const Tensor& input = *shown.tensor;
  const auto value = [&](std::int64_t c) { return number_text(static_cast<double>(input.at(0, c, y, x)), 3); };
  if (input.shape().c == 3) return "R " + value(0) + " G " + value(1) + " B " + value(2);
  return channel_word(shown.channels) + value(0);
}

// The values as they are printed inside a pixel, one line per channel.
std::string pixel_text(const Tensor& input, std::int64_t y, std::int64_t x) {
  std::string text;
  for (std::int64_t c = 0; c < input.shape().c; ++c) {
    if (c > 0) text += '\n';
    text += short_number(input.at(0, c, y, x));
  }
  return text;
}

float luminance(const Tensor& input, std::int64_t y, std::int64_t x) {
  if (input.shape().c < 3) return input.at(0, 0, y, x);
  return 0.2126F * input.at(0, 0, y, x) + 0.7152F * input.at(0, 1, y, x) + 0.0722F * input.at(0, 2, y, x);
}

void draw_title(Ui& ui, Thumbnails& thumbnails) {
  heading(ui, "Input");
  const ImGuiStyle& style = ImGui::GetStyle();
  const float gap = 4 * ui.scale;
  const float open_width = ImGui::CalcTextSize("Open…").x + 2 * style.FramePadding.x;
  const float start = ImGui::GetWindowContentRegionMax().x - open_width - gap - builtin_picker_width();
  ImGui::SameLine(std::max(start, ImGui::GetCursorPosX()));
  builtin_picker(ui, thumbnails);
  ImGui::SameLine(0, gap);
  if (button(ui, "input/open", "Open…",
             "Open a picture, an .npy array or a session (Ctrl+O). Files can also be dropped on the window, and "
             "pictures pasted (Ctrl+V).")) {
    ui.requests.open_browser = true;
  }
}

void draw_name(Ui& ui) {
  const model::PicturePtr& picture = ui.document.picture();
  if (!picture) {
    dim_text(ui, "Loading…");
    return;
  }
  const float width = ImGui::GetContentRegionAvail().x;
  const float details_width = ImGui::CalcTextSize(picture->details.c_str()).x;
  const float gap = 8 * ui.scale;
  const float title_width = ImGui::CalcTextSize(picture->title.c_str()).x;
  const bool fits_one_line = title_width + gap + details_width <= width;
  ImGui::TextUnformatted(shortened(picture->title, width).c_str());
  const std::string help =
      picture->ref.kind == model::PictureRef::Kind::kFile ? picture->ref.name : "The picture that is convolved";
  record(ui, "input/title", "text", picture->title, picture->title, {}, true, help);
  tooltip(ui, help);
  if (fits_one_line) ImGui::SameLine(0, gap);
  ImGui::PushStyleColor(ImGuiCol_Text, ui.palette.text_dim);
  ImGui::TextUnformatted(shortened(picture->details, width).c_str());
  ImGui::PopStyleColor();
  record(ui, "input/details", "text", picture->details, picture->details, {}, true, "Width × height and format");
}

bool is_weight_hovered(const Hover& hover, const conv::Geometry& geometry) {
  return hover.kind == Hover::Kind::kWeight && hover.row < geometry.r && hover.col < geometry.s;
}

}  // namespace

struct InputPanel::State {
  Thumbnails thumbnails;
  view::ColourPicture picture;
  ShownInput shown;
  ReadPixels read;
  InputGeometryOverlay geometry_overlay;

  CanvasState draw_canvas(Ui& ui, float height);
  void draw_footer(Ui& ui, const CanvasState& canvas);
  void point_at(Ui& ui, const CanvasState& canvas);
};

CanvasState InputPanel::State::draw_canvas(Ui& ui, float height) {
  const Tensor* input = shown.tensor.get();
  const Shape shape = input ? input->shape() : ui.document.picture_shape();
  const ImVec2 size(ImGui::GetContentRegionAvail().x, height);
  const float least = kFitMargin * ui.scale;
  const float margin = shown.result ? fit_margin(size, shown.result->geometry, least) : least;
  const CanvasState state = canvas(ui, "input/canvas", size, ui.input_view, static_cast<double>(shape.w),
                                   static_cast<double>(shape.h), margin);
  if (!input) return state;
  const view::Source source{.tensor = input, .levels = shown.levels(), .generation = shown.generation};
  draw_picture(state, picture.update(ui.painter, source, state.placement));
  if (shown.result) {
    const conv::Geometry& geometry = shown.result->geometry;
    read.follow(geometry);
    draw_padding(ui, state, geometry, *input);
    draw_unread(ui, state, geometry, read);
    geometry_overlay.draw(ui, state, geometry, looked_at_output(ui.document, geometry.p, geometry.q));
  }
  draw_grid_and_values(
      ui, state, [&](std::int64_t x, std::int64_t y) { return pixel_text(*input, y, x); },
      [&](std::int64_t x, std::int64_t y) { return luminance(*input, y, x) < 0.5F; });
  if (shown.result) {
    const conv::Geometry& geometry = shown.result->geometry;
    const Hover& hover = ui.document.hover;
    if (is_weight_hovered(hover, geometry)) {
      draw_footprint(ui, state, geometry, hover.row, hover.col, looked_at_output(ui.document, geometry.p, geometry.q));
    } else {
      draw_pins_on_input(ui, state, geometry);
      const model::OutputCell cell = looked_at_output(ui.document, geometry.p, geometry.q);
      draw_window(ui, state, geometry, cell);
      if (const auto lit = ui.document.probe.lit_cell) draw_window_cell(ui, state, geometry, cell, *lit);
    }
  }
  if (state.is_on_picture && state.placement.scale >= kPointedPixels * ui.scale) {
    const auto x = static_cast<double>(state.x), y = static_cast<double>(state.y);
    outline_pixels(state, x, y, x + 1, y + 1, ui.palette.accent, 1.5F * ui.scale);
  }
  draw_zoom_readout(ui, state);
  return state;
}

// Says to everybody what the pointer is on.
void InputPanel::State::point_at(Ui& ui, const CanvasState& canvas) {
  Hover& hover = ui.document.hover;
  if (!canvas.is_on_picture || !shown.tensor) {
    if (hover.kind == Hover::Kind::kInput) hover = {};
    return;
  }
  hover = {.kind = Hover::Kind::kInput, .index = 0, .channel = 0, .row = canvas.y, .col = canvas.x};
  ui.hovered_value = "input (row " + std::to_string(canvas.y) + ", col " + std::to_string(canvas.x) +
                     "): " + pixel_words(shown, canvas.y, canvas.x);
  if (shown.result && !read.is_read(canvas.y, canvas.x)) ui.hovered_value += ", read by no window";
}

void InputPanel::State::draw_footer(Ui& ui, const CanvasState& canvas) {
  ImGui::PushFont(ui.fonts.small);
  const float width = ImGui::GetContentRegionAvail().x;
  std::string words = "Drop a picture here, or Ctrl+O to open, Ctrl+V to paste";
  if (canvas.is_on_picture && shown.tensor) {
    words = "row " + std::to_string(canvas.y) + ", col " + std::to_string(canvas.x) + "   " +
            pixel_words(shown, canvas.y, canvas.x);
  } else if (shown.result && is_weight_hovered(ui.document.hover, shown.result->geometry)) {
    words = footprint_words(shown.result->geometry, ui.document.hover.row, ui.document.hover.col);
  } else if (shown.result && ui.document.hover.kind == Hover::Kind::kMap) {
    words = window_words(shown.result->geometry,
                         looked_at_output(ui.document, shown.result->geometry.p, shown.result->geometry.q));
  }
  ImGui::PushStyleColor(ImGuiCol_Text, ui.palette.text_dim);
  ImGui::TextUnformatted(shortened(words, width).c_str());
  ImGui::PopStyleColor();
  record(ui, "input/hint", "text", words, words);
  ImGui::PopFont();
}

InputPanel::InputPanel() : state_(std::make_unique<State>()) {}
InputPanel::~InputPanel() = default;

void InputPanel::draw(Ui& ui) {
  State& s = *state_;
  follow_document(ui.document, s.shown);
  draw_title(ui, s.thumbnails);
  draw_name(ui);
  field_segments(ui, "conv/channels", -1);
  const float footer = ui.fonts.small->FontSize * ImGui::GetIO().FontGlobalScale + ImGui::GetStyle().ItemSpacing.y;
  const CanvasState canvas = s.draw_canvas(ui, std::max(ImGui::GetContentRegionAvail().y - footer, 60 * ui.scale));
  s.point_at(ui, canvas);
  s.draw_footer(ui, canvas);
}

}  // namespace convlens::ui
