// Depth 3, one number: patches, weights and products as matrices, the sum step by step in a table, bias, activation
// and value. All numbers are engine/explain's decimals, which add up as shown.
#pragma once

#include <cstdint>
#include <vector>

#include "app/ui/cell_matrix.h"
#include "app/ui/maps_panel_screen.h"
#include "app/ui/probe_cache.h"
#include "app/ui/probe_table.h"
#include "app/ui/sum_transport.h"
#include "app/ui/ui.h"

namespace convlens::ui {

class NumberView {
 public:
  // Fills an area of `size` at the cursor.
  void draw(Ui& ui, const ShownMaps& maps, const ImVec2& size);

 private:
  // How the matrices of a channel stand: side by side, or the products below where that makes their numbers fit.
  struct Grid {
    bool is_wide = true;
    ImVec2 cell;
    float font_size = 0;
    float caption = 0;
    float gap = 0;
    float height = 0;  // of one channel with its caption
  };
  void follow(Ui& ui, const ShownMaps& maps, const explain::Probe& probe);
  Grid lay_out(const Ui& ui, float width) const;
  void draw_head(Ui& ui, const ShownMaps& maps, const explain::Probe& probe);
  void draw_matrices(Ui& ui, const explain::Probe& probe, float height);
  void draw_channel(Ui& ui, const explain::Probe& probe, const Grid& grid, const ImVec2& corner, std::size_t channel);
  void tell(Ui& ui, const explain::Probe& probe);

  ProbeCache cache_;
  ProbeTable table_;
  SumTransport transport_;
  std::vector<CellMatrix> inputs_, weights_, products_;  // one per channel
  std::uint64_t version_ = 0;                            // of the probe that the matrices are of
  std::string looks_;                                    // colour maps that they are drawn with
  nlohmann::json told_;                                  // the probe for the twin
  std::uint64_t told_version_ = 0;
  std::optional<std::size_t> pointed_;  // cell under the pointer, in this frame
  float foot_ = 0;                      // height below the table, as last drawn
  std::optional<std::size_t> scrolled_channel_;
};

}  // namespace convlens::ui
