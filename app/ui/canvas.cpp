// Gestures of a picture area and what is drawn on it. Zoom and pan arithmetic is in app/view/viewport.
#include "app/ui/canvas.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include <imgui/imgui_internal.h>

#include "app/ui/widgets.h"

namespace convlens::ui {
namespace {

constexpr double kWheelFactor = 1.2;
constexpr double kStepFactor = 1.5;
constexpr double kGridPixels = 8;    // at 100 % interface scale: smallest pixel that gets a grid
constexpr double kValuePixels = 28;  // ... and that may get its value printed
constexpr float kSmallestValueFont = 7.5F;

ImVec2 to_vec(const view::Point& p) { return {static_cast<float>(p.x), static_cast<float>(p.y)}; }
view::Point to_point(const ImVec2& v) { return {v.x, v.y}; }

// Screen rectangle of an area given in image pixels.
view::Rect screen_rect(const view::Placement& placement, double x0, double y0, double x1, double y1) {
  const view::Point a = placement.to_screen({x0, y0});
  const view::Point b = placement.to_screen({x1, y1});
  return {a.x, a.y, b.x, b.y};
}

// Clips drawing to the canvas, inside its border, for as long as it lives.
class CanvasClip {
 public:
  explicit CanvasClip(const view::Rect& canvas) : draw_list_(ImGui::GetWindowDrawList()) {
    draw_list_->PushClipRect({static_cast<float>(canvas.x0) + 1, static_cast<float>(canvas.y0) + 1},
                             {static_cast<float>(canvas.x1) - 1, static_cast<float>(canvas.y1) - 1}, true);
  }
  ~CanvasClip() { draw_list_->PopClipRect(); }
  CanvasClip(const CanvasClip&) = delete;
  CanvasClip& operator=(const CanvasClip&) = delete;
  ImDrawList* operator->() const { return draw_list_; }

 private:
  ImDrawList* draw_list_;
};

void pan_with_mouse(view::Viewport& viewport, const view::Placement& placement) {
  for (const ImGuiMouseButton button : {ImGuiMouseButton_Left, ImGuiMouseButton_Middle}) {
    if (!ImGui::IsMouseDragging(button)) continue;
    const ImVec2 delta = ImGui::GetMouseDragDelta(button);
    ImGui::ResetMouseDragDelta(button);
    view::pan_by(viewport, placement, delta.x, delta.y);
  }
}

void handle_keys(Ui& ui, view::Viewport& viewport, const view::Placement& placement) {
  const view::Point middle{(placement.canvas.x0 + placement.canvas.x1) / 2,
                           (placement.canvas.y0 + placement.canvas.y1) / 2};
  if (ui.take_key("F")) viewport = {};
  if (ui.take_key("Ctrl+0")) view::set_scale(viewport, placement, 1);
  if (ui.take_key("C")) viewport.center_x = viewport.center_y = 0.5;
  if (ui.take_key("+") || ui.take_key("=")) view::zoom_at(viewport, placement, middle, kStepFactor);
  if (ui.take_key("-")) view::zoom_at(viewport, placement, middle, 1 / kStepFactor);
}

// Keeps the input's and the maps' viewport equal; `moved` is the one that was just handled.
void link_views(Ui& ui, const view::Viewport& moved) {
  if (!ui.document.settings.view.link_views) return;
  if (&moved == &ui.input_view) ui.map_view = ui.input_view;
  if (&moved == &ui.map_view) ui.input_view = ui.map_view;
}

// Clicks, wheel and keys over the last item.
void handle_pointer(Ui& ui, CanvasState& state, view::Viewport& viewport, const view::Placement& placement) {
  const ImGuiIO& io = ImGui::GetIO();
  state.was_double_clicked = ImGui::IsMouseDoubleClicked(ImGuiMouseButton_Left);
  const float threshold = io.MouseDragThreshold;
  state.was_clicked = ImGui::IsItemDeactivated() && ImGui::IsMouseReleased(ImGuiMouseButton_Left) &&
                      io.MouseDragMaxDistanceSqr[ImGuiMouseButton_Left] < threshold * threshold;
  if (io.MouseWheel != 0) {
    const double factor = std::pow(kWheelFactor, static_cast<double>(io.MouseWheel));
    view::zoom_at(viewport, placement, to_point(io.MousePos), factor);
  }
  handle_keys(ui, viewport, placement);
  if (state.was_double_clicked) viewport = {};
}

void set_cursor() {
  if (ImGui::IsMouseDragging(ImGuiMouseButton_Left) || ImGui::IsMouseDragging(ImGuiMouseButton_Middle)) {
    ImGui::SetMouseCursor(ImGuiMouseCursor_ResizeAll);
  } else if (ImGui::IsKeyDown(ImGui::GetKeyIndex(ImGuiKey_Space)) && !ImGui::GetIO().WantTextInput) {
    ImGui::SetMouseCursor(ImGuiMouseCursor_Hand);
  }
}

nlohmann::json twin_value(const view::Placement& placement) {
  const view::Rect seen = placement.visible();
  const view::Rect& image = placement.image;
  return {{"scale", placement.scale},
          {"visible", {seen.x0, seen.y0, seen.x1, seen.y1}},
          {"image_rect", {image.x0, image.y0, image.width(), image.height()}}};
}

// Whole pixels of the picture that are at least partly visible: [x0, x1) x [y0, y1).
struct PixelRange {
  std::int64_t x0, y0, x1, y1;
};
PixelRange visible_pixels(const view::Placement& placement) {
  const view::Rect seen = placement.visible();
  return {static_cast<std::int64_t>(std::floor(seen.x0)), static_cast<std::int64_t>(std::floor(seen.y0)),
          static_cast<std::int64_t>(std::ceil(seen.x1)), static_cast<std::int64_t>(std::ceil(seen.y1))};
}

void draw_grid(const CanvasState& canvas, const PixelRange& range, ImU32 colour) {
  const CanvasClip draw(canvas.placement.canvas);
  for (std::int64_t x = range.x0; x <= range.x1; ++x) {
    const auto column = static_cast<double>(x);
    draw->AddLine(to_vec(canvas.placement.to_screen({column, static_cast<double>(range.y0)})),
                  to_vec(canvas.placement.to_screen({column, static_cast<double>(range.y1)})), colour);
  }
  for (std::int64_t y = range.y0; y <= range.y1; ++y) {
    const auto row = static_cast<double>(y);
    draw->AddLine(to_vec(canvas.placement.to_screen({static_cast<double>(range.x0), row})),
                  to_vec(canvas.placement.to_screen({static_cast<double>(range.x1), row})), colour);
  }
}

// A text of one or more lines in the middle of a cell.
void draw_centred(const CanvasClip& draw, ImFont* font, float size, const view::Rect& cell, const std::string& text,
                  ImU32 colour) {
  const auto lines = static_cast<float>(std::count(text.begin(), text.end(), '\n') + 1);
  float y = static_cast<float>((cell.y0 + cell.y1) / 2) - lines * size / 2;
  for (std::size_t start = 0; start <= text.size();) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    const char* first = text.data() + start;
    const char* last = text.data() + end;
    const float width = font->CalcTextSizeA(size, FLT_MAX, 0, first, last).x;
    const float x = static_cast<float>((cell.x0 + cell.x1) / 2) - width / 2;
    draw->AddText(font, size, {std::round(x), std::round(y)}, colour, first, last);
    y += size;
    start = end + 1;
  }
}

void draw_values(Ui& ui, const CanvasState& canvas, const PixelRange& range,
                 const std::function<std::string(std::int64_t, std::int64_t)>& text,
                 const std::function<bool(std::int64_t, std::int64_t)>& is_dark) {
  ImFont* font = ui.fonts.mono ? ui.fonts.mono : ImGui::GetFont();
  std::vector<std::string> texts;
  float widest = 0;  // in units of the font size
  float most_lines = 1;
  for (std::int64_t y = range.y0; y < range.y1; ++y) {
    for (std::int64_t x = range.x0; x < range.x1; ++x) {
      const std::string& value = texts.emplace_back(text(x, y));
      const ImVec2 extent = font->CalcTextSizeA(font->FontSize, FLT_MAX, 0, value.c_str());
      widest = std::max(widest, extent.x / font->FontSize);
      most_lines = std::max(most_lines, extent.y / font->FontSize);
    }
  }
  if (widest <= 0) return;
  const auto room = static_cast<float>(canvas.placement.scale) * 0.86F;
  const float size =
      std::floor(std::min({room / widest, room / most_lines, 1.5F * font->FontSize * ImGui::GetIO().FontGlobalScale}));
  if (size < kSmallestValueFont * ui.scale) return;

  const CanvasClip draw(canvas.placement.canvas);
  std::size_t i = 0;
  for (std::int64_t y = range.y0; y < range.y1; ++y) {
    for (std::int64_t x = range.x0; x < range.x1; ++x) {
      const auto column = static_cast<double>(x);
      const auto row = static_cast<double>(y);
      const view::Rect cell = screen_rect(canvas.placement, column, row, column + 1, row + 1);
      const ImU32 colour = is_dark(x, y) ? IM_COL32(255, 255, 255, 230) : IM_COL32(0, 0, 0, 220);
      draw_centred(draw, font, size, cell, texts[i++], colour);
    }
  }
}

}  // namespace

void own_wheel() {
#if IMGUI_VERSION_NUM >= 18900
  ImGui::SetItemKeyOwner(ImGuiKey_MouseWheelY);
#else
  ImGui::SetItemUsingMouseWheel();
#endif
}

CanvasState canvas(Ui& ui, std::string_view name, ImVec2 size, view::Viewport& viewport, double image_width,
                   double image_height, float margin) {
  if (ui.requests.reset_views) {
    ui.input_view = ui.map_view = viewport = {};
    ui.requests.reset_views = false;
  }
  const std::string id(name);
  const ImVec2 corner = ImGui::GetCursorScreenPos();
  size = {std::max(size.x, 8.0F), std::max(size.y, 8.0F)};
  const ImVec2 far_corner{corner.x + size.x, corner.y + size.y};
  ImGui::InvisibleButton(id.c_str(), size, ImGuiButtonFlags_MouseButtonLeft | ImGuiButtonFlags_MouseButtonMiddle);
  own_wheel();

  // Gestures reckon with the area that a fitted picture fills; drawing uses all of the canvas. Both have one middle.
  margin = std::clamp(margin, 0.0F, std::min(size.x, size.y) / 4);
  const view::Rect fit_area{corner.x + margin, corner.y + margin, far_corner.x - margin, far_corner.y - margin};
  const auto placed = [&] { return view::place(viewport, fit_area, image_width, image_height); };

  CanvasState state;
  state.is_hovered = ImGui::IsItemHovered();
  if (state.is_hovered) handle_pointer(ui, state, viewport, placed());
  if (ImGui::IsItemActive()) pan_with_mouse(viewport, placed());
  link_views(ui, viewport);

  state.placement = placed();
  state.placement.canvas = {corner.x, corner.y, far_corner.x, far_corner.y};
  const view::Point pointed = state.placement.to_image(to_point(ImGui::GetIO().MousePos));
  state.is_on_picture =
      state.is_hovered && pointed.x >= 0 && pointed.y >= 0 && pointed.x < image_width && pointed.y < image_height;
  if (state.is_on_picture) {
    state.x = static_cast<std::int64_t>(pointed.x);
    state.y = static_cast<std::int64_t>(pointed.y);
  }
  if (state.is_hovered || ImGui::IsItemActive()) set_cursor();

  ImDrawList* draw = ImGui::GetWindowDrawList();
  draw->AddRectFilled(corner, far_corner, ui.palette.canvas, 3 * ui.scale);
  draw->AddRect(corner, far_corner, ui.palette.panel_border, 3 * ui.scale);
  record_rect(ui, corner, far_corner, name, "canvas", "", twin_value(state.placement));
  return state;
}

void draw_picture(const CanvasState& canvas, const view::Drawable& drawable) {
  if (drawable.texture == 0) return;
  const view::Rect& covers = drawable.covers;
  const view::Rect at = screen_rect(canvas.placement, covers.x0, covers.y0, covers.x1, covers.y1);
  const CanvasClip draw(canvas.placement.canvas);
  // Clipped to the picture as well: reduced copies may cover a little more than it.
  const view::Rect& image = canvas.placement.image;
  draw->PushClipRect({static_cast<float>(image.x0), static_cast<float>(image.y0)},
                     {static_cast<float>(image.x1), static_cast<float>(image.y1)}, true);
  draw->AddImage(reinterpret_cast<ImTextureID>(static_cast<std::intptr_t>(drawable.texture)),
                 {static_cast<float>(at.x0), static_cast<float>(at.y0)},
                 {static_cast<float>(at.x1), static_cast<float>(at.y1)});
  draw->PopClipRect();
}

void outline_pixels(const CanvasState& canvas, double x0, double y0, double x1, double y1, ImU32 colour,
                    float thickness) {
  const view::Rect at = screen_rect(canvas.placement, x0, y0, x1, y1);
  const CanvasClip draw(canvas.placement.canvas);
  draw->AddRect({static_cast<float>(at.x0), static_cast<float>(at.y0)},
                {static_cast<float>(at.x1), static_cast<float>(at.y1)}, colour, 0, 0, thickness);
}

ImU32 halo_of(ImU32 mark) {
  const auto part = [&](int shift) { return static_cast<int>((mark >> shift) & 0xFFU); };
  const int brightness = 54 * part(IM_COL32_R_SHIFT) + 183 * part(IM_COL32_G_SHIFT) + 19 * part(IM_COL32_B_SHIFT);
  return brightness < 96 * 256 ? IM_COL32(255, 255, 255, 200) : IM_COL32(0, 0, 0, 150);
}

void mark_pixels(const CanvasState& canvas, double x0, double y0, double x1, double y1, ImU32 colour, float thickness,
                 float smallest) {
  const view::Rect at = screen_rect(canvas.placement, x0, y0, x1, y1);
  if (std::min(at.width(), at.height()) >= smallest) {
    outline_pixels(canvas, x0, y0, x1, y1, colour, thickness);
    return;
  }
  // Too small to be seen as a frame: a larger frame around it, and hairs that point at its middle.
  const CanvasClip draw(canvas.placement.canvas);
  const auto cx = static_cast<float>((at.x0 + at.x1) / 2);
  const auto cy = static_cast<float>((at.y0 + at.y1) / 2);
  const float half_w = std::max(smallest, static_cast<float>(at.width())) / 2;
  const float half_h = std::max(smallest, static_cast<float>(at.height())) / 2;
  const float hair = smallest * 0.6F;
  for (const auto& [ink, width] : {std::pair{halo_of(colour), thickness + 2}, std::pair{colour, thickness}}) {
    draw->AddRect({cx - half_w, cy - half_h}, {cx + half_w, cy + half_h}, ink, 0, 0, width);
    draw->AddLine({cx - half_w - hair, cy}, {cx - half_w, cy}, ink, width);
    draw->AddLine({cx + half_w, cy}, {cx + half_w + hair, cy}, ink, width);
    draw->AddLine({cx, cy - half_h - hair}, {cx, cy - half_h}, ink, width);
    draw->AddLine({cx, cy + half_h}, {cx, cy + half_h + hair}, ink, width);
  }
}

void fill_pixels(const CanvasState& canvas, double x0, double y0, double x1, double y1, ImU32 colour) {
  const view::Rect at = screen_rect(canvas.placement, x0, y0, x1, y1);
  const CanvasClip draw(canvas.placement.canvas);
  draw->AddRectFilled({static_cast<float>(at.x0), static_cast<float>(at.y0)},
                      {static_cast<float>(at.x1), static_cast<float>(at.y1)}, colour);
}

void hatch_pixels(const CanvasState& canvas, double x0, double y0, double x1, double y1, ImU32 colour) {
  const view::Rect at = screen_rect(canvas.placement, x0, y0, x1, y1);
  const view::Rect& area = canvas.placement.canvas;
  const auto left = static_cast<float>(std::max(at.x0, area.x0));
  const auto top = static_cast<float>(std::max(at.y0, area.y0));
  const auto right = static_cast<float>(std::min(at.x1, area.x1));
  const auto bottom = static_cast<float>(std::min(at.y1, area.y1));
  if (left >= right || top >= bottom) return;
  // Lines x + y = d on one lattice of the screen, so that the hatching of neighbouring cells joins.
  const float step = std::max(4.0F, ImGui::GetFontSize() * 0.4F);
  const CanvasClip draw(area);
  for (float d = std::ceil((left + top) / step) * step; d < right + bottom; d += step) {
    const float x_low = std::max(left, d - bottom);
    const float x_high = std::min(right, d - top);
    draw->AddLine({x_low, d - x_low}, {x_high, d - x_high}, colour);
  }
}

void draw_grid_and_values(Ui& ui, const CanvasState& canvas,
                          const std::function<std::string(std::int64_t, std::int64_t)>& text,
                          const std::function<bool(std::int64_t, std::int64_t)>& is_dark) {
  const model::ViewSettings& view_settings = ui.document.settings.view;
  const PixelRange range = visible_pixels(canvas.placement);
  if (range.x0 >= range.x1 || range.y0 >= range.y1) return;
  if (view_settings.show_grid && canvas.placement.scale >= kGridPixels * ui.scale) {
    draw_grid(canvas, range, ui.palette.grid);
  }
  if (view_settings.show_values && canvas.placement.scale >= kValuePixels * ui.scale) {
    draw_values(ui, canvas, range, text, is_dark);
  }
}

void draw_zoom_readout(Ui& ui, const CanvasState& canvas) {
  const view::Rect& area = canvas.placement.canvas;
  if (area.width() < 130 * ui.scale || area.height() < 70 * ui.scale) return;
  const double percent = canvas.placement.scale * 100;
  char text[32];
  std::snprintf(text, sizeof text, percent < 9.95 ? "%.1f %%" : "%.0f %%", percent);
  ImFont* font = ui.fonts.small ? ui.fonts.small : ImGui::GetFont();
  const float font_size = font->FontSize * ImGui::GetIO().FontGlobalScale;
  const ImVec2 extent = font->CalcTextSizeA(font_size, FLT_MAX, 0, text);
  const float pad = 4 * ui.scale;
  const ImVec2 far_corner{static_cast<float>(area.x1) - pad, static_cast<float>(area.y1) - pad};
  const ImVec2 corner{far_corner.x - extent.x - 2 * pad, far_corner.y - extent.y - pad};
  ImDrawList* draw = ImGui::GetWindowDrawList();
  draw->AddRectFilled(corner, far_corner, IM_COL32(0, 0, 0, 140), 3 * ui.scale);
  draw->AddText(font, font_size, {corner.x + pad, corner.y + pad / 2}, IM_COL32(255, 255, 255, 220), text);
}

}  // namespace convlens::ui
