// Cells of the weight grid: layout, gestures and colours. Blending, presets and parsing belong to the filter bank.
#include "app/ui/weight_grid.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <vector>

#include "app/model/filter_bank.h"
#include "app/ui/keys.h"
#include "app/ui/weight_cells.h"
#include "app/ui/widgets.h"

namespace convlens::ui {
namespace {

constexpr float kSideBySideCell = 15;  // the smallest cell, at scale 1, for which all slices are shown at once

constexpr const char* kCellHelp =
    "Drag up or right to raise the weight, down or left to lower it; hold Ctrl or Alt for steps ten times finer. "
    "The wheel steps it, Ctrl+click or a double-click types it (fractions such as 1/9 too), a right-click offers more. "
    "Esc while dragging takes the drag back.";

constexpr const char* kCellTip =
    "Drag to change it (Ctrl or Alt: finer), wheel to step, double-click to type, right-click for more.";

std::size_t plane_size(const model::FilterBank& bank) {
  return static_cast<std::size_t>(bank.rows) * static_cast<std::size_t>(bank.cols);
}

bool slices_are_equal(const model::FilterBank& bank, const std::vector<float>& weights) {
  const auto plane = static_cast<std::ptrdiff_t>(plane_size(bank));
  for (int c = 1; c < bank.channels; ++c) {
    if (!std::equal(weights.begin(), weights.begin() + plane, weights.begin() + c * plane)) return false;
  }
  return true;
}

// The weight of the product that is pointed at or being added, where a number is laid open.
std::optional<WeightCell> lit_weight(const Ui& ui, const model::FilterBank& bank) {
  const std::optional<std::size_t>& cell = ui.document.probe.lit_cell;
  if (!cell || *cell >= plane_size(bank) * static_cast<std::size_t>(bank.channels)) return std::nullopt;
  const auto plane = static_cast<int>(plane_size(bank));
  const auto index = static_cast<int>(*cell);
  int at = index % plane;
  // A convolution meets its weights in the opposite order.
  if (ui.document.settings.conv.params.flip) at = plane - 1 - at;
  return WeightCell{index / plane, at / bank.cols, at % bank.cols};
}

}  // namespace

struct WeightGrid::State {
  // A press on a cell until its release.
  struct Gesture {
    WeightCell cell;
    WeightCell last_painted;
    model::Filter before;
    double pixels = 0;  // up and right positive, fine movement counted less
    float range = 1;    // colours keep their meaning while a weight moves
    bool has_moved = false;
    bool is_cancelled = false;
    bool wants_entry = false;
  };

  std::optional<Gesture> gesture;
  bool is_hovered = false;
  bool is_painting = false;
  float brush = 1;
  bool is_linked = true;
  int filter = -1;  // what is_linked was chosen for
  std::string filter_name;
  int channels = 0;

  WeightCell entry_cell;
  char entry_text[64] = {};
  bool opens_entry = false;
  bool focuses_entry = false;
  WeightCell menu_cell;
  bool opens_menu = false;

  // The notches of the wheel that become one entry of the history.
  WeightCell notched_cell;
  int notched_filter = -1;
  double notched_at = 0;  // ImGui's clock
  std::uint64_t burst = 0;

  void follow_selection(const model::FilterBank& bank, const model::Filter& selected, int index);
  void set(model::FilterBank& bank, model::Filter& target, const WeightCell& cell, double value) const;
  void shift(model::FilterBank& bank, model::Filter& target, const model::Filter& from, const WeightCell& cell,
             double by) const;
  void options(Ui& ui, const WeightLayout& layout);
  void join_notches(Ui& ui, int filter_index, const WeightCell& cell);
  void press_and_drag(Ui& ui, model::Filter& target, const WeightLayout& layout, int slice, const WeightCell& under);
  void drag(model::FilterBank& bank, model::Filter& target, const WeightLayout& layout, int slice);
  void open_entry(const model::FilterBank& bank, const model::Filter& target, const WeightCell& cell);
  void entry_popup(Ui& ui, model::Filter& target, const WeightLayout& layout);
  void menu_popup(Ui& ui, model::Filter& target);
};

void WeightGrid::State::follow_selection(const model::FilterBank& bank, const model::Filter& selected, int index) {
  if (filter == index && filter_name == selected.name && channels == bank.channels) return;
  filter = index;
  filter_name = selected.name;
  channels = bank.channels;
  is_linked = slices_are_equal(bank, selected.weights);
}

void WeightGrid::State::set(model::FilterBank& bank, model::Filter& target, const WeightCell& cell,
                            double value) const {
  if (target.strength != 1.0F) model::bake_strength(bank, target);
  for (int c = 0; c < bank.channels; ++c) {
    if (is_linked || c == cell.channel)
      target.weights[weight_index(bank, {c, cell.row, cell.col})] = clamp_weight(value);
  }
}

void WeightGrid::State::shift(model::FilterBank& bank, model::Filter& target, const model::Filter& from,
                              const WeightCell& cell, double by) const {
  const std::vector<float> start = model::effective_weights(bank, from);
  if (target.strength != 1.0F) model::bake_strength(bank, target);
  for (int c = 0; c < bank.channels; ++c) {
    if (!is_linked && c != cell.channel) continue;
    const std::size_t i = weight_index(bank, {c, cell.row, cell.col});
    target.weights[i] = clamp_weight(static_cast<double>(start[i]) + by);
  }
}

void WeightGrid::State::options(Ui& ui, const WeightLayout& layout) {
  model::FilterBank& bank = ui.document.settings.conv.bank;
  if (!layout.is_side_by_side) {
    for (int c = 0; c < bank.channels; ++c) {
      const std::string name = slice_name(ui, ui.document.selection.filter, c);
      const bool is_shown = c == ui.document.selection.channel;
      if (is_shown) ImGui::PushStyleColor(ImGuiCol_Button, ImGui::GetStyleColorVec4(ImGuiCol_ButtonActive));
      if (button(ui, "filters/slice/" + std::to_string(c), name.c_str(),
                 "Shows the weights for input channel " + name)) {
        ui.document.selection.channel = c;
      }
      if (is_shown) ImGui::PopStyleColor();
      ImGui::SameLine();
    }
  }
  if (bank.channels > 1) {
    toggle(ui, "filters/link_channels", "Link channels", &is_linked,
           "An edit of one cell also changes the same cell of the other channels: drags move all by the same amount, "
           "typed and painted values are the same in all");
    ImGui::SameLine();
  }
  toggle(ui, "filters/paint", "Paint", &is_painting,
         "Dragging over cells paints them with the brush's value; Ctrl+click takes a cell's value as the brush");
  if (is_painting) {
    ImGui::SameLine();
    drag_number(ui, "filters/brush", "##brush", &brush, 0.01F, -kMostWeight, kMostWeight, "%.4g",
                "Value painted over cells; drag, or Ctrl+click to type", 72 * ui.scale);
  }
}

void WeightGrid::State::drag(model::FilterBank& bank, model::Filter& target, const WeightLayout& layout, int slice) {
  const ImGuiIO& io = ImGui::GetIO();
  if (is_painting) {
    // Every cell on the way from the last one, so that a fast stroke leaves no gaps.
    const WeightCell to = nearest_cell(layout, slice, io.MousePos);
    const WeightCell from = gesture->last_painted;
    const int steps = std::max({1, std::abs(to.row - from.row), std::abs(to.col - from.col)});
    for (int i = 0; i <= steps; ++i) {
      const auto between = [&](int a, int b) { return a + static_cast<int>(std::lround((b - a) * double(i) / steps)); };
      set(bank, target, {to.channel, between(from.row, to.row), between(from.col, to.col)}, static_cast<double>(brush));
    }
    gesture->last_painted = to;
    gesture->has_moved = true;
    return;
  }
  gesture->pixels += static_cast<double>(io.MouseDelta.x - io.MouseDelta.y) * (io.KeyCtrl || io.KeyAlt ? 0.1 : 1.0);
  if (!gesture->has_moved && !ImGui::IsMouseDragging(ImGuiMouseButton_Left)) return;
  gesture->has_moved = true;
  const double step = nice_step(static_cast<double>(gesture->range) / 50.0);
  shift(bank, target, gesture->before, gesture->cell, std::round(gesture->pixels * 10) / 10 * step);
}

// Notches on one weight belong together until the wheel rests.
void WeightGrid::State::join_notches(Ui& ui, int filter_index, const WeightCell& cell) {
  constexpr double kRest = 1;  // seconds
  const double now = ImGui::GetTime();
  if (filter_index != notched_filter || !(cell == notched_cell) || now - notched_at > kRest) ++burst;
  notched_filter = filter_index;
  notched_cell = cell;
  notched_at = now;
  ui.document.join_burst(burst);
}

void WeightGrid::State::press_and_drag(Ui& ui, model::Filter& target, const WeightLayout& layout, int slice,
                                       const WeightCell& under) {
  model::FilterBank& bank = ui.document.settings.conv.bank;
  const ImGuiIO& io = ImGui::GetIO();
  if (ImGui::IsItemActivated()) {
    gesture = Gesture{};
    gesture->cell = gesture->last_painted = under;
    gesture->before = target;
    gesture->range = weight_range(model::effective_weights(bank, target));
    gesture->wants_entry = !is_painting && (io.KeyCtrl || ImGui::IsMouseDoubleClicked(ImGuiMouseButton_Left));
    if (is_painting && io.KeyCtrl) {
      brush = model::effective_weights(bank, target)[weight_index(bank, under)];
      gesture->is_cancelled = true;
    }
  }
  if (!gesture) return;
  // Keyboard navigation lets go of the item in the frame in which Esc is pressed.
  if (!gesture->is_cancelled && (ImGui::IsItemActive() || ImGui::IsItemDeactivated()) && ui.take_key("Escape")) {
    target = gesture->before;
    gesture->is_cancelled = true;
  }
  if (ImGui::IsItemActive() && !gesture->is_cancelled) {
    drag(bank, target, layout, slice);
    ImGui::SetMouseCursor(is_painting ? ImGuiMouseCursor_Hand : ImGuiMouseCursor_ResizeNS);
  }
  if (ImGui::IsItemDeactivated()) {
    if (gesture->wants_entry && !gesture->has_moved && !gesture->is_cancelled) open_entry(bank, target, gesture->cell);
    gesture.reset();
  }
}

void WeightGrid::State::open_entry(const model::FilterBank& bank, const model::Filter& target, const WeightCell& cell) {
  entry_cell = cell;
  const float value = model::effective_weights(bank, target)[weight_index(bank, cell)];
  std::snprintf(entry_text, sizeof entry_text, "%s", number_text(static_cast<double>(value), 7).c_str());
  opens_entry = true;
}

void WeightGrid::State::entry_popup(Ui& ui, model::Filter& target, const WeightLayout& layout) {
  model::FilterBank& bank = ui.document.settings.conv.bank;
  if (opens_entry) {
    opens_entry = false;
    focuses_entry = true;
    ImGui::OpenPopup("weight_entry");
  }
  const ImVec2 corner = cell_min(layout, entry_cell);
  ImGui::SetNextWindowPos(ImVec2(corner.x, corner.y + layout.cell));
  if (!ImGui::BeginPopup("weight_entry")) return;
  ImGui::PushFont(ui.fonts.small);
  ImGui::Text("%s (%d,%d)", slice_name(ui, ui.document.selection.filter, entry_cell.channel).c_str(), entry_cell.row,
              entry_cell.col);
  ImGui::PopFont();
  ImGui::SetNextItemWidth(120 * ui.scale);
  if (focuses_entry) ImGui::SetKeyboardFocusHere();
  const bool is_entered = ImGui::InputText("##value", entry_text, sizeof entry_text,
                                           ImGuiInputTextFlags_EnterReturnsTrue | ImGuiInputTextFlags_AutoSelectAll);
  record(ui, "filters/weight_entry", "text", "Weight", std::string(entry_text));
  const bool is_next = !focuses_entry && is_pressed(ImGuiKey_Tab);
  focuses_entry = false;
  dim_text(ui, "Enter sets it, Tab goes on to the next cell");
  if (is_entered || is_next) {
    const auto number = model::parse_matrix(entry_text);
    if (number && number->values.size() == 1) {
      set(bank, target, entry_cell, static_cast<double>(number->values.front()));
    } else {
      ui.document.complain("\"" + std::string(entry_text) + "\" is not a number: type one such as -0.25 or 1/9.");
    }
    ImGui::CloseCurrentPopup();
  }
  if (is_next) {
    const int next = (entry_cell.row * bank.cols + entry_cell.col + 1) % (bank.rows * bank.cols);
    open_entry(bank, target, {entry_cell.channel, next / bank.cols, next % bank.cols});
  }
  ImGui::EndPopup();
}

void WeightGrid::State::menu_popup(Ui& ui, model::Filter& target) {
  model::FilterBank& bank = ui.document.settings.conv.bank;
  if (opens_menu) {
    opens_menu = false;
    ImGui::OpenPopup("weight_menu");
  }
  if (!ImGui::BeginPopup("weight_menu")) return;
  const auto item = [&](const char* name, const char* label, bool is_enabled = true, const std::string& help = {}) {
    const bool is_chosen = ImGui::MenuItem(label, nullptr, false, is_enabled);
    if (!help.empty()) tooltip(ui, help);
    record(ui, "filters/weight_menu/" + std::string(name), "item", label, {}, {}, is_enabled, help);
    return is_chosen;
  };
  const float value = model::effective_weights(bank, target)[weight_index(bank, menu_cell)];
  if (item("zero", "Set to 0")) set(bank, target, menu_cell, 0);
  if (item("one", "Set to 1")) set(bank, target, menu_cell, 1);
  if (item("minus_one", "Set to -1")) set(bank, target, menu_cell, -1);
  if (item("negate", "Negate", value != 0)) set(bank, target, menu_cell, static_cast<double>(-value));
  if (item("type", "Type a value...")) open_entry(bank, target, menu_cell);
  if (item("brush", "Use as brush")) {
    brush = value;
    is_painting = true;
  }
  ImGui::Separator();
  const auto preset = preset_of(bank, target);
  const std::string reason =
      preset ? "As in the preset " + preset->name : "This filter does not carry the name of a preset that fits it";
  if (item("reset", "Reset to preset", preset.has_value(), reason)) {
    if (target.strength != 1.0F) model::bake_strength(bank, target);
    for (int c = 0; c < bank.channels; ++c) {
      const std::size_t i = weight_index(bank, {c, menu_cell.row, menu_cell.col});
      if (is_linked || c == menu_cell.channel) target.weights[i] = preset->weights[i];
    }
  }
  if (item("reset_all", "Reset the whole filter", preset.has_value(), reason)) target = *preset;
  ImGui::EndPopup();
}

WeightGrid::WeightGrid() : state_(std::make_unique<State>()) {}
WeightGrid::~WeightGrid() = default;
bool WeightGrid::is_hovered() const { return state_->is_hovered; }

void WeightGrid::draw(Ui& ui, float height) {
  State& s = *state_;
  model::FilterBank& bank = ui.document.settings.conv.bank;
  model::Selection& selection = ui.document.selection;
  selection.channel = std::clamp(selection.channel, 0, bank.channels - 1);
  model::Filter& filter = bank.filters[static_cast<std::size_t>(selection.filter)];
  if (!s.gesture) s.follow_selection(bank, filter, selection.filter);

  const float options_height = ImGui::GetFrameHeightWithSpacing();
  WeightLayout layout = layout_weights(bank, ImGui::GetContentRegionAvail().x, height - options_height, ui.scale,
                                       kSideBySideCell * ui.scale, selection.channel);
  s.options(ui, layout);

  // One pixel more than fits makes the child take the wheel, which would scroll the panel around it otherwise; the
  // cells are placed relative to the window and stay where they are.
  ImGui::BeginChild("cells", ImVec2(0, layout.height), false, ImGuiWindowFlags_NoScrollbar);
  move_to(layout, ImGui::GetWindowPos());
  std::optional<WeightCell> hovered;
  const ImGuiIO& io = ImGui::GetIO();
  for (int slice = 0; slice < layout.slices; ++slice) {
    ImGui::PushID(slice);
    const WeightCell first{layout.first_channel + slice, 0, 0};
    ImGui::SetCursorScreenPos(cell_min(layout, first));
    ImGui::InvisibleButton("slice", slice_size(layout));
    const WeightCell under = nearest_cell(layout, slice, io.MousePos);
    s.press_and_drag(ui, filter, layout, slice, under);
    if (ImGui::IsItemActive() && s.gesture) {
      hovered = s.is_painting ? under : s.gesture->cell;
    } else if (ImGui::IsItemHovered()) {
      hovered = under;
      if (ImGui::IsMouseReleased(ImGuiMouseButton_Right)) {
        s.menu_cell = under;
        s.opens_menu = true;
      }
      if (io.MouseWheel != 0) {
        s.join_notches(ui, selection.filter, under);
        const double range = static_cast<double>(weight_range(model::effective_weights(bank, filter)));
        const double fine = io.KeyCtrl || io.KeyAlt ? 0.1 : 1.0;
        s.shift(bank, filter, model::Filter(filter), under,
                static_cast<double>(io.MouseWheel) * fine * nice_step(range / 20));
      }
      const float value = model::effective_weights(bank, filter)[weight_index(bank, under)];
      tooltip(ui, slice_name(ui, selection.filter, under.channel) + " (" + std::to_string(under.row) + "," +
                      std::to_string(under.col) + ") = " + number_text(static_cast<double>(value)) + "\n" + kCellTip);
    }
    ImGui::PopID();
  }
  const std::vector<float> weights = model::effective_weights(bank, filter);
  const float range = std::max(weight_range(weights), s.gesture ? s.gesture->range : 0.0F);
  draw_cells(ui, layout, weights, range, hovered, s.is_linked);
  if (const auto lit = lit_weight(ui, bank)) outline_cell(ui, layout, *lit, ui.palette.output_outline);
  if (ui.twin.is_active()) record_cells(ui, layout, weights, kCellHelp);
  ImGui::SetCursorScreenPos(ImVec2(layout.origin.x, layout.origin.y + layout.height));
  ImGui::Dummy(ImVec2(1, 1));
  s.entry_popup(ui, filter, layout);
  s.menu_popup(ui, filter);
  ImGui::EndChild();

  s.is_hovered = hovered.has_value();
  if (hovered) {
    ui.document.hover = {model::Hover::Kind::kWeight, selection.filter, hovered->channel, hovered->row, hovered->col};
    const std::string value = number_text(static_cast<double>(weights[weight_index(bank, *hovered)]));
    ui.hovered_value = "weight " + slice_name(ui, selection.filter, hovered->channel) + " (" +
                       std::to_string(hovered->row) + "," + std::to_string(hovered->col) + ") = " + value + " of " +
                       filter.name;
  }
}

}  // namespace convlens::ui
