// What stands below the transport in the controls of the Train workspace: progress, data, net, optimizer, the run's own
// settings. Each reads the snapshot and edits settings.train.
#pragma once

#include <optional>
#include <string>

#include "app/ui/layer_list.h"
#include "app/ui/train_view.h"
#include "app/ui/ui.h"

namespace convlens::ui {

// A heading that opens and closes what is below it; `summary` stands beside it. True while it is open.
bool section(Ui& ui, const char* name, const char* label, const std::string& summary, bool& is_open,
             const std::string& help);

void draw_train_progress(Ui& ui, TrainView& view);
// What is learnt from, and the way to the tab that shows it.
void draw_train_data_summary(Ui& ui, TrainView& view);

class TrainNet {
 public:
  void draw(Ui& ui);

 private:
  void draw_presets(Ui& ui);

  LayerList list_{"train", true};
  std::size_t selected_ = kNoLayer;
  bool is_open_ = true;
  bool lists_layers_ = false;
};

class TrainRecipe {
 public:
  void draw(Ui& ui, TrainView& view);

 private:
  void draw_optimizer(Ui& ui, const TrainView& view);
  void draw_regularisation(Ui& ui);
  void draw_run(Ui& ui, TrainView& view);

  bool shows_optimizer_ = true, shows_regularisation_ = false, shows_run_ = true;
};

// Sliders of everything that augmentation can do.
void augmentation_rows(Ui& ui, training::Augmentation& augmentation);

// Training loss and accuracy about the looked-at step (a running mean over kStepsInMean steps), and the newest test not
// after it.
struct TrainNumbers {
  std::int64_t step = 0;
  std::optional<double> loss, accuracy;
  std::optional<double> held_out_loss, held_out_accuracy;
  std::int64_t tested_at = 0, tested_pictures = 0;
};
inline constexpr std::int64_t kStepsInMean = 50;
TrainNumbers numbers_of(const Ui& ui, const TrainView& view);
// "1 250 samples/s"
std::string speed_text(double samples_per_second);

}  // namespace convlens::ui
