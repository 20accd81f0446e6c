// The net of the Train workspace: presets, the net of Stack, layers edited in place.
#include <string>

#include "app/model/train_model.h"
#include "app/model/train_settings.h"
#include "app/ui/train_sections.h"
#include "app/ui/widgets.h"
#include "engine/core/text.h"
#include "engine/nn/presets.h"

namespace convlens::ui {
namespace {

model::TrainSettings& settings(Ui& ui) { return ui.document.settings.train; }

const nn::ModelPreset* find_preset(const std::string& name) {
  for (const nn::ModelPreset& preset : nn::model_presets()) {
    if (preset.name == name) return &preset;
  }
  return nullptr;
}

std::string net_label(const nn::ModelSpec& model) {
  const nn::ModelPreset* preset = find_preset(model.name);
  if (preset == nullptr) return model.name.empty() ? "own" : model.name;
  const auto original = nn::make_model(model.name, model.channels, model.height, model.width, model.classes);
  return std::string(preset->label) + (original && *original == model ? "" : ", edited");
}

// The net as the data make it: their size, channels and classes, as far as they are known.
nn::ModelSpec shown_model(const Ui& ui) {
  const model::TrainSettings& train = ui.document.settings.train;
  const model::TrainRunPtr& run = ui.document.train.snapshot()->run;
  if (!run || run->description.data != train.data) return train.model;
  const training::Dataset& data = *run->data.train.data;
  auto fitted = model::fit_model(train.model, data.picture_shape(), data.class_count());
  return fitted ? std::move(*fitted) : train.model;
}

}  // namespace

void TrainNet::draw_presets(Ui& ui) {
  const std::string label = net_label(settings(ui).model);
  ImGui::SetNextItemWidth(-FLT_MIN);
  if (ImGui::BeginCombo("##net", label.c_str(), ImGuiComboFlags_HeightLarge)) {
    for (const nn::ModelPreset& preset : nn::model_presets()) {
      const bool is_chosen = settings(ui).model.name == preset.name;
      if (ImGui::Selectable(std::string(preset.label).c_str(), is_chosen)) {
        model::choose_model(settings(ui), std::string(preset.name));
        selected_ = kNoLayer;
      }
      const std::string help = std::string(preset.summary) + "\nSets batch, epochs and optimizer as they suit it.";
      record(ui, "train/net/" + std::string(preset.name), "item", preset.label, is_chosen, {}, true, help);
      tooltip(ui, help);
    }
    ImGui::Separator();
    if (ImGui::Selectable("The net of Stack")) {
      auto taken = model::model_of_stack(ui.document.settings.stack, shown_model(ui));
      if (taken) {
        settings(ui).model = std::move(*taken);
        settings(ui).frozen.clear();
        selected_ = kNoLayer;
      } else {
        ui.document.complain(taken.error().message);
      }
    }
    const std::string help = "The layers of the Stack workspace, for these pictures and classes";
    record(ui, "train/net/stack", "item", "The net of Stack", {}, {}, true, help);
    tooltip(ui, help);
    ImGui::EndCombo();
  }
  const nn::ModelPreset* preset = find_preset(settings(ui).model.name);
  const std::string help =
      "Ready-made nets, or the one of Stack" + (preset ? ".\n" + std::string(preset->summary) : std::string());
  record(ui, "train/net", "combo", "Net", label, {}, true, help);
  tooltip(ui, help);
}

void TrainNet::draw(Ui& ui) {
  nn::ModelSpec shown = shown_model(ui);
  const LayerTotals totals = layer_totals(shown);
  const std::string count = std::to_string(shown.layers.size()) + (shown.layers.size() == 1 ? " layer" : " layers");
  if (!section(ui, "train/section/net", "Net", count, is_open_, "What learns: layers and their parameters")) return;
  draw_presets(ui);
  const std::string total = grouped(totals.parameters) + " parameters";
  ImGui::AlignTextToFramePadding();
  ImGui::TextUnformatted(total.c_str());
  record(ui, "train/total", "text", "Total",
         {{"parameters", totals.parameters}, {"multiply_adds", totals.multiply_adds}}, {}, true,
         grouped(totals.multiply_adds) + " multiply-adds for one picture");
  tooltip(ui, grouped(totals.multiply_adds) + " multiply-adds for one picture");
  const char* fold = lists_layers_ ? "Hide layers" : "Layers…";
  const float width = ImGui::CalcTextSize(fold).x + 2 * ImGui::GetStyle().FramePadding.x;
  ImGui::SameLine(ImGui::GetCursorPosX() + ImGui::GetContentRegionAvail().x - width);
  if (button(ui, "train/layers", fold, "Every layer with its shape and cost; click one to edit it")) {
    lists_layers_ = !lists_layers_;
  }
  list_.look_at(shown);
  if (!lists_layers_ && !list_.misfit()) return;
  const nn::ModelSpec before = shown;
  list_.draw(ui, shown, selected_);
  list_.draw_add(ui, shown, selected_, -FLT_MIN);
  if (shown == before) return;
  settings(ui).model = std::move(shown);
  // What is frozen is counted by layer.
  if (settings(ui).model.layers.size() != before.layers.size()) settings(ui).frozen.clear();
}

}  // namespace convlens::ui
