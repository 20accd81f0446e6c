// The list of layers. Edits go to the settings; what does not fit is said in the block where it does not.
#include <imgui/imgui.h>

#include <imgui/imgui_stdlib.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "app/model/stack_edits.h"
#include "app/ui/stack_fields.h"
#include "app/ui/stack_panels.h"
#include "app/ui/text.h"
#include "app/ui/widgets.h"
#include "engine/core/text.h"
#include "engine/explain/receptive_field.h"
#include "engine/explain/stack_presets.h"

namespace convlens::ui {
namespace {

constexpr const char* kDrag = "stack-layer";  // ImGui's name for a layer that is dragged
constexpr int kLargestSide = 1024;
constexpr int kMostChannels = 16;

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

model::StackSettings& settings(Ui& ui) { return ui.document.settings.stack; }

std::string preset_label(const model::StackSettings& stack) {
  const explain::StackPreset* preset = explain::find_stack_preset(stack.model.name);
  if (preset == nullptr) return stack.model.name.empty() ? "own" : stack.model.name;
  const auto original = explain::make_stack_model(preset->name);
  const bool is_edited = !original || !(*original == stack.model) || preset->has_softmax != stack.has_softmax;
  return std::string(preset->label) + (is_edited ? ", edited" : "");
}

}  // namespace

void StackBlocks::draw(Ui& ui, StackView& stack) {
  const model::StackSettings& chain = settings(ui);
  levels_ = explain::level_shapes(chain.model);
  const nn::ChainShapes shapes = nn::chain_shapes(chain.model);
  misfit_.reset();
  if (shapes.error) misfit_ = shapes.error->message;
  stack.selected = std::min(stack.selected, chain.model.layers.empty() ? 0 : chain.model.layers.size() - 1);

  draw_head(ui, stack);
  draw_input(ui, stack);
  const float line = ImGui::GetFrameHeightWithSpacing(), text = ImGui::GetTextLineHeightWithSpacing();
  const float foot = 3 * line + 2.4F * text;
  const float room = std::max(120 * ui.scale, ImGui::GetContentRegionAvail().y - foot);
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {0, 0});
  ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, {ImGui::GetStyle().ItemSpacing.x, 4 * ui.scale});
  ImGui::BeginChild("layers", {0, room}, false);
  const std::vector<nn::LayerSpec> named = nn::named_layers(settings(ui).model);
  for (std::size_t i = 0; i < named.size(); ++i) draw_block(ui, stack, i, named[i].name);
  if (settings(ui).has_softmax) {
    dim_text(ui, "softmax: shares of the classes, no parameters");
  }
  if (settings(ui).model.layers.empty()) dim_text(ui, "No layers yet: add one below, or choose a preset above.");
  ImGui::EndChild();
  ImGui::PopStyleVar(2);
  if (!settings(ui).model.layers.empty()) {
    if (ui.take_key("Delete")) removed_ = stack.selected;
    if (ui.take_key("Ctrl+D")) duplicated_ = stack.selected;
  }
  // After the list: what changes it.
  if (removed_) model::remove_layer(settings(ui), *removed_);
  if (duplicated_) model::duplicate_layer(settings(ui), *duplicated_);
  if (moved_) {
    model::move_layer(settings(ui), moved_->first, moved_->second);
    stack.selected = moved_->second;
  }
  removed_.reset(), duplicated_.reset(), moved_.reset();
  draw_foot(ui, stack);
}

void StackBlocks::draw_head(Ui& ui, StackView& stack) {
  heading(ui, "Stack");
  ImGui::SameLine(0, 10 * ui.scale);
  ImGui::SetNextItemWidth(-FLT_MIN);
  const std::string label = preset_label(settings(ui));
  if (ImGui::BeginCombo("##preset", label.c_str(), ImGuiComboFlags_HeightLarge)) {
    for (const explain::StackPreset& preset : explain::stack_presets()) {
      const bool is_chosen = settings(ui).model.name == preset.name;
      if (ImGui::Selectable(std::string(preset.label).c_str(), is_chosen)) {
        const Status used = model::use_stack_preset(settings(ui), preset.name);
        if (!used) ui.document.complain(used.error().message);
        stack.selected = 0;
        stack.pinned.reset();
      }
      record(ui, "stack/preset/" + std::string(preset.name), "item", preset.label, is_chosen, {}, true,
             std::string(preset.summary));
      tooltip(ui, std::string(preset.summary));
    }
    ImGui::EndCombo();
  }
  const explain::StackPreset* preset = explain::find_stack_preset(settings(ui).model.name);
  const std::string help = "Ready-made stacks" + (preset ? ".\n" + std::string(preset->summary) : std::string());
  record(ui, "stack/preset", "combo", "Preset", label, {}, true, help);
  tooltip(ui, help);
}

void StackBlocks::draw_input(Ui& ui, StackView& stack) {
  nn::ModelSpec& model = settings(ui).model;
  const auto field = [&](const char* name, int& value, int lo, int hi, float width, const char* help) {
    ImGui::PushID(name);
    ImGui::SetNextItemWidth(width);
    ImGui::DragInt("##value", &value, 0.5F, lo, hi, "%d", ImGuiSliderFlags_AlwaysClamp);
    record(ui, name, "drag", name, value, {lo, hi}, true, help);
    tooltip(ui,
            std::string(help) + "\nDrag, or Ctrl+click to type; " + std::to_string(lo) + " to " + std::to_string(hi));
    ImGui::PopID();
  };
  ImGui::AlignTextToFramePadding();
  ImGui::TextUnformatted("Input");
  const float gap = 4 * ui.scale;
  const auto times = [&] {
    ImGui::SameLine(0, gap);
    ImGui::TextUnformatted("×");
    ImGui::SameLine(0, gap);
  };
  ImGui::SameLine(0, 10 * ui.scale);
  const float width = (ImGui::GetContentRegionAvail().x - 4 * gap - 2 * ImGui::CalcTextSize("×").x) / 3;
  field("stack/channels", model.channels, 1, kMostChannels, width, "Channels: 1 is grey, 3 is red, green and blue");
  times();
  field("stack/height", model.height, 1, kLargestSide, width, "Rows that the picture is scaled to");
  times();
  field("stack/width", model.width, 1, kLargestSide, width, "Columns that the picture is scaled to");
  const std::string words = stack.result() ? stack.result()->input_words : std::string("…");
  ImGui::PushFont(ui.fonts.small);
  dim_text(ui, words);
  ImGui::PopFont();
  record(ui, "stack/input", "text", "Input", words, {}, true, "How the picture became the input");
}

void StackBlocks::draw_block(Ui& ui, StackView& stack, std::size_t index, const std::string& name) {
  nn::LayerSpec& layer = settings(ui).model.layers[index];
  const float s = ui.scale;
  ImFont* small = ui.fonts.small;
  const bool is_selected = stack.selected == index;
  const bool fits = index + 1 < levels_.size();
  const bool is_culprit = !fits && index + 1 == levels_.size();
  ImGui::PushID(static_cast<int>(index));

  const float line = ImGui::GetFontSize(), small_line = font_height(small);
  const ImVec2 size{ImGui::GetContentRegionAvail().x, line + small_line + 9 * s};
  const ImVec2 min = ImGui::GetCursorScreenPos(), max{min.x + size.x, min.y + size.y};
  if (ImGui::InvisibleButton("block", size)) stack.selected = index;
  const bool is_hovered = ImGui::IsItemHovered();
  if (ImGui::BeginDragDropSource(ImGuiDragDropFlags_SourceNoHoldToOpenOthers)) {
    ImGui::SetDragDropPayload(kDrag, &index, sizeof index);
    ImGui::TextUnformatted(name.c_str());
    ImGui::EndDragDropSource();
  }
  if (ImGui::BeginDragDropTarget()) {
    if (const ImGuiPayload* payload = ImGui::AcceptDragDropPayload(kDrag)) {
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
  record_rect(ui, min, max, "stack/layer/" + std::to_string(index), "item", name,
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
    record(ui, "stack/misfit", "text", "Why it does not fit", *misfit_);
  }
  if (is_selected) {
    draw_tools(ui, index);
    layer_fields(ui, layer);
    ImGui::Spacing();
  }
  ImGui::PopID();
}

void StackBlocks::draw_tools(Ui& ui, std::size_t index) {
  const std::size_t count = settings(ui).model.layers.size();
  const float gap = 4 * ui.scale;
  if (button(ui, "stack/up", "Up", "Move this layer one place up", index > 0, "It is the first layer")) {
    moved_ = {index, index - 1};
  }
  flow(gap, "Down");
  if (button(ui, "stack/down", "Down", "Move this layer one place down", index + 1 < count, "It is the last layer")) {
    moved_ = {index, index + 1};
  }
  flow(gap, "Copy");
  if (button(ui, "stack/duplicate", "Copy", "Add the same layer once more below")) duplicated_ = index;
  flow(gap, "Remove");
  if (button(ui, "stack/remove", "Remove", "Take this layer out")) removed_ = index;
}

void StackBlocks::draw_foot(Ui& ui, StackView& stack) {
  model::StackSettings& chain = settings(ui);
  // Totals.
  std::int64_t parameters = 0, multiply_adds = 0;
  for (std::size_t i = 0; i + 1 < levels_.size(); ++i) {
    const explain::LayerCost cost = explain::layer_cost(chain.model.layers[i], levels_[i], levels_[i + 1]);
    parameters += cost.parameters, multiply_adds += cost.multiply_adds;
  }
  const std::string total =
      grouped(parameters) + " parameters (par)\n" + grouped(multiply_adds) + " multiply-adds (mac)";
  ImGui::TextUnformatted(total.c_str());
  const std::string cost_help = "Of all layers that fit, for one picture";
  record(ui, "stack/total", "text", "Total", {{"parameters", parameters}, {"multiply_adds", multiply_adds}}, {}, true,
         cost_help);
  tooltip(ui, cost_help);

  // Adding.
  const float half = (ImGui::GetContentRegionAvail().x - 6 * ui.scale) / 2;
  ImGui::SetNextItemWidth(half);
  if (ImGui::BeginCombo("##add", "Add layer…", ImGuiComboFlags_HeightLargest | ImGuiComboFlags_NoArrowButton)) {
    const auto kinds = nn::layer_kind_names();
    for (std::size_t i = 0; i < kinds.size(); ++i) {
      if (ImGui::Selectable(std::string(kinds[i].label).c_str())) {
        const std::size_t position = chain.model.layers.empty() ? 0 : stack.selected + 1;
        const Status added = model::add_layer(chain, position, static_cast<nn::LayerKind>(i));
        if (!added) ui.document.complain(added.error().message);
        if (added) stack.selected = position;
      }
      record(ui, "stack/add/" + std::string(kinds[i].name), "item", kinds[i].label, {}, {}, true,
             std::string(kinds[i].summary));
      tooltip(ui, std::string(kinds[i].summary));
    }
    const bool is_on = chain.has_softmax;
    if (ImGui::Selectable("Softmax", is_on)) chain.has_softmax = !is_on;
    const std::string help = "The last values as shares of classes that add up to one; again: without";
    record(ui, "stack/add/softmax", "item", "Softmax", is_on, {}, true, help);
    tooltip(ui, help);
    ImGui::EndCombo();
  }
  const std::string add_help = "Adds a layer below the chosen one";
  record(ui, "stack/add", "combo", "Add layer", {}, {}, true, add_help);
  tooltip(ui, add_help);

  // Weights.
  ImGui::SameLine(0, 6 * ui.scale);
  ImGui::SetNextItemWidth(half);
  const std::string source =
      chain.weights_file.empty() ? "All weights…" : std::filesystem::path(chain.weights_file).filename().string();
  if (ImGui::BeginCombo("##weights", source.c_str(), ImGuiComboFlags_HeightLargest | ImGuiComboFlags_NoArrowButton)) {
    const auto kinds = nn::init_kind_names();
    for (std::size_t i = 0; i < kinds.size(); ++i) {
      const auto kind = static_cast<nn::InitKind>(i);
      if (kind == nn::InitKind::kFilter) continue;
      if (ImGui::Selectable(std::string(kinds[i].label).c_str())) model::use_initialiser(chain, kind);
      record(ui, "stack/weights/" + std::string(kinds[i].name), "item", kinds[i].label, {}, {}, true,
             std::string(kinds[i].summary));
      tooltip(ui, std::string(kinds[i].summary));
    }
    ImGui::Separator();
    ImGui::SetNextItemWidth(240 * ui.scale);
    const bool is_entered = ImGui::InputTextWithHint("##path", "path of a .safetensors file, then Enter", &path_,
                                                     ImGuiInputTextFlags_EnterReturnsTrue);
    record(ui, "stack/weights/path", "field", "Weights file", path_, {}, true,
           "A file with tensors named as the layers");
    if (is_entered) {
      chain.weights_file = path_;
      ImGui::CloseCurrentPopup();
    }
    ImGui::EndCombo();
  }
  const std::string weights_help =
      "Where all weights come from: drawn by one rule, or a .safetensors file (drop one on the window)";
  record(ui, "stack/weights", "combo", "Weights", source, {}, true, weights_help);
  tooltip(ui, weights_help);

  if (button(ui, "stack/seed", ("Other random weights (seed " + std::to_string(chain.seed) + ")").c_str(),
             "Draws all random weights anew", chain.weights_file.empty(), "The weights come from a file")) {
    ++chain.seed;
  }
  if (stack.result() && stack.result()->complaint) {
    ImGui::PushStyleColor(ImGuiCol_Text, ui.palette.error);
    ImGui::TextWrapped("%s", stack.result()->complaint->c_str());
    ImGui::PopStyleColor();
    record(ui, "stack/complaint", "text", "Weights", *stack.result()->complaint);
  }
}

}  // namespace convlens::ui
