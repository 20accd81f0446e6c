// The left column of the Train workspace: transport, progress, data, net, optimizer, run.
#include "app/ui/train_controls.h"

#include "app/ui/train_panels.h"
#include "app/ui/train_sections.h"

namespace convlens::ui {
namespace {

class TrainControls final : public TrainPanel {
 public:
  void draw(Ui& ui, TrainView& view) override {
    draw_transport(ui);
    ImGui::Separator();
    // The transport stays where it is; the rest scrolls.
    ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {0, 0});
    ImGui::BeginChild("train-settings", {0, 0}, false);
    ImGui::PopStyleVar();
    draw_train_progress(ui, view);
    ImGui::Separator();
    draw_train_data_summary(ui, view);
    net_.draw(ui);
    recipe_.draw(ui, view);
    ImGui::EndChild();
  }

 private:
  TrainNet net_;
  TrainRecipe recipe_;
};

}  // namespace

std::unique_ptr<TrainPanel> make_train_controls() { return std::make_unique<TrainControls>(); }

}  // namespace convlens::ui
