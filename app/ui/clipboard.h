// Ctrl+C and Ctrl+V outside text fields.
#pragma once

#include "app/ui/ui.h"

namespace convlens::ui {

// The chosen filter as a matrix that NumPy reads.
void copy_filter(Ui& ui);
// A matrix goes into the chosen filter; a path or file:// address is opened; else a picture on the clipboard is.
void paste(Ui& ui);

}  // namespace convlens::ui
