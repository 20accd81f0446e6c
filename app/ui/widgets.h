// The controls that panels are made of. Each draws an ImGui item, shows its tooltip, and records itself in the twin.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "app/ui/ui.h"

namespace convlens::ui {

// The control of one row of the field table in its natural form: slider with typed entry for numbers, combo for
// choices, check box for booleans. Label on the left in a column of `label_width` (0: the panel's default), limits and
// greyed entries from the model, the reason in the tooltip, right-click menu with "Reset to default". True if changed.
bool field_control(Ui& ui, std::string_view field_name, float label_width = 0);
// Choices of one field as a row of buttons, the chosen one lit.
bool field_segments(Ui& ui, std::string_view field_name, float label_width = 0);

// tooltip says what it does and its key. A disabled control shows `reason` instead.
bool button(Ui& ui, std::string_view name, const char* label, const std::string& tooltip, bool enabled = true,
            const std::string& reason = {});
// A button that stays lit while it is the chosen one.
bool choice_button(Ui& ui, std::string_view name, const char* label, bool is_chosen, const std::string& tooltip,
                   bool enabled = true, const std::string& reason = {});
// Stays on the line where a button with that label fits behind the last item, else starts another.
void flow(float gap, const char* next_label);
// The same for several that stay together.
void flow(float gap, std::initializer_list<const char*> next_labels);
bool toggle(Ui& ui, std::string_view name, const char* label, bool* value, const std::string& tooltip);
bool drag_number(Ui& ui, std::string_view name, const char* label, float* value, float speed, float lo, float hi,
                 const char* format, const std::string& tooltip, float width = 0);
bool slider_number(Ui& ui, std::string_view name, const char* label, float* value, float lo, float hi,
                   const char* format, const std::string& tooltip, float width = 0);
bool text_field(Ui& ui, std::string_view name, const char* label, std::string* value, const std::string& tooltip,
                float width = 0);

void heading(Ui& ui, const char* text);
void dim_text(Ui& ui, const std::string& text);                                                    // wrapped, secondary
void formula(Ui& ui, std::string_view name, const std::string& text, const std::string& tooltip);  // mono, wrapped

// A slider drawn as a track that fills up, so that nothing covers its number; otherwise as ImGui's own.
bool filled_slider(Ui& ui, const char* label, int* value, int lo, int hi, const char* format, float width);
bool filled_slider(Ui& ui, const char* label, float* value, float lo, float hi, const char* format, float width,
                   bool is_logarithmic = false);

// Records the last ImGui item (or `rect`) in the twin; for items that panels draw themselves.
void record(Ui& ui, std::string_view name, std::string_view kind, std::string_view label, nlohmann::json value = {},
            nlohmann::json range = {}, bool enabled = true, const std::string& tooltip = {});
void record_rect(Ui& ui, const ImVec2& min, const ImVec2& max, std::string_view name, std::string_view kind,
                 std::string_view label, nlohmann::json value = {}, nlohmann::json range = {}, bool enabled = true,
                 const std::string& tooltip = {});
// Tooltip of the last item after the usual delay, wrapped; first line may be followed by details.
void tooltip(Ui& ui, const std::string& text);

// Height of a font on the screen, for ImDrawList::AddText and ImFont::CalcTextSizeA.
inline float font_height(const ImFont* font) { return font->FontSize * ImGui::GetIO().FontGlobalScale; }

// Numbers as the program prints them everywhere: enough digits to tell neighbours apart, no noise, true minus sign off.
std::string number_text(double value, int significant_digits = 4);

}  // namespace convlens::ui
