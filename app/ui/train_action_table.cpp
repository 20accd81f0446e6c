// The rows of the action table that belong to the Train workspace.
#include <algorithm>
#include <string>

#include "app/model/fetch_session.h"
#include "app/ui/actions.h"
#include "app/ui/train_controls.h"
#include "app/ui/train_files.h"

namespace convlens::ui {
namespace {

const model::TrainSnapshot& snapshot(const Ui& ui) { return *ui.document.train.snapshot(); }

bool is_ready(const Ui& ui) { return can_train(ui); }

bool has_run(const Ui& ui) { return snapshot(ui).run != nullptr; }

bool has_steps(const Ui& ui) { return has_run(ui) && snapshot(ui).last_step > 0; }

bool has_run_in_sight(const Ui& ui) { return has_run(ui) && ui.preferences.workspace == model::Workspace::kTrain; }

// One step back on the timeline.
void step_back(Ui& ui) {
  const std::int64_t step = snapshot(ui).step;
  if (step > 0) ui.document.train.go_to(step - 1);
}

void add_moves(std::vector<Action>& table) {
  const std::size_t first = table.size();
  table.push_back({"train/run", "Run or pause", "Space", "Trains on from here, or pauses after the step under way.",
                   toggle_training, is_ready, [](const Ui& ui) { return ui.document.train.is_running(); }});
  table.push_back({"train/step", "One step", ".", "One batch: forward, loss, backward, update; then pauses.",
                   [](Ui& ui) { ui.document.train.step(); }, is_ready});
  table.push_back({"train/back", "One step back", ",", "To the step before, exactly as it was.", step_back,
                   [](const Ui& ui) { return has_run(ui) && snapshot(ui).step > 0; }});
  table.push_back({"train/phase", "One phase", "Ctrl+.", "Forward, loss, backward or update: a quarter of a step.",
                   [](Ui& ui) { ui.document.train.phase(); }, is_ready});
  table.push_back({"train/epoch", "One epoch", "E", "To the end of the epoch, then pauses.",
                   [](Ui& ui) { ui.document.train.epoch(); }, is_ready});
  table.push_back({"train/slow",
                   "Slow motion",
                   "S",
                   "Runs phase by phase, at a pace that the eye can follow.",
                   [](Ui& ui) {
                     set_slow_motion(ui, {!ui.slow_motion.is_on, ui.slow_motion.phases_per_second});
                   },
                   {},
                   [](const Ui& ui) { return ui.slow_motion.is_on; }});
  table.push_back({"train/reset", "Reset", "Ctrl+Backspace",
                   "Begins anew from first weights, with the settings as they stand; the old run stays as a branch.",
                   [](Ui& ui) { ui.document.train.reset(); }, [](const Ui& ui) { return cannot_reset(ui).empty(); }});
  table.push_back({"train/test", "Test now", "T", "Asks the net about all held-out pictures.",
                   [](Ui& ui) { ui.document.train.test(); }, is_ready});
  table.push_back({"train/fork", "Fork here", "",
                   "Training goes on from here; what came after stays as a branch that can be taken back.",
                   [](Ui& ui) { ui.document.train.fork(); },
                   [](const Ui& ui) { return has_run(ui) && snapshot(ui).step < snapshot(ui).last_step; }});
  // Done by the timeline.
  table.push_back(
      {"train/moment-before", "Moment before", "Left", "Looks at the kept moment before, on the timeline."});
  table.push_back({"train/moment-after", "Moment after", "Right", "Looks at the next kept moment, on the timeline."});
  table.push_back({"train/first-moment", "First moment", "Home", "To the beginning of the recording."});
  table.push_back({"train/last-moment", "Last moment", "End", "To the newest step that was ever trained."});
  limit_keys(table, first, KeysIn::kTrain);
}

void add_files(std::vector<Action>& table) {
  const std::size_t first = table.size();
  table.push_back({"train/open", "Open run…", "", "Opens a recorded run, a checkpoint or a net.", ask_for_run});
  table.push_back({"train/save-run", "Save run", "Ctrl+S",
                   "Saves the run with its timeline, curves and settings, to be gone on with.", save_run, has_steps});
  table.push_back({"train/save-run-as", "Save run as…", "Ctrl+Shift+S", "Saves the run under another name.",
                   ask_for_run_file, has_steps});
  table.push_back({"train/save-model", "Save net…", "Ctrl+E",
                   "Saves the weights as .safetensors or .npz, for PyTorch and for the Stack workspace.",
                   ask_for_model_file, has_run});
  table.push_back({"train/save-checkpoint", "Save checkpoint…", "",
                   "Saves what training goes on from: weights, running means, settings; no timeline.",
                   ask_for_checkpoint_file, has_run});
  limit_keys(table, first, KeysIn::kTrain);
}

void add_data(std::vector<Action>& table) {
  const auto data = [](const Ui& ui) -> const std::string& { return ui.document.settings.train.data; };
  table.push_back({"train/data-synthetic",
                   "Learn synthetic digits",
                   "",
                   "Digits written by code: nothing has to be fetched.",
                   [](Ui& ui) { ui.document.settings.train.data = model::default_train_settings().data; },
                   {},
                   [data](const Ui& ui) { return data(ui).starts_with("synthetic"); }});
  table.push_back({"train/data-folder", "Learn from a folder…", "",
                   "MNIST, Fashion-MNIST, EMNIST and other IDX files, or one folder of pictures per class.",
                   ask_for_data_folder});
  table.push_back({"train/data-mnist", "Learn MNIST", "",
                   "Takes the MNIST files that were fetched before; the tab Data fetches them.",
                   [](Ui& ui) { ui.document.settings.train.data = "mnist:" + model::mnist_folder().string(); },
                   [](const Ui&) { return model::has_mnist(model::mnist_folder()); },
                   [data](const Ui& ui) { return data(ui).starts_with("mnist"); }});
}

void add_exports(std::vector<Action>& table) {
  table.push_back({"train/filters-to-explore", "Filters to Explore", "",
                   "Puts the filters on your own picture: they become the bank of the Explore workspace.",
                   [](Ui& ui) { ui.requests.filters_to_explore = true; }, has_run_in_sight});
  table.push_back({"train/net-to-stack", "Net to Stack", "",
                   "Opens the net in the Stack workspace, where every value can be traced down to the picture.",
                   [](Ui& ui) { ui.requests.net_to_stack = true; }, has_run_in_sight});
  table.push_back({"train/export-film", "Film of the filters…", "",
                   "Saves the life of the filters as an animated GIF, a strip or single pictures.",
                   [](Ui& ui) { ui.requests.export_film = true; }, has_run_in_sight});
}

}  // namespace

void add_train_actions(std::vector<Action>& table) {
  add_moves(table);
  add_files(table);
  add_data(table);
  add_exports(table);
}

}  // namespace convlens::ui
