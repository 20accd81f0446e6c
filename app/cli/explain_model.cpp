// Runs the chain up to the layer that is asked for, and has engine/explain say how the value came about.
#include "app/cli/explain_model.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "app/cli/layer_files.h"
#include "app/model/stack_input.h"
#include "app/model/stack_weights.h"
#include "engine/explain/stack.h"
#include "engine/explain/stack_presets.h"
#include "engine/explain/stack_probe.h"
#include "engine/io/file.h"
#include "engine/nn/model_json.h"

namespace convlens::cli {
namespace {

// By name ("conv2") or by number, counted from 1.
Result<std::size_t> find_layer(const nn::ModelSpec& model, const std::string& wanted) {
  const std::vector<nn::LayerSpec> layers = nn::named_layers(model);
  std::string names;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (layers[i].name == wanted || std::to_string(i + 1) == wanted) return i;
    names += (i > 0 ? ", " : "") + layers[i].name;
  }
  return Error{"there is no layer '" + wanted + "': choose one of " + names};
}

Status check_unit(const Shape& shape, const explain::Unit& unit, const std::string& layer) {
  if (unit.c < shape.c && unit.y < shape.h && unit.x < shape.w) return Done{};
  return Error{"--at " + std::to_string(unit.c) + "," + std::to_string(unit.y) + "," + std::to_string(unit.x) +
               " is outside of what " + layer + " makes: " + std::to_string(shape.c) + " x " + std::to_string(shape.h) +
               " x " + std::to_string(shape.w) + ", counted from 0"};
}

}  // namespace

Result<nn::ModelSpec> read_model(const std::string& name) {
  if (explain::find_stack_preset(name) != nullptr) return explain::make_stack_model(name);
  std::error_code failed;
  if (!std::filesystem::exists(name, failed)) {
    const Result<nn::ModelSpec> unknown = explain::make_stack_model(name);
    return Error{unknown.error().message + "; or name a JSON file"};
  }
  const auto bytes = io::read_file(name);
  if (!bytes) return bytes.error();
  auto model = nn::chain_from_json({reinterpret_cast<const char*>(bytes->data()), bytes->size()});
  if (!model) return Error{name + ": " + model.error().message};
  return model;
}

Result<std::string> explain_in_model(const ExplainOptions& options) {
  const Result<nn::ModelSpec> model = read_model(options.model);
  if (!model) return model.error();
  const Result<std::size_t> layer = find_layer(*model, options.layer_name);
  if (!layer) return layer.error();
  const Result<Tensor> input = read_input(options.layer);
  if (!input) return input.error();
  const auto& file = options.layer.weights;
  const auto parameters = file ? model::read_weights(*model, *file) : explain::first_parameters(*model, options.seed);
  if (!parameters) return parameters.error();
  const auto stack = explain::make_stack(*model, *parameters);
  if (!stack) return stack.error();
  const std::size_t level = *layer + 1;
  const auto [c, y, x] = *options.at;
  const explain::Unit unit{c, y, x};
  if (const Status inside = check_unit(stack->level_shape(level), unit, options.layer_name); !inside) {
    return inside.error();
  }
  const Parallel parallel(options.layer.threads);
  conv::Workspace workspace;
  Tensor below, maps = model::scale_to_stack(*input, model->channels, model->height, model->width, parallel).values;
  for (std::size_t i = 0; i < level; ++i) {
    auto next = explain::run_layer(*stack->layers[i], maps.view(), workspace, parallel);
    if (!next) return next.error();
    below = std::exchange(maps, std::move(*next));
  }
  const explain::StackProbe probe = explain::probe_unit(*stack, level, unit, below.view(), maps.at(0, c, y, x));
  if (options.format == explain::ProbeFormat::kText) return explain::to_text(probe, options.depth);
  if (!probe.sum) {
    return Error{options.layer_name + " has no sum of products, so it can only be told as text: leave --format out"};
  }
  return explain::to_string(*probe.sum, options.format, options.depth);
}

}  // namespace convlens::cli
