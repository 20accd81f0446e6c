// Chooses the section, and has the steps that it shows made on a worker.
#include "app/ui/geometry_tab.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include "app/model/fields.h"
#include "app/model/latest_worker.h"
#include "app/model/layer_steps.h"
#include "app/ui/activation_view.h"
#include "app/ui/flip_view.h"
#include "app/ui/geometry_overlay.h"
#include "app/ui/overlay_switches.h"
#include "app/ui/pooling_view.h"
#include "app/ui/widgets.h"

namespace convlens::ui {
namespace {

enum class Section { kOverlays, kFlip, kActivation, kPooling };

struct SectionName {
  const char* name;
  const char* label;
  const char* help;
};
constexpr std::array<SectionName, 4> kSections{{
    {"overlays", "Overlays", "What is read how often, what comes from padding, where outputs stand"},
    {"flip", "Flip", "Correlation or convolution: what the turn by 180° does"},
    {"activation", "Activation", "The map before and after it, and what happens when it comes first"},
    {"pooling", "Pooling", "A step after the activation, and which value of each window wins"},
}};

using Worker = model::LatestWorker<model::StepsJob, model::LayerStepsPtr>;

}  // namespace

struct GeometryTab::State {
  Section section = Section::kOverlays;
  FollowedFacts facts;
  ActivationView activation;
  PoolingView pooling;
  FlipView flip;
  std::optional<model::StepsKey> asked;
  model::LayerStepsPtr steps;
  std::string failure;
  std::unique_ptr<Worker> worker;  // last: what it makes is put into the others

  void choose_section(Ui& ui);
  void follow(Ui& ui);
};

void GeometryTab::State::choose_section(Ui& ui) {
  for (std::size_t i = 0; i < kSections.size(); ++i) {
    const bool is_chosen = section == static_cast<Section>(i);
    const SectionName& row = kSections[i];
    if (i > 0) flow(2 * ui.scale, row.label);
    if (choice_button(ui, std::string("geometry/section/") + row.name, row.label, is_chosen, row.help)) {
      section = static_cast<Section>(i);
    }
  }
}

// Asks for the steps of the newest maps, and takes those that are there.
void GeometryTab::State::follow(Ui& ui) {
  if (!worker) {
    worker = std::make_unique<Worker>(
        ui.document.waker(),
        [maker = std::make_shared<model::StepMaker>()](const model::StepsJob& job, const std::atomic<bool>& is_stale) {
          return maker->run(job, is_stale);
        });
  }
  if (auto outcome = worker->take()) {
    failure = *outcome ? "" : outcome->error().message;
    if (*outcome) steps = std::move(**outcome);
  }
  const model::ConvResultPtr& result = ui.document.result();
  if (!result || !result->input) return;
  model::StepsJob job{.result = result, .pool = {}};
  job.map = std::clamp(ui.document.selection.filter, 0, static_cast<int>(result->geometry.k) - 1);
  job.channel =
      std::clamp(ui.document.selection.channel, 0, static_cast<int>(result->geometry.channels_per_group()) - 1);
  if (!result->has(job.map)) return;
  job.wants_before = section == Section::kActivation;
  job.wants_first = job.wants_before && ui.document.settings.view.activation_first;
  job.wants_impulse = section == Section::kFlip;
  if (section == Section::kPooling && ui.document.settings.pool.is_on) job.pool = ui.document.settings.pool;
  if (!job.wants_before && !job.wants_impulse && !job.pool) return;
  model::StepsKey key = model::key_of(job);
  if (asked == key) return;
  asked = std::move(key);
  worker->request(std::move(job));
}

GeometryTab::GeometryTab() : state_(std::make_unique<State>()) {}
GeometryTab::~GeometryTab() = default;

void GeometryTab::draw(Ui& ui) {
  State& s = *state_;
  s.choose_section(ui);
  s.follow(ui);
  if (!s.failure.empty() && s.section != Section::kOverlays) {
    ImGui::PushStyleColor(ImGuiCol_Text, ui.palette.error);
    ImGui::TextWrapped("%s.", s.failure.c_str());
    ImGui::PopStyleColor();
    record(ui, "geometry/failure", "text", s.failure, s.failure);
  }
  switch (s.section) {
    case Section::kOverlays: {
      const auto geometry = model::settings_geometry(ui.document.settings, ui.document.picture_shape());
      if (geometry) draw_overlay_switches(ui, s.facts.follow(*geometry));
      return;
    }
    case Section::kFlip:
      s.flip.draw(ui, s.steps);
      return;
    case Section::kActivation:
      s.activation.draw(ui, s.steps);
      return;
    case Section::kPooling:
      s.pooling.draw(ui, s.steps);
      return;
  }
}

}  // namespace convlens::ui
