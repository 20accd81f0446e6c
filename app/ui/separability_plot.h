// A filter slice as a sum of outer products: its singular values, the column and the row of the first, and what the
// first leaves over.
#pragma once

#include <string>

#include "app/model/spectra.h"
#include "app/ui/ui.h"

namespace convlens::ui {

void separability_plot(Ui& ui, const std::string& name, float width, const model::Spectra& spectra);

}  // namespace convlens::ui
