// Moves between the depths of the explanation, and copies of it. Draws nothing; the state is app/model/probe_state.
#pragma once

#include "app/model/probe_state.h"
#include "app/ui/ui.h"
#include "engine/explain/probe_text.h"

namespace convlens::ui {

// The output value under the pointer; else the one that is laid open; else the one that the sliding window stands on.
model::Pin pointed_value(const model::Document& document);
// The value that depths 2 and 3 lay open: the focus on the selected map, inside the maps there are.
model::Pin laid_open(const model::Document& document);

// Chooses the value's map and puts the window there; depths 2 and 3 lay it open.
void choose_value(model::Document& document, const model::Pin& pin);
void go_to_depth(model::Document& document, model::Depth depth);
// All maps, one map, its channels, one number: the next of them, at the pointed value.
void one_level_down(model::Document& document);
// False on the topmost level.
bool one_level_up(model::Document& document);

// A click on a value: watches it in place of the one that is laid open, or, where `adds`, in addition (again: no
// longer).
void watch_value(model::Document& document, const model::Pin& pin, bool adds);
// Watches the pointed value, or no longer.
void toggle_pointed_pin(model::Document& document);

// Puts the value's sum on the clipboard and says so.
void copy_value(Ui& ui, explain::ProbeFormat format);

// The probe of a value inside the maps of `result`, all from that one result. Where the map is not made yet, the value
// is what the reference kernel gives.
explain::Probe probe_value(const model::ConvResult& result, const model::Pin& pin);

}  // namespace convlens::ui
