// Cells, labels, bars: their places, and what the pointer is on.
#include "app/ui/train_mistakes_matrix.h"

#include <algorithm>
#include <cfloat>
#include <cmath>

#include "app/ui/colour_bar.h"
#include "app/ui/maps_panel_marks.h"
#include "app/ui/text.h"
#include "app/ui/widgets.h"
#include "app/view/colormap.h"
#include "engine/core/text.h"

namespace convlens::ui {
namespace {

constexpr float kLargestCell = 44, kLeastCell = 3;  // at 100 % interface scale
constexpr float kGapFrom = 7;                       // cells from this size on have lines between them
constexpr float kSmallestFont = 9, kSmallestRightFont = 8;
constexpr float kLongestRowName = 76, kLongestColumnName = 64;
constexpr std::int64_t kAllCellsInTwin = 20;  // classes up to which empty cells are told, too

const view::Colormap& colours_of(const Ui& ui) {
  return view::find_colormap(ui.document.settings.view.unsigned_colormap);
}

ImU32 right_colour() { return ImGui::GetColorU32(ImGuiCol_Button); }

// Where everything stands.
struct Layout {
  std::int64_t classes = 0;
  ImVec2 corner;  // of the first cell
  float cell = 0;
  float names_left = 0, names_width = 0;
  float top = 0;  // of the whole
  float names_height = 0;
  bool names_upwards = false;
  std::int64_t names_every = 1;  // where cells are lower than a line of text
  bool has_numbers = false;      // sizes and accuracies beside the rows, totals below
  float sizes_right = 0;         // right end of the class sizes
  float bars_left = 0, bars_right = 0;

  float side() const { return cell * static_cast<float>(classes); }
  ImVec2 cell_min(std::int64_t row, std::int64_t col) const {
    return {corner.x + static_cast<float>(col) * cell, corner.y + static_cast<float>(row) * cell};
  }
  float gap(float s) const { return cell >= kGapFrom * s ? std::max(1.0F, s) : 0.0F; }
};

std::int64_t largest_class(const training::Evaluation& evaluation) {
  return evaluation.class_sizes.empty() ? 0 : *std::ranges::max_element(evaluation.class_sizes);
}

Layout lay_out(const Ui& ui, const training::Evaluation& evaluation, std::span<const std::string> names,
               const ImVec2& room) {
  const float s = ui.scale, line = font_height(ui.fonts.small);
  const ImVec2 at = ImGui::GetCursorScreenPos();
  Layout layout;
  layout.classes = model::classes_of(evaluation);
  const auto n = static_cast<float>(layout.classes);
  float widest = 0;
  for (const std::string& name : names) widest = std::max(widest, width_of(ui.fonts.small, name));
  layout.names_left = at.x;
  layout.names_width = std::ceil(std::min({widest, kLongestRowName * s, room.x / 4})) + 5 * s;
  float sizes = std::ceil(width_of(ui.fonts.small, grouped(largest_class(evaluation)))) + 12 * s;
  const float bars = std::clamp(std::floor(room.x * 0.2F), 52 * s, 130 * s);
  const float least_head = line + 3 * s, foot = line + 4 * s;
  const auto cell_for = [&](float head) {
    const float across = (room.x - layout.names_width - sizes - bars) / n, down = (room.y - head - foot) / n;
    const float cell = std::clamp(std::min(across, down), kLeastCell * s, kLargestCell * s);
    return cell < kGapFrom * s ? cell : std::floor(cell);  // small ones stand close and need every pixel
  };
  layout.cell = cell_for(least_head);
  layout.names_upwards = widest > layout.cell - 2 * s;
  layout.names_height = least_head;
  if (layout.names_upwards) {
    layout.names_height = std::ceil(std::min(widest, kLongestColumnName * s)) + 5 * s;
    layout.cell = cell_for(layout.names_height);
  }
  layout.has_numbers = layout.cell >= line * 0.9F;
  if (!layout.has_numbers) {
    sizes = 6 * s;
    layout.cell = cell_for(layout.names_height);
  }
  layout.names_every = std::max<std::int64_t>(1, static_cast<std::int64_t>(std::ceil(line * 0.9F / layout.cell)));
  layout.top = at.y;
  layout.corner = {std::floor(at.x + layout.names_width), std::floor(at.y + layout.names_height)};
  layout.sizes_right = layout.corner.x + layout.side() + sizes - 5 * s;
  layout.bars_left = layout.sizes_right + 5 * s;
  layout.bars_right = std::min(layout.bars_left + bars * 1.4F, at.x + room.x);
  return layout;
}

std::optional<model::ConfusionCell> cell_under(const Layout& layout, const ImVec2& point) {
  const auto row = static_cast<std::int64_t>(std::floor((point.y - layout.corner.y) / layout.cell));
  const auto col = static_cast<std::int64_t>(std::floor((point.x - layout.corner.x) / layout.cell));
  if (row < 0 || row >= layout.classes) return std::nullopt;
  model::ConfusionCell cell{static_cast<std::int32_t>(row), std::nullopt};
  if (col >= 0 && col < layout.classes) cell.predicted = static_cast<std::int32_t>(col);
  return cell;
}

// A size at which the text fits between lines; 0 where it could not be read.
float fitting_size(const ImFont* font, const std::string& text, float width, float height, float largest,
                   float smallest) {
  const float per_unit = font->CalcTextSizeA(100, FLT_MAX, 0, text.c_str()).x / 100;
  const float size = std::min({largest, width / per_unit, height});
  return size >= smallest ? std::floor(2 * size) / 2 : 0;
}

void put_centred(ImFont* font, float size, const ImVec2& min, const ImVec2& max, ImU32 colour,
                 const std::string& text) {
  const ImVec2 extent = font->CalcTextSizeA(size, FLT_MAX, 0, text.c_str());
  ImGui::GetWindowDrawList()->AddText(
      font, size, {std::floor((min.x + max.x - extent.x) / 2), std::floor((min.y + max.y - extent.y) / 2)}, colour,
      text.c_str());
}

void draw_cells(Ui& ui, const training::Evaluation& evaluation, std::span<const std::string> names,
                const Layout& layout) {
  const float s = ui.scale, gap = layout.gap(s);
  const view::Colormap& map = colours_of(ui);
  const std::int64_t most = model::most_confused(evaluation);
  const view::ValueRange range{0, static_cast<float>(std::max<std::int64_t>(most, 1))};
  ImFont* font = ui.fonts.small;
  const float room = layout.cell - gap - 2 * s, full = font_height(font);
  const float wrong_size = fitting_size(font, std::to_string(most), room, room, full, kSmallestFont * s);
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  const view::Rgb none = map.colours.front();
  draw.AddRectFilled({layout.corner.x - gap, layout.corner.y - gap},
                     {layout.corner.x + layout.side(), layout.corner.y + layout.side()}, ui.palette.panel_border);
  for (std::int64_t row = 0; row < layout.classes; ++row) {
    for (std::int64_t col = 0; col < layout.classes; ++col) {
      const std::int64_t count = evaluation.confusion[static_cast<std::size_t>(row * layout.classes + col)];
      const ImVec2 min = layout.cell_min(row, col);
      const ImVec2 max{min.x + layout.cell - gap, min.y + layout.cell - gap};
      const bool is_right = row == col;
      const view::Rgb rgb = count == 0 ? none : view::colour_of(map, range, static_cast<float>(count));
      draw.AddRectFilled(min, max, is_right ? right_colour() : IM_COL32(rgb.r, rgb.g, rgb.b, 255));
      if (is_right || (count > 0 && wrong_size > 0)) {
        const std::string text = std::to_string(count);
        const float size =
            is_right ? fitting_size(font, text, layout.cell - gap - s, room, full, kSmallestRightFont * s) : wrong_size;
        const ImU32 ink = is_right       ? ui.palette.text_dim
                          : is_dark(rgb) ? IM_COL32(250, 250, 250, 255)
                                         : IM_COL32(12, 12, 12, 255);
        if (size > 0) put_centred(font, size, min, max, ink, text);
      }
      if (ui.twin.is_active() && (count > 0 || layout.classes <= kAllCellsInTwin)) {
        const model::ConfusionCell cell{static_cast<std::int32_t>(row), static_cast<std::int32_t>(col)};
        record_rect(ui, min, max, "mistakes/cell/" + std::to_string(row) + "/" + std::to_string(col), "cell",
                    model::in_words(evaluation, names, cell), count);
      }
    }
  }
}

void draw_names(Ui& ui, std::span<const std::string> names, const Layout& layout,
                const std::optional<model::ConfusionCell>& lit) {
  const float s = ui.scale, line = font_height(ui.fonts.small);
  for (std::int64_t i = 0; i < layout.classes; ++i) {
    const bool is_lit_row = lit && lit->label == i, is_lit_col = lit && lit->predicted == i;
    // A lit name has the place of its neighbours.
    const bool is_told = i % layout.names_every == 0;
    const auto is_near = [&](std::optional<std::int32_t> other) {
      return other && *other != i && std::abs(*other - i) < layout.names_every;
    };
    const std::string& name = names[static_cast<std::size_t>(i)];
    const ImVec2 at = layout.cell_min(i, i);
    if (is_lit_row || (is_told && !(lit && is_near(lit->label)))) {
      const std::string shown = fitted(ui.fonts.small, name, layout.names_width - 5 * s);
      put_text(ui.fonts.small,
               {layout.corner.x - 5 * s - width_of(ui.fonts.small, shown), at.y + (layout.cell - line) / 2},
               is_lit_row ? ui.palette.accent : ui.palette.text, shown);
    }
    if (!is_lit_col && !(is_told && !(lit && is_near(lit->predicted)))) continue;
    const ImU32 ink = is_lit_col ? ui.palette.accent : ui.palette.text;
    if (layout.names_upwards) {
      const std::string shown = fitted(ui.fonts.small, name, layout.names_height - 5 * s);
      put_text_upwards(ui.fonts.small, {at.x + (layout.cell - line) / 2, layout.corner.y - 4 * s}, ink, shown);
    } else {
      put_text(ui.fonts.small,
               {at.x + (layout.cell - width_of(ui.fonts.small, name)) / 2, layout.corner.y - line - 3 * s}, ink, name);
    }
  }
}

// Class sizes and accuracies on the right, what the net said below.
void draw_totals(Ui& ui, const training::Evaluation& evaluation, std::span<const std::string> names,
                 const Layout& layout) {
  const float s = ui.scale, line = font_height(ui.fonts.small), gap = layout.gap(s);
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  const auto put_right = [&](float right, float y, ImU32 ink, const std::string& text) {
    put_text(ui.fonts.small, {right - width_of(ui.fonts.small, text), y}, ink, text);
  };
  const float head = layout.corner.y - line - 3 * s;
  if (layout.has_numbers) put_right(layout.sizes_right, head, ui.palette.text_dim, "of");
  put_text(ui.fonts.small, {layout.bars_left, head}, ui.palette.text_dim, "right");
  for (std::int64_t row = 0; row < layout.classes; ++row) {
    const auto at = static_cast<std::size_t>(row);
    const ImVec2 min = layout.cell_min(row, 0);
    const float text_y = min.y + (layout.cell - gap - line) / 2;
    const double share = evaluation.class_accuracy[at];
    const float inset = layout.cell > 12 * s ? 2 * s : 0;
    const ImVec2 a{layout.bars_left, min.y + inset}, b{layout.bars_right, min.y + layout.cell - gap - inset};
    draw.AddRectFilled(a, b, ui.palette.canvas, 2 * s);
    const ImU32 bar =
        (ui.palette.held_out & ~IM_COL32_A_MASK) | (ImU32{0x70} << IM_COL32_A_SHIFT);  // text stands on it
    draw.AddRectFilled(a, {a.x + (b.x - a.x) * static_cast<float>(share), b.y}, bar, 2 * s);
    const std::int64_t size = evaluation.class_sizes[at];
    if (layout.has_numbers) {
      put_right(layout.sizes_right, text_y, ui.palette.text_dim, grouped(size));
      put_text(ui.fonts.small, {a.x + 5 * s, text_y}, ui.palette.text,
               size > 0 ? formatted("%.1f %%", 100 * share) : std::string("–"));
    }
    if (!ui.twin.is_active()) continue;
    record_rect(ui, a, b, "mistakes/class/" + std::to_string(row), "cell",
                model::in_words(evaluation, names, {static_cast<std::int32_t>(row), std::nullopt}), share);
  }
  if (!layout.has_numbers) return;
  const float foot = layout.corner.y + layout.side() + 2 * s;
  for (std::int64_t col = 0; col < layout.classes; ++col) {
    std::int64_t said = 0;
    for (std::int64_t row = 0; row < layout.classes; ++row) {
      said += evaluation.confusion[static_cast<std::size_t>(row * layout.classes + col)];
    }
    const std::string text = std::to_string(said);
    const float size = fitting_size(ui.fonts.small, text, layout.cell - 2 * s, line, line, kSmallestRightFont * s);
    if (size > 0) {
      const float x = layout.cell_min(0, col).x;
      put_centred(ui.fonts.small, size, {x, foot}, {x + layout.cell - gap, foot + line}, ui.palette.text_dim, text);
    }
  }
  put_text(ui.fonts.small, {layout.corner.x + layout.side() + 7 * s, foot}, ui.palette.text_dim, "said");
}

void outline(Ui& ui, const Layout& layout, const model::ConfusionCell& cell, ImU32 colour, float thickness) {
  const float gap = layout.gap(ui.scale);
  const ImVec2 min = layout.cell_min(cell.label, cell.predicted.value_or(0));
  const float width = cell.predicted ? layout.cell : layout.side();
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  const ImVec2 a{min.x - 1, min.y - 1}, b{min.x + width - gap + 1, min.y + layout.cell - gap + 1};
  draw.AddRect(a, b, IM_COL32(0, 0, 0, 200), 0, 0, thickness + 2 * ui.scale);
  draw.AddRect(a, b, colour, 0, 0, thickness);
}

}  // namespace

ConfusionEvents draw_confusion(Ui& ui, const training::Evaluation& evaluation, std::span<const std::string> names,
                               const std::optional<model::ConfusionCell>& chosen, const ImVec2& room) {
  const float s = ui.scale;
  const Layout layout = lay_out(ui, evaluation, names, room);
  const float height = layout.names_height + layout.side() + font_height(ui.fonts.small) + 4 * s;
  const bool was_clicked = ImGui::InvisibleButton("##confusion", {layout.bars_right - layout.names_left, height});
  ConfusionEvents events;
  if (ImGui::IsItemHovered()) events.hovered = cell_under(layout, ImGui::GetIO().MousePos);
  if (was_clicked) events.clicked = events.hovered;
  record(ui, "mistakes/matrix", "canvas", "Confusion matrix",
         {{"classes", layout.classes}, {"cell", layout.cell}, {"names_upwards", layout.names_upwards}});
  draw_cells(ui, evaluation, names, layout);
  draw_names(ui, names, layout, events.hovered ? events.hovered : chosen);
  draw_totals(ui, evaluation, names, layout);
  if (chosen) outline(ui, layout, *chosen, ui.palette.window_outline, 2 * s);
  if (events.hovered && events.hovered != chosen)
    outline(ui, layout, *events.hovered, IM_COL32(250, 250, 250, 255), 1.5F * s);
  return events;
}

void draw_confusion_legend(Ui& ui, const training::Evaluation& evaluation) {
  const float s = ui.scale, line = font_height(ui.fonts.small);
  const ImVec2 at = ImGui::GetCursorScreenPos();
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  float x = at.x;
  const auto word = [&](const std::string& text, float gap) {
    put_text(ui.fonts.small, {x, at.y}, ui.palette.text_dim, text);
    x += width_of(ui.fonts.small, text) + gap;
  };
  draw.AddRectFilled({x, at.y + 2 * s}, {x + 12 * s, at.y + line - s}, right_colour(), 2 * s);
  x += 17 * s;
  word("right", 14 * s);
  word("wrong: 0", 5 * s);
  draw_colour_strip(draw, {x, at.y + 2 * s}, {x + 70 * s, at.y + line - s}, colours_of(ui));
  x += 75 * s;
  word(grouped(model::most_confused(evaluation)), 0);
  ImGui::Dummy({x - at.x, line});
  record(ui, "mistakes/legend", "colourbar", "What the colours mean", model::most_confused(evaluation));
}

}  // namespace convlens::ui
