// The path of greatest contribution as a list, and the parts of the picture that excite maps most.
#include <algorithm>
#include <cmath>

#include "app/ui/canvas.h"
#include "app/ui/stack_panels.h"
#include "app/ui/text.h"
#include "app/ui/widgets.h"
#include "engine/core/text.h"

namespace convlens::ui {

void StackUnit::draw_path(Ui& ui, StackView& stack) {
  const model::UnitFactsPtr facts = stack.facts();
  if (!facts) {
    draw_missing(ui, stack);
    return;
  }
  const model::StackResult& result = *stack.result();
  ImGui::BeginChild("path", {0, 0}, false);
  ImGui::PushFont(ui.fonts.small);
  dim_text(ui, "From the value down: in every layer the input that gave most to the one above it.");
  ImGui::PopFont();
  nlohmann::json told = nlohmann::json::array();
  for (std::size_t i = 0; i < facts->path.size(); ++i) {
    const explain::PathStep& step = facts->path[i];
    const std::string title = explain::unit_in_words(*result.stack, step.level, step.unit);
    std::string words = "value " + number_text(static_cast<double>(step.value), 4);
    if (i > 0) {
      words +=
          ", gave " + number_text(step.contribution, 4) + " (" + formatted("%.1f %%", 100 * step.share) + " of all)";
    }
    ImGui::PushID(static_cast<int>(i));
    if (ImGui::Selectable(title.c_str())) stack.pinned = UnitRef{step.level, step.unit};
    record(ui, "stack/path/" + std::to_string(i), "item", title,
           {{"value", step.value}, {"contribution", step.contribution}, {"share", step.share}}, {}, true,
           "Click to pin this value");
    tooltip(ui, "Click to pin this value");
    ImGui::PushFont(ui.fonts.small);
    dim_text(ui, "   " + words);
    ImGui::PopFont();
    ImGui::PopID();
  }
  ImGui::EndChild();
}

void StackUnit::draw_patches(Ui& ui, StackView& stack) {
  const model::StackResultPtr& result = stack.result();
  const std::optional<UnitRef> focus = stack.pinned ? stack.focus() : std::nullopt;
  const std::size_t level = focus ? focus->level : stack.selected + 1;
  if (level == 0 || !result->has(level)) {
    dim_text(ui, "Choose a layer: the parts of the picture that excite its maps most are shown here.");
    return;
  }
  stack.patches.follow(result, level);
  const model::LevelPatchesPtr& found = stack.patches.patches();
  if (!found || found->level != level || found->result != result) {
    const std::string& complaint = stack.patches.complaint();
    dim_text(ui, complaint.empty() ? "…" : "The strongest patches cannot be found: " + complaint + ".");
    return;
  }
  ImGui::PushFont(ui.fonts.small);
  dim_text(ui, "What excites each map of " + level_name(*result, level) +
                   " most, strongest first: the pixels that the value can see. Click one to pin it.");
  ImGui::PopFont();
  if (patch_pictures_.size() > 2000) patch_pictures_.clear();
  ImGui::BeginChild("patches", {0, 0}, false);
  const float s = ui.scale, gap = 4 * s;
  const float label = width_of(ui.fonts.small, "map 00 ");
  const float room = ImGui::GetContentRegionAvail().x - label - gap * static_cast<float>(model::kPatchesPerMap);
  const float side = std::floor(std::clamp(room / static_cast<float>(model::kPatchesPerMap), 20 * s, 64 * s));
  const model::StackLevel& picture = *result->levels.front();
  const view::Source source{&picture.maps, picture.reduced, picture.version};
  ImGuiListClipper clipper;
  clipper.Begin(static_cast<int>(found->maps.size()), side + gap);
  while (clipper.Step()) {
    for (int c = clipper.DisplayStart; c < clipper.DisplayEnd; ++c) {
      const auto map = static_cast<std::size_t>(c);
      const ImVec2 at = ImGui::GetCursorScreenPos();
      put_text(ui.fonts.small, {at.x, at.y + (side - font_height(ui.fonts.small)) / 2}, ui.palette.text_dim,
               "map " + std::to_string(c));
      for (std::size_t i = 0; i < found->maps[map].size(); ++i) {
        const explain::StrongPatch& patch = found->maps[map][i];
        if (patch.rows.count() <= 0 || patch.cols.count() <= 0) continue;
        const ImVec2 min{at.x + label + static_cast<float>(i) * (side + gap), at.y};
        const auto rows = static_cast<double>(patch.rows.count()), cols = static_cast<double>(patch.cols.count());
        const double scale = static_cast<double>(side) / std::max(rows, cols);
        // The part of the picture fills the canvas: the whole lies around it, unseen.
        CanvasState canvas;
        view::Placement& p = canvas.placement;
        p.canvas = {static_cast<double>(min.x), static_cast<double>(min.y), static_cast<double>(min.x) + cols * scale,
                    static_cast<double>(min.y) + rows * scale};
        p.image_width = static_cast<double>(picture.maps.shape().w);
        p.image_height = static_cast<double>(picture.maps.shape().h);
        p.scale = scale;
        p.image.x0 = p.canvas.x0 - static_cast<double>(patch.cols.first) * scale;
        p.image.y0 = p.canvas.y0 - static_cast<double>(patch.rows.first) * scale;
        p.image.x1 = p.image.x0 + p.image_width * scale;
        p.image.y1 = p.image.y0 + p.image_height * scale;
        draw_picture(canvas, patch_pictures_[{map, i}].update(ui.painter, source, p));
        ImGui::SetCursorScreenPos(min);
        ImGui::PushID(static_cast<int>(map * model::kPatchesPerMap + i));
        if (ImGui::InvisibleButton("patch", {side, side})) stack.pinned = UnitRef{level, patch.unit};
        if (ImGui::IsItemHovered()) {
          ImGui::GetWindowDrawList()->AddRect(min, {min.x + side, min.y + side}, ui.palette.accent, 0, 0, 1.5F * s);
        }
        const std::string help = explain::unit_in_words(*result->stack, level, patch.unit) + " = " +
                                 number_text(static_cast<double>(patch.value), 4);
        record(ui, "stack/patch/" + std::to_string(c) + "/" + std::to_string(i), "item", help, patch.value, {}, true,
               help);
        tooltip(ui, help);
        ImGui::PopID();
      }
      ImGui::SetCursorScreenPos({at.x, at.y});
      ImGui::Dummy({1, side + gap - ImGui::GetStyle().ItemSpacing.y});
    }
  }
  ImGui::EndChild();
}

}  // namespace convlens::ui
