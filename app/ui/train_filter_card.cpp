// One filter of the net in training: its weights to edit, what it resembles, what became of it, and what can be done to
// it by hand.
#include <algorithm>
#include <string>
#include <vector>

#include "app/model/filter_health.h"
#include "app/model/train_edits.h"
#include "app/ui/cell_matrix.h"
#include "app/ui/filter_icons.h"
#include "app/ui/stack_view.h"
#include "app/ui/text.h"
#include "app/ui/tile_atlas.h"
#include "app/ui/train_filter_history.h"
#include "app/ui/train_filter_tiles.h"
#include "app/ui/train_filter_tools.h"
#include "app/ui/train_panels.h"
#include "app/ui/train_weight_grid.h"
#include "app/ui/weight_cells.h"
#include "app/ui/widgets.h"
#include "engine/core/text.h"
#include "engine/explain/portrait.h"
#include "engine/nn/network.h"

namespace convlens::ui {
namespace {

constexpr double kWordsSeconds = 0.2;  // between two readings of a filter that changes

class TrainFilterCard final : public TrainPanel {
 public:
  void draw(Ui& ui, TrainView& view) override;

 private:
  void draw_title(Ui& ui, TrainView& view, const ShownFilter& shown);
  void draw_words(Ui& ui, const ShownFilter& shown);
  void draw_weights(Ui& ui, const ShownFilter& shown);
  void draw_matrix_beside(Ui& ui, const char* name, const char* title, const GridSlice& slice,
                          std::span<const float> values, const ImVec2& at, const ImVec2& room);
  void draw_channels(Ui& ui, const ShownFilter& shown);
  void draw_bias(Ui& ui, const ShownFilter& shown);

  std::optional<FilterRef> last_;  // stays when the pointer leaves the tiles
  std::int64_t channel_ = 0;
  TrainWeightGrid grid_;
  FilterHistory history_;
  FilterTools tools_;
  TileAtlas channels_;
  model::ParameterRow channels_of_;
  FilterRef channels_ref_;
  std::string channels_map_;
  // Words, and what they are of.
  std::vector<std::string> words_;
  model::ParameterRow words_of_;
  FilterRef words_ref_;
  std::int64_t words_channel_ = -1;
  double words_at_ = -1;
  float bias_ = 0;
  bool holds_bias_ = false;
  std::uint64_t bias_gesture_ = 0;
};

void TrainFilterCard::draw_title(Ui& ui, TrainView& view, const ShownFilter& shown) {
  const float gap = 4 * ui.scale;
  const auto step = [&](const char* name, Icon icon, const char* label, std::int64_t by) {
    const std::int64_t to = shown.ref.filter + by;
    const bool is_possible = to >= 0 && to < shown.filters;
    if (icon_button(ui, name, icon, label, std::string(label) + " (arrow keys over the filters)", is_possible,
                    "There is no other filter on this side")) {
      view.pinned = FilterRef{shown.ref.layer, to};
      ui.needs_frames = true;
    }
  };
  step("train/card/previous", Icon::kLeft, "Previous filter", -1);
  ImGui::SameLine(0, gap);
  step("train/card/next", Icon::kRight, "Next filter", 1);
  ImGui::SameLine(0, 2 * gap);
  ImGui::AlignTextToFramePadding();
  heading(ui, shown.place.name.c_str());
  record(ui, "train/card/title", "text", shown.place.name, shown.place.name);
  ImGui::SameLine(0, 2 * gap);
  const std::string form = shape_text({1, shown.form.channels, shown.form.rows, shown.form.cols}) + ", " +
                           (view.pinned ? "pinned" : "pointed at") + ", after step " + grouped(shown.moment.step);
  put_text(ui.fonts.small,
           {ImGui::GetCursorScreenPos().x, ImGui::GetItemRectMax().y - font_height(ui.fonts.small) - 2 * ui.scale},
           ui.palette.text_dim,
           fitted(ui.fonts.small, form,
                  ImGui::GetWindowPos().x + ImGui::GetWindowContentRegionMax().x - ImGui::GetCursorScreenPos().x));
  ImGui::NewLine();
}

void TrainFilterCard::draw_words(Ui& ui, const ShownFilter& shown) {
  const double now = ImGui::GetTime();
  const bool is_other = !(words_ref_ == shown.ref) || words_channel_ != channel_;
  if (is_other || (words_of_ != shown.moment.values && now - words_at_ >= kWordsSeconds)) {
    words_ref_ = shown.ref;
    words_channel_ = channel_;
    words_of_ = shown.moment.values;
    words_at_ = now;
    words_.clear();
    const bool is_slice = shown.form.plane() > 1;
    if (is_slice && shown.form.plane() <= 1024) {
      const Shape shape{1, shown.form.channels, shown.form.rows, shown.form.cols};
      const auto view = dense_view<const float>(shown.weights.data(), shape);
      words_ = explain::in_words(explain::portrait_of(view, 0, channel_), shape.h, shape.w);
      if (words_.size() > 3) words_.resize(3);
    }
    for (std::string& word : model::change_words(shown.first, shown.weights)) words_.push_back(std::move(word));
  } else if (words_of_ != shown.moment.values) {
    ui.wake_in(kWordsSeconds);
  }
  std::vector<std::pair<std::string, ImU32>> lines;
  const auto layer = shown.ref.layer;
  const auto filter = static_cast<std::size_t>(shown.ref.filter);
  const model::TrainSettings& settings = ui.document.settings.train;
  const auto& frozen = shown.snapshot.frozen;
  if (model::is_removed(settings, layer, shown.ref.filter) && model::norm_of(shown.weights) == 0) {
    lines.emplace_back("removed: its map is 0 everywhere, and stays so", ui.palette.error);
  } else {
    if (shown.moment.gradients &&
        model::dead_filters(*shown.moment.run, *shown.moment.gradients, layer,
                            layer < frozen.size() ? frozen[layer] : std::vector<bool>())[filter]) {
      lines.emplace_back("dead: behind its ReLU nothing of the last batch was left, so nothing reaches its weights",
                         ui.palette.warning);
    }
    if (stands_still(shown.snapshot, shown.ref)) {
      lines.emplace_back("frozen: training leaves it as it is", ui.palette.accent);
    }
    for (const std::string& word : words_) lines.emplace_back(word, ui.palette.text);
  }
  nlohmann::json told = nlohmann::json::array();
  const ImVec2 min = ImGui::GetCursorScreenPos();
  for (const auto& [text, colour] : lines) {
    ImGui::PushStyleColor(ImGuiCol_Text, colour);
    ImGui::PushTextWrapPos(0);
    ImGui::TextUnformatted(text.c_str());
    ImGui::PopTextWrapPos();
    ImGui::PopStyleColor();
    told.push_back(text);
  }
  record_rect(ui, min, {min.x + ImGui::GetContentRegionAvail().x, ImGui::GetCursorScreenPos().y}, "train/card/words",
              "text", "In words", std::move(told));
}

void TrainFilterCard::draw_matrix_beside(Ui& ui, const char* name, const char* title, const GridSlice& slice,
                                         std::span<const float> values, const ImVec2& at, const ImVec2& room) {
  const float s = ui.scale, small = font_height(ui.fonts.small);
  float range = 0;
  for (const float value : values) {
    if (std::isfinite(value)) range = std::max(range, std::abs(value));
  }
  std::string text = title;
  if (values.empty()) {
    text += ": not known here";
  } else {
    text += " ±" + number_text(static_cast<double>(range), 2);
  }
  put_text(ui.fonts.small, at, ui.palette.text_dim, fitted(ui.fonts.small, text, room.x));
  if (values.empty()) return;
  const float side = std::floor(std::min(
      {room.x / static_cast<float>(slice.cols), (room.y - small - 3 * s) / static_cast<float>(slice.rows), 44 * s}));
  if (side < 1) return;
  std::vector<float> shown(values.begin(), values.end());
  shown.resize(static_cast<std::size_t>(slice.rows) * static_cast<std::size_t>(slice.cols), 0.0F);
  const view::Colormap& map = view::find_colormap(ui.document.settings.view.weight_colormap);
  const CellMatrix matrix = weights_matrix(shown, slice.rows, slice.cols, map, range > 0 ? range : 1, 2);
  const ImVec2 corner{at.x, at.y + small + 3 * s}, cell{side, side};
  draw_matrix(ui, matrix, corner, {.cell = cell, .font_size = fitting_font(ui, {&matrix, 1}, cell)});
  const ImVec2 extent = matrix_extent(matrix, cell);
  const ImVec2 max{corner.x + extent.x, corner.y + extent.y};
  if (ImGui::IsMouseHoveringRect(corner, max) && ImGui::IsWindowHovered()) {
    if (const auto under = cell_at(matrix, corner, cell, ImGui::GetIO().MousePos); under && *under < values.size()) {
      const auto cols = static_cast<std::size_t>(slice.cols);
      ui.hovered_value =
          std::string(name) + " " +
          place_text(static_cast<std::int64_t>(*under / cols), static_cast<std::int64_t>(*under % cols)) + " = " +
          number_text(static_cast<double>(values[*under]), 5);
    }
  }
  record_rect(ui, corner, max, std::string("train/card/") + name, "matrix", title,
              std::vector<float>(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(
                                                                      std::min<std::size_t>(values.size(), 1024))));
}

void TrainFilterCard::draw_weights(Ui& ui, const ShownFilter& shown) {
  const float s = ui.scale, gap = 12 * s;
  const GridSlice slice = grid_slice(shown.form, channel_);
  const float width = ImGui::GetContentRegionAvail().x;
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const ImVec2 used = grid_.draw(ui, shown.place, shown.form, slice, shown.weights, shown.why_not,
                                 {std::floor(width * 0.56F), 190 * s});
  const auto part = [&](std::span<const float> values) { return values.subspan(slice.first, slice.count); };
  std::vector<float> change(slice.count);
  std::ranges::transform(part(shown.weights), part(shown.first), change.begin(), std::minus());
  std::span<const float> gradient;
  if (shown.moment.gradients) {
    gradient =
        part(model::filter_weights(*shown.moment.run, *shown.moment.gradients, shown.ref.layer, shown.ref.filter));
  }
  const float x = at.x + used.x + gap, left = at.x + width - x;
  const float high = std::max(used.y, 150 * s);
  // One above the other where that is larger than side by side.
  const bool is_stacked = left < high;
  const ImVec2 room = is_stacked ? ImVec2{left, (high - 6 * s) / 2} : ImVec2{(left - gap) / 2, high};
  const ImVec2 second = is_stacked ? ImVec2{x, at.y + room.y + 6 * s} : ImVec2{x + room.x + gap, at.y};
  draw_matrix_beside(ui, "gradient", "gradient", slice, gradient, {x, at.y}, room);
  draw_matrix_beside(ui, "change", "change", slice, change, second, room);
  ImGui::SetCursorScreenPos({at.x, at.y + high + 6 * s});
}

// Slices to choose from.
void TrainFilterCard::draw_channels(Ui& ui, const ShownFilter& shown) {
  if (shown.form.channels == 1 || shown.form.plane() == 1) return;
  const float s = ui.scale, side = std::floor(24 * s), gap = 3 * s;
  const std::string& name = ui.document.settings.view.weight_colormap;
  const auto plane = static_cast<std::size_t>(shown.form.plane());
  if (channels_of_ != shown.moment.values || !(channels_ref_ == shown.ref) || channels_map_ != name) {
    channels_of_ = shown.moment.values;
    channels_ref_ = shown.ref;
    channels_map_ = name;
    const view::Colormap& map = view::find_colormap(name);
    const float range = weight_range(shown.weights);
    channels_.begin(static_cast<int>(shown.form.channels), shown.form.cols, shown.form.rows, ui.palette.canvas);
    for (std::size_t i = 0; i < shown.weights.size(); ++i) {
      const auto in_plane = static_cast<std::int64_t>(i % plane);
      channels_.put(static_cast<int>(i / plane), in_plane % shown.form.cols, in_plane / shown.form.cols,
                    view::colour_of(map, {-range, range}, shown.weights[i]));
    }
    channels_.upload(side >= static_cast<float>(shown.form.cols));
  }
  const float width = ImGui::GetContentRegionAvail().x - ImGui::GetStyle().ScrollbarSize;
  const int across = std::max(1, static_cast<int>((width + gap) / (side + gap)));
  const int lines = (static_cast<int>(shown.form.channels) + across - 1) / across;
  put_text(ui.fonts.small, ImGui::GetCursorScreenPos(), ui.palette.text_dim,
           "channel " + std::to_string(channel_ + 1) + " of " + std::to_string(shown.form.channels) +
               ": what it reads of map " + std::to_string(channel_ + 1) + " before it");
  ImGui::Dummy({1, font_height(ui.fonts.small)});
  ImGui::BeginChild("channels", {0, static_cast<float>(std::min(lines, 3)) * (side + gap) + 2 * s}, false);
  const ImVec2 at = ImGui::GetCursorScreenPos();
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  for (int c = 0; c < static_cast<int>(shown.form.channels); ++c) {
    const ImVec2 min{at.x + s + static_cast<float>(c % across) * (side + gap),
                     at.y + s + static_cast<float>(c / across) * (side + gap)};
    const ImVec2 max{min.x + side, min.y + side};
    if (!ImGui::IsRectVisible(min, max)) continue;
    channels_.draw(draw, c, min, max, ui.palette.panel_border);
    if (c == channel_) draw.AddRect({min.x - s, min.y - s}, {max.x + s, max.y + s}, ui.palette.accent, 0, 0, 2 * s);
    ImGui::SetCursorScreenPos(min);
    ImGui::PushID(c);
    if (ImGui::InvisibleButton("channel", {side, side})) channel_ = c;
    ImGui::PopID();
    const std::string help = "Channel " + std::to_string(c + 1) + ": click to see and edit its weights.";
    record(ui, "train/card/channel/" + std::to_string(c + 1), "button", "channel " + std::to_string(c + 1),
           c == channel_, {}, true, help);
    tooltip(ui, help);
  }
  ImGui::SetCursorScreenPos({at.x, at.y + static_cast<float>(lines) * (side + gap)});
  ImGui::Dummy({1, 1});
  ImGui::EndChild();
}

void TrainFilterCard::draw_bias(Ui& ui, const ShownFilter& shown) {
  const model::TrainRun& run = *shown.moment.run;
  const auto biases = model::parameter_values(run, *shown.moment.values, shown.ref.layer, nn::ParameterRole::kBias);
  if (biases.empty()) return;
  if (!holds_bias_) bias_ = biases[static_cast<std::size_t>(shown.ref.filter)];
  ImGui::AlignTextToFramePadding();
  ImGui::TextUnformatted("Bias");
  ImGui::SameLine(0, 8 * ui.scale);
  ImGui::BeginDisabled(!shown.why_not.empty());
  const float speed = std::max(1e-4F, std::abs(bias_) / 100);
  const bool is_changed =
      drag_number(ui, "train/bias", "##bias", &bias_, speed, -kMostWeight, kMostWeight, "%.5g",
                  "Added to every value of the filter's map. Drag, or Ctrl+click to type.", 110 * ui.scale);
  if (ImGui::IsItemActivated()) bias_gesture_ = 0;
  holds_bias_ = ImGui::IsItemActive();
  ImGui::EndDisabled();
  const model::TrainSnapshot& now = *ui.document.train.snapshot();
  if (is_changed && shown.why_not.empty() && now.values) {
    const auto weights = model::filter_weights(*now.run, *now.values, shown.ref.layer, shown.ref.filter);
    bias_gesture_ = model::rewrite_filter(ui.document.settings.train, bias_gesture_, shown.place,
                                          {weights.begin(), weights.end()}, bias_, "Edit bias of " + shown.place.name);
  }
}

void TrainFilterCard::draw(Ui& ui, TrainView& view) {
  const model::TrainSnapshotPtr snapshot = ui.document.train.snapshot();
  const auto moment = view.moment(*snapshot);
  if (!moment) return;
  const model::TrainRun& run = *moment->run;
  if (const auto focus = view.focus(run)) last_ = focus;
  const bool is_there =
      last_ && last_->layer < run.layers.size() && last_->filter < nn::filter_count(run.layers[last_->layer]) &&
      filter_shape(run, last_->layer).size() > 0 && run.layers[last_->layer].kind != nn::LayerKind::kBatchNorm;
  if (!is_there) {
    dim_text(ui, "Point at a filter to see it here; a click on it pins it.");
    return;
  }
  const nn::ModelSpec& net = run.description.model;
  ShownFilter shown{*snapshot,
                    *moment,
                    *last_,
                    {last_->layer, last_->filter, filter_name(run, *last_)},
                    model::filter_form(run.layers, run.shapes, {1, net.channels, net.height, net.width}, last_->layer),
                    model::filter_weights(run, *moment->values, last_->layer, last_->filter),
                    model::filter_weights(run, *run.first_values, last_->layer, last_->filter),
                    {},
                    nn::filter_count(run.layers[last_->layer])};
  if (moment->values != snapshot->values && moment->step != snapshot->step) {
    shown.why_not = "This is how it was after step " + grouped(moment->step) + "; the run stands at step " +
                    grouped(snapshot->step) + ": go there to change it.";
  } else if (snapshot->state == model::TrainState::kGoingTo) {
    shown.why_not = "The run is on its way to another step.";
  }
  channel_ = std::clamp<std::int64_t>(channel_, 0, shown.form.channels - 1);
  tools_.hear_clipboard(ui, shown, channel_);
  draw_title(ui, view, shown);
  ImGui::BeginChild("filter-card");
  draw_words(ui, shown);
  ImGui::Dummy({1, 2 * ui.scale});
  draw_weights(ui, shown);
  draw_channels(ui, shown);
  draw_bias(ui, shown);
  tools_.draw(ui, shown, channel_);
  ImGui::Dummy({1, 4 * ui.scale});
  history_.draw(ui, *snapshot, shown.ref, shown.form, channel_, moment->step,
                ImGui::GetContentRegionAvail().x - 2 * ui.scale);
  ImGui::EndChild();
}

}  // namespace

std::unique_ptr<TrainPanel> make_train_filter_card() { return std::make_unique<TrainFilterCard>(); }

}  // namespace convlens::ui
