// What a unit can see and what it does see: growth, table, effective field.
#include <algorithm>
#include <cmath>
#include <utility>

#include "app/ui/canvas.h"
#include "app/ui/stack_panels.h"
#include "app/ui/text.h"
#include "app/ui/widgets.h"
#include "engine/core/text.h"
#include "engine/explain/receptive_field.h"

namespace convlens::ui {
namespace {

// Right-aligned numbers below their headings; the first column is text.
class Table {
 public:
  Table(Ui& ui, std::vector<const char*> heads) : ui_(ui), heads_(std::move(heads)) {}
  void row(std::vector<std::string> cells, bool is_lit = false) { rows_.push_back({std::move(cells), is_lit}); }
  void draw(const char* name) {
    const float s = ui_.scale;
    const ImFont* font = ui_.fonts.small;
    std::vector<float> widths;
    for (std::size_t c = 0; c < heads_.size(); ++c) {
      float width = width_of(font, heads_[c]);
      for (const Row& r : rows_) width = std::max(width, width_of(font, r.cells[c]));
      widths.push_back(width);
    }
    float all = 0;
    for (const float w : widths) all += w;
    const float room = ImGui::GetContentRegionAvail().x;
    const float gap =
        std::clamp((room - all) / static_cast<float>(std::max<std::size_t>(1, heads_.size() - 1)), 4 * s, 22 * s);
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const float line = font_height(font) + 4 * s;
    const auto draw_line = [&](float y, const auto& cells, ImU32 ink) {
      float x = at.x;
      for (std::size_t c = 0; c < widths.size(); ++c) {
        const std::string text(cells[c]);
        const float indent = c == 0 ? 0 : widths[c] - width_of(font, text);
        put_text(font, {x + indent, y}, ink, text);
        x += widths[c] + gap;
      }
    };
    draw_line(at.y, heads_, ui_.palette.text_dim);
    nlohmann::json told = nlohmann::json::array();
    for (std::size_t r = 0; r < rows_.size(); ++r) {
      const float y = at.y + static_cast<float>(r + 1) * line;
      if (rows_[r].is_lit) {
        ImGui::GetWindowDrawList()->AddRectFilled({at.x - 3 * s, y - 1 * s}, {at.x + room, y + line - 2 * s},
                                                  ImGui::GetColorU32(ImGuiCol_Header), 3 * s);
      }
      draw_line(y, rows_[r].cells, ui_.palette.text);
      told.push_back(rows_[r].cells);
    }
    ImGui::Dummy({room, static_cast<float>(rows_.size() + 1) * line});
    record(ui_, name, "text", "Table", std::move(told));
  }

 private:
  struct Row {
    std::vector<std::string> cells;
    bool is_lit = false;
  };
  Ui& ui_;
  std::vector<const char*> heads_;
  std::vector<Row> rows_;
};

std::string span_text(const explain::Span& span) {
  if (span.count() <= 0) return "none";
  if (span.count() == 1) return std::to_string(span.first);
  return std::to_string(span.first) + "–" + std::to_string(span.last);
}

// The growth of the field with the layers: bars from the size along the width, a line at the picture's own width.
void growth_plot(Ui& ui, const std::vector<explain::ReceptiveField>& fields, const Shape& picture, std::size_t lit) {
  const float s = ui.scale;
  const ImVec2 size{ImGui::GetContentRegionAvail().x, 64 * s};
  const ImVec2 min = ImGui::GetCursorScreenPos(), max{min.x + size.x, min.y + size.y};
  ImGui::Dummy(size);
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  draw.AddRectFilled(min, max, ui.palette.canvas, 3 * s);
  std::int64_t largest = picture.w;
  nlohmann::json told = nlohmann::json::array();
  for (const explain::ReceptiveField& field : fields)
    largest = std::max(largest, field.x.size), told.push_back(field.x.size);
  const float step = size.x / static_cast<float>(fields.size());
  const float room = size.y - 4 * s;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const float height = std::max(1.0F, room * static_cast<float>(fields[i].x.size) / static_cast<float>(largest));
    const ImVec2 a{min.x + static_cast<float>(i) * step + 1.5F * s, max.y - height},
        b{min.x + static_cast<float>(i + 1) * step - 1.5F * s, max.y};
    draw.AddRectFilled(a, b, i == lit ? ui.palette.output_outline : ui.palette.window_outline, 2 * s);
  }
  const float y = max.y - room * static_cast<float>(picture.w) / static_cast<float>(largest);
  draw.AddLine({min.x, y}, {max.x, y}, ui.palette.text_dim, s);
  put_text(ui.fonts.small, {min.x + 4 * s, std::min(y + 1 * s, max.y - font_height(ui.fonts.small))}, ui.palette.text,
           "width of the picture: " + std::to_string(picture.w));
  const std::string help =
      "How far one unit of each layer sees, in pixels of the scaled picture; zero padding included";
  record(ui, "stack/growth", "plot", "Growth of the field", std::move(told), {0, largest}, true, help);
  tooltip(ui, help);
}

}  // namespace

void StackUnit::draw_field(Ui& ui, StackView& stack) {
  const model::StackResult& result = *stack.result();
  const std::vector<Shape> levels = shapes_of(*result.stack);
  const std::vector<explain::ReceptiveField> fields = explain::receptive_fields(result.stack->model, levels);
  const std::optional<UnitRef> focus = stack.focus();
  ImGui::BeginChild("field", {0, 0}, false);
  growth_plot(ui, fields, levels.front(), focus ? focus->level : fields.size());
  Table table(ui, {"layer", "sees", "jump", "start", "rows", "columns"});
  const std::vector<explain::Reach>* reach = focus ? &stack.reach(*focus) : nullptr;
  for (std::size_t i = 0; i < levels.size(); ++i) {
    const explain::ReceptiveField& f = fields[i];
    const auto pair = [](std::int64_t y, std::int64_t x) {
      return y == x ? std::to_string(y) : std::to_string(y) + "×" + std::to_string(x);
    };
    const bool is_below = reach && i < reach->size();
    table.row({level_name(result, i), pair(f.y.size, f.x.size), pair(f.y.jump, f.x.jump), pair(f.y.start, f.x.start),
               is_below ? span_text((*reach)[i].row_span()) : "", is_below ? span_text((*reach)[i].col_span()) : ""},
              focus && i == focus->level);
  }
  table.draw("stack/field-table");
  ImGui::PushFont(ui.fonts.small);
  dim_text(ui,
           "Unit i sees the pixels from start + i · jump on. Rows and columns: of each layer, what the unit reads.");
  const std::size_t top = focus ? focus->level : levels.size() - 1;
  if (const std::string words = explain::same_field_in_words(result.stack->model, levels, top); !words.empty()) {
    dim_text(ui, words);
    record(ui, "stack/same-field", "text", "One layer in their place", words);
  }
  ImGui::PopFont();

  const model::UnitFactsPtr facts = stack.facts();
  if (!facts) draw_missing(ui, stack);
  if (facts && facts->field && facts->field_level) {
    const explain::EffectiveField& field = *facts->field;
    const Shape& shape = field.strength.shape();
    ImGui::Spacing();
    ImGui::TextUnformatted("Effective field");
    const float side = std::min(ImGui::GetContentRegionAvail().x, 190 * ui.scale);
    const CanvasState canvas = canvas_at_cursor(shape, side);
    const view::Colormap& map = view::find_colormap(ui.document.settings.view.unsigned_colormap);
    const view::Source source{&facts->field_level->maps, facts->field_level->reduced, facts->field_level->version};
    const float most = facts->field_level->all.max;
    draw_picture(canvas, field_picture_.update(ui.painter, source, 0, canvas.placement, map, {0, most > 0 ? most : 1}));
    record(ui, "stack/effective", "canvas", "Effective field",
           {{"row", field.picture.row},
            {"column", field.picture.col},
            {"rows", shape.h},
            {"columns", shape.w},
            {"total", field.total},
            {"central_share", field.central_share},
            {"before_activation", field.is_before_activation}},
           {}, true, "How strongly the value follows each pixel: |d value / d pixel|, summed over channels");
    std::string words = "How strongly the value follows each of " + std::to_string(shape.w) + " × " +
                        std::to_string(shape.h) + " pixels: |d value / d pixel|, from 0 to " +
                        number_text(static_cast<double>(most), 3) + ".";
    if (field.central_share > 0 && field.central_share < 1) {
      words += " The middle " + formatted("%.0f %%", 100 * field.central_share) + " of the area holds 95 % of it.";
    }
    if (field.is_before_activation) words += " The unit's own activation is off here, so this is of the sum before it.";
    if (!(field.total > 0)) words += " Nothing: no change of a single pixel reaches the unit.";
    ImGui::PushFont(ui.fonts.small);
    dim_text(ui, words);
    ImGui::PopFont();
  }
  ImGui::EndChild();
}

}  // namespace convlens::ui
