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

constexpr int kLargestSide = 1024;
constexpr int kMostChannels = 16;

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
  nn::ModelSpec& model = settings(ui).model;
  stack.selected = std::min(stack.selected, model.layers.empty() ? 0 : model.layers.size() - 1);
  draw_head(ui, stack);
  draw_input(ui, stack);
  const float line = ImGui::GetFrameHeightWithSpacing(), text = ImGui::GetTextLineHeightWithSpacing();
  const float foot = 3 * line + 2.4F * text;
  const float room = std::max(120 * ui.scale, ImGui::GetContentRegionAvail().y - foot);
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {0, 0});
  ImGui::BeginChild("layers", {0, room}, false);
  list_.draw(ui, model, stack.selected);
  if (settings(ui).has_softmax) {
    dim_text(ui, "softmax: shares of the classes, no parameters");
  }
  ImGui::EndChild();
  ImGui::PopStyleVar();
  if (!model.layers.empty()) {
    if (ui.take_key("Delete")) model::remove_layer(model, stack.selected);
    if (ui.take_key("Ctrl+D")) model::duplicate_layer(model, stack.selected);
  }
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

void StackBlocks::draw_foot(Ui& ui, StackView& stack) {
  model::StackSettings& chain = settings(ui);
  const LayerTotals totals = layer_totals(chain.model);
  const std::string total =
      grouped(totals.parameters) + " parameters (par)\n" + grouped(totals.multiply_adds) + " multiply-adds (mac)";
  ImGui::TextUnformatted(total.c_str());
  const std::string cost_help = "Of all layers that fit, for one picture";
  record(ui, "stack/total", "text", "Total",
         {{"parameters", totals.parameters}, {"multiply_adds", totals.multiply_adds}}, {}, true, cost_help);
  tooltip(ui, cost_help);

  // Adding.
  const float half = (ImGui::GetContentRegionAvail().x - 6 * ui.scale) / 2;
  list_.draw_add(ui, chain.model, stack.selected, half, [&] {
    const bool is_on = chain.has_softmax;
    if (ImGui::Selectable("Softmax", is_on)) chain.has_softmax = !is_on;
    const std::string help = "The last values as shares of classes that add up to one; again: without";
    record(ui, "stack/add/softmax", "item", "Softmax", is_on, {}, true, help);
    tooltip(ui, help);
  });

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

  const std::string seed = " (seed " + std::to_string(chain.seed) + ")";
  std::string label = "Other random weights" + seed;
  const float room = ImGui::GetContentRegionAvail().x - 2 * ImGui::GetStyle().FramePadding.x;
  if (ImGui::CalcTextSize(label.c_str()).x > room) label = "Redraw" + seed;
  if (button(ui, "stack/seed", label.c_str(), "Draws all random weights anew", chain.weights_file.empty(),
             "The weights come from a file")) {
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
