// The rows of the action table that change how things are shown, run the animation, or open help.
#include <algorithm>
#include <cmath>
#include <string>

#include "app/model/fields.h"
#include "app/ui/actions.h"
#include "app/ui/transport.h"

namespace convlens::ui {
namespace {

constexpr float kLowestScale = 0.75F, kHighestScale = 2.5F, kScaleStep = 0.125F;

void set_field(Ui& ui, const char* name, double value) {
  model::set_field(ui.document.settings, *model::find_field(name), value, ui.document.picture_shape());
}

Action field_toggle(const char* field, std::string name, std::string label, std::string help) {
  const auto is_on = [field](const Ui& ui) { return model::find_field(field)->get(ui.document.settings) != 0; };
  return {std::move(name),
          std::move(label),
          "",
          std::move(help),
          [field, is_on](Ui& ui) { set_field(ui, field, is_on(ui) ? 0 : 1); },
          {},
          is_on};
}

// Shows the tab under the filters whose id that is.
Action tab_action(const char* id, std::string label, std::string help) {
  return {std::string("view/tab-") + id,
          std::move(label),
          "",
          std::move(help),
          [id](Ui& ui) {
            ui.hide_panels = false;
            ui.middle_tab = id;
          },
          {},
          [id](const Ui& ui) { return ui.middle_tab == id; }};
}

// The switch of one geometry overlay: words and help are its field's.
Action overlay_toggle(const char* field) {
  const model::Field& row = *model::find_field(field);
  return field_toggle(field, field, std::string(row.label), std::string(row.tooltip));
}

Action theme_action(model::Theme theme, std::string name, std::string label, std::string help) {
  return {std::move(name),
          std::move(label),
          "",
          std::move(help),
          [theme](Ui& ui) { ui.preferences.theme = theme; },
          {},
          [theme](const Ui& ui) { return ui.preferences.theme == theme; }};
}

void change_scale(Ui& ui, float steps) {
  ui.preferences.scale = std::clamp(ui.preferences.scale + steps * kScaleStep, kLowestScale, kHighestScale);
}

// Each map over its own range, and back to one range for all.
void normalise_range(Ui& ui) {
  const bool is_per_map = ui.document.settings.view.range == model::RangeMode::kPerMap;
  set_field(ui, "view/range", static_cast<double>(is_per_map ? model::RangeMode::kLayer : model::RangeMode::kPerMap));
}

// The sum that plays in the workspace; null where the sliding window does.
template <class AnyDocument>
auto* told_sum(AnyDocument& document, model::Workspace workspace) {
  if (workspace == model::Workspace::kStack) return &document.stack_look.sum;
  return document.probe.depth == model::Depth::kNumber ? &document.probe.sum : nullptr;
}

void step(Ui& ui, int by) {
  if (model::SumPlayback* sum = told_sum(ui.document, ui.preferences.workspace)) {
    model::step_sum(*sum, by);
  } else {
    step_animation(ui.document, by);
  }
}

Action workspace_action(model::Workspace workspace, std::string name, std::string label, std::string key,
                        std::string help) {
  return {std::move(name),
          std::move(label),
          std::move(key),
          std::move(help),
          [workspace](Ui& ui) { ui.preferences.workspace = workspace; },
          {},
          [workspace](const Ui& ui) { return ui.preferences.workspace == workspace; }};
}

Action on_picture(std::string name, std::string label, std::string key, std::string help) {
  return {std::move(name), std::move(label), std::move(key), std::move(help)};
}

}  // namespace

void add_view_actions(std::vector<Action>& table) {
  table.push_back(workspace_action(model::Workspace::kExplore, "view/explore", "Explore", "Ctrl+1",
                                   "One layer, and everything about it."));
  table.push_back(workspace_action(model::Workspace::kStack, "view/stack", "Stack", "Ctrl+2",
                                   "A chain of layers on your picture: maps, receptive fields, costs."));
  table.push_back(workspace_action(model::Workspace::kTrain, "view/train", "Train", "Ctrl+3",
                                   "A net that learns its filters while you watch and interfere."));
  table.push_back({"view/reset", "Reset views", "R", "Fits picture and maps; never touches a weight.",
                   [](Ui& ui) { ui.requests.reset_views = true; }});
  table.push_back({"view/normalise", "Normalise range", "N",
                   "Colours each map over its own range; again: one range for all maps.", normalise_range});
  table.push_back({"view/single",
                   "One map large",
                   "M",
                   "Shows the chosen map alone; again: all maps as tiles.",
                   [](Ui& ui) {
                     const bool is_single = ui.document.settings.view.layout == model::MapLayout::kSingle;
                     set_field(ui, "view/layout", is_single ? 0 : 1);
                   },
                   {},
                   [](const Ui& ui) { return ui.document.settings.view.layout == model::MapLayout::kSingle; }});
  table.push_back(field_toggle("view/link", "view/link", "Link input and maps", "Zooms and pans them together."));
  table.push_back(field_toggle("view/grid", "view/grid", "Pixel grid", "Lines between pixels that are large enough."));
  table.push_back(field_toggle("view/values", "view/values", "Values in pixels", "Numbers where pixels are large."));
  table.push_back(field_toggle("view/histogram", "view/histogram", "Histogram", "Distribution of the chosen map."));
  for (const char* field :
       {"view/coverage", "view/padding_share", "view/gridding", "view/sampling", "view/alignment"}) {
    table.push_back(overlay_toggle(field));
  }
  table.push_back(tab_action("parameters", "Parameters", "Kernel, stride, dilation and padding, with formulas."));
  table.push_back(tab_action("geometry", "Geometry", "Overlays, flip, activation and pooling."));
  table.push_back(tab_action("frequency", "Frequency", "Gain, spectra and separability of the filter."));
  table.push_back(tab_action("compare", "Compare", "A and B beside each other, and how far they are apart."));
  table.push_back(tab_action("cost", "Cost", "What the layer costs, and the time of every kernel."));
  table.push_back({"view/panels",
                   "Hide side panels",
                   "Tab",
                   "Leaves the feature maps alone on the screen.",
                   [](Ui& ui) { ui.hide_panels = !ui.hide_panels; },
                   {},
                   [](const Ui& ui) { return ui.hide_panels; }});
  table.push_back({"view/full-screen", "Full screen", "F11", "Fills the screen, or gives it back.",
                   [](Ui& ui) { ui.requests.full_screen = true; }});
  table.push_back(theme_action(model::Theme::kDark, "view/theme-dark", "Dark theme", "For a dim room."));
  table.push_back(theme_action(model::Theme::kLight, "view/theme-light", "Light theme", "For a bright room."));
  table.push_back(theme_action(model::Theme::kProjector, "view/theme-projector", "Projector theme",
                               "Large contrast and larger type, for the last row."));
  table.push_back({"view/larger",
                   "Larger interface",
                   "Ctrl++",
                   "Enlarges text and controls, up to 2.5 times.",
                   [](Ui& ui) { change_scale(ui, 1); },
                   [](const Ui& ui) { return ui.preferences.scale < kHighestScale; },
                   {},
                   {},
                   "Ctrl+="});
  table.push_back({"view/smaller", "Smaller interface", "Ctrl+-", "Shrinks text and controls, down to 0.75 times.",
                   [](Ui& ui) { change_scale(ui, -1); },
                   [](const Ui& ui) { return ui.preferences.scale > kLowestScale; }});
  table.push_back({"view/standard-size", "Standard size", "", "Text and controls at the size the monitor asks for.",
                   [](Ui& ui) { ui.preferences.scale = 1; }});
  table.push_back({"view/performance",
                   "Performance",
                   "F12",
                   "Shows where the time between an edit and its picture goes.",
                   [](Ui& ui) { ui.preferences.shows_performance = !ui.preferences.shows_performance; },
                   {},
                   [](const Ui& ui) { return ui.preferences.shows_performance; }});
  table.push_back({"view/up", "Cancel, or one level up", "Escape",
                   "Takes back the drag under way, closes a window, or goes from the number to its map to all maps.",
                   [](Ui& ui) { ui.requests.cancel = true; }});
}

void add_animation_actions(std::vector<Action>& table) {
  const std::size_t first = table.size();
  table.push_back({"window/play",
                   "Play or pause",
                   "Space",
                   "Runs the sliding window over the picture, or the sum of the number that is laid open.",
                   [](Ui& ui) {
                     if (model::SumPlayback* sum = told_sum(ui.document, ui.preferences.workspace)) {
                       model::toggle_sum(*sum);
                     } else {
                       toggle_animation(ui.document);
                     }
                   },
                   {},
                   [](const Ui& ui) {
                     const model::SumPlayback* sum = told_sum(ui.document, ui.preferences.workspace);
                     return sum ? sum->is_playing : ui.document.animation.is_playing;
                   }});
  table.push_back({"window/forward", "One step forward", ".",
                   "Moves the sliding window to the next output, or adds the next product.",
                   [](Ui& ui) { step(ui, 1); }});
  table.push_back({"window/back", "One step back", ",",
                   "Moves the sliding window to the output before, or takes the last product away.",
                   [](Ui& ui) { step(ui, -1); }});
  limit_keys(table, first, KeysIn::kOutsideTrain);
}

void add_picture_actions(std::vector<Action>& table) {
  table.push_back(on_picture("picture/fit", "Fit", "F", "Shows the whole picture; so does a double-click."));
  table.push_back(on_picture("picture/actual", "100 %", "Ctrl+0", "One screen pixel for each picture pixel."));
  table.push_back(on_picture("picture/centre", "Centre", "C", "Puts the picture's middle into the middle."));
  table.push_back(on_picture("picture/zoom-in", "Zoom in", "+", "One step closer; the wheel zooms at the pointer."));
  table.push_back(on_picture("picture/zoom-out", "Zoom out", "-", "One step back."));
  table.push_back(on_picture("picture/original", "Original", "Shift", "Held: shows the input in place of the maps."));
}

void add_help_actions(std::vector<Action>& table) {
  table.push_back({"help/keys",
                   "Keys",
                   "?",
                   "Every key with what it does.",
                   [](Ui& ui) { ui.windows.help = !ui.windows.help; },
                   {},
                   [](const Ui& ui) { return ui.windows.help; }});
  table.push_back({"help/palette", "Command palette", "Ctrl+Shift+P", "Finds any action by name and runs it.",
                   [](Ui& ui) { ui.windows.palette = true; }});
  table.push_back({"help/about", "About ConvLens", "", "Version, licence and what it runs on.",
                   [](Ui& ui) { ui.windows.about = true; }});
}

}  // namespace convlens::ui
