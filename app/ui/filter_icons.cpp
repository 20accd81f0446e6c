// Icons as strokes in a unit square: sharp at every scale, in the theme's text colour. No actions here.
#include "app/ui/filter_icons.h"

#include <cmath>

#include "app/ui/widgets.h"

namespace convlens::ui {
namespace {

// Draws in a square whose corners are (0,0) and (1,1).
class Pen {
 public:
  Pen(const Ui& ui, const ImVec2& min, float side, ImU32 colour)
      : list_(ImGui::GetWindowDrawList()),
        font_(ui.fonts.body),
        min_(min),
        side_(side),
        colour_(colour),
        width_(std::max(1.0F, 1.4F * ui.scale)) {}

  ImVec2 at(float x, float y) const { return {min_.x + x * side_, min_.y + y * side_}; }
  void line(float x0, float y0, float x1, float y1) const { list_->AddLine(at(x0, y0), at(x1, y1), colour_, width_); }
  void box(float x0, float y0, float x1, float y1) const {
    list_->AddRect(at(x0, y0), at(x1, y1), colour_, 0.08F * side_, 0, width_);
  }
  void fill(float x0, float y0, float x1, float y1) const {
    list_->AddRectFilled(at(x0, y0), at(x1, y1), colour_, 0.06F * side_);
  }
  void dot(float x, float y) const { list_->AddCircleFilled(at(x, y), 0.075F * side_, colour_); }
  void triangle(float x0, float y0, float x1, float y1, float x2, float y2) const {
    list_->AddTriangleFilled(at(x0, y0), at(x1, y1), at(x2, y2), colour_);
  }
  void outlined_triangle(float x0, float y0, float x1, float y1, float x2, float y2) const {
    list_->AddTriangle(at(x0, y0), at(x1, y1), at(x2, y2), colour_, width_);
  }
  void arc(float x, float y, float radius, float from_degrees, float to_degrees) const {
    constexpr float kRadians = 3.14159265F / 180;
    list_->PathArcTo(at(x, y), radius * side_, from_degrees * kRadians, to_degrees * kRadians, 20);
    list_->PathStroke(colour_, 0, width_);
  }
  void text(const char* text) const {
    const ImVec2 size = font_->CalcTextSizeA(font_height(font_), FLT_MAX, 0, text);
    list_->AddText(font_, font_height(font_),
                   ImVec2(std::floor(min_.x + (side_ - size.x) / 2), std::floor(min_.y + (side_ - size.y) / 2)),
                   colour_, text);
  }

 private:
  ImDrawList* list_;
  ImFont* font_;
  ImVec2 min_;
  float side_;
  ImU32 colour_;
  float width_;
};

void draw_icon(const Pen& pen, Icon icon) {
  switch (icon) {
    case Icon::kAdd:
      pen.line(0.5F, 0.15F, 0.5F, 0.85F);
      pen.line(0.15F, 0.5F, 0.85F, 0.5F);
      break;
    case Icon::kDuplicate:
    case Icon::kCopy:
      pen.box(0.3F, 0.3F, 0.9F, 0.9F);
      pen.line(0.1F, 0.72F, 0.1F, 0.1F);
      pen.line(0.1F, 0.1F, 0.72F, 0.1F);
      if (icon == Icon::kDuplicate) {
        pen.line(0.6F, 0.44F, 0.6F, 0.76F);
        pen.line(0.44F, 0.6F, 0.76F, 0.6F);
      }
      break;
    case Icon::kDelete:
      pen.line(0.2F, 0.2F, 0.8F, 0.8F);
      pen.line(0.8F, 0.2F, 0.2F, 0.8F);
      break;
    case Icon::kLeft:
      pen.triangle(0.72F, 0.15F, 0.72F, 0.85F, 0.22F, 0.5F);
      break;
    case Icon::kRight:
      pen.triangle(0.28F, 0.15F, 0.28F, 0.85F, 0.78F, 0.5F);
      break;
    case Icon::kNormalise:
      pen.text("÷Σ");
      break;
    case Icon::kNegate:
      pen.line(0.28F, 0.12F, 0.28F, 0.56F);
      pen.line(0.06F, 0.34F, 0.5F, 0.34F);
      pen.line(0.52F, 0.74F, 0.94F, 0.74F);
      break;
    case Icon::kFlipHorizontal:
      pen.line(0.5F, 0.08F, 0.5F, 0.92F);
      pen.outlined_triangle(0.08F, 0.8F, 0.38F, 0.8F, 0.38F, 0.22F);
      pen.triangle(0.92F, 0.8F, 0.62F, 0.8F, 0.62F, 0.22F);
      break;
    case Icon::kFlipVertical:
      pen.line(0.08F, 0.5F, 0.92F, 0.5F);
      pen.outlined_triangle(0.2F, 0.08F, 0.2F, 0.38F, 0.78F, 0.38F);
      pen.triangle(0.2F, 0.92F, 0.2F, 0.62F, 0.78F, 0.62F);
      break;
    case Icon::kRotate90:
      pen.arc(0.48F, 0.52F, 0.36F, -20, -300);
      pen.triangle(0.98F, 0.16F, 0.95F, 0.6F, 0.58F, 0.4F);
      break;
    case Icon::kTranspose:
      pen.line(0.1F, 0.1F, 0.9F, 0.9F);
      pen.fill(0.55F, 0.12F, 0.86F, 0.42F);
      pen.box(0.14F, 0.58F, 0.45F, 0.88F);
      break;
    case Icon::kRandomise:
      pen.box(0.08F, 0.08F, 0.92F, 0.92F);
      pen.dot(0.3F, 0.3F);
      pen.dot(0.7F, 0.3F);
      pen.dot(0.5F, 0.5F);
      pen.dot(0.3F, 0.7F);
      pen.dot(0.7F, 0.7F);
      break;
    case Icon::kZero:
      pen.text("0");
      break;
    case Icon::kPaste:
      pen.box(0.14F, 0.16F, 0.86F, 0.94F);
      pen.fill(0.34F, 0.06F, 0.66F, 0.26F);
      pen.line(0.32F, 0.48F, 0.68F, 0.48F);
      pen.line(0.32F, 0.7F, 0.68F, 0.7F);
      break;
  }
}

// A pressed-in button without a label; returns the square in its middle that the icon fills.
struct Frame {
  bool is_pressed = false;
  ImVec2 icon_min;
  float icon_side = 0;
};

Frame blank_button(std::string_view name) {
  const float side = ImGui::GetFrameHeight();
  ImGui::PushID(name.data(), name.data() + name.size());
  Frame frame;
  frame.is_pressed = ImGui::Button("##icon", ImVec2(side, side));
  ImGui::PopID();
  const ImVec2 min = ImGui::GetItemRectMin();
  const float margin = std::floor(side * 0.26F);
  frame.icon_min = ImVec2(min.x + margin, min.y + margin);
  frame.icon_side = side - 2 * margin;
  return frame;
}

}  // namespace

bool icon_button(Ui& ui, std::string_view name, Icon icon, std::string_view label, const std::string& help,
                 bool enabled, const std::string& reason) {
  ImGui::BeginDisabled(!enabled);
  const Frame frame = blank_button(name);
  draw_icon(Pen(ui, frame.icon_min, frame.icon_side, ImGui::GetColorU32(ImGuiCol_Text)), icon);
  ImGui::EndDisabled();
  const std::string& shown = enabled || reason.empty() ? help : reason;
  record(ui, name, "button", label, {}, {}, enabled, shown);
  tooltip(ui, shown);
  return frame.is_pressed && enabled;
}

bool chain_button(Ui& ui, std::string_view name, bool* is_linked, std::string_view label, const std::string& help) {
  const bool was_linked = *is_linked;
  ImGui::PushStyleColor(ImGuiCol_Button, was_linked ? ImGui::GetColorU32(ImGuiCol_Header) : IM_COL32_BLACK_TRANS);
  const Frame frame = blank_button(name);
  ImGui::PopStyleColor();
  const Pen pen(ui, frame.icon_min, frame.icon_side,
                was_linked ? ImGui::GetColorU32(ImGuiCol_Text) : ui.palette.text_dim);
  const float gap = was_linked ? 0 : 0.1F;
  pen.box(0 - gap, 0.3F, 0.42F - gap, 0.7F);
  pen.box(0.58F + gap, 0.3F, 1 + gap, 0.7F);
  if (was_linked) pen.line(0.25F, 0.5F, 0.75F, 0.5F);
  if (frame.is_pressed) *is_linked = !*is_linked;
  record(ui, name, "toggle", label, *is_linked, {}, true, help);
  tooltip(ui, help);
  return frame.is_pressed;
}

}  // namespace convlens::ui
