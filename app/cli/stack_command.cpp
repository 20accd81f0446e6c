// `convlens stack`: engine/explain's numbers about a chain of layers.
#include "app/cli/stack_command.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <span>
#include <vector>

#include "app/cli/explain_model.h"
#include "engine/explain/receptive_field.h"
#include "engine/explain/stack.h"
#include "engine/explain/stack_presets.h"

namespace convlens::cli {
namespace {

constexpr const char* kFooter =
    "A model file is JSON: {\"input\": [1, 28, 28], \"classes\": 10, \"layers\": [{\"kind\": \"conv\", \"filters\": "
    "6,\n"
    "\"size\": [5, 5]}, ...]}. Field: how many pixels of the input one unit sees (rows x columns); jump: how far its\n"
    "neighbour's field lies from its own, 0 where all see the same; start: the first row and column that unit 0 sees,\n"
    "below 0 in the padding.\n"
    "Exit code: 0 done, 1 cannot, 2 usage.";

struct Row {
  std::string name, kind;
  Shape shape;
  explain::LayerCost cost;
  explain::ReceptiveField field;
};

std::string pair(std::int64_t y, std::int64_t x) { return std::to_string(y) + "x" + std::to_string(x); }

std::string shape_text(const Shape& s) {
  return std::to_string(s.c) + "x" + std::to_string(s.h) + "x" + std::to_string(s.w);
}

std::string table(const std::vector<Row>& rows, std::int64_t parameters, std::int64_t multiply_adds,
                  const std::string& comparison) {
  std::vector<std::vector<std::string>> cells{
      {"layer", "kind", "output", "parameters", "multiply-adds", "field", "jump", "start"}};
  for (const Row& row : rows) {
    cells.push_back({row.name, row.kind, shape_text(row.shape), std::to_string(row.cost.parameters),
                     std::to_string(row.cost.multiply_adds), pair(row.field.y.size, row.field.x.size),
                     pair(row.field.y.jump, row.field.x.jump),
                     std::to_string(row.field.y.start) + "," + std::to_string(row.field.x.start)});
  }
  cells.push_back({"total", "", "", std::to_string(parameters), std::to_string(multiply_adds), "", "", ""});
  std::vector<std::size_t> widths(cells.front().size());
  for (const auto& line : cells) {
    for (std::size_t c = 0; c < line.size(); ++c) widths[c] = std::max(widths[c], line[c].size());
  }
  std::string text;
  for (const auto& line : cells) {
    std::string out;
    for (std::size_t c = 0; c < line.size(); ++c) {
      const std::string space(widths[c] - line[c].size(), ' ');
      out += (c > 0 ? "  " : "") + (c < 2 ? line[c] + space : space + line[c]);
    }
    text += out.substr(0, out.find_last_not_of(' ') + 1) + "\n";
  }
  return text + (comparison.empty() ? "" : comparison + "\n");
}

std::string json_text(const nn::ModelSpec& model, const std::vector<Row>& rows, std::int64_t parameters,
                      std::int64_t multiply_adds) {
  nlohmann::ordered_json json;
  json["name"] = model.name;
  json["input"] = {model.channels, model.height, model.width};
  json["parameters"] = parameters;
  json["multiply_adds"] = multiply_adds;
  json["layers"] = nlohmann::ordered_json::array();
  for (const Row& row : std::span(rows).subspan(1)) {  // the first is the input
    const auto axis = [](const explain::AxisField& a) {
      return nlohmann::ordered_json{{"size", a.size}, {"jump", a.jump}, {"start", a.start}};
    };
    json["layers"].push_back({{"name", row.name},
                              {"kind", row.kind},
                              {"output", {row.shape.c, row.shape.h, row.shape.w}},
                              {"parameters", row.cost.parameters},
                              {"multiply_adds", row.cost.multiply_adds},
                              {"field", {{"y", axis(row.field.y)}, {"x", axis(row.field.x)}}}});
  }
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace

void declare_stack(CLI::App& command, StackOptions& options) {
  command.footer(kFooter);
  std::string names;
  for (const explain::StackPreset& preset : explain::stack_presets()) names += std::string(preset.name) + "|";
  command.add_option("--model", options.model, "The chain of layers: a named one, or a JSON file")
      ->required()
      ->type_name(names + "FILE");
  command
      .add_option_function<std::vector<int>>(
          "--input",
          [&](const std::vector<int>& sizes) {
            options.input = std::array<int, 3>{sizes[0], sizes[1], sizes[2]};
          },
          "Channels, height and width of the input, in place of the model's")
      ->type_name("C,H,W")
      ->delimiter(',')
      ->expected(3);
  command.add_flag("--json", options.json, "Print one JSON object");
}

Result<std::string> run_stack(const StackOptions& options) {
  Result<nn::ModelSpec> model = read_model(options.model);
  if (!model) return model.error();
  if (options.input) {
    model->channels = (*options.input)[0], model->height = (*options.input)[1], model->width = (*options.input)[2];
  }
  const nn::ChainShapes chain = nn::chain_shapes(*model);
  if (chain.error) return *chain.error;
  const std::vector<Shape> levels = explain::level_shapes(*model);
  const std::vector<explain::ReceptiveField> fields = explain::receptive_fields(*model, levels);
  const std::vector<nn::LayerSpec> layers = nn::named_layers(*model);
  std::vector<Row> rows{{"input", "", levels.front(), {}, fields.front()}};
  std::int64_t parameters = 0, multiply_adds = 0;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const auto kind = static_cast<std::size_t>(layers[i].kind);
    rows.push_back({layers[i].name, std::string(nn::layer_kind_names()[kind].name), levels[i + 1],
                    explain::layer_cost(layers[i], levels[i], levels[i + 1]), fields[i + 1]});
    parameters += rows.back().cost.parameters;
    multiply_adds += rows.back().cost.multiply_adds;
  }
  if (options.json) return json_text(*model, rows, parameters, multiply_adds);
  return table(rows, parameters, multiply_adds, explain::same_field_in_words(*model, levels, levels.size() - 1));
}

}  // namespace convlens::cli
