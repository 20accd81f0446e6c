// The run in training as facts: for the text twin, and for the status bar.
#pragma once

#include <cstdint>
#include <string>

#include "app/ui/status_bar.h"
#include "app/ui/train_view.h"
#include "app/ui/ui.h"

namespace convlens::ui {

// Of all weights: 16 digits.
std::string hash_text(std::uint64_t hash);
// "312 of 1 024 MiB": what the recording takes.
std::string memory_text(const model::TrainSnapshot& snapshot);

void tell_train_facts(Ui& ui, const TrainView& view);
// Net, speed, and the numbers of the moment that is looked at.
WorkStatus train_status(const Ui& ui, const TrainView& view);

}  // namespace convlens::ui
