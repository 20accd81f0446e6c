// Finds any action by a few letters of its name and runs it. Not a place for actions of its own.
#pragma once

#include <string>
#include <string_view>

#include "app/ui/actions.h"

namespace convlens::ui {

// How well `query` matches: its letters must occur in `text` in this order, whatever their case. Higher is better
// (word starts and runs count more); negative where it does not match. An empty query matches everything with 0.
int fuzzy_score(std::string_view query, std::string_view text);

class CommandPalette {
 public:
  void draw(Ui& ui, const Actions& actions);

 private:
  std::string query_;
  int chosen_ = 0;
  bool was_open_ = false;
};

}  // namespace convlens::ui
