// Blocks of layers, and what is done to them.
#include "app/ui/layer_list.h"

#include <utility>

#include "app/model/stack_edits.h"
#include "app/ui/stack_fields.h"
#include "app/ui/stack_view.h"
#include "app/ui/text.h"
#include "app/ui/widgets.h"
#include "engine/explain/receptive_field.h"
#include "engine/explain/stack.h"

namespace convlens::ui {
namespace {

// A stripe per kind of layer, so that the chain's rhythm can be seen: learnt, bent, reduced, rearranged.
ImU32 kind_colour(nn::LayerKind kind) {
  switch (kind) {
    case nn::LayerKind::kConv:
      return IM_COL32(0x4C, 0x9A, 0xE8, 0xFF);
    case nn::LayerKind::kDense:
      return IM_COL32(0xB0, 0x7C, 0xD8, 0xFF);
    case nn::LayerKind::kMaxPool:
    case nn::LayerKind::kAveragePool:
    case nn::LayerKind::kGlobalAverage:
      return IM_COL32(0xE0, 0x9A, 0x3C, 0xFF);
    case nn::LayerKind::kActivation:
    case nn::LayerKind::kBatchNorm:
      return IM_COL32(0x4F, 0xB0, 0x8A, 0xFF);
    case nn::LayerKind::kDropout:
    case nn::LayerKind::kFlatten:
      return IM_COL32(0x8A, 0x93, 0xA0, 0xFF);
  }
  return IM_COL32_WHITE;
}

}  // namespace

LayerList::LayerList(std::string prefix, bool folds) : prefix_(std::move(prefix)), folds_(folds) {}

void LayerList::look_at(const nn::ModelSpec& model) {
  levels_ = explain::level_shapes(model);
  const nn::ChainShapes shapes = nn::chain_shapes(model);
  misfit_.reset();
  if (shapes.error) misfit_ = shapes.error->message;
}

void LayerList::draw(Ui& ui, nn::ModelSpec& model, std::size_t& selected) {
  look_at(model);
  ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, {ImGui::GetStyle().ItemSpacing.x, 4 * ui.scale});
  const std::vector<nn::LayerSpec> named = nn::named_layers(model);
  for (std::size_t i = 0; i < named.size(); ++i) draw_block(ui, model, selected, i, named[i].name);
  if (model.layers.empty()) dim_text(ui, "No layers yet: add one below, or choose a preset above.");
  ImGui::PopStyleVar();
  // After the list: what changes it.
  if (removed_) model::remove_layer(model, *removed_);
  if (duplicated_) model::duplicate_layer(model, *duplicated_);
  if (moved_) {
    model::move_layer(model, moved_->first, moved_->second);
    selected = moved_->second;
  }
  removed_.reset(), duplicated_.reset(), moved_.reset();
}

void LayerList::draw_block(Ui& ui, nn::ModelSpec& model, std::size_t& selected, std::size_t index,
                           const std::string& name) {
  nn::LayerSpec& layer = model.layers[index];
  const float s = ui.scale;
  ImFont* small = ui.fonts.small;
  const bool is_selected = selected == index;
  const bool fits = index + 1 < levels_.size();
  const bool is_culprit = !fits && index + 1 == levels_.size();
  ImGui::PushID(static_cast<int>(index));

  const float line = ImGui::GetFontSize(), small_line = font_height(small);
  const ImVec2 size{ImGui::GetContentRegionAvail().x, line + small_line + 9 * s};
  const ImVec2 min = ImGui::GetCursorScreenPos(), max{min.x + size.x, min.y + size.y};
  if (ImGui::InvisibleButton("block", size)) selected = is_selected && folds_ ? kNoLayer : index;
  const bool is_hovered = ImGui::IsItemHovered();
  const std::string drag = prefix_ + "-layer";
  if (ImGui::BeginDragDropSource(ImGuiDragDropFlags_SourceNoHoldToOpenOthers)) {
    ImGui::SetDragDropPayload(drag.c_str(), &index, sizeof index);
    ImGui::TextUnformatted(name.c_str());
    ImGui::EndDragDropSource();
  }
  if (ImGui::BeginDragDropTarget()) {
    if (const ImGuiPayload* payload = ImGui::AcceptDragDropPayload(drag.c_str())) {
      moved_ = {*static_cast<const std::size_t*>(payload->Data), index};
    }
    ImGui::EndDragDropTarget();
  }
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  const ImU32 ground = ImGui::GetColorU32(is_selected  ? ImGuiCol_Header
                                          : is_hovered ? ImGuiCol_FrameBgHovered
                                                       : ImGuiCol_FrameBg);
  draw.AddRectFilled(min, max, ground, 4 * s);
  draw.AddRectFilled(min, {min.x + 4 * s, max.y}, is_culprit ? ui.palette.error : kind_colour(layer.kind), 4 * s);
  if (is_culprit) draw.AddRect(min, max, ui.palette.error, 4 * s, 0, 1.5F * s);

  const float pad = 11 * s;
  const std::string shape = fits ? shape_text(levels_[index + 1]) : is_culprit ? "does not fit" : "–";
  const float shape_width = width_of(ui.fonts.body, shape);
  const ImU32 ink = fits ? ui.palette.text : is_culprit ? ui.palette.error : ui.palette.text_dim;
  put_text(ui.fonts.body, {min.x + pad, min.y + 3 * s}, ui.palette.text,
           fitted(ui.fonts.body, name, size.x - shape_width - 2 * pad - 8 * s));
  put_text(ui.fonts.body, {max.x - shape_width - 7 * s, min.y + 3 * s}, ink, shape);
  explain::LayerCost cost;
  std::string price;
  if (fits) {
    cost = explain::layer_cost(layer, levels_[index], levels_[index + 1]);
    if (cost.parameters > 0) price = short_count(cost.parameters) + " par";
    if (cost.multiply_adds > 0) price += " · " + short_count(cost.multiply_adds) + " mac";
  }
  const float price_width = width_of(small, price);
  const std::string label(model::layer_label(layer.kind));
  const std::string details = model::layer_details(layer);
  const float y = min.y + 5 * s + line;
  put_text(small, {min.x + pad, y}, ui.palette.text_dim,
           fitted(small, details.empty() ? label : details, size.x - price_width - 2 * pad - 4 * s));
  put_text(small, {max.x - price_width - 7 * s, y}, ui.palette.text_dim, price);

  std::string help = label + (details.empty() ? "" : ": " + details);
  if (!cost.arithmetic.empty()) {
    help += "\nParameters; multiply-adds:\n" + cost.arithmetic;
  }
  help += "\nClick to edit, drag to move.";
  record_rect(ui, min, max, prefix_ + "/layer/" + std::to_string(index), "item", name,
              {{"kind", nn::layer_kind_names()[static_cast<std::size_t>(layer.kind)].name},
               {"details", details},
               {"shape", shape},
               {"fits", fits},
               {"selected", is_selected},
               {"parameters", cost.parameters},
               {"multiply_adds", cost.multiply_adds}},
              {}, true, help);
  if (is_hovered) tooltip(ui, help);
  if (is_culprit && misfit_) {
    ImGui::PushStyleColor(ImGuiCol_Text, ui.palette.error);
    ImGui::PushTextWrapPos(0);
    ImGui::TextUnformatted(misfit_->c_str());
    ImGui::PopTextWrapPos();
    ImGui::PopStyleColor();
    record(ui, prefix_ + "/misfit", "text", "Why it does not fit", *misfit_);
  }
  if (is_selected) {
    draw_tools(ui, model.layers.size(), index);
    layer_fields(ui, layer, prefix_ + "/field/");
    ImGui::Spacing();
  }
  ImGui::PopID();
}

void LayerList::draw_tools(Ui& ui, std::size_t count, std::size_t index) {
  const float gap = 4 * ui.scale;
  if (button(ui, prefix_ + "/up", "Up", "Move this layer one place up", index > 0, "It is the first layer")) {
    moved_ = {index, index - 1};
  }
  flow(gap, "Down");
  if (button(ui, prefix_ + "/down", "Down", "Move this layer one place down", index + 1 < count,
             "It is the last layer")) {
    moved_ = {index, index + 1};
  }
  flow(gap, "Copy");
  if (button(ui, prefix_ + "/duplicate", "Copy", "Add the same layer once more below")) duplicated_ = index;
  flow(gap, "Remove");
  if (button(ui, prefix_ + "/remove", "Remove", "Take this layer out")) removed_ = index;
}

void LayerList::draw_add(Ui& ui, nn::ModelSpec& model, std::size_t& selected, float width,
                         const std::function<void()>& more) {
  ImGui::SetNextItemWidth(width);
  if (ImGui::BeginCombo("##add", "Add layer…", ImGuiComboFlags_HeightLargest | ImGuiComboFlags_NoArrowButton)) {
    const auto kinds = nn::layer_kind_names();
    for (std::size_t i = 0; i < kinds.size(); ++i) {
      if (ImGui::Selectable(std::string(kinds[i].label).c_str())) {
        const bool has_chosen = selected < model.layers.size();
        const std::size_t position = has_chosen ? selected + 1 : 0;
        const Status added = model::add_layer(model, position, static_cast<nn::LayerKind>(i));
        if (!added) ui.document.complain(added.error().message);
        if (added) selected = position;
      }
      record(ui, prefix_ + "/add/" + std::string(kinds[i].name), "item", kinds[i].label, {}, {}, true,
             std::string(kinds[i].summary));
      tooltip(ui, std::string(kinds[i].summary));
    }
    if (more) more();
    ImGui::EndCombo();
  }
  const std::string help = "Adds a layer below the chosen one; without one, in front of all";
  record(ui, prefix_ + "/add", "combo", "Add layer", {}, {}, true, help);
  tooltip(ui, help);
}

LayerTotals layer_totals(const nn::ModelSpec& model) {
  const std::vector<Shape> levels = explain::level_shapes(model);
  LayerTotals totals;
  for (std::size_t i = 0; i + 1 < levels.size(); ++i) {
    const explain::LayerCost cost = explain::layer_cost(model.layers[i], levels[i], levels[i + 1]);
    totals.parameters += cost.parameters;
    totals.multiply_adds += cost.multiply_adds;
  }
  return totals;
}

}  // namespace convlens::ui
