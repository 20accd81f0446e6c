// The parameters of one layer of a stack as controls. What they mean is engine/nn's; limits are those of the engine.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "app/ui/ui.h"
#include "engine/conv/params.h"
#include "engine/nn/model.h"

namespace convlens::ui {

// A whole number that is dragged or typed, with its label on the left. `zero` is the format of 0.
bool int_row(Ui& ui, const std::string& name, const char* label, int* value, int lo, int hi, const std::string& help,
             const char* zero = "%d");
// One of a list of choices, with its label on the left. `index` is the enum's value.
bool choice_row(Ui& ui, const std::string& name, const char* label, int* index,
                std::span<const conv::ChoiceName> choices, const std::string& help);

// All controls of a layer's kind. Names in the twin begin with `prefix`: "stack/field/". True if anything changed.
bool layer_fields(Ui& ui, nn::LayerSpec& layer, const std::string& prefix);

// The label in its column; the control takes the rest of the line.
void label_column(const Ui& ui, const char* label);

}  // namespace convlens::ui
