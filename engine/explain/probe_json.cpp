// The probe for other programs: shown decimals as strings, floats as numbers.
#include <cmath>
#include <nlohmann/json.hpp>
#include <string>

#include "engine/explain/probe_text.h"

namespace convlens::explain {
namespace {

using Json = nlohmann::ordered_json;

Json number_or_null(float value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

Json cell_json(const ProbeCell& cell) {
  Json json;
  json["cell"] = {cell.row.position, cell.col.position};
  json["padding"] = cell.is_padding();
  json["source"] = cell.is_zero() ? Json(nullptr) : Json{cell.row.source, cell.col.source};
  json["weight_index"] = {cell.row.weight, cell.col.weight};
  json["input"] = to_text(cell.input);
  json["weight"] = to_text(cell.weight);
  json["product"] = to_text(cell.product);
  json["running_sum"] = to_text(cell.running);
  json["input_float"] = number_or_null(cell.input_value);
  json["weight_float"] = number_or_null(cell.weight_value);
  return json;
}

Json channel_json(const Probe& probe, const ProbeChannel& channel, int depth) {
  Json json;
  json["channel"] = channel.channel;
  if (depth >= kMaxProbeDepth) {
    json["cells"] = Json::array();
    for (std::size_t i = 0; i < channel.cell_count; ++i) {
      json["cells"].push_back(cell_json(probe.cells[channel.first_cell + i]));
    }
  }
  json["subtotal"] = to_text(channel.subtotal);
  return json;
}

Json positions_json(const std::vector<Tap>& taps) {
  Json json = Json::array();
  for (const Tap& tap : taps) json.push_back(tap.position);
  return json;
}

}  // namespace

std::string probe_json(const Probe& probe, int depth) {
  const conv::Geometry& g = probe.geometry;
  Json json;
  json["image"] = probe.at.n;
  json["map"] = probe.at.k;
  json["row"] = probe.at.p;
  json["column"] = probe.at.q;
  json["output_shape"] = {g.n, g.k, g.p, g.q};
  json["flip"] = g.flip;
  json["border"] = conv::border_names()[static_cast<std::size_t>(g.border)].name;
  json["window"] = {{"rows", positions_json(probe.window.rows)}, {"columns", positions_json(probe.window.cols)}};
  json["padding_cells"] = probe.padding_cells;
  json["padding_share"] = probe.padding_share;
  if (depth > kMinProbeDepth) {
    json["channels"] = Json::array();
    for (const ProbeChannel& channel : probe.channels) json["channels"].push_back(channel_json(probe, channel, depth));
    json["sum"] = to_text(probe.sum);
    json["bias"] = probe.has_bias ? Json(to_text(probe.bias)) : Json(nullptr);
    json["pre_activation"] = to_text(probe.pre_activation);
    json["activation"] = conv::activation_names()[static_cast<std::size_t>(g.activation)].name;
    json["activated"] = to_text(probe.activated);
  }
  json["value"] = to_text(probe.value);
  json["map_value"] = number_or_null(probe.map_value);
  json["agrees"] = probe.agrees;
  return json.dump(2) + "\n";
}

}  // namespace convlens::explain
