// Samples the engine's activation once per pixel column; x and y have scales of their own.
#include "app/ui/activation_curve.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "app/ui/widgets.h"
#include "engine/conv/conv.h"

namespace convlens::ui {
namespace {

struct Frame {
  ImVec2 min, max;
  double x0, x1, y0, y1;
  float x(double value) const { return min.x + (max.x - min.x) * static_cast<float>((value - x0) / (x1 - x0)); }
  float y(double value) const { return max.y - (max.y - min.y) * static_cast<float>((value - y0) / (y1 - y0)); }
};

void dashed(ImDrawList& draw, const ImVec2& from, const ImVec2& to, ImU32 colour, float scale) {
  const float length = std::hypot(to.x - from.x, to.y - from.y);
  const float step = 3 * scale;
  for (float at = 0; at < length; at += 2 * step) {
    const float end = std::min(at + step, length);
    const auto point = [&](float t) {
      return ImVec2(from.x + (to.x - from.x) * t / length, from.y + (to.y - from.y) * t / length);
    };
    draw.AddLine(point(at), point(end), colour, scale);
  }
}

void mark(Ui& ui, ImDrawList& draw, const Frame& frame, double in, double out) {
  const ImVec2 at(frame.x(std::clamp(in, frame.x0, frame.x1)), frame.y(std::clamp(out, frame.y0, frame.y1)));
  dashed(draw, {at.x, frame.y(std::clamp(0.0, frame.y0, frame.y1))}, at, ui.palette.output_outline, ui.scale);
  dashed(draw, {frame.x(std::clamp(0.0, frame.x0, frame.x1)), at.y}, at, ui.palette.output_outline, ui.scale);
  draw.AddCircleFilled(at, 4.5F * ui.scale, ui.palette.panel);
  draw.AddCircleFilled(at, 3.5F * ui.scale, ui.palette.output_outline);
}

void label(Ui& ui, ImDrawList& draw, const ImVec2& corner, const std::string& text, float align) {
  const float size = font_height(ui.fonts.small);
  const float width = ui.fonts.small->CalcTextSizeA(size, FLT_MAX, 0, text.c_str()).x;
  draw.AddText(ui.fonts.small, size, {corner.x - align * width, corner.y}, ui.palette.text_dim, text.c_str());
}

}  // namespace

void activation_curve(Ui& ui, conv::Activation activation, const view::ValueRange& range, std::optional<double> value,
                      const ImVec2& size) {
  const ImVec2 min = ImGui::GetCursorScreenPos();
  const ImVec2 max(min.x + size.x, min.y + size.y);
  ImGui::InvisibleButton("activation_curve", size);
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  draw.AddRectFilled(min, max, ImGui::GetColorU32(ImGuiCol_FrameBg), ImGui::GetStyle().FrameRounding);

  // The ends of the range stand below the curve.
  const float foot = font_height(ui.fonts.small) + 3 * ui.scale;
  Frame frame{min, {max.x, max.y - foot}, static_cast<double>(range.lo), static_cast<double>(range.hi), 0, 0};
  const auto columns = static_cast<int>(size.x);
  std::vector<double> heights;
  for (int i = 0; i <= columns; ++i) {
    heights.push_back(conv::activate(frame.x0 + (frame.x1 - frame.x0) * i / std::max(columns, 1), activation));
  }
  const auto [low, high] = std::minmax_element(heights.begin(), heights.end());
  const double room = std::max(0.12 * (*high - *low), 1e-6);
  frame.y0 = std::min(*low, 0.0) - room;
  frame.y1 = std::max(*high, 0.0) + room;

  draw.PushClipRect(min, max, true);
  draw.AddLine({min.x, frame.y(0)}, {max.x, frame.y(0)}, ui.palette.text_dim);
  if (frame.x0 < 0 && frame.x1 > 0) draw.AddLine({frame.x(0), min.y}, {frame.x(0), frame.max.y}, ui.palette.text_dim);
  std::vector<ImVec2> points;
  for (int i = 0; i <= columns; ++i) {
    points.emplace_back(min.x + static_cast<float>(i), frame.y(heights[static_cast<std::size_t>(i)]));
  }
  draw.AddPolyline(points.data(), static_cast<int>(points.size()), ui.palette.accent, 0, 2 * ui.scale);
  const float pad = 3 * ui.scale;
  const float below = max.y - foot;
  label(ui, draw, {min.x + pad, below}, number_text(frame.x0, 3), 0);
  label(ui, draw, {max.x - pad, below}, number_text(frame.x1, 3), 1);
  if (value && std::isfinite(*value)) mark(ui, draw, frame, *value, conv::activate(*value, activation));
  draw.PopClipRect();

  const conv::ChoiceName& name = conv::activation_names()[static_cast<std::size_t>(activation)];
  const std::string help = std::string(name.label) + ": " + std::string(name.summary) +
                           "\nAcross: the value before, from the smallest to the largest of this map. Up: the value "
                           "after. The dot is the output that is looked at.";
  record(ui, "geometry/activation/curve", "plot", name.label, value ? nlohmann::json(*value) : nlohmann::json(),
         {frame.x0, frame.x1}, true, help);
  tooltip(ui, help);
}

}  // namespace convlens::ui
