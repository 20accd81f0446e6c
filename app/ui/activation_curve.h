// The curve of an activation over the values of a map, with one of them on it.
#pragma once

#include <optional>

#include "app/ui/ui.h"
#include "app/view/colormap.h"
#include "engine/conv/params.h"

namespace convlens::ui {

// A box of `size` at the cursor: y = activation(x) for x in `range`; `value` is marked with its foot on both axes.
void activation_curve(Ui& ui, conv::Activation activation, const view::ValueRange& range, std::optional<double> value,
                      const ImVec2& size);

}  // namespace convlens::ui
