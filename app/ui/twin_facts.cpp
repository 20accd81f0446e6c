// Turns the document into JSON for the text twin.
#include "app/ui/twin_facts.h"

#include <string>

#include "app/model/fields.h"

namespace convlens::ui {
namespace {

using Json = nlohmann::json;

Json field_json(const model::Field& field, const model::Settings& settings) {
  const double value = field.get(settings);
  switch (field.kind) {
    case model::FieldKind::kInt:
      return static_cast<std::int64_t>(value);
    case model::FieldKind::kFloat:
      return value;
    case model::FieldKind::kBool:
      return value != 0;
    case model::FieldKind::kChoice:
      return std::string(field.choices[static_cast<std::size_t>(value)].name);
  }
  return {};
}

Json fields_json(const model::Settings& settings) {
  Json object = Json::object();
  for (const model::Field& field : model::fields()) object[std::string(field.name)] = field_json(field, settings);
  return object;
}

Json filters_json(const model::FilterBank& bank) {
  Json filters = Json::array();
  for (const model::Filter& filter : bank.filters) {
    filters.push_back(
        {{"name", filter.name}, {"weights", filter.weights}, {"bias", filter.bias}, {"strength", filter.strength}});
  }
  return filters;
}

Json picture_json(const model::Document& document) {
  const model::PictureRef& ref = document.settings.conv.picture;
  constexpr const char* kKinds[] = {"builtin", "file", "pasted"};
  Json object = {{"kind", kKinds[static_cast<std::size_t>(ref.kind)]}, {"name", ref.name}};
  if (const model::PicturePtr& picture = document.picture()) {
    const Shape& shape = picture->pixels.shape();
    object["shape"] = {shape.n, shape.c, shape.h, shape.w};
    object["title"] = picture->title;
    object["details"] = picture->details;
    object["shown"] = picture->ref == ref;
  }
  return object;
}

Json history_json(const model::History& history) {
  Json labels = Json::array();
  for (const model::History::Entry& entry : history.entries()) labels.push_back(entry.label);
  return {{"entries", std::move(labels)}, {"position", history.position()}};
}

Json document_json(const model::Document& document) {
  const model::FilterBank& bank = document.settings.conv.bank;
  return {{"fields", fields_json(document.settings)},
          {"filters", filters_json(bank)},
          {"bank", {{"channels", bank.channels}, {"rows", bank.rows}, {"cols", bank.cols}}},
          {"picture", picture_json(document)},
          {"session", document.session_path().string()},
          {"history", history_json(document.history())},
          {"unsaved", document.has_unsaved_changes()}};
}

Json probe_json(const model::ProbeState& probe) {
  Json pins = Json::array();
  for (const model::Pin& pin : probe.pins) pins.push_back({pin.filter, pin.row, pin.col});
  Json object = {{"depth", static_cast<int>(probe.depth)},
                 {"pins", std::move(pins)},
                 {"steps", {probe.sum.taken(), probe.sum.count}},
                 {"playing", probe.sum.is_playing}};
  if (probe.focus) object["focus"] = {probe.focus->filter, probe.focus->row, probe.focus->col};
  if (probe.lit_cell) object["lit_cell"] = *probe.lit_cell;
  return object;
}

Json map_stats_json(const model::ConvResult& result) {
  Json stats = Json::array();
  for (const model::MapStats& map : result.stats) {
    stats.push_back({{"min", map.min},
                     {"max", map.max},
                     {"mean", map.mean},
                     {"standard_deviation", map.standard_deviation},
                     {"not_finite", map.not_finite}});
  }
  return stats;
}

Json maps_json(const model::ConvResult& result) {
  const conv::Geometry& g = result.geometry;
  return {{"generation", result.generation},
          {"input_shape", {g.n, g.c, g.h, g.w}},
          {"weights_shape", {g.k, g.channels_per_group(), g.r, g.s}},
          {"shape", {g.n, g.k, g.p, g.q}},
          {"padding", {{"top", g.pad.top}, {"bottom", g.pad.bottom}, {"left", g.pad.left}, {"right", g.pad.right}}},
          {"stats", map_stats_json(result)},
          {"complete", result.is_complete},
          {"computed", result.computed_maps},
          {"kernel", result.report.kernel},
          {"isa", result.report.isa},
          {"threads", result.report.threads},
          {"milliseconds", result.report.milliseconds},
          {"total_milliseconds", result.total_milliseconds},
          {"gflops", result.report.gflops}};
}

}  // namespace

void tell_facts(Ui& ui, const Latency& latency) {
  if (!ui.twin.is_active()) return;
  const model::Document& document = ui.document;
  ui.twin.set("document", document_json(document));
  Json maps = document.result() ? maps_json(*document.result()) : Json{{"generation", 0}};
  maps["frame"] = latency.maps_frame;
  ui.twin.set("maps", std::move(maps));
  ui.twin.set("edit", {{"generation", document.edit_generation()}, {"frame", latency.edit_frame}});
  ui.twin.set("selection", {{"filter", document.selection.filter}, {"channel", document.selection.channel}});
  ui.twin.set("animation", {{"playing", document.animation.is_playing}, {"position", document.animation.position}});
  ui.twin.set("hover", ui.hovered_value);
  ui.twin.set("probe", probe_json(document.probe));
  ui.twin.set("busy", document.is_busy());
  if (const auto& message = document.message()) {
    ui.twin.set("message", {{"kind", message->kind == model::Message::Kind::kError ? "error" : "info"},
                            {"text", message->text},
                            {"serial", message->serial}});
  }
  const ImVec2 size = ImGui::GetIO().DisplaySize;
  constexpr const char* kThemes[] = {"dark", "light", "projector"};
  ui.twin.set("window", {{"width", size.x},
                         {"height", size.y},
                         {"scale", ui.scale},
                         {"theme", kThemes[static_cast<std::size_t>(ui.preferences.theme)]},
                         {"renderer", ui.gl.renderer}});
}

}  // namespace convlens::ui
