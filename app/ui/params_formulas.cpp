// The formulas come from conv/params; here they get their captions and their place.
#include "app/ui/params_formulas.h"

#include <string>

#include "app/model/fields.h"
#include "app/ui/widgets.h"
#include "engine/conv/params.h"

namespace convlens::ui {
namespace {

void formula_row(Ui& ui, const char* caption, std::string_view name, const std::string& text, const std::string& help) {
  ImGui::PushFont(ui.fonts.small);
  dim_text(ui, caption);
  ImGui::PopFont();
  formula(ui, name, text, help);
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

void draw_formulas(Ui& ui) {
  const auto resolved = model::settings_geometry(ui.document.settings, ui.document.picture_shape());
  if (!resolved) {
    ImGui::PushStyleColor(ImGuiCol_Text, ui.palette.error);
    ImGui::TextWrapped("%s", resolved.error().message.c_str());
    ImGui::PopStyleColor();
    return;
  }
  const conv::Geometry& g = *resolved;
  constexpr const char* kSizeHelp =
      "floor((size + padding before + padding after - dilation (kernel - 1) - 1) / stride) + 1";
  formula_row(ui, "Output rows", "params/formula_rows", conv::output_size_formula(g, conv::Axis::kY), kSizeHelp);
  formula_row(ui, "Output columns", "params/formula_columns", conv::output_size_formula(g, conv::Axis::kX), kSizeHelp);
  formula_row(ui, "Parameters", "params/formula_parameters", conv::parameters_formula(g),
              "filters × channels per group × rows × columns, and one bias per filter");
  formula_row(ui, "Multiply-adds", "params/formula_multiply_adds", conv::multiply_adds_formula(g),
              "pictures × filters × output rows × output columns × channels per group × rows × columns");
  if (const std::string text = remark(g); !text.empty()) {
    dim_text(ui, text);
    record(ui, "params/remainder", "text", text, text);
  }
}

}  // namespace convlens::ui
