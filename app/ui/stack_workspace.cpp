// Widths of the three panels, and the order of a frame.
#include "app/ui/stack_workspace.h"

#include <algorithm>
#include <utility>

#include "app/ui/stack_panels.h"
#include "app/ui/stack_view.h"
#include "app/ui/widgets.h"

namespace convlens::ui {

struct StackWorkspace::State {
  explicit State(const std::function<void()>& wake) : view(wake) {}
  StackView view;
  StackBlocks blocks;
  StackMaps maps;
  StackUnit unit;
};

namespace {

template <class Draw>
void panel(const char* name, const ImVec4& rect, const Draw& draw) {
  if (rect.z <= 0 || rect.w <= 0) return;
  ImGui::SetCursorScreenPos({rect.x, rect.y});
  ImGui::BeginChild(name, {rect.z, rect.w}, true, ImGuiWindowFlags_AlwaysUseWindowPadding);
  draw();
  ImGui::EndChild();
}

nlohmann::json unit_json(const std::optional<UnitRef>& ref) {
  if (!ref) return {};
  return {{"level", ref->level}, {"channel", ref->unit.c}, {"row", ref->unit.y}, {"column", ref->unit.x}};
}

void tell(Ui& ui, const StackView& view) {
  if (!ui.twin.is_active()) return;
  nlohmann::json facts = {{"busy", view.session.is_busy() || view.units.is_busy()},
                          {"requested", view.session.requested()},
                          {"selected", view.selected},
                          {"hovered", unit_json(view.hovered)},
                          {"pinned", unit_json(view.pinned)}};
  if (const model::StackResultPtr& result = view.result()) {
    facts["generation"] = result->generation;
    facts["complete"] = result->is_complete;
    facts["input"] = result->input_words;
    facts["misfit"] = result->misfit ? nlohmann::json(*result->misfit) : nlohmann::json();
    for (const model::StackLevelPtr& level : result->levels) {
      const Shape& shape = level->maps.shape();
      facts["levels"].push_back(
          {{"shape", {shape.c, shape.h, shape.w}}, {"min", level->all.min}, {"max", level->all.max}});
    }
  }
  if (const model::UnitFactsPtr facts_of_unit = view.facts()) {
    facts["unit"] = {{"title", facts_of_unit->probe.title},
                     {"value", facts_of_unit->probe.value},
                     {"text", explain::to_text(facts_of_unit->probe, 3)}};
  }
  ui.twin.set("stack", std::move(facts));
}

}  // namespace

StackWorkspace::StackWorkspace(const std::function<void()>& wake) : state_(std::make_unique<State>(wake)) {}
StackWorkspace::~StackWorkspace() = default;

bool StackWorkspace::cancel() { return std::exchange(state_->view.pinned, std::nullopt).has_value(); }

void StackWorkspace::draw(Ui& ui, const ImVec4& area) {
  StackView& view = state_->view;
  view.session.follow(ui.document.picture(), ui.document.settings.stack);
  view.session.collect();
  view.units.collect();
  view.patches.collect();
  const float s = ui.scale, gap = 6 * s;
  const float left = ui.hide_panels ? 0 : std::clamp(area.z * 0.215F, 214 * s, 330 * s);
  const float right = ui.hide_panels ? 0 : std::clamp(area.z * 0.255F, 236 * s, 420 * s);
  const float x1 = area.x + left + (left > 0 ? gap : 0);
  const float middle = area.x + area.z - x1 - right - (right > 0 ? gap : 0);
  panel("stack-blocks", {area.x, area.y, left, area.w}, [&] { state_->blocks.draw(ui, view); });
  panel("stack-maps", {x1, area.y, middle, area.w}, [&] { state_->maps.draw(ui, view); });
  if (const auto focus = view.focus()) view.units.follow(view.result(), focus->level, focus->unit);
  panel("stack-unit", {area.x + area.z - right, area.y, right, area.w}, [&] { state_->unit.draw(ui, view); });
  tell(ui, view);
}

}  // namespace convlens::ui
