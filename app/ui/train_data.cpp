// The tab "data": what is learnt from, where it comes from, and other data to learn from.
#include <imgui/imgui.h>

#include <algorithm>
#include <cfloat>
#include <charconv>
#include <string>

#include "app/model/fetch_session.h"
#include "app/ui/text.h"
#include "app/ui/train_data_parts.h"
#include "app/ui/train_files.h"
#include "app/ui/train_panels.h"
#include "app/ui/train_sections.h"
#include "app/ui/widgets.h"
#include "engine/core/text.h"
#include "engine/training/digits.h"
#include "engine/training/source.h"

namespace convlens::ui {
namespace {

constexpr int kFewestDigits = 100, kMostDigits = 200'000;

std::string megabytes(std::uint64_t bytes) { return formatted("%.1f MB", static_cast<double>(bytes) / 1e6); }

// Of "synthetic:12000".
int digits_in(const std::string& words) {
  const std::size_t colon = words.find(':');
  int count = static_cast<int>(training::kDefaultDigits);
  if (colon != std::string::npos) std::from_chars(words.data() + colon + 1, words.data() + words.size(), count);
  return std::clamp(count, kFewestDigits, kMostDigits);
}

class TrainData final : public TrainPanel {
 public:
  void draw(Ui& ui, TrainView& view) override {
    const model::TrainRunPtr run = ui.document.train.snapshot()->run;
    if (!variation_) variation_.emplace(ui.document.waker());
    ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {0, 0});
    ImGui::BeginChild("data", {0, 0}, false);
    ImGui::PopStyleVar();
    draw_origin(ui, *run);
    draw_sources(ui, view);
    if (section(ui, "train/data/section/pictures", "Pictures", "", shows_pictures_,
                "By class; click one to send it through the net")) {
      pictures_.draw(ui, view, *run);
    }
    if (section(ui, "train/data/section/preprocessing", "Preprocessing", "", shows_preprocessing_,
                "What is done to every picture before the net sees it")) {
      preprocessing_.draw(ui, view, *run);
    }
    const std::string variation = training::to_string(ui.document.settings.train.augmentation);
    if (section(ui, "train/data/section/variation", "Variation", shows_variation_ ? "" : variation, shows_variation_,
                "Augmentation: what differs from epoch to epoch")) {
      variation_->draw(ui, *run);
    }
    ImGui::EndChild();
  }

 private:
  void draw_origin(Ui& ui, const model::TrainRun& run) {
    const training::Dataset& data = *run.data.train.data;
    heading(ui, data_title(run.description.data).c_str());
    std::string words = data.origin;
    for (const std::string& warning : data.warnings) words += "\nLeft out: " + warning + ".";
    dim_text(ui, words);
    record(ui, "train/data/origin", "text", data_title(run.description.data), data.origin);
    if (ui.document.settings.train.data == run.description.data) return;
    ImGui::PushStyleColor(ImGuiCol_Text, ui.palette.warning);
    ImGui::TextWrapped("%s", (data_title(ui.document.settings.train.data) + " will be learnt from Reset on.").c_str());
    ImGui::PopStyleColor();
  }

  void draw_sources(Ui& ui, TrainView& view) {
    std::string& words = ui.document.settings.train.data;
    const float gap = 6 * ui.scale;
    const bool is_synthetic = words.starts_with("synthetic");
    if (choice_button(ui, "train/data/synthetic", "Synthetic digits", is_synthetic,
                      "Digits written by code: nothing has to be fetched")) {
      if (!is_synthetic) words = model::default_train_settings().data;
    }
    if (words.starts_with("synthetic")) {
      if (!drags_count_) count_ = digits_in(words);
      flow(gap, "200 000 0000");
      ImGui::SetNextItemWidth(ImGui::CalcTextSize("200 000 000").x + 2 * ImGui::GetStyle().FramePadding.x);
      ImGui::PushID("count");
      ImGui::DragInt("##value", &count_, 100, kFewestDigits, kMostDigits, "%d", ImGuiSliderFlags_AlwaysClamp);
      drags_count_ = ImGui::IsItemActive();
      // Digits are written once the number is let go of.
      if (ImGui::IsItemDeactivatedAfterEdit()) words = "synthetic:" + std::to_string(count_);
      ImGui::PopID();
      const std::string help =
          "How many digits are written to train with; a sixth as many more to test\nDrag, or "
          "Ctrl+click to type";
      record(ui, "train/data/count", "drag", "Digits", count_, {kFewestDigits, kMostDigits}, true, help);
      tooltip(ui, help);
    }
    flow(gap, "Open folder…");
    if (button(ui, "train/data/folder", "Open folder…",
               "MNIST, Fashion-MNIST, EMNIST and other IDX files, or one folder of pictures per class")) {
      ask_for_data_folder(ui);
    }
    draw_mnist(ui, view, gap);
  }

  void draw_mnist(Ui& ui, TrainView& view, float gap) {
    std::string& words = ui.document.settings.train.data;
    model::FetchSession& fetch = view.fetch;
    if (fetch.is_under_way()) {
      const model::FetchState state = fetch.state();
      const std::string text = fetch.is_cancelled() ? std::string("Stopping…")
                               : state.file.empty()
                                   ? std::string("Looking for a mirror…")
                                   : state.file + " (" + std::to_string(state.file_number) + " of " +
                                         std::to_string(state.file_count) + "): " + megabytes(state.done) +
                                         (state.total > 0 ? " of " + megabytes(state.total) : "");
      const float cancel = ImGui::CalcTextSize("Cancel").x + 2 * ImGui::GetStyle().FramePadding.x;
      ImGui::PushStyleColor(ImGuiCol_PlotHistogram, ui.palette.accent);
      ImGui::ProgressBar(static_cast<float>(state.share),
                         {ImGui::GetContentRegionAvail().x - cancel - gap, ImGui::GetFrameHeight()}, "");
      ImGui::PopStyleColor();
      record(ui, "train/data/fetching", "text", text, state.share, {}, true, text);
      ImGui::SameLine(0, gap);
      if (button(ui, "train/data/cancel", "Cancel", "What has come is kept and gone on with next time")) fetch.cancel();
      dim_text(ui, text);
      return;
    }
    const std::string folder = model::mnist_folder().string();
    // Asked of the disk once a second while somebody looks.
    if (ImGui::GetTime() - looked_at_ > 1) {
      looked_at_ = ImGui::GetTime();
      has_mnist_ = model::has_mnist(folder);
    }
    if (has_mnist_) {
      flow(gap, "MNIST");
      if (choice_button(ui, "train/data/mnist", "MNIST", words == "mnist:" + folder,
                        "70 000 digits written by hand, in " + folder)) {
        words = "mnist:" + folder;
      }
      return;
    }
    flow(gap, "Fetch MNIST (11 MB)");
    if (button(ui, "train/data/fetch", "Fetch MNIST (11 MB)",
               "70 000 digits written by hand, from a public mirror into " + folder +
                   "; every file is checked by its MD5 sum")) {
      fetch.begin(folder, model::chosen_mirrors());
    }
  }

  DataPictures pictures_;
  DataPreprocessing preprocessing_;
  std::optional<DataVariation> variation_;
  bool shows_pictures_ = true, shows_preprocessing_ = true, shows_variation_ = true;
  int count_ = 0;  // of digits, as dragged
  bool drags_count_ = false;
  double looked_at_ = -10;
  bool has_mnist_ = false;
};

}  // namespace

std::unique_ptr<TrainPanel> make_train_data() { return std::make_unique<TrainData>(); }

}  // namespace convlens::ui
