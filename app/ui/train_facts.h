// The run in training as facts: for the text twin, and for the status bar.
#pragma once

#include "app/ui/status_bar.h"
#include "app/ui/train_view.h"
#include "app/ui/ui.h"

namespace convlens::ui {

void tell_train_facts(Ui& ui, const TrainView& view);
// Net, speed, and the numbers of the moment that is looked at.
WorkStatus train_status(const Ui& ui, const TrainView& view);

}  // namespace convlens::ui
