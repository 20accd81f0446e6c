// The filters of every layer while they learn: the first layer large, the others below. What a tile shows is
// train_filter_tiles'; one filter closely is train_filter_card's.
#include <algorithm>
#include <array>
#include <functional>
#include <vector>

#include "app/ui/text.h"
#include "app/ui/train_filter_moves.h"
#include "app/ui/train_filter_tiles.h"
#include "app/ui/train_panels.h"
#include "app/ui/widgets.h"
#include "engine/nn/network.h"

namespace convlens::ui {
namespace {

// Of the height, at least, where there are several layers; the first one takes what the others leave.
constexpr float kFirstShare = 0.56F;
constexpr float kOtherShare = 0.36F;
constexpr float kLeastFirst = 24, kLeastOther = 18;

class TrainFilters final : public TrainPanel {
 public:
  void draw(Ui& ui, TrainView& view) override;

 private:
  void draw_switches(Ui& ui, const TrainView& view);
  void draw_layers(Ui& ui, TrainView& view, const FilterScene& scene);
  void hear_arrows(Ui& ui, TrainView& view, const model::TrainRun& run);
  void tell(Ui& ui, const TrainView& view, const FilterScene& scene) const;

  FilterLook look_;
  std::vector<FilterTiles> layers_;
  std::uint64_t run_ = 0;
  bool had_other_ = false;
  float others_ = 0;  // height of all layers but the first, in the last frame
  bool is_own_hover_ = false;
  FilterMoves moves_;
};

void TrainFilters::draw_switches(Ui& ui, const TrainView& view) {
  const float gap = 4 * ui.scale;
  // What is compared is shown as soon as there is something to compare with, and no longer than that.
  const bool has_other = view.other.has_value();
  if (has_other != had_other_) {
    look_.parts[static_cast<std::size_t>(FilterPart::kOther)] = has_other;
    had_other_ = has_other;
  }
  for (std::size_t i = 0; i < kFilterParts.size(); ++i) {
    if (needs_b(static_cast<FilterPart>(i)) && !has_other) continue;
    const FilterPartName& name = kFilterParts[i];
    if (i > 0) flow(gap, name.label);
    const std::string id = std::string("train/filters/show/") + name.name;
    if (choice_button(ui, id, name.label, look_.parts[i], std::string(name.help) + "\nA click shows or hides it.")) {
      look_.parts[i] = !look_.parts[i];
      if (std::ranges::none_of(look_.parts, std::identity{})) look_.parts[0] = true;
    }
  }
  flow(3 * gap, "Range: layer");
  const char* range = look_.is_range_per_filter ? "Range: filter###range" : "Range: layer###range";
  if (button(ui, "train/filters/range", range,
             "Whether all filters of a layer share one range of colours, so that they can be compared, or each has its "
             "own, "
             "so that weak ones can be seen. A click changes it.")) {
    look_.is_range_per_filter = !look_.is_range_per_filter;
  }
  constexpr std::array kChannels{"Channels: auto###channels", "Channels: slices###channels",
                                 "Channels: mean###channels"};
  const auto channels = static_cast<std::size_t>(look_.channels);
  flow(gap, "Channels: slices");
  if (button(
          ui, "train/filters/channels", kChannels[channels],
          "Filters that read several channels are shown slice by slice, one for each channel, or as the mean of them; "
          "by itself it shows up to four slices. A click goes on to the next.")) {
    look_.channels = static_cast<ChannelLook>((channels + 1) % kChannels.size());
  }
  moves_.draw_buttons(ui, view, gap);
}

void TrainFilters::draw_layers(Ui& ui, TrainView& view, const FilterScene& scene) {
  const float s = ui.scale;
  const model::TrainRun& run = *scene.moment.run;
  if (run_ != run.serial) {
    run_ = run.serial;
    layers_.clear();
    for (std::size_t i = 0; i < run.layers.size(); ++i) {
      const nn::LayerKind kind = run.layers[i].kind;
      if (kind == nn::LayerKind::kConv || kind == nn::LayerKind::kDense) layers_.emplace_back(i);
    }
  }
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {0, 0});
  ImGui::BeginChild("layers", {0, 0}, false, ImGuiWindowFlags_None);
  ImGui::PopStyleVar();
  const float height = ImGui::GetContentRegionAvail().y, gap = 8 * s;
  std::optional<FilterRef> hovered;
  float others = 0;
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const bool is_first = i == 0;
    const float room = is_first ? std::max(height * kFirstShare, height - others_ - gap) : height * kOtherShare;
    const float top = ImGui::GetCursorPosY();
    if (!is_first) ImGui::SetCursorPosY(top + gap);
    if (const auto ref = layers_[i].draw(ui, scene, room, is_first ? kLeastFirst : kLeastOther)) hovered = ref;
    if (!is_first) others += ImGui::GetCursorPosY() - top;
  }
  if (others != others_) ui.needs_frames = true;
  others_ = others;
  if (hovered) {
    if (ImGui::IsMouseReleased(ImGuiMouseButton_Left) && ImGui::GetIO().MouseDragMaxDistanceSqr[0] < 25) {
      const bool was_pinned = view.pinned == hovered;
      view.pinned = was_pinned ? std::nullopt : hovered;
      if (!was_pinned) view.tab = "filter";
      ui.needs_frames = true;
    }
  }
  ImGui::EndChild();
  // Others may point at a filter, too: only what this panel has set is taken back.
  if (hovered || is_own_hover_) {
    if (view.hovered != hovered) ui.needs_frames = true;
    view.hovered = hovered;
  }
  is_own_hover_ = hovered.has_value();
}

// The filter beside the pinned one, while the pointer is on the panel.
void TrainFilters::hear_arrows(Ui& ui, TrainView& view, const model::TrainRun& run) {
  if (!view.pinned || !ImGui::IsWindowHovered(ImGuiHoveredFlags_ChildWindows) ||
      view.pinned->layer >= run.layers.size()) {
    return;
  }
  const std::int64_t filters = nn::filter_count(run.layers[view.pinned->layer]);
  if (ui.take_key("Left")) view.pinned->filter = std::max<std::int64_t>(0, view.pinned->filter - 1);
  if (ui.take_key("Right")) view.pinned->filter = std::min(filters - 1, view.pinned->filter + 1);
}

void TrainFilters::tell(Ui& ui, const TrainView& view, const FilterScene& scene) const {
  if (!ui.twin.is_active()) return;
  nlohmann::json shown = nlohmann::json::array(), layers = nlohmann::json::array();
  for (std::size_t i = 0; i < kFilterParts.size(); ++i) {
    if (look_.parts[i]) shown.push_back(kFilterParts[i].name);
  }
  for (const FilterTiles& tiles : layers_) layers.push_back(scene.moment.run->layers[tiles.layer()].name);
  const auto name = [&](const std::optional<FilterRef>& ref) {
    return ref && ref->layer < scene.moment.run->layers.size() ? nlohmann::json(filter_name(*scene.moment.run, *ref))
                                                               : nlohmann::json();
  };
  ui.twin.set("train_filters",
              {{"step", scene.moment.step},
               {"shown", std::move(shown)},
               {"range", look_.is_range_per_filter ? "filter" : "layer"},
               {"channels", std::array{"auto", "slices", "mean"}[static_cast<std::size_t>(look_.channels)]},
               {"layers", std::move(layers)},
               {"hovered", name(view.hovered)},
               {"pinned", name(view.pinned)}});
}

void TrainFilters::draw(Ui& ui, TrainView& view) {
  const model::TrainSnapshotPtr snapshot = ui.document.train.snapshot();
  const auto moment = view.moment(*snapshot);
  if (!moment) return;
  model::SampleFactsPtr facts = view.sample.facts();
  if (facts && facts->run != moment->run) facts = nullptr;
  const FilterScene scene{*snapshot, *moment, view, look_, std::move(facts)};
  draw_switches(ui, view);
  ImGui::Dummy({1, 2 * ui.scale});
  draw_layers(ui, view, scene);
  hear_arrows(ui, view, *moment->run);
  moves_.follow(ui, view);
  tell(ui, view, scene);
}

}  // namespace

std::unique_ptr<TrainPanel> make_train_filters() { return std::make_unique<TrainFilters>(); }

}  // namespace convlens::ui
