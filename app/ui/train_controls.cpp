// The left column of the Train workspace: transport, progress, data, net, optimizer, run.
#include "app/ui/train_controls.h"

#include "app/ui/train_panels.h"
#include "app/ui/train_sections.h"

namespace convlens::ui {
namespace {

class TrainControls final : public TrainPanel {
 public:
  void draw(Ui& ui, TrainView& view) override {
    // The transport stays where it is and the rest scrolls, where there is room for both.
    const bool is_low = ImGui::GetContentRegionAvail().y < kLeastHeight * ui.scale;
    draw_transport(ui);
    ImGui::Separator();
    if (is_low) {
      draw_settings(ui, view);
      return;
    }
    ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {0, 0});
    ImGui::BeginChild("train-settings", {0, 0}, false);
    ImGui::PopStyleVar();
    draw_settings(ui, view);
    ImGui::EndChild();
  }

 private:
  static constexpr float kLeastHeight = 380;

  void draw_settings(Ui& ui, TrainView& view) {
    draw_train_progress(ui, view);
    ImGui::Separator();
    draw_train_data_summary(ui, view);
    net_.draw(ui);
    recipe_.draw(ui, view);
  }

  TrainNet net_;
  TrainRecipe recipe_;
};

}  // namespace

std::unique_ptr<TrainPanel> make_train_controls() { return std::make_unique<TrainControls>(); }

}  // namespace convlens::ui
