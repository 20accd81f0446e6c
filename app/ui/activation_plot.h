// A small curve of an activation function, plotted from the engine. Not a control.
#pragma once

#include "app/ui/ui.h"
#include "engine/conv/params.h"

namespace convlens::ui {

// A box of `size` at the cursor: y = activation(x) for x in [-3, 3], axes through zero, both axes on one scale.
void activation_plot(Ui& ui, conv::Activation activation, const ImVec2& size);

}  // namespace convlens::ui
