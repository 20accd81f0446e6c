// Texts and rows of the table of a sum. Adds nothing up itself.
#include "app/ui/probe_table.h"

#include <algorithm>
#include <cmath>

#include "app/ui/text.h"
#include "app/ui/widgets.h"
#include "engine/explain/decimal.h"

namespace convlens::ui {
namespace {

using explain::ProbeCell;
using explain::SumStep;

// At 100 % interface scale. What is wider is written short; what is too wide then scrolls sideways.
constexpr float kSmallestFont = 11, kSmallestShortFont = 9;
constexpr float kGap = 1.1F, kShortGap = 0.6F;  // between columns, in units of the font size

float text_units(const Ui& ui, const std::string& text) {
  return ui.fonts.mono->CalcTextSizeA(100, FLT_MAX, 0, text.c_str()).x / 100;
}

}  // namespace

std::string cell_place(const ProbeCell& cell) {
  std::string text = place_text(cell.row.position, cell.col.position);
  if (cell.is_zero()) return text + " outside: 0";
  if (cell.is_padding()) text += " reads " + place_text(cell.row.source, cell.col.source);
  return text;
}

std::string cell_weight(const ProbeCell& cell) {
  return "w(" + std::to_string(cell.row.weight) + "," + std::to_string(cell.col.weight) + ")";
}

std::string step_words(const ToldSum& told, const SumStep& step, bool is_short) {
  const explain::Probe& probe = told.probe;
  switch (step.kind) {
    case SumStep::Kind::kProduct: {
      const ProbeCell& cell = probe.cells[step.index];
      const std::string place = is_short ? place_text(cell.row.position, cell.col.position) : cell_place(cell);
      // Channels of one product each are told apart by their names.
      if (probe.cells.size() != probe.channels.size() || probe.cells.size() == 1) return place;
      const bool is_dense = probe.geometry.h == 1 && probe.geometry.w == 1;
      return told.channel(step.index) + (is_dense || is_short ? std::string() : " " + place);
    }
    case SumStep::Kind::kSubtotal:
      return "subtotal " + told.channel(step.index);
    case SumStep::Kind::kSum:
      return "sum";
    case SumStep::Kind::kBias:
      return "+ bias";
    case SumStep::Kind::kActivation:
      return std::string(conv::activation_names()[static_cast<std::size_t>(probe.geometry.activation)].label);
    case SumStep::Kind::kValue:
      return "value";
  }
  return {};
}

// Where the full words of places would make the table too wide to be read, they are short.
void ProbeTable::follow(const Ui& ui, const ToldSum& told, float room) {
  if (told.version == version_ && room == room_) return;
  version_ = told.version;
  room_ = room;
  make_rows(ui, told, false);
  is_short_ = wanted_ * std::floor(kSmallestFont * ui.scale) > room;
  if (is_short_) make_rows(ui, told, true);
}

void ProbeTable::make_rows(const Ui& ui, const ToldSum& told, bool is_short) {
  rows_.clear();
  std::array<float, kColumns> widths{};
  const float figure = text_units(ui, "0");
  for (const SumStep& step : told.steps) {
    Row row;
    row.is_product = step.kind == SumStep::Kind::kProduct;
    row.texts[kPlace] = step_words(told, step, is_short);
    if (row.is_product) {
      const ProbeCell& cell = told.probe.cells[step.index];
      row.is_padding = cell.is_padding();
      row.texts[kInput] = explain::to_text(cell.input);
      row.texts[kWeight] = explain::to_text(cell.weight);
    }
    // The sum and the value add nothing: they name what stands there.
    const bool has_term = step.kind != SumStep::Kind::kSum && step.kind != SumStep::Kind::kActivation &&
                          step.kind != SumStep::Kind::kValue;
    if (has_term) row.texts[kProduct] = explain::to_text(step.term);
    row.texts[kRunning] = explain::to_text(step.running);
    for (int c = 0; c < kColumns; ++c) {
      const auto column = static_cast<std::size_t>(c);
      // Places in the padding are long and may run over into the free columns of other rows.
      if (c == kPlace && !row.is_product) continue;
      widths[column] = std::max(widths[column], static_cast<float>(row.texts[column].size()) * figure);
    }
    rows_.push_back(std::move(row));
  }
  float right = 0;
  for (std::size_t c = 0; c < kColumns; ++c) {
    right += std::max(widths[c], 3.0F) + (c == 0 ? 0.4F : is_short ? kShortGap : kGap);
    right_[c] = right;
  }
  wanted_ = right + 0.4F;
}

void ProbeTable::draw_heads(const Ui& ui, const ImVec2& corner) const {
  const std::array<const char*, kColumns> heads{"cell", "input ×", "weight =", "product",
                                                is_short_ ? "sum" : "running sum"};
  ImFont* font = ui.fonts.small;
  const float size = std::min(font_height(font), font_size_ * 1.05F);
  for (std::size_t c = 0; c < kColumns; ++c) {
    const float width = font->CalcTextSizeA(size, FLT_MAX, 0, heads[c]).x;
    const float x = c == 0 ? corner.x + 0.4F * font_size_ : corner.x + right_[c] * font_size_ - width;
    ImGui::GetWindowDrawList()->AddText(font, size, {std::floor(x), corner.y}, ui.palette.text_dim, heads[c]);
  }
}

void ProbeTable::draw_row(Ui& ui, std::size_t index, const ToldSum& told, float width, float height) {
  const Row& row = rows_[index];
  model::SumPlayback& sum = told.playback;
  const ImVec2 corner = ImGui::GetCursorScreenPos();
  ImGui::PushID(static_cast<int>(index));
  if (ImGui::InvisibleButton("step", {width, height})) {
    sum.steps = index + 1;
    sum.is_playing = false;
  }
  const bool is_hovered = ImGui::IsItemHovered();
  ImGui::PopID();
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  const ImVec2 end{corner.x + width, corner.y + height};
  const std::size_t taken = sum.taken();
  const bool is_last = index + 1 == taken && !sum.is_over();
  if (is_hovered && row.is_product) {
    pointed_ = told.steps[index].index;
    const ProbeCell& cell = told.probe.cells[*pointed_];
    if (is_short_ && cell.is_padding()) tooltip(ui, cell_place(cell) + ", in the padding");
  }
  if (is_last || is_hovered) {
    draw.AddRectFilled(corner, end, ImGui::GetColorU32(ImGuiCol_Header, is_last ? 0.7F : 0.35F), 2 * ui.scale);
  } else if (!row.is_product) {
    draw.AddRectFilled(corner, end, ImGui::GetColorU32(ImGuiCol_FrameBg, 0.8F));
  }
  const bool is_dim = index >= taken;
  const ImU32 ink = is_dim ? ui.palette.text_dim : ui.palette.text;
  const float y = corner.y + (height - font_size_) / 2;
  for (std::size_t c = 0; c < kColumns; ++c) {
    const std::string& text = row.texts[c];
    if (text.empty()) continue;
    const float text_width = text_units(ui, text) * font_size_;
    const float x = c == kPlace ? corner.x + 0.4F * font_size_ : corner.x + right_[c] * font_size_ - text_width;
    const ImU32 colour = c == kPlace && row.is_padding ? ui.palette.warning : ink;
    draw.AddText(ui.fonts.mono, font_size_, {std::floor(x), std::floor(y)}, colour, text.c_str());
  }
  if (!ui.twin.is_active()) return;
  record_rect(ui, corner, end, told.name + "/" + std::to_string(index), "item", step_words(told, told.steps[index]),
              {{"input", row.texts[kInput]},
               {"weight", row.texts[kWeight]},
               {"product", row.texts[kProduct]},
               {"running", row.texts[kRunning]},
               {"taken", !is_dim}},
              {}, true, "A click shows the sum up to this step");
}

void ProbeTable::draw(Ui& ui, const ToldSum& told, const ImVec2& size) {
  pointed_.reset();
  const float s = ui.scale;
  const float room = size.x - ImGui::GetStyle().ScrollbarSize;
  follow(ui, told, room);
  font_size_ = std::clamp(std::floor(room / std::max(wanted_, 1.0F)),
                          std::floor((is_short_ ? kSmallestShortFont : kSmallestFont) * s), font_height(ui.fonts.mono));
  const float head = font_height(ui.fonts.small) + 3 * s;
  const ImVec2 corner = ImGui::GetCursorScreenPos();
  ImGui::PushClipRect(corner, {corner.x + size.x, corner.y + head}, true);
  draw_heads(ui, {corner.x - scroll_, corner.y});
  ImGui::PopClipRect();
  ImGui::Dummy({size.x, head});
  const float height = std::floor(font_size_ + 5 * s);

  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {0, 0});
  ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, {ImGui::GetStyle().ItemSpacing.x, 0});
  const bool is_too_wide = wanted_ * font_size_ > room;
  ImGui::BeginChild("sum", {size.x, std::max(2 * height, size.y - head)}, false,
                    is_too_wide ? ImGuiWindowFlags_HorizontalScrollbar : ImGuiWindowFlags_None);
  const float width = std::max(room, wanted_ * font_size_);
  scroll_ = ImGui::GetScrollX();
  // The step that was just taken stays in sight.
  const std::size_t taken = told.playback.taken();
  if (taken != scrolled_to_ && taken > 0 && !told.playback.is_over()) {
    const float at = static_cast<float>(taken - 1) * height;
    const float top = ImGui::GetScrollY(), page = ImGui::GetWindowHeight() - height;
    if (at < top || at > top + page - height) ImGui::SetScrollY(std::max(0.0F, at - page / 2));
  }
  scrolled_to_ = taken;
  ImGuiListClipper clipper;
  clipper.Begin(static_cast<int>(rows_.size()), height);
  while (clipper.Step()) {
    for (int i = clipper.DisplayStart; i < clipper.DisplayEnd; ++i) {
      draw_row(ui, static_cast<std::size_t>(i), told, width, height);
    }
  }
  ImGui::EndChild();
  ImGui::PopStyleVar(2);
}

}  // namespace convlens::ui
