// The steps of a sum as a table: products with their running sum, subtotals, bias, activation, value. Only the rows in
// sight are drawn, so that the largest filters scroll like the small ones.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "app/model/probe_state.h"
#include "app/ui/ui.h"
#include "engine/explain/probe.h"

namespace convlens::ui {

// One number's sum as a panel tells it: table and transport share it.
struct ToldSum {
  const explain::Probe& probe;
  std::span<const explain::SumStep> steps;
  std::uint64_t version = 0;  // changes with the probe
  model::SumPlayback& playback;
  std::string name;                                 // of its controls in the twin: "maps/sum"
  std::function<std::string(std::size_t)> channel;  // name of the channel with this index
};

// "(12, 40)", "(-1, 40) reads (1, 40)", "(-1, 40) outside: 0".
std::string cell_place(const explain::ProbeCell& cell);
// "w(0,2)", counted as in the filter.
std::string cell_weight(const explain::ProbeCell& cell);
// What a step adds, or what it names: "(12, 40)", "subtotal R", "+ bias", "ReLU", "value". Short: without what a cell
// in the padding reads.
std::string step_words(const ToldSum& told, const explain::SumStep& step, bool is_short = false);

class ProbeTable {
 public:
  // Fills an area of `size` at the cursor. Rows that have not been told are dimmed. A click on a row shows the sum up
  // to it.
  void draw(Ui& ui, const ToldSum& told, const ImVec2& size);
  // The product whose row is under the pointer.
  const std::optional<std::size_t>& pointed_cell() const { return pointed_; }

 private:
  enum Column { kPlace, kInput, kWeight, kProduct, kRunning, kColumns };
  struct Row {
    std::array<std::string, kColumns> texts;
    bool is_product = true;
    bool is_padding = false;
  };
  void follow(const Ui& ui, const ToldSum& told, float room);
  void make_rows(const Ui& ui, const ToldSum& told, bool is_short);
  void draw_row(Ui& ui, std::size_t index, const ToldSum& told, float width, float height);
  void draw_heads(const Ui& ui, const ImVec2& corner) const;

  std::vector<Row> rows_;
  std::array<float, kColumns> right_{};  // right ends of the columns at font size 1
  float wanted_ = 0;                     // width of all columns at font size 1
  float room_ = 0;                       // width of the screen that the rows were made for
  float scroll_ = 0;                     // sideways, as last drawn
  bool is_short_ = false;                // places without what they read: colour and tooltip tell
  float font_size_ = 0;
  std::uint64_t version_ = 0;
  std::size_t scrolled_to_ = 0;
  std::optional<std::size_t> pointed_;
};

}  // namespace convlens::ui
