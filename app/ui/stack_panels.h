// The three panels of the Stack workspace. Each fills the child window that it is drawn in.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "app/ui/canvas.h"
#include "app/ui/cell_matrix.h"
#include "app/ui/layer_list.h"
#include "app/ui/probe_table.h"
#include "app/ui/stack_view.h"
#include "app/ui/sum_transport.h"
#include "app/ui/ui.h"
#include "app/view/picture.h"

namespace convlens::ui {

// A tile of a level as a canvas that shows all of it.
CanvasState canvas_of(const ImVec2& min, const ImVec2& max, const Shape& shape);
// An item at the cursor that shows all of a plane, `side` along its longer side.
CanvasState canvas_at_cursor(const Shape& shape, float side);
// Whether a level is drawn in its own colours: the picture.
bool shows_colours(const model::StackResult& result, std::size_t level);

// The chain: preset, input, one block per layer with shapes and costs, the chosen one's parameters, weights.
class StackBlocks {
 public:
  void draw(Ui& ui, StackView& stack);

 private:
  void draw_head(Ui& ui, StackView& stack);
  void draw_input(Ui& ui, StackView& stack);
  void draw_foot(Ui& ui, StackView& stack);

  LayerList list_{"stack"};
  std::string path_;  // being typed: the weights file
};

// The values of every level, left to right, as tiles, cells or bars.
class StackMaps {
 public:
  void draw(Ui& ui, StackView& stack);

  // The same below each other, for a narrow place: level `first` and those above it, filling the child at the cursor,
  // which scrolls.
  void draw_rows(Ui& ui, StackView& stack, std::size_t first = 0);
  // One level alone in that part of the screen, before draw_rows() in a frame.
  void draw_level(Ui& ui, StackView& stack, std::size_t level, const ImVec2& min, const ImVec2& max);

 private:
  enum class Form { kColumns, kRows };
  struct CellGrid {
    std::int64_t cols = 1, rows = 1;
    float width = 0, height = 0;
  };
  static CellGrid row_cells(std::int64_t count, float width, float scale);
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

  void begin_rows(const Ui& ui);
  void forget_pictures();
  float row_height(const Ui& ui, const model::StackResult& result, std::size_t level, float width) const;
  // At the cursor: values of a level in a child of that size. What the pointer is on.
  std::optional<UnitRef> draw_values(Ui& ui, StackView& stack, std::size_t level, const ImVec2& size);

  Form form_ = Form::kColumns;
  std::uint64_t rows_of_ = 0;        // frame of the rows in shown_
  std::optional<UnitRef> row_unit_;  // that the pointer is on, in these rows so far
  std::vector<Shown> shown_;         // of this frame
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
    std::size_t first_cell = 0, cell_count = 0;  // of the probe
  };
  void follow(const Ui& ui, StackView& stack, const model::UnitFactsPtr& facts);
  void make_matrices(const Ui& ui, const explain::Probe& probe);
  void draw_matrices(Ui& ui, const ToldSum& told);
  void draw_copy_row(Ui& ui, const model::UnitFacts& facts);
  void draw_sum(Ui& ui, StackView& stack, const model::UnitFacts& facts);
  void draw_number(Ui& ui, StackView& stack);
  void draw_field(Ui& ui, StackView& stack);
  void draw_path(Ui& ui, StackView& stack);
  void draw_composed(Ui& ui, const StackView& stack);
  void draw_patches(Ui& ui, StackView& stack);
  // In place of facts that are not there: they are on their way, or why they do not come.
  void draw_missing(Ui& ui, const StackView& stack);

  int tab_ = 0;
  model::UnitFactsPtr told_;   // what the members below are of
  std::uint64_t version_ = 0;  // of them
  std::string copy_;           // all of it as text
  std::vector<std::string> lines_, softmax_;
  std::vector<explain::SumStep> steps_;
  std::vector<ChannelMatrices> matrices_;
  ProbeTable table_;
  SumTransport transport_;
  std::optional<std::size_t> pointed_;  // cell of the sum under the pointer
  std::size_t scrolled_to_ = 0;         // channel that was brought into sight
  float foot_ = 0;                      // height below the table, as last drawn
  view::PlanePicture field_picture_, filter_picture_;
  const void* filter_of_ = nullptr;
  std::uint64_t filter_version_ = 0;
  std::map<std::pair<std::size_t, std::size_t>, view::ColourPicture> patch_pictures_;
};

}  // namespace convlens::ui
