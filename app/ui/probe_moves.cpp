// Which value the window looks into, and how deep.
#include "app/ui/probe_moves.h"

#include <algorithm>
#include <string>

#include "app/ui/text.h"
#include "app/ui/transport.h"

namespace convlens::ui {
namespace {

using model::Depth;
using model::Document;
using model::MapLayout;
using model::Pin;

Pin inside_maps(const Document& document, Pin pin) {
  if (const model::ConvResultPtr& result = document.result()) {
    pin = model::inside(pin, result->geometry.p, result->geometry.q);
    pin.filter = std::clamp(pin.filter, 0, static_cast<int>(result->geometry.k) - 1);
  }
  return pin;
}

}  // namespace

Pin pointed_value(const Document& document) {
  const model::Hover& hover = document.hover;
  if (hover.kind == model::Hover::Kind::kMap) {
    return inside_maps(document, {hover.index, hover.row, hover.col});
  }
  if (document.probe.depth != Depth::kMaps) return laid_open(document);
  const model::OutputCell cell = animation_cell(document);
  return inside_maps(document, {document.selection.filter, cell.row, cell.col});
}

Pin laid_open(const Document& document) {
  const model::OutputCell cell = animation_cell(document);
  Pin pin = document.probe.focus.value_or(Pin{0, cell.row, cell.col});
  pin.filter = document.selection.filter;
  return inside_maps(document, pin);
}

void choose_value(Document& document, const Pin& pin) {
  document.probe.focus = pin;
  document.selection.filter = pin.filter;
  const Pin seen = inside_maps(document, pin);
  grab_animation(document, {seen.row, seen.col});
}

void go_to_depth(Document& document, Depth depth) {
  model::ProbeState& probe = document.probe;
  if (depth != Depth::kMaps && probe.depth == Depth::kMaps) choose_value(document, laid_open(document));
  if (depth != probe.depth) probe.sum = {};
  probe.lit_cell.reset();
  probe.depth = depth;
}

void one_level_down(Document& document) {
  MapLayout& layout = document.settings.view.layout;
  const Depth depth = document.probe.depth;
  if (depth == Depth::kNumber) return;
  choose_value(document, pointed_value(document));
  if (depth == Depth::kMaps && layout == MapLayout::kTiles) {
    layout = MapLayout::kSingle;
  } else {
    go_to_depth(document, depth == Depth::kMaps ? Depth::kChannels : Depth::kNumber);
  }
}

bool one_level_up(Document& document) {
  MapLayout& layout = document.settings.view.layout;
  const Depth depth = document.probe.depth;
  if (depth != Depth::kMaps) {
    go_to_depth(document, depth == Depth::kNumber ? Depth::kChannels : Depth::kMaps);
    return true;
  }
  if (layout == MapLayout::kTiles) return false;
  layout = MapLayout::kTiles;
  return true;
}

void watch_value(Document& document, const Pin& pin, bool adds) {
  if (adds) {
    model::toggle_pin(document.probe, pin);
  } else {
    model::place_pin(document.probe, pin);
  }
  choose_value(document, pin);
}

void toggle_pointed_pin(Document& document) {
  if (!document.result()) return;
  const Pin pin = pointed_value(document);
  const bool is_watched = model::toggle_pin(document.probe, pin);
  choose_value(document, pin);
  document.say((is_watched ? "Watching " : "No longer watching ") + place_text(pin.row, pin.col) + ".");
}

explain::Probe probe_value(const model::ConvResult& result, const Pin& pin) {
  const conv::Geometry& g = result.geometry;
  explain::ProbeOptions options;
  options.map_value = result.value(pin.filter, pin.row, pin.col);
  return explain::probe_output(g, result.input->view(), dense_view(result.weights.data(), g.weights_shape()),
                               result.biases, {0, pin.filter, pin.row, pin.col}, options);
}

void copy_value(Ui& ui, explain::ProbeFormat format) {
  Document& document = ui.document;
  if (!document.result() || !document.result()->input) return;
  const explain::Probe probe = probe_value(*document.result(), pointed_value(document));
  ImGui::SetClipboardText(explain::to_string(probe, format).c_str());
  const conv::ChoiceName& name = explain::probe_format_names()[static_cast<std::size_t>(format)];
  document.say("Copied the sum of " + place_text(probe.at.p, probe.at.q) + " as " + std::string(name.label) + ".");
}

}  // namespace convlens::ui
