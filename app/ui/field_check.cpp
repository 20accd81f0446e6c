// See field_check.h.
#include "app/ui/field_check.h"

#include <string>

#include "app/model/fields.h"
#include "app/ui/widgets.h"

namespace convlens::ui {

bool field_check(Ui& ui, std::string_view field_name) {
  const model::Field* field = model::find_field(field_name);
  IM_ASSERT(field && field->kind == model::FieldKind::kBool && "a check box needs a boolean field");
  bool value = field->get(ui.document.settings) != 0;
  const std::string label(field->label);
  ImGui::PushID(field->name.data(), field->name.data() + field->name.size());
  const bool pressed = ImGui::Checkbox(label.c_str(), &value);
  ImGui::PopID();
  const std::string help(field->tooltip);
  record(ui, field_name, "toggle", label, value, {}, true, help);
  tooltip(ui, help);
  return pressed && model::set_field(ui.document.settings, *field, value ? 1 : 0, ui.document.picture_shape());
}

}  // namespace convlens::ui
