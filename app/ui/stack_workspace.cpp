// Widths of the three panels, and the order of a frame.
#include "app/ui/stack_workspace.h"

#include <algorithm>
#include <utility>

#include "app/ui/layout.h"
#include "app/ui/stack_panels.h"
#include "app/ui/stack_view.h"
#include "app/ui/text.h"
#include "app/ui/widgets.h"
#include "engine/core/text.h"

namespace convlens::ui {

struct StackWorkspace::State {
  explicit State(const std::function<void()>& wake) : session(wake), view(wake) {}
  model::StackSession session;
  StackView view;
  StackBlocks blocks;
  StackMaps maps;
  StackUnit unit;
  std::optional<double> busy_since;  // ImGui's clock
};

namespace {

nlohmann::json unit_json(const std::optional<UnitRef>& ref) {
  if (!ref) return {};
  return {{"level", ref->level}, {"channel", ref->unit.c}, {"row", ref->unit.y}, {"column", ref->unit.x}};
}

void tell(Ui& ui, const StackView& view, const model::StackSession& session) {
  if (!ui.twin.is_active()) return;
  nlohmann::json facts = {{"busy", session.is_busy() || view.units.is_busy()},
                          {"requested", session.requested()},
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
  facts["sum"] = {{"steps", {view.sum.taken(), view.sum.count}}, {"playing", view.sum.is_playing}};
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

WorkStatus StackWorkspace::status() const {
  WorkStatus work;
  const StackView& view = state_->view;
  const model::StackResultPtr& result = view.result();
  if (!result || !result->stack || result->levels.empty()) return work;
  const explain::Stack& stack = *result->stack;
  const std::size_t all = stack.layers.size(), made = result->levels.size() - 1;
  if (state_->busy_since) {
    work.progress = {ImGui::GetTime() - *state_->busy_since,
                     all > 0 ? static_cast<float>(made) / static_cast<float>(all) : 1};
  }
  std::int64_t multiply_adds = 0;
  std::string times = "Each layer, when it was computed last:";
  for (std::size_t i = 0; i < made; ++i) {
    multiply_adds +=
        explain::layer_cost(stack.layers[i]->spec, stack.level_shape(i), stack.level_shape(i + 1)).multiply_adds;
    times += "\n" + level_name(*result, i + 1) + " " + milliseconds_text(result->levels[i + 1]->milliseconds);
  }
  const std::string of_all = made < all ? std::to_string(made) + " of " + std::to_string(all) : std::to_string(all);
  work.facts.push_back({"status/layers", of_all + (all == 1 ? " layer" : " layers"),
                        made < all ? "Layers computed; the others follow." : "Layers computed."});
  work.facts.push_back({"status/work", short_count(multiply_adds) + " multiply-adds",
                        grouped(multiply_adds) + " multiply-adds of these layers, for one picture."});
  work.facts.push_back({"status/time", milliseconds_text(result->milliseconds),
                        "From the newest edit to the last layer; layers that it leaves as they are keep their "
                        "values.\n" +
                            times});
  return work;
}

bool StackWorkspace::cancel(model::Document& document) {
  return std::exchange(document.stack_look.pinned, std::nullopt).has_value();
}

void StackWorkspace::draw(Ui& ui, const ImVec4& area) {
  StackView& view = state_->view;
  model::StackLook& look = ui.document.stack_look;
  view.selected = look.layer;
  view.pinned = look.pinned;
  view.sum = look.sum;
  model::StackSession& session = state_->session;
  session.follow(ui.document.picture(), ui.document.settings.stack);
  session.collect();
  view.shown = session.result();
  view.is_computing = session.is_busy();
  view.units.collect();
  view.patches.collect();
  if (!view.is_computing) {
    state_->busy_since.reset();
  } else if (!state_->busy_since) {
    state_->busy_since = ImGui::GetTime();
  }
  const float s = ui.scale, gap = 6 * s;
  const float left = ui.hide_panels ? 0 : std::clamp(area.z * 0.215F, std::min(214 * s, area.z * 0.29F), 330 * s);
  const float right = ui.hide_panels ? 0 : std::clamp(area.z * 0.28F, std::min(236 * s, area.z * 0.33F), 460 * s);
  const float x1 = area.x + left + (left > 0 ? gap : 0);
  const float middle = area.x + area.z - x1 - right - (right > 0 ? gap : 0);
  panel("stack-blocks", {area.x, area.y, left, area.w}, [&] { state_->blocks.draw(ui, view); });
  panel("stack-maps", {x1, area.y, middle, area.w}, [&] { state_->maps.draw(ui, view); });
  if (const auto focus = view.focus()) view.units.follow(view.result(), focus->level, focus->unit);
  panel("stack-unit", {area.x + area.z - right, area.y, right, area.w}, [&] { state_->unit.draw(ui, view); });
  look = {view.selected, view.pinned, view.sum};
  tell(ui, view, session);
}

}  // namespace convlens::ui
