// Rows of a name, a bar about zero and a bar from zero.
#include "app/ui/class_bars.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "app/ui/text.h"
#include "app/ui/widgets.h"
#include "app/view/colormap.h"
#include "engine/core/text.h"

namespace convlens::ui {
namespace {

constexpr float kLongestName = 84;  // at 100 % interface scale

float row_height(const Ui& ui) { return font_height(ui.fonts.small) + 4 * ui.scale; }

ImU32 translucent(ImU32 colour) { return (colour & ~IM_COL32_A_MASK) | (ImU32{0x80} << IM_COL32_A_SHIFT); }

// The ends of the logits' axis stay while values grow a little, so that bars do not breathe.
double round_up(double value) {
  double step = 5;
  while (step < value) step *= 2;
  return step;
}

struct Columns {
  float name = 0, logit = 0, logit_number = 0, share = 0, right = 0;  // left ends, and the right end of all
};

Columns lay_out(const Ui& ui, std::span<const std::string> names, float left, float width) {
  const float s = ui.scale;
  float widest = width_of(ui.fonts.small, "0");
  for (const std::string& name : names) widest = std::max(widest, width_of(ui.fonts.small, name));
  Columns columns;
  columns.name = left;
  columns.logit = left + std::ceil(std::min({widest, kLongestName * s, width / 4})) + 7 * s;
  columns.right = left + width;
  const float number = std::ceil(width_of(ui.fonts.small, "-00.0")) + 4 * s;
  const float rest = columns.right - columns.logit - number - 8 * s;
  columns.logit_number = columns.logit + std::floor(rest * 0.4F);
  columns.share = columns.logit_number + number + 8 * s;
  return columns;
}

void draw_row(Ui& ui, const std::string& prefix, const ClassAnswer& answer, std::size_t c, bool is_likeliest,
              double reach, const Columns& columns, float y) {
  const float s = ui.scale, height = row_height(ui);
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  const float text_y = y + 2 * s;
  const ImU32 ink = is_likeliest ? ui.palette.accent : ui.palette.text;
  const std::string& name = answer.names[c];
  put_text(ui.fonts.small, {columns.name, text_y}, ink,
           fitted(ui.fonts.small, name, columns.logit - columns.name - 5 * s));
  if (answer.right == c) {
    const ImVec2 mark{columns.logit - 4 * s, y + height / 2};
    draw.AddTriangleFilled({mark.x - 4 * s, mark.y - 4 * s}, {mark.x, mark.y}, {mark.x - 4 * s, mark.y + 4 * s},
                           ui.palette.output_outline);
  }
  const double logit = answer.logits[c], share = answer.probabilities[c];
  const ImVec2 a{columns.logit, y + s}, b{columns.logit_number - 4 * s, y + height - s};
  draw.AddRectFilled(a, b, ui.palette.canvas, 2 * s);
  const float zero = (a.x + b.x) / 2;
  const float end = zero + (b.x - a.x) / 2 * static_cast<float>(std::clamp(logit / reach, -1.0, 1.0));
  const view::Colormap& map = view::find_colormap(ui.document.settings.view.map_colormap);
  const view::Rgb rgb = map.colours[logit < 0 ? 32 : 223];
  draw.AddRectFilled({std::min(zero, end), a.y}, {std::max(zero, end), b.y}, IM_COL32(rgb.r, rgb.g, rgb.b, 255));
  draw.AddLine({zero, a.y}, {zero, b.y}, ui.palette.text_dim, std::max(1.0F, s));
  const double rounded = std::abs(logit) < 0.05 ? 0 : logit;  // no minus before a zero
  const std::string number = formatted(std::abs(logit) < 99.95 ? "%.1f" : "%.0f", rounded);
  put_text(ui.fonts.small, {columns.share - 8 * s - width_of(ui.fonts.small, number), text_y}, ui.palette.text_dim,
           number);
  record_rect(ui, a, {columns.share, b.y}, prefix + "/logit/" + std::to_string(c), "cell", name, logit);

  const ImVec2 from{columns.share, y + s}, to{columns.right, y + height - s};
  draw.AddRectFilled(from, to, ui.palette.canvas, 2 * s);
  draw.AddRectFilled(from, {from.x + (to.x - from.x) * static_cast<float>(share), to.y}, translucent(ui.palette.accent),
                     2 * s);
  put_text(ui.fonts.small, {from.x + 5 * s, text_y}, ui.palette.text, formatted("%.1f %%", 100 * share));
  record_rect(ui, from, to, prefix + "/share/" + std::to_string(c), "cell", name, share);
}

}  // namespace

std::vector<std::size_t> shown_classes(std::span<const double> probabilities, std::size_t most) {
  std::vector<std::size_t> order(probabilities.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  if (order.size() <= most) return order;
  std::ranges::stable_sort(order, std::greater(), [&](std::size_t c) { return probabilities[c]; });
  order.resize(most);
  return order;
}

float class_bars_height(const Ui& ui, std::size_t classes, std::size_t most) {
  return row_height(ui) * static_cast<float>(std::min(classes, most) + 1);
}

void class_bars(Ui& ui, const std::string& prefix, const ClassAnswer* answer, std::size_t classes, float width,
                std::size_t most) {
  const float s = ui.scale;
  const ImVec2 at = ImGui::GetCursorScreenPos();
  ImGui::Dummy({width, class_bars_height(ui, classes, most)});
  const Columns columns = lay_out(ui, answer ? answer->names : std::span<const std::string>(), at.x, width);
  put_text(ui.fonts.small, {columns.logit, at.y}, ui.palette.text_dim, "logit");
  put_text(ui.fonts.small, {columns.share, at.y}, ui.palette.text_dim,
           classes > most ? "softmax, " + std::to_string(most) + " likeliest" : std::string("softmax"));
  float y = at.y + row_height(ui);
  if (!answer) {
    ImDrawList& draw = *ImGui::GetWindowDrawList();
    for (std::size_t i = 0; i < std::min(classes, most); ++i, y += row_height(ui)) {
      draw.AddRectFilled({columns.logit, y + s}, {columns.logit_number - 4 * s, y + row_height(ui) - s},
                         ui.palette.canvas, 2 * s);
      draw.AddRectFilled({columns.share, y + s}, {columns.right, y + row_height(ui) - s}, ui.palette.canvas, 2 * s);
    }
    return;
  }
  double reach = 0;
  for (const double logit : answer->logits) reach = std::max(reach, std::abs(logit));
  reach = round_up(reach);
  const auto likeliest =
      static_cast<std::size_t>(std::ranges::max_element(answer->probabilities) - answer->probabilities.begin());
  for (const std::size_t c : shown_classes(answer->probabilities, most)) {
    draw_row(ui, prefix, *answer, c, c == likeliest, reach, columns, y);
    y += row_height(ui);
  }
}

}  // namespace convlens::ui
