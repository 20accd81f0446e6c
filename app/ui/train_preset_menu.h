// A button whose pop-up offers the named filters that fit a filter in training, by thumbnail. Writes nothing itself.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/model/filter_tiles.h"
#include "app/ui/ui.h"
#include "app/view/picture.h"

namespace convlens::ui {

class TrainPresetMenu {
 public:
  // At the cursor. The name of the one that was chosen.
  std::optional<std::string> draw(Ui& ui, const model::FilterForm& form, bool enabled, const std::string& reason);

 private:
  struct Entry {
    std::string_view name, label, shows;
    view::Image image;
  };
  void refresh(const Ui& ui, const model::FilterForm& form);

  model::FilterForm form_{0, 0, 0};
  std::string colormap_;
  std::vector<Entry> entries_;
};

}  // namespace convlens::ui
