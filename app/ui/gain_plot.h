// The filter's gain along a row of frequencies, down a column, and through its peak, as curves with their bands in
// words.
#pragma once

#include <string>

#include "app/model/spectra.h"
#include "app/ui/ui.h"

namespace convlens::ui {

// `width` wide at the cursor; the legend below has one line for each curve.
void gain_plot(Ui& ui, const std::string& name, float width, const model::Spectra& spectra);

}  // namespace convlens::ui
