// What the Train workspace asks a person files for, and what then becomes of them. Reading and writing are the
// session's.
#pragma once

#include <filesystem>

#include "app/ui/ui.h"

namespace convlens::ui {

void ask_for_model_file(Ui& ui);       // saves the net as it stands
void ask_for_checkpoint_file(Ui& ui);  // saves what a run goes on from
void ask_for_run_file(Ui& ui);         // saves the whole recording
void save_run(Ui& ui);                 // where this run was saved before; else asks
void ask_for_run(Ui& ui);              // opens a recording, a checkpoint or a model
void ask_for_data_folder(Ui& ui);      // learns from what is in it

// What the words of a data set are called: "Synthetic digits", "MNIST", the folder's name.
std::string data_title(const std::string& words);

}  // namespace convlens::ui
