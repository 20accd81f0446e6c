// The moves of training that buttons, keys and menus share, the bar of buttons, and the words of its state.
#pragma once

#include <string>

#include "app/ui/ui.h"

namespace convlens::ui {

// There is a run, and nothing is in the way of its next step.
bool can_train(const Ui& ui);
void toggle_training(Ui& ui);  // run or pause
void set_slow_motion(Ui& ui, SlowMotion pace);
// Why Reset can do nothing now, as a sentence; empty where it can.
std::string cannot_reset(const Ui& ui);

// "Training diverged at step 3: …." of "training diverged at step 3: …"
std::string as_sentence(std::string words);

// Reset, run or pause, step, phase, epoch in one row of this width.
void draw_transport_row(Ui& ui, float width);
// The row, slow motion with its pace, and the four phases with the present one lit.
void draw_transport(Ui& ui);

}  // namespace convlens::ui
