// Where the cells of the weight grid lie, what colour and text they have. Gestures are the weight grid's.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/model/settings.h"
#include "app/ui/ui.h"

namespace convlens::ui {

struct WeightCell {
  int channel = 0;
  int row = 0;
  int col = 0;
  bool operator==(const WeightCell&) const = default;
};

// Slices side by side, or the selected one alone where cells would become too small to grab. Pixels.
struct WeightLayout {
  bool is_side_by_side = true;
  int first_channel = 0;
  int slices = 1;
  int rows = 1;
  int cols = 1;
  float cell = 1;     // side of a cell
  float pitch = 1;    // from one slice to the next
  float caption = 0;  // above the cells
  float height = 1;   // caption and cells
  float left = 0;     // of the first slice, relative to origin
  ImVec2 origin;      // of the whole on the screen
};

// The ink of a slice's name: that of the channel it reads.
ImU32 slice_colour(const Ui& ui, std::string_view name);

WeightLayout layout_weights(const model::FilterBank& bank, float width, float height, float scale, float smallest_cell,
                            int selected_channel);
void move_to(WeightLayout& layout, const ImVec2& origin);
ImVec2 cell_min(const WeightLayout& layout, const WeightCell& cell);
ImVec2 slice_size(const WeightLayout& layout);
// The cell of one shown slice that is nearest to a point on the screen.
WeightCell nearest_cell(const WeightLayout& layout, int slice, const ImVec2& point);

// Index of a cell in Filter::weights.
std::size_t weight_index(const model::FilterBank& bank, const WeightCell& cell);
// 1, 2 or 5 times a power of ten, at most `value`: what a drag or a notch of the wheel changes a weight by.
double nice_step(double value);
// Within what a weight may be; 0 for what is not finite.
inline constexpr float kMostWeight = 1e6F;
float clamp_weight(double value);
// Largest absolute weight, 1 where all are 0: the symmetric range of the colours.
float weight_range(std::span<const float> weights);
// The preset that a filter is named after, if it fits the bank.
std::optional<model::Filter> preset_of(const model::FilterBank& bank, const model::Filter& filter);

// `hovered` is outlined, in every slice where channels are linked.
void draw_cells(Ui& ui, const WeightLayout& layout, std::span<const float> weights, float range,
                const std::optional<WeightCell>& hovered, bool is_linked);
// Frames one cell, where its slice is shown.
void outline_cell(Ui& ui, const WeightLayout& layout, const WeightCell& cell, ImU32 colour);
void record_cells(Ui& ui, const WeightLayout& layout, std::span<const float> weights, const std::string& help);

}  // namespace convlens::ui
