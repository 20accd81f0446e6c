// The panels of the Explore workspace. Each fills the ImGui child window it is drawn in; the shell gives it its size.
#pragma once

#include <memory>

#include "app/ui/ui.h"

namespace convlens::ui {

// The picture: title, opening, channel choice, canvas with the window that feeds the hovered output outlined.
class InputPanel {
 public:
  InputPanel();
  ~InputPanel();
  void draw(Ui& ui);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Bank strip, weight grid, presets and tools of the selected filter.
class FiltersPanel {
 public:
  FiltersPanel();
  ~FiltersPanel();
  void draw(Ui& ui);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Hyper-parameters with formulas.
class ParamsPanel {
 public:
  ParamsPanel();
  ~ParamsPanel();
  void draw(Ui& ui);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

struct ShownMaps;

// Feature maps as tiles or one large, range, colour bar, histogram, animation transport; below them one map from inside
// and one number.
class MapsPanel {
 public:
  MapsPanel();
  ~MapsPanel();
  void draw(Ui& ui);

 private:
  void draw_maps(Ui& ui, const ShownMaps& maps);
  void draw_inside(Ui& ui, const ShownMaps& maps);

  struct State;
  std::unique_ptr<State> state_;
};

// Modal file browser with thumbnails and recent files; draws itself when asked for through Ui::requests.
class FileBrowser {
 public:
  FileBrowser();
  ~FileBrowser();
  void draw(Ui& ui);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace convlens::ui
