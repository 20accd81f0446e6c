// Thumbnails of the bank and the buttons beside them. Edits go through the filter bank's functions.
#include "app/ui/bank_strip.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "app/model/filter_bank.h"
#include "app/ui/filter_icons.h"
#include "app/ui/widgets.h"

namespace convlens::ui {
namespace {

constexpr float kThumbnail = 36;
constexpr int kMostRows = 2;  // more scroll

}  // namespace

void draw_thumbnail(const view::Image& image, const ImVec2& min, float side, ImU32 tint) {
  if (image.texture() == 0 || image.width() <= 0 || image.height() <= 0) return;
  const float cell = side / static_cast<float>(std::max(image.width(), image.height()));
  const ImVec2 size(cell * static_cast<float>(image.width()), cell * static_cast<float>(image.height()));
  const ImVec2 at(std::floor(min.x + (side - size.x) / 2), std::floor(min.y + (side - size.y) / 2));
  ImGui::GetWindowDrawList()->AddImage(reinterpret_cast<ImTextureID>(static_cast<std::intptr_t>(image.texture())), at,
                                       ImVec2(at.x + size.x, at.y + size.y), ImVec2(0, 0), ImVec2(1, 1), tint);
}

struct BankStrip::State {
  struct Thumbnail {
    view::Image image;
    std::vector<float> weights;
    int cols = 0;
    std::string colormap;
  };
  std::vector<Thumbnail> thumbnails;
  int dragged = -1;  // where the filter in the hand is
  int shown_selection = -1;
  bool is_hovered = false;

  void refresh(const Ui& ui);
  void item(Ui& ui, int index, const ImVec2& corner, float side);
  void reorder(Ui& ui, const ImVec2& origin, float pitch, int columns);
  void buttons(Ui& ui);
};

void BankStrip::State::refresh(const Ui& ui) {
  const model::FilterBank& bank = ui.document.settings.conv.bank;
  const std::string& colormap = ui.document.settings.view.weight_colormap;
  thumbnails.resize(bank.filters.size());
  for (std::size_t i = 0; i < thumbnails.size(); ++i) {
    Thumbnail& thumbnail = thumbnails[i];
    std::vector<float> weights = model::effective_weights(bank, bank.filters[i]);
    if (weights == thumbnail.weights && bank.cols == thumbnail.cols && colormap == thumbnail.colormap) continue;
    thumbnail.image.set(
        view::filter_thumbnail(weights, bank.channels, bank.rows, bank.cols, view::find_colormap(colormap)), bank.cols,
        bank.rows, true);
    thumbnail.weights = std::move(weights);
    thumbnail.cols = bank.cols;
    thumbnail.colormap = colormap;
  }
}

void BankStrip::State::item(Ui& ui, int index, const ImVec2& corner, float side) {
  model::Selection& selection = ui.document.selection;
  const model::Filter& filter = ui.document.settings.conv.bank.filters[static_cast<std::size_t>(index)];
  ImGui::PushID(index);
  ImGui::SetCursorScreenPos(corner);
  ImGui::InvisibleButton("item", ImVec2(side, side));
  if (ImGui::IsItemActivated()) {
    selection.filter = index;
    dragged = index;
  }
  const bool is_selected = selection.filter == index;
  if (is_selected && shown_selection != index) {
    ImGui::SetScrollHereY();
    shown_selection = index;
  }
  const std::string help = std::to_string(index + 1) + ": " + filter.name + "\n" +
                           model::describe_sum(ui.document.settings.conv.bank, filter) +
                           ".\nClick to edit it, drag to move it" +
                           (index < 9 ? "; key " + std::to_string(index + 1) + "." : ".");
  record(ui, "filters/item/" + std::to_string(index), "item", filter.name, is_selected, {}, true, help);
  tooltip(ui, help);
  ImDrawList* list = ImGui::GetWindowDrawList();
  draw_thumbnail(thumbnails[static_cast<std::size_t>(index)].image, corner, side, IM_COL32_WHITE);
  const ImVec2 end(corner.x + side, corner.y + side);
  const float line = std::max(1.0F, std::floor(2 * ui.scale));
  if (is_selected) {
    list->AddRect(ImVec2(corner.x - line, corner.y - line), ImVec2(end.x + line, end.y + line), ui.palette.accent,
                  3 * ui.scale, 0, line);
  } else if (ImGui::IsItemHovered()) {
    list->AddRect(ImVec2(corner.x - 1, corner.y - 1), ImVec2(end.x + 1, end.y + 1), ui.palette.text_dim);
  } else {
    list->AddRect(ImVec2(corner.x - 1, corner.y - 1), ImVec2(end.x + 1, end.y + 1), ui.palette.panel_border);
  }
  ImGui::PopID();
}

void BankStrip::State::reorder(Ui& ui, const ImVec2& origin, float pitch, int columns) {
  if (dragged < 0) return;
  if (!ImGui::IsMouseDown(ImGuiMouseButton_Left)) {
    dragged = -1;
    return;
  }
  if (!ImGui::IsMouseDragging(ImGuiMouseButton_Left)) return;
  model::FilterBank& bank = ui.document.settings.conv.bank;
  const int count = static_cast<int>(bank.filters.size());
  const ImVec2 mouse = ImGui::GetIO().MousePos;
  const auto place = [&](float at, float from, int most) {
    return std::clamp(static_cast<int>(std::clamp((at - from) / pitch, -1.0F, 1e4F)), 0, most);
  };
  const int target = std::min(
      place(mouse.y, origin.y, (count - 1) / columns) * columns + place(mouse.x, origin.x, columns - 1), count - 1);
  ImGui::SetMouseCursor(ImGuiMouseCursor_Hand);
  if (model::move_filter(bank, dragged, target)) {
    ui.document.selection.filter = dragged = target;
    shown_selection = target;
  }
}

void BankStrip::State::buttons(Ui& ui) {
  model::FilterBank& bank = ui.document.settings.conv.bank;
  int& selected = ui.document.selection.filter;
  const int count = static_cast<int>(bank.filters.size());
  const std::string full = model::cannot_add_filter(ui.document.settings.conv);
  const std::string kept = model::cannot_delete_filter(ui.document.settings.conv);
  const float gap = 2 * ui.scale;
  if (icon_button(ui, "filters/add", Icon::kAdd, "Add", "Adds an identity filter, which shows the picture itself",
                  full.empty(), full)) {
    selected = model::add_filter(bank, model::identity_filter(bank));
  }
  ImGui::SameLine(0, gap);
  if (icon_button(ui, "filters/duplicate", Icon::kDuplicate, "Duplicate", "Adds a copy of the selected filter after it",
                  full.empty(), full)) {
    selected = model::duplicate_filter(bank, selected);
  }
  ImGui::SameLine(0, gap);
  if (icon_button(ui, "filters/move_left", Icon::kLeft, "Move left", "Moves the selected filter towards the first",
                  selected > 0, "It is the first filter.")) {
    if (model::move_filter(bank, selected, selected - 1)) --selected;
  }
  ImGui::SameLine(0, gap);
  if (icon_button(ui, "filters/move_right", Icon::kRight, "Move right", "Moves the selected filter towards the last",
                  selected + 1 < count, "It is the last filter.")) {
    if (model::move_filter(bank, selected, selected + 1)) ++selected;
  }
  ImGui::SameLine(0, gap);
  if (icon_button(ui, "filters/delete", Icon::kDelete, "Delete", "Deletes the selected filter; undo brings it back",
                  kept.empty(), kept)) {
    if (model::delete_filter(bank, selected)) selected = std::min(selected, count - 2);
  }
}

BankStrip::BankStrip() : state_(std::make_unique<State>()) {}
BankStrip::~BankStrip() = default;
bool BankStrip::is_hovered() const { return state_->is_hovered; }

void BankStrip::draw(Ui& ui) {
  State& s = *state_;
  const int count = static_cast<int>(ui.document.settings.conv.bank.filters.size());
  const float buttons_width = 5 * ImGui::GetFrameHeight() + 8 * ui.scale;
  heading(ui, "Filters");
  ImGui::SameLine();
  ImGui::AlignTextToFramePadding();
  dim_text(ui, std::to_string(ui.document.selection.filter + 1) + " of " + std::to_string(count));
  ImGui::SameLine(ImGui::GetCursorPosX() + ImGui::GetContentRegionAvail().x - buttons_width);
  s.buttons(ui);

  s.refresh(ui);
  const float side = std::floor(kThumbnail * ui.scale);
  const float pitch = std::floor((kThumbnail + 7) * ui.scale);
  const float margin = std::floor(3 * ui.scale);
  const float width = ImGui::GetContentRegionAvail().x;
  const int shown = static_cast<int>(s.thumbnails.size());
  const auto columns_in = [&](float room) {
    return std::max(1, static_cast<int>((room - 2 * margin + 7 * ui.scale) / pitch));
  };
  int columns = columns_in(width);
  int rows = (shown + columns - 1) / columns;
  if (rows > kMostRows) {
    columns = columns_in(width - ImGui::GetStyle().ScrollbarSize);
    rows = (shown + columns - 1) / columns;
  }
  const float height = static_cast<float>(std::min(rows, kMostRows)) * pitch + margin;
  ImGui::BeginChild("strip", ImVec2(0, height), false);
  const ImVec2 start = ImGui::GetCursorScreenPos();
  const ImVec2 origin(start.x + margin, start.y + margin);
  for (int i = 0; i < shown; ++i) {
    const ImVec2 corner(origin.x + pitch * static_cast<float>(i % columns),
                        origin.y + pitch * static_cast<float>(i / columns));
    s.item(ui, i, corner, side);
  }
  s.reorder(ui, origin, pitch, columns);
  s.is_hovered = ImGui::IsWindowHovered(ImGuiHoveredFlags_AllowWhenBlockedByActiveItem);
  ImGui::EndChild();
}

}  // namespace convlens::ui
