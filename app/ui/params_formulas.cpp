// The formulas come from conv/params; here they get their captions and their place.
#include "app/ui/params_formulas.h"

#include <string>

#include "app/model/fields.h"
#include "app/ui/widgets.h"
#include "engine/conv/params.h"

namespace convlens::ui {
namespace {

// "floor((480+1+1-1·(3-1)-1)/1)+1 = 480": without the spaces inside the left side.
std::string tight(const std::string& text) {
  const std::size_t equals = text.rfind(" = ");
  std::string left = text.substr(0, equals);
  std::erase(left, ' ');
  return left + (equals == std::string::npos ? "" : text.substr(equals));
}

// On one line if the panel lets it: in digits of equal width, then without spaces, then in the small font.
void formula_row(Ui& ui, const char* caption, std::string_view name, const std::string& text, const std::string& help,
                 float label_width) {
  const float start = ImGui::GetCursorPosX();
  dim_text(ui, caption);
  ImGui::SameLine(start + label_width, 0);
  const float room = ImGui::GetContentRegionAvail().x;
  const auto fits = [&](const ImFont* font, const std::string& line) {
    return font->CalcTextSizeA(font_height(font), FLT_MAX, 0, line.c_str()).x <= room;
  };
  const bool is_tight = !fits(ui.fonts.mono, text);
  const std::string shown = is_tight ? tight(text) : text;
  ImGui::PushFont(is_tight && !fits(ui.fonts.mono, shown) ? ui.fonts.small : ui.fonts.mono);
  ImGui::PushTextWrapPos(0);
  ImGui::TextUnformatted(shown.c_str());
  ImGui::PopTextWrapPos();
  ImGui::PopFont();
  record(ui, name, "text", text, text, {}, true, help);
  tooltip(ui, text + "\n" + help);
}

// "1 row at the bottom is" / "3 columns at the right are", or nothing where the stride divides.
std::string left_over(const conv::Geometry& geometry, conv::Axis axis) {
  const std::int64_t count = conv::floor_remainder(geometry, axis);
  if (count == 0) return {};
  std::string text = std::to_string(count) + (axis == conv::Axis::kY ? " row" : " column") + (count > 1 ? "s" : "");
  return text + (axis == conv::Axis::kY ? " at the bottom" : " at the right");
}

std::string remark(const conv::Geometry& geometry) {
  const std::string y = left_over(geometry, conv::Axis::kY);
  const std::string x = left_over(geometry, conv::Axis::kX);
  if (y.empty() && x.empty()) return {};
  return "The floor drops " + y + (!y.empty() && !x.empty() ? " and " : "") + x +
         " of the padded picture: one more step of the stride would leave it.";
}

}  // namespace

void draw_formulas(Ui& ui, float label_width) {
  const auto resolved = model::settings_geometry(ui.document.settings, ui.document.picture_shape());
  if (!resolved) {
    ImGui::PushStyleColor(ImGuiCol_Text, ui.palette.error);
    ImGui::TextWrapped("%s", resolved.error().message.c_str());
    ImGui::PopStyleColor();
    return;
  }
  const conv::Geometry& g = *resolved;
  constexpr const char* kSizeHelp =
      "Output size: floor((size + padding before + padding after - dilation (kernel - 1) - 1) / stride) + 1";
  formula_row(ui, "Rows", "params/formula_rows", conv::output_size_formula(g, conv::Axis::kY), kSizeHelp, label_width);
  formula_row(ui, "Columns", "params/formula_columns", conv::output_size_formula(g, conv::Axis::kX), kSizeHelp,
              label_width);
  formula_row(ui, "Weights", "params/formula_parameters", conv::parameters_formula(g),
              "Numbers to learn: filters × channels per group × rows × columns, and one bias per filter", label_width);
  formula_row(ui, "Mult-adds", "params/formula_multiply_adds", conv::multiply_adds_formula(g),
              "Multiply-adds for one picture: pictures × filters × output rows × output columns × channels per group × "
              "rows × columns",
              label_width);
  if (const std::string text = remark(g); !text.empty()) {
    dim_text(ui, text);
    record(ui, "params/remainder", "text", text, text);
  }
}

}  // namespace convlens::ui
