// The steps of a sum as a table: products with their running sum, subtotals, bias, activation, value. Only the rows in
// sight are drawn, so that the largest filters scroll like the small ones.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "app/ui/ui.h"
#include "engine/explain/probe.h"

namespace convlens::ui {

// "(12, 40)", "(-1, 40) reads (1, 40)", "(-1, 40) outside: 0".
std::string cell_place(const explain::ProbeCell& cell);
// "w(0,2)", counted as in the filter.
std::string cell_weight(const explain::ProbeCell& cell);
// A step of the sum other than a product in words: "subtotal R", "+ bias", "ReLU", "value".
std::string step_words(const Ui& ui, const explain::Probe& probe, const explain::SumStep& step);

class ProbeTable {
 public:
  // Fills an area of `size` at the cursor. `version` changes with the probe. Rows from `taken` on are dimmed. A click
  // on a row shows the sum up to it.
  void draw(Ui& ui, const explain::Probe& probe, std::span<const explain::SumStep> steps, std::uint64_t version,
            const ImVec2& size);
  // The product whose row is under the pointer.
  const std::optional<std::size_t>& pointed_cell() const { return pointed_; }

 private:
  enum Column { kPlace, kInput, kWeight, kProduct, kRunning, kColumns };
  struct Row {
    std::array<std::string, kColumns> texts;
    bool is_product = true;
    bool is_padding = false;
  };
  void follow(const Ui& ui, const explain::Probe& probe, std::span<const explain::SumStep> steps,
              std::uint64_t version);
  void draw_row(Ui& ui, std::size_t index, std::span<const explain::SumStep> steps, float width, float height);
  void draw_heads(const Ui& ui, const ImVec2& corner) const;

  std::vector<Row> rows_;
  std::array<float, kColumns> right_{};  // right ends of the columns at font size 1
  float wanted_ = 0;                     // width of all columns at font size 1
  float font_size_ = 0;
  std::uint64_t version_ = 0;
  std::size_t scrolled_to_ = 0;
  std::optional<std::size_t> pointed_;
};

}  // namespace convlens::ui
