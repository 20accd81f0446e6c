// The clock and the controls of a sum. Adds nothing up itself.
#include "app/ui/sum_transport.h"

#include <algorithm>
#include <string>

#include "app/ui/transport.h"
#include "app/ui/widgets.h"
#include "engine/explain/decimal.h"

namespace convlens::ui {

void SumTransport::advance(Ui& ui, model::SumPlayback& sum) {
  if (!sum.is_playing) {
    owed_ = 0;
    return;
  }
  const double each = 1 / std::max(0.01, static_cast<double>(ui.document.settings.view.animation_speed));
  owed_ += std::min(0.25, static_cast<double>(ImGui::GetIO().DeltaTime));
  for (; owed_ >= each && !sum.is_over(); owed_ -= each) sum.steps = sum.taken() + 1;
  if (sum.is_over()) {
    sum.is_playing = false;
  } else {
    ui.wake_in(each - owed_);
  }
}

void SumTransport::draw(Ui& ui, const ToldSum& told) {
  model::SumPlayback& sum = told.playback;
  advance(ui, sum);
  const float s = ui.scale;
  if (transport_button(ui, (told.name + "/play").c_str(), sum.is_playing ? TransportIcon::kPause : TransportIcon::kPlay,
                       sum.is_playing ? "Pause" : "Play",
                       sum.is_playing ? "Stop adding here (Space)" : "Add the products one by one (Space)")) {
    model::toggle_sum(sum);
  }
  ImGui::SameLine(0, 2 * s);
  if (transport_button(ui, (told.name + "/back").c_str(), TransportIcon::kBack, "Back", "One step back (,)")) {
    model::step_sum(sum, -1);
  }
  ImGui::SameLine(0, 2 * s);
  if (transport_button(ui, (told.name + "/step").c_str(), TransportIcon::kStep, "Step", "One step on (.)")) {
    model::step_sum(sum, 1);
  }
  ImGui::SameLine(0, 8 * s);
  const float room = ImGui::GetContentRegionAvail().x;
  const float speed_width = room > 150 * s ? 84 * s : 0;  // where it is too narrow, the map's transport has it
  const float width = std::max(30 * s, room - speed_width - 8 * s);
  if (const auto at = scrub_bar(ui, (told.name + "/scrub").c_str(), width, static_cast<std::int64_t>(sum.taken()),
                                static_cast<std::int64_t>(sum.count), ui.palette.window_outline,
                                "How far the sum has been told: drag")) {
    sum.steps = static_cast<std::size_t>(*at);
    sum.is_playing = false;
  }
  if (speed_width > 0) {
    ImGui::SameLine(0, 8 * s);
    field_control(ui, "view/animation_speed", -1);
  }

  const std::size_t taken = std::min(sum.taken(), told.steps.size());
  const std::string running = taken == 0 ? "0" : explain::to_text(told.steps[taken - 1].running);
  const std::string words = taken == 0 ? std::string("nothing added yet") : step_words(told, told.steps[taken - 1]);
  const std::string text =
      "step " + std::to_string(taken) + " of " + std::to_string(sum.count) + ", " + words + ": " + running;
  formula(ui, told.name + "/running", text, "What stands there after this step, and what it added");
}

std::optional<std::size_t> cell_being_added(const ToldSum& told) {
  const std::size_t taken = std::min(told.playback.taken(), told.steps.size());
  if (taken == 0 || told.playback.is_over()) return std::nullopt;
  const explain::SumStep& step = told.steps[taken - 1];
  if (step.kind != explain::SumStep::Kind::kProduct) return std::nullopt;
  return step.index;
}

std::optional<explain::ProbeFormat> copy_row(Ui& ui, const std::string& prefix, bool has_all_formats,
                                             const std::string& text_hint) {
  ImGui::AlignTextToFramePadding();
  ImGui::PushStyleColor(ImGuiCol_Text, ui.palette.text_dim);
  ImGui::TextUnformatted("Copy as");
  ImGui::PopStyleColor();
  std::optional<explain::ProbeFormat> pressed;
  const auto formats = explain::probe_format_names();
  for (std::size_t i = 0; i < formats.size(); ++i) {
    const auto format = static_cast<explain::ProbeFormat>(i);
    const bool is_text = format == explain::ProbeFormat::kText;
    if (!is_text && !has_all_formats) continue;
    const std::string label(formats[i].label);
    flow((is_text ? 8 : 3) * ui.scale, label.c_str());
    const std::string help = std::string(formats[i].summary) + (is_text ? text_hint : std::string());
    if (button(ui, prefix + std::string(formats[i].name), label.c_str(), help)) pressed = format;
  }
  return pressed;
}

}  // namespace convlens::ui
