// Draws app/model/spectra's lines. Left is frequency 0, right half a cycle per pixel.
#include "app/ui/gain_plot.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "app/ui/widgets.h"

namespace convlens::ui {
namespace {

struct Curve {
  const char* id;
  std::string label;
  const model::Spectra::Line* line = nullptr;
  ImU32 colour = 0;
  bool is_dashed = false;
};

std::vector<Curve> curves_of(const Ui& ui, const model::Spectra& s) {
  std::vector<Curve> curves = {{"across", "across", &s.across, ui.palette.accent},
                               {"down", "down", &s.down, ui.palette.warning, true}};
  if (s.through_peak) {
    curves.push_back({"peak", "to the peak", &*s.through_peak, ui.palette.output_outline});
  }
  return curves;
}

double gain_at_share(const std::vector<double>& gains, double share) {
  const double at = std::clamp(share, 0.0, 1.0) * static_cast<double>(gains.size() - 1);
  return gains[static_cast<std::size_t>(std::lround(at))];
}

void draw_curve(ImDrawList& draw, const Curve& curve, const ImVec2& min, const ImVec2& max, double most, float scale) {
  const std::vector<double>& gains = curve.line->gains;
  std::vector<ImVec2> points;
  for (std::size_t i = 0; i < gains.size(); ++i) {
    const float x = min.x + (max.x - min.x) * static_cast<float>(i) / static_cast<float>(gains.size() - 1);
    points.emplace_back(x, max.y - (max.y - min.y) * static_cast<float>(gains[i] / most));
  }
  if (!curve.is_dashed) {
    draw.AddPolyline(points.data(), static_cast<int>(points.size()), curve.colour, 0, 1.8F * scale);
    return;
  }
  constexpr std::size_t kDash = 8, kPeriod = 13;  // samples
  for (std::size_t i = 0; i < points.size(); i += kPeriod) {
    const std::size_t count = std::min(kDash + 1, points.size() - i);
    draw.AddPolyline(points.data() + i, static_cast<int>(count), curve.colour, 0, 1.8F * scale);
  }
}

void draw_legend(Ui& ui, const std::string& name, const Curve& curve) {
  const float s = ui.scale;
  ImGui::PushFont(ui.fonts.small);
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float line = ImGui::GetTextLineHeight();
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  const float y = at.y + line / 2;
  if (curve.is_dashed) {
    draw.AddLine({at.x, y}, {at.x + 6 * s, y}, curve.colour, 2 * s);
    draw.AddLine({at.x + 9 * s, y}, {at.x + 15 * s, y}, curve.colour, 2 * s);
  } else {
    draw.AddLine({at.x, y}, {at.x + 15 * s, y}, curve.colour, 2 * s);
  }
  ImGui::SetCursorScreenPos({at.x + 20 * s, at.y});
  const double reach = std::hypot(curve.line->fy, curve.line->fx);
  const std::string words = curve.label + ": " + explain::in_words(curve.line->band, reach);
  ImGui::PushTextWrapPos(0);
  ImGui::TextUnformatted(words.c_str());
  ImGui::PopTextWrapPos();
  ImGui::PopFont();
  nlohmann::json value = {{"words", words}, {"to", {curve.line->fy, curve.line->fx}}};
  if (curve.line->band) {
    const explain::Band& band = *curve.line->band;
    value["gain"] = band.gain;
    value["low"] = band.low * reach;
    value["high"] = band.high * reach;
  }
  const std::string help = "The half-power band: where the gain is at least 71 % (-3 dB) of the curve's largest";
  record(ui, name + "/" + curve.id, "text", curve.label, std::move(value), {}, true, help);
  tooltip(ui, help);
}

}  // namespace

void gain_plot(Ui& ui, const std::string& name, float width, const model::Spectra& spectra) {
  const float s = ui.scale;
  const std::vector<Curve> curves = curves_of(ui, spectra);
  double most = 0;
  for (const Curve& curve : curves) most = std::max(most, *std::ranges::max_element(curve.line->gains));
  ImFont* font = ui.fonts.small;
  const float text = font_height(font);
  const ImVec2 corner = ImGui::GetCursorScreenPos();
  const float height = 84 * s;
  ImGui::Dummy({width, height + text + 3 * s});
  const bool is_hovered = ImGui::IsItemHovered();
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  draw.AddRectFilled(corner, {corner.x + width, corner.y + height}, ui.palette.canvas, 3 * s);
  const ImVec2 min{corner.x + 4 * s, corner.y + 5 * s}, max{corner.x + width - 4 * s, corner.y + height - 3 * s};
  const auto at = [&](double share) { return min.x + (max.x - min.x) * static_cast<float>(share); };
  for (const double share : {0.25, 0.5, 0.75}) {
    draw.AddLine({at(share), corner.y}, {at(share), corner.y + height}, ui.palette.grid);
  }
  const int stride = std::max(spectra.geometry.stride_y, spectra.geometry.stride_x);
  if (stride > 1) {
    const float x = at(1.0 / stride);
    draw.AddLine({x, corner.y}, {x, corner.y + height}, ui.palette.window_outline, 1.5F * s);
  }
  draw.PushClipRect(corner, {corner.x + width, corner.y + height}, true);
  if (most > 0) {
    for (const Curve& curve : curves) draw_curve(draw, curve, min, max, most, s);
  }
  draw.PopClipRect();
  const std::string top = number_text(most, 3);
  draw.AddText(font, text, {min.x + 2 * s, corner.y + 2 * s}, ui.palette.text_dim, top.c_str());
  const float below = corner.y + height + 2 * s;
  draw.AddText(font, text, {corner.x, below}, ui.palette.text_dim, "0");
  const auto centred = [&](double share, const char* label) {
    const float half = font->CalcTextSizeA(text, FLT_MAX, 0, label).x / 2;
    const float x = std::clamp(at(share) - half, corner.x, corner.x + width - 2 * half);
    draw.AddText(font, text, {x, below}, ui.palette.text_dim, label);
  };
  centred(0.5, "0.25");
  centred(1, "0.5 cycles/px");
  record(ui, name, "plot", "Gain by frequency", {{"largest", most}}, {0, 0.5}, true,
         "By how much the filter multiplies waves of each frequency. The amber line: what the stride keeps apart.");
  if (is_hovered) {
    const double share = static_cast<double>((ImGui::GetIO().MousePos.x - min.x) / (max.x - min.x));
    const double frequency = std::clamp(share, 0.0, 1.0) / 2;
    std::string words = number_text(frequency, 3) + " cycles/px";
    if (frequency > 0) words += ", period " + number_text(1 / frequency, 3) + " px";
    for (const Curve& curve : curves) {
      words += "\n" + curve.label + ": gain " + number_text(gain_at_share(curve.line->gains, share), 4);
    }
    draw.AddLine({at(share), corner.y}, {at(share), corner.y + height}, ui.palette.text_dim);
    ImGui::SetTooltip("%s", words.c_str());
  }
  for (const Curve& curve : curves) draw_legend(ui, name, curve);
}

}  // namespace convlens::ui
