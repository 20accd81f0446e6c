// The tabs of one unit, and the one filter that linear layers are.
#include <algorithm>
#include <cmath>

#include "app/ui/canvas.h"
#include "app/ui/maps_panel_marks.h"
#include "app/ui/stack_panels.h"
#include "app/ui/text.h"
#include "app/ui/widgets.h"
#include "engine/core/text.h"

namespace convlens::ui {
namespace {

enum Tab { kNumber, kField, kPath, kPatches, kOneFilter };

}  // namespace

void StackUnit::draw(Ui& ui, StackView& stack) {
  const model::StackResultPtr& result = stack.result();
  const std::optional<UnitRef> focus = stack.focus();
  if (!result || !result->stack) {
    heading(ui, "One value");
    dim_text(ui, "Point at a value of any layer.");
    return;
  }
  if (focus) {
    const std::string title = explain::unit_in_words(*result->stack, focus->level, focus->unit);
    // The number above its arithmetic is the one that it explains.
    const model::UnitFactsPtr known = stack.is_live ? stack.facts() : nullptr;
    const float value = known ? known->probe.value : value_of(*result, *focus);
    ImGui::TextUnformatted(title.c_str());
    ImGui::PushFont(ui.fonts.heading);
    const std::string shown = number_text(static_cast<double>(value), 7);
    ImGui::TextUnformatted(shown.c_str());
    ImGui::PopFont();
    record(ui, "stack/value", "text", title, value);
    if (stack.pinned) {
      const float width = ImGui::CalcTextSize("Let go").x + 2 * ImGui::GetStyle().FramePadding.x;
      ImGui::SameLine(std::max(ImGui::GetCursorPosX(), ImGui::GetWindowContentRegionMax().x - width));
      if (button(ui, "stack/unpin", "Let go", "Follow the pointer again (Esc)")) stack.pinned.reset();
    }
  } else {
    heading(ui, "One value");
    dim_text(ui, "Point at a value of any layer; click to keep it.");
  }

  const bool has_composed = result->composed != nullptr;
  static constexpr const char* kLabels[] = {"Number", "Field", "Path", "Patches", "One filter"};
  static constexpr const char* kNames[] = {"stack/tab/number", "stack/tab/field", "stack/tab/path", "stack/tab/patches",
                                           "stack/tab/composed"};
  static constexpr const char* kHelp[] = {"How the value came about", "What the unit can see, and what it does see",
                                          "The greatest contribution in every layer, back to the picture",
                                          "The parts of the picture that excite each map of the layer most",
                                          "Linear layers that follow each other are one filter"};
  if (!has_composed && result->is_complete && tab_ == kOneFilter) tab_ = kNumber;
  const int tabs = has_composed || tab_ == kOneFilter ? 5 : 4;
  for (int i = 0; i < tabs; ++i) {
    if (i > 0) flow(2 * ui.scale, kLabels[i]);
    if (choice_button(ui, kNames[i], kLabels[i], tab_ == i, kHelp[i])) tab_ = i;
  }
  ImGui::Separator();
  switch (tab_) {
    case kNumber:
      return draw_number(ui, stack);
    case kField:
      return draw_field(ui, stack);
    case kPath:
      return draw_path(ui, stack);
    case kPatches:
      return draw_patches(ui, stack);
    default:
      return draw_composed(ui, stack);
  }
}

void StackUnit::draw_missing(Ui& ui, const StackView& stack) {
  if (!stack.focus()) return;
  if (stack.units.complaint().empty()) {
    dim_text(ui, "…");
    return;
  }
  const std::string words = "This value cannot be explained: " + stack.units.complaint() + ".";
  ImGui::PushStyleColor(ImGuiCol_Text, ui.palette.warning);
  ImGui::TextWrapped("%s", words.c_str());
  ImGui::PopStyleColor();
  record(ui, "stack/unit-complaint", "text", "Why it cannot be explained", words);
}

void StackUnit::draw_composed(Ui& ui, const StackView& stack) {
  const model::StackResultPtr& result = stack.result();
  if (!result->composed) {
    dim_text(ui, "…");
    return;
  }
  const Result<explain::ComposedFilter>& composed = *result->composed;
  ImGui::BeginChild("composed", {0, 0}, false);
  if (!composed) {
    ImGui::TextWrapped("These layers are not one filter: %s.", composed.error().message.c_str());
    record(ui, "stack/composed", "text", "One filter", composed.error().message);
    dim_text(ui, "Without activations between them, convolutions that follow each other are a single one.");
    ImGui::EndChild();
    return;
  }
  const Shape& shape = composed->weights.shape();
  const std::string words = "All of these layers together are one convolution of " + std::to_string(shape.h) + " × " +
                            std::to_string(shape.w) + ": " + grouped(composed->layers_parameters) + " parameters in " +
                            std::to_string(result->stack->layers.size()) + " layers, " + grouped(composed->parameters) +
                            " in one.";
  ImGui::TextWrapped("%s", words.c_str());
  record(ui, "stack/composed", "text", "One filter", words);
  if (filter_of_ != result.get()) {
    filter_of_ = result.get();
    ++filter_version_;
  }
  const float side = std::min(ImGui::GetContentRegionAvail().x, 220 * ui.scale);
  const CanvasState canvas = canvas_at_cursor(shape, side);
  float most = 0;
  for (const float w : composed->weights.values()) most = std::max(most, std::abs(w));
  const view::Colormap& map = view::find_colormap(ui.document.settings.view.weight_colormap);
  const view::ValueRange range = view::display_range(map, -most, most);
  const view::Source source{&composed->weights, {}, filter_version_};
  draw_picture(canvas, filter_picture_.update(ui.painter, source, 0, canvas.placement, map, range));
  const auto weight = [&](std::int64_t x, std::int64_t y) { return composed->weights.at(0, 0, y, x); };
  draw_plane_values(ui, canvas, map, range, weight, 2);
  const auto weights = composed->weights.values();
  record(ui, "stack/composed-filter", "canvas", "Composed filter",
         std::vector<float>(weights.begin(), weights.begin() + std::min<std::ptrdiff_t>(std::ssize(weights), 1024)), {},
         true, "The first map's filter on the first channel");
  std::string note = composed->is_exact_everywhere
                         ? "Exact at every pixel."
                         : "Exact where no padding is read: inside rows " + std::to_string(composed->row0) + "–" +
                               std::to_string(composed->row1 - 1) + ", columns " + std::to_string(composed->col0) +
                               "–" + std::to_string(composed->col1 - 1) + ".";
  if (shape.n > 1 || shape.c > 1)
    note += " Shown: the first map's filter on the first of " + std::to_string(shape.c) + " channels.";
  dim_text(ui, note);
  ImGui::EndChild();
}

}  // namespace convlens::ui
