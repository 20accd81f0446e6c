// The document as facts of the text twin: what is on the screen beside the controls.
#pragma once

#include "app/ui/ui.h"

namespace convlens::ui {

// In which frame the newest edit was sent to the worker, and the newest maps were first on the screen.
struct Latency {
  std::uint64_t edit_frame = 0;
  std::uint64_t maps_frame = 0;
};

// "document", "edit", "maps", "selection", "hover", "window" and "message". Does nothing where no twin was asked for.
void tell_facts(Ui& ui, const Latency& latency);

}  // namespace convlens::ui
