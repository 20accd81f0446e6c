// Gestures on cells. While a weight is dragged the others of its filter go on learning: every change is written on top
// of the newest weights.
#include "app/ui/train_weight_grid.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <optional>
#include <vector>

#include "app/model/filter_bank.h"
#include "app/ui/text.h"
#include "app/ui/weight_cells.h"
#include "app/ui/widgets.h"

namespace convlens::ui {
namespace {

constexpr double kWriteSeconds = 1.0 / 30;  // between two changes of one drag
constexpr double kShownSeconds = 0.4;       // that a value stays before the run's own is believed

constexpr const char* kHelp =
    "Drag up or right to raise the weight, down or left to lower it; hold Ctrl or Alt for steps ten times finer. The "
    "wheel steps it, Ctrl+click or a double-click types it (fractions such as 1/9 too). Esc while dragging takes the "
    "drag back.";

WeightCell cell_of(const GridSlice& slice, std::size_t index) {
  const int i = static_cast<int>(index - slice.first);
  return {0, i / slice.cols, i % slice.cols};
}

}  // namespace

GridSlice grid_slice(const model::FilterForm& form, std::int64_t channel) {
  if (form.plane() > 1 || form.channels == 1) {
    return {channel, static_cast<std::size_t>(channel * form.plane()), static_cast<int>(form.rows),
            static_cast<int>(form.cols), static_cast<std::size_t>(form.plane())};
  }
  const auto cols = static_cast<int>(std::ceil(std::sqrt(static_cast<double>(form.channels))));
  const int rows = (static_cast<int>(form.channels) + cols - 1) / cols;
  return {0, 0, rows, cols, static_cast<std::size_t>(form.channels)};
}

struct TrainWeightGrid::State {
  // A press until its release.
  struct Gesture {
    model::FilterPlace place;
    std::size_t index = 0;
    double start = 0;
    double pixels = 0;  // up and right positive, fine movement counted less
    float range = 1;    // colours keep their meaning while a weight moves
    bool has_moved = false;
    bool is_cancelled = false;
    bool wants_entry = false;
    std::uint64_t serial = 0;
    float value = 0;    // as wanted now
    float written = 0;  // as last written
    double written_at = 0;
  };
  // What was set, until the run shows it.
  struct Shown {
    std::size_t layer = 0;
    std::int64_t filter = 0;
    std::size_t index = 0;
    float value = 0;
    double until = 0;
  };
  std::optional<Gesture> gesture;
  std::optional<Shown> shown;
  bool opens_entry = false, focuses_entry = false;
  model::FilterPlace entry_place;
  std::size_t entry_index = 0;
  char entry_text[64] = {};
  // The notches of the wheel that become one entry.
  std::uint64_t notches = 0, burst = 0;
  std::size_t notched_index = 0;
  double notched_at = -10;

  void write(Ui& ui, const model::FilterPlace& place, std::size_t index, float value, std::uint64_t& serial);
  void press_and_drag(Ui& ui, const model::FilterPlace& place, std::size_t under, std::span<const float> weights);
  void wheel(Ui& ui, const model::FilterPlace& place, std::size_t under, std::span<const float> weights);
  void open_entry(const model::FilterPlace& place, std::size_t index, float value);
  void entry_popup(Ui& ui, const ImVec2& corner);
};

// The newest weights with one of them replaced.
void TrainWeightGrid::State::write(Ui& ui, const model::FilterPlace& place, std::size_t index, float value,
                                   std::uint64_t& serial) {
  const model::TrainSnapshot& now = *ui.document.train.snapshot();
  if (!now.run || !now.values) return;
  const auto newest = model::filter_weights(*now.run, *now.values, place.layer, place.filter);
  if (index >= newest.size()) return;
  std::vector<float> weights(newest.begin(), newest.end());
  weights[index] = value;
  serial = model::rewrite_filter(ui.document.settings.train, serial, place, std::move(weights), std::nullopt,
                                 "Edit " + place.name);
  shown = Shown{place.layer, place.filter, index, value, ImGui::GetTime() + kShownSeconds};
}

void TrainWeightGrid::State::press_and_drag(Ui& ui, const model::FilterPlace& place, std::size_t under,
                                            std::span<const float> weights) {
  const ImGuiIO& io = ImGui::GetIO();
  if (ImGui::IsItemActivated()) {
    gesture = Gesture{};
    gesture->place = place;
    gesture->index = under;
    gesture->value = gesture->written = weights[under];
    gesture->start = static_cast<double>(weights[under]);
    gesture->range = weight_range(weights);
    gesture->wants_entry = io.KeyCtrl || ImGui::IsMouseDoubleClicked(ImGuiMouseButton_Left);
  }
  if (!gesture) return;
  Gesture& g = *gesture;
  if (!g.is_cancelled && (ImGui::IsItemActive() || ImGui::IsItemDeactivated()) && ui.take_key("Escape")) {
    model::forget_edit(ui.document.settings.train, g.serial);
    g.is_cancelled = true;
    shown.reset();
  }
  if (ImGui::IsItemActive() && !g.is_cancelled) {
    g.pixels += static_cast<double>(io.MouseDelta.x - io.MouseDelta.y) * (io.KeyCtrl || io.KeyAlt ? 0.1 : 1.0);
    if (g.has_moved || ImGui::IsMouseDragging(ImGuiMouseButton_Left)) {
      g.has_moved = true;
      const double step = nice_step(static_cast<double>(g.range) / 50);
      g.value = clamp_weight(g.start + std::round(g.pixels * 10) / 10 * step);
      const double now = ImGui::GetTime();
      if (g.value != g.written && now - g.written_at >= kWriteSeconds) {
        write(ui, g.place, g.index, g.value, g.serial);
        g.written = g.value;
        g.written_at = now;
      }
      if (g.value != g.written) ui.wake_in(kWriteSeconds);
    }
    ImGui::SetMouseCursor(ImGuiMouseCursor_ResizeNS);
  }
  if (ImGui::IsItemDeactivated()) {
    if (!g.is_cancelled && g.has_moved && g.value != g.written) write(ui, g.place, g.index, g.value, g.serial);
    if (g.wants_entry && !g.has_moved && !g.is_cancelled) open_entry(g.place, g.index, weights[g.index]);
    gesture.reset();
  }
}

void TrainWeightGrid::State::wheel(Ui& ui, const model::FilterPlace& place, std::size_t under,
                                   std::span<const float> weights) {
  constexpr double kRest = 1;  // seconds between gestures
  const ImGuiIO& io = ImGui::GetIO();
  if (io.MouseWheel == 0) return;
  const double now = ImGui::GetTime();
  if (under != notched_index || now - notched_at > kRest) {
    notches = 0;
    ++burst;
  }
  notched_index = under;
  notched_at = now;
  const double fine = io.KeyCtrl || io.KeyAlt ? 0.1 : 1.0;
  const bool is_going_on =
      shown && shown->index == under && shown->layer == place.layer && shown->filter == place.filter;
  const double from = static_cast<double>(is_going_on ? shown->value : weights[under]);
  const double step = nice_step(static_cast<double>(weight_range(weights)) / 20);
  ui.document.join_burst(burst);
  write(ui, place, under, clamp_weight(from + static_cast<double>(io.MouseWheel) * fine * step), notches);
}

void TrainWeightGrid::State::open_entry(const model::FilterPlace& place, std::size_t index, float value) {
  entry_place = place;
  entry_index = index;
  std::snprintf(entry_text, sizeof entry_text, "%s", number_text(static_cast<double>(value), 7).c_str());
  opens_entry = true;
}

void TrainWeightGrid::State::entry_popup(Ui& ui, const ImVec2& corner) {
  if (opens_entry) {
    opens_entry = false;
    focuses_entry = true;
    ImGui::OpenPopup("train_weight_entry");
  }
  ImGui::SetNextWindowPos(corner);
  if (!ImGui::BeginPopup("train_weight_entry")) return;
  ImGui::SetNextItemWidth(120 * ui.scale);
  if (focuses_entry) ImGui::SetKeyboardFocusHere();
  focuses_entry = false;
  const bool is_entered = ImGui::InputText("##value", entry_text, sizeof entry_text,
                                           ImGuiInputTextFlags_EnterReturnsTrue | ImGuiInputTextFlags_AutoSelectAll);
  record(ui, "train/weight_entry", "text", "Weight", std::string(entry_text));
  dim_text(ui, "Enter sets it");
  if (is_entered) {
    const auto number = model::parse_matrix(entry_text);
    if (number && number->values.size() == 1) {
      std::uint64_t serial = 0;
      write(ui, entry_place, entry_index, clamp_weight(static_cast<double>(number->values.front())), serial);
    } else {
      ui.document.complain("\"" + std::string(entry_text) + "\" is not a number: type one such as -0.25 or 1/9.");
    }
    ImGui::CloseCurrentPopup();
  }
  ImGui::EndPopup();
}

TrainWeightGrid::TrainWeightGrid() : state_(std::make_unique<State>()) {}
TrainWeightGrid::~TrainWeightGrid() = default;

ImVec2 TrainWeightGrid::draw(Ui& ui, const model::FilterPlace& place, const model::FilterForm& form,
                             const GridSlice& slice, std::span<const float> weights, const std::string& why_not,
                             const ImVec2& size) {
  State& s = *state_;
  std::vector<float> values(weights.begin() + static_cast<std::ptrdiff_t>(slice.first),
                            weights.begin() + static_cast<std::ptrdiff_t>(slice.first + slice.count));
  values.resize(static_cast<std::size_t>(slice.rows) * static_cast<std::size_t>(slice.cols), 0.0F);
  if (s.shown) {
    const State::Shown& set = *s.shown;
    const bool is_here = set.layer == place.layer && set.filter == place.filter && set.index >= slice.first &&
                         set.index < slice.first + slice.count;
    if (!s.gesture && ImGui::GetTime() > set.until) {
      s.shown.reset();
    } else if (is_here) {
      values[set.index - slice.first] = set.value;
      if (!s.gesture) ui.wake_in(kShownSeconds);
    }
  }
  // The shape that the cells' layout asks for.
  const model::FilterBank shape{1, slice.rows, slice.cols, {}};
  WeightLayout layout = layout_weights(shape, size.x, size.y, ui.scale, 2, 0);
  layout.left = 0;
  move_to(layout, ImGui::GetCursorScreenPos());
  const ImVec2 extent = slice_size(layout);
  const bool can_edit = why_not.empty();
  ImGui::PushID("weights");
  // One pixel more than fits makes the child take the wheel, which would scroll the panel around it otherwise.
  ImGui::BeginChild("cells", extent, false, ImGuiWindowFlags_NoScrollbar);
  ImGui::SetCursorScreenPos(layout.origin);
  ImGui::InvisibleButton("slice", extent);
  const auto index_under = [&] {
    const WeightCell cell = nearest_cell(layout, 0, ImGui::GetIO().MousePos);
    return slice.first + static_cast<std::size_t>(cell.row * slice.cols + cell.col);
  };
  const std::size_t under = std::min(index_under(), slice.first + slice.count - 1);
  std::optional<std::size_t> hovered;
  if (can_edit) s.press_and_drag(ui, place, under, weights);
  if (ImGui::IsItemActive() && s.gesture) {
    hovered = s.gesture->index;
  } else if (ImGui::IsItemHovered()) {
    hovered = under;
    if (can_edit) s.wheel(ui, place, under, weights);
  }
  const float range = std::max(weight_range(values), s.gesture ? s.gesture->range : 0.0F);
  const auto lit = hovered && *hovered >= slice.first && *hovered < slice.first + slice.count
                       ? std::optional(cell_of(slice, *hovered))
                       : std::nullopt;
  draw_cells(ui, layout, values, range, lit, false);
  if (lit) {
    const float value = values[static_cast<std::size_t>(lit->row * slice.cols + lit->col)];
    const std::string where = form.plane() > 1 ? place_text(lit->row, lit->col) : std::to_string(*hovered + 1);
    const std::string channel =
        form.channels > 1 && form.plane() > 1 ? " of channel " + std::to_string(slice.channel + 1) : "";
    ui.hovered_value = place.name + ", weight " + where + channel + " = " + number_text(static_cast<double>(value), 5);
    tooltip(ui, ui.hovered_value + "\n" + (can_edit ? kHelp : why_not));
  }
  if (ui.twin.is_active() && slice.count <= 1024) {
    for (std::size_t i = 0; i < slice.count; ++i) {
      const WeightCell cell = cell_of(slice, slice.first + i);
      const ImVec2 min = cell_min(layout, cell);
      record_rect(ui, min, {min.x + layout.cell, min.y + layout.cell},
                  "train/weight/" + std::to_string(cell.row) + "/" + std::to_string(cell.col), "cell",
                  "weight " + place_text(cell.row, cell.col), values[i], {}, can_edit, can_edit ? kHelp : why_not);
    }
  }
  const ImVec2 entry_corner = s.entry_index >= slice.first && s.entry_index < slice.first + slice.count
                                  ? ImVec2{cell_min(layout, cell_of(slice, s.entry_index)).x,
                                           cell_min(layout, cell_of(slice, s.entry_index)).y + layout.cell}
                                  : layout.origin;
  s.entry_popup(ui, entry_corner);
  ImGui::EndChild();
  ImGui::PopID();
  return extent;
}

}  // namespace convlens::ui
