// The three panels of the Stack workspace. Each fills the child window that it is drawn in.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "app/ui/canvas.h"
#include "app/ui/cell_matrix.h"
#include "app/ui/stack_view.h"
#include "app/ui/ui.h"
#include "app/view/picture.h"

namespace convlens::ui {

// A tile of a level as a canvas that shows all of it.
CanvasState canvas_of(const ImVec2& min, const ImVec2& max, const Shape& shape);
// An item at the cursor that shows all of a plane, `side` along its longer side.
CanvasState canvas_at_cursor(const Shape& shape, float side);
// Whether a level is drawn in its own colours: the picture.
bool shows_colours(const Shape& shape, std::size_t level);

// The chain: preset, input, one block per layer with shapes and costs, the chosen one's parameters, weights.
class StackBlocks {
 public:
  void draw(Ui& ui, StackView& stack);

 private:
  void draw_head(Ui& ui, StackView& stack);
  void draw_input(Ui& ui, StackView& stack);
  void draw_block(Ui& ui, StackView& stack, std::size_t index, const std::string& name);
  void draw_tools(Ui& ui, std::size_t index);
  void draw_foot(Ui& ui, StackView& stack);

  std::vector<Shape> levels_;  // of the chain as it stands in the settings, as far as it fits
  std::optional<std::string> misfit_;
  std::optional<std::size_t> removed_, duplicated_;
  std::optional<std::pair<std::size_t, std::size_t>> moved_;
  std::string path_;  // being typed: the weights file
};

// The values of every level, left to right, as tiles, cells or bars.
class StackMaps {
 public:
  void draw(Ui& ui, StackView& stack);

 private:
  struct Column {
    std::size_t level = 0;
    float x = 0, width = 0;
  };
  struct Tile {
    std::int64_t channel = 0;
    ImVec2 min, max;  // of the picture, letterboxed
  };
  struct Shown {
    std::size_t level = 0;
    std::vector<Tile> tiles;  // maps
    ImVec2 cells_min;         // flat levels: where the first cell stands, and how they go on
    float cell_w = 0, cell_h = 0;
    std::int64_t cell_cols = 1;
    std::int64_t cells = 0;
  };
  // What the pointer is on in this column.
  std::optional<UnitRef> draw_column(Ui& ui, StackView& stack, const Column& column, float top, float height);
  void draw_tiles(Ui& ui, StackView& stack, Shown& shown, const ImVec2& min, const ImVec2& max);
  void draw_cells(Ui& ui, StackView& stack, Shown& shown, const ImVec2& min, const ImVec2& max);
  void draw_shares(Ui& ui, StackView& stack, const ImVec2& min, const ImVec2& max);
  void draw_marks(Ui& ui, StackView& stack, const Shown& shown);
  void draw_path(Ui& ui, StackView& stack);
  std::optional<UnitRef> unit_at(const StackView& stack, const Shown& shown, const ImVec2& pointer) const;
  std::optional<ImVec2> place_of(const StackView& stack, const UnitRef& ref) const;

  std::vector<Shown> shown_;  // of this frame
  std::map<std::pair<std::size_t, std::int64_t>, view::PlanePicture> pictures_;
  view::ColourPicture colour_;
};

// One unit: how its value came about, where it can look and where it does, and what gave it most.
class StackUnit {
 public:
  void draw(Ui& ui, StackView& stack);

 private:
  // One input channel of a convolution.
  struct ChannelMatrices {
    std::string title;
    CellMatrix input, weights, products;
  };
  void make_matrices(const Ui& ui, const explain::Probe& probe);
  void draw_matrices(Ui& ui);
  void draw_number(Ui& ui, const StackView& stack);
  void draw_field(Ui& ui, StackView& stack);
  void draw_path(Ui& ui, StackView& stack);
  void draw_composed(Ui& ui, const StackView& stack);
  void draw_patches(Ui& ui, StackView& stack);

  int tab_ = 0;
  model::UnitFactsPtr told_;  // what lines_ are of
  std::vector<std::string> lines_;
  std::string copy_;  // the same in full
  std::vector<ChannelMatrices> matrices_;
  view::PlanePicture field_picture_, filter_picture_;
  const void* filter_of_ = nullptr;
  std::uint64_t filter_version_ = 0;
  std::map<std::pair<std::size_t, std::size_t>, view::ColourPicture> patch_pictures_;
};

}  // namespace convlens::ui
