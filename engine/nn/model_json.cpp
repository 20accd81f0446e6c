// JSON in and out through one list of fields per layer kind, so that reading and writing cannot disagree.
#include "engine/nn/model_json.h"

#include <limits>
#include <set>

#include <nlohmann/json.hpp>

namespace convlens::nn {
namespace {

using Json = nlohmann::ordered_json;

// What a field holds, as JSON; throws nothing, reports through the reader's error.
class Reader {
 public:
  explicit Reader(const Json& object, std::string where) : object_(object), where_(std::move(where)) {}

  const std::string& error() const { return error_; }

  void field(const char* key, int& value) {
    const Json* json = take(key);
    if (!json) return;
    const bool fits = json->is_number_integer() && *json >= std::numeric_limits<int>::min() &&
                      *json <= std::numeric_limits<int>::max();
    if (!fits) return fail(key, "a whole number");
    value = json->get<int>();
  }
  void field(const char* key, float& value) {
    const Json* json = take(key);
    if (!json) return;
    if (!json->is_number()) return fail(key, "a number");
    value = json->get<float>();
  }
  void field(const char* key, bool& value) {
    const Json* json = take(key);
    if (!json) return;
    if (!json->is_boolean()) return fail(key, "true or false");
    value = json->get<bool>();
  }
  void field(const char* key, std::string& value) {
    const Json* json = take(key);
    if (!json) return;
    if (!json->is_string()) return fail(key, "a text in quotes");
    value = json->get<std::string>();
  }
  template <class Enum>
  void choice(const char* key, Enum& value, std::span<const conv::ChoiceName> names) {
    const Json* json = take(key);
    if (!json) return;
    std::string known;
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (json->is_string() && json->get_ref<const std::string&>() == names[i].name) {
        value = static_cast<Enum>(i);
        return;
      }
      known += (i ? ", " : "") + std::string(names[i].name);
    }
    fail(key, "one of " + known);
  }
  // Whole numbers of a list of exactly these many.
  template <std::size_t Count>
  void list(const char* key, const std::array<int*, Count>& values) {
    const Json* json = take(key);
    if (!json) return;
    const std::string wanted = "a list of " + std::to_string(Count) + " whole numbers";
    if (!json->is_array() || json->size() != Count) return fail(key, wanted);
    for (std::size_t i = 0; i < Count; ++i) {
      const Json& item = (*json)[i];
      if (!item.is_number_integer() || item < 0 || item > std::numeric_limits<int>::max()) return fail(key, wanted);
      *values[i] = item.get<int>();
    }
  }
  const Json* take(const char* key) {
    taken_.insert(key);
    const auto found = object_.find(key);
    return found == object_.end() ? nullptr : &*found;
  }
  // Reports fields that nobody took.
  void finish() {
    for (const auto& item : object_.items()) {
      if (!taken_.contains(item.key()))
        set("'" + item.key() + "' is not a field of " + where_ + ": check its spelling");
    }
  }
  void fail(const char* key, const std::string& wanted) {
    set("'" + std::string(key) + "' of " + where_ + " must be " + wanted);
  }

 private:
  void set(std::string message) {
    if (error_.empty()) error_ = std::move(message);
  }
  const Json& object_;
  std::string where_;
  std::string error_;
  std::set<std::string, std::less<>> taken_;
};

// The same calls, writing what differs from the default.
class Writer {
 public:
  template <class T>
  void field(const char* key, const T& value, const T& usual) {
    if (value != usual) json[key] = value;
  }
  template <class Enum>
  void choice(const char* key, Enum value, Enum usual, std::span<const conv::ChoiceName> names) {
    if (value != usual) json[key] = names[static_cast<std::size_t>(value)].name;
  }
  Json json = Json::object();
};

void write_weights(Writer& writer, const LayerSpec& layer, const LayerSpec& usual) {
  writer.field("bias", layer.bias, usual.bias);
  writer.choice("init", layer.init.kind, usual.init.kind, init_kind_names());
  writer.field("init-value", layer.init.value, usual.init.value);
  writer.field("init-filter", layer.init.filter, usual.init.filter);
  writer.field("frozen", layer.frozen, usual.frozen);
}
void read_weights(Reader& reader, LayerSpec& layer) {
  reader.field("bias", layer.bias);
  reader.choice("init", layer.init.kind, init_kind_names());
  reader.field("init-value", layer.init.value);
  reader.field("init-filter", layer.init.filter);
  reader.field("frozen", layer.frozen);
}

void write_conv(Writer& writer, const LayerSpec& layer, const LayerSpec& usual) {
  writer.json["filters"] = layer.filters;
  writer.json["size"] = {layer.rows, layer.cols};
  const conv::Params& p = layer.conv;
  if (p.stride_y != 1 || p.stride_x != 1) writer.json["stride"] = {p.stride_y, p.stride_x};
  if (p.dilation_y != 1 || p.dilation_x != 1) writer.json["dilation"] = {p.dilation_y, p.dilation_x};
  writer.choice("padding", p.padding, usual.conv.padding, conv::padding_mode_names());
  if (p.padding == conv::PaddingMode::kCustom) {
    writer.json["pads"] = {p.custom.top, p.custom.bottom, p.custom.left, p.custom.right};
  }
  writer.choice("border", p.border, usual.conv.border, conv::border_names());
  writer.field("groups", p.groups, usual.conv.groups);
  writer.field("flip", p.flip, usual.conv.flip);
  writer.choice("activation", p.activation, usual.conv.activation, conv::activation_names());
  write_weights(writer, layer, usual);
}
void read_conv(Reader& reader, LayerSpec& layer) {
  reader.field("filters", layer.filters);
  reader.list<2>("size", {&layer.rows, &layer.cols});
  conv::Params& p = layer.conv;
  reader.list<2>("stride", {&p.stride_y, &p.stride_x});
  reader.list<2>("dilation", {&p.dilation_y, &p.dilation_x});
  reader.choice("padding", p.padding, conv::padding_mode_names());
  reader.list<4>("pads", {&p.custom.top, &p.custom.bottom, &p.custom.left, &p.custom.right});
  reader.choice("border", p.border, conv::border_names());
  reader.field("groups", p.groups);
  reader.field("flip", p.flip);
  reader.choice("activation", p.activation, conv::activation_names());
  read_weights(reader, layer);
}

Json write_layer(const LayerSpec& layer) {
  const LayerSpec usual;
  Writer writer;
  writer.json["kind"] = layer_kind_names()[static_cast<std::size_t>(layer.kind)].name;
  writer.field("name", layer.name, usual.name);
  switch (layer.kind) {
    case LayerKind::kConv:
      write_conv(writer, layer, usual);
      break;
    case LayerKind::kDense:
      writer.json["outputs"] = layer.outputs;
      writer.choice("activation", layer.activation, usual.activation, conv::activation_names());
      write_weights(writer, layer, usual);
      break;
    case LayerKind::kActivation:
      writer.json["activation"] = conv::activation_names()[static_cast<std::size_t>(layer.activation)].name;
      break;
    case LayerKind::kMaxPool:
    case LayerKind::kAveragePool:
      writer.json["size"] = {layer.rows, layer.cols};
      if (layer.stride_y != 0 || layer.stride_x != 0) writer.json["stride"] = {layer.stride_y, layer.stride_x};
      break;
    case LayerKind::kDropout:
      writer.json["rate"] = layer.rate;
      break;
    case LayerKind::kBatchNorm:
      writer.field("epsilon", layer.epsilon, usual.epsilon);
      writer.field("momentum", layer.momentum, usual.momentum);
      writer.field("frozen", layer.frozen, usual.frozen);
      break;
    case LayerKind::kGlobalAverage:
    case LayerKind::kFlatten:
      break;
  }
  return writer.json;
}

void read_layer(Reader& reader, LayerSpec& layer) {
  if (!reader.take("kind")) return reader.fail("kind", "given");
  reader.choice("kind", layer.kind, layer_kind_names());
  reader.field("name", layer.name);
  switch (layer.kind) {
    case LayerKind::kConv:
      return read_conv(reader, layer);
    case LayerKind::kDense:
      reader.field("outputs", layer.outputs);
      reader.choice("activation", layer.activation, conv::activation_names());
      return read_weights(reader, layer);
    case LayerKind::kActivation:
      return reader.choice("activation", layer.activation, conv::activation_names());
    case LayerKind::kMaxPool:
    case LayerKind::kAveragePool:
      reader.list<2>("size", {&layer.rows, &layer.cols});
      return reader.list<2>("stride", {&layer.stride_y, &layer.stride_x});
    case LayerKind::kDropout:
      return reader.field("rate", layer.rate);
    case LayerKind::kBatchNorm:
      reader.field("epsilon", layer.epsilon);
      reader.field("momentum", layer.momentum);
      return reader.field("frozen", layer.frozen);
    case LayerKind::kGlobalAverage:
    case LayerKind::kFlatten:
      return;
  }
}

}  // namespace

std::string to_json(const ModelSpec& model) {
  Json json;
  json["name"] = model.name;
  json["input"] = {model.channels, model.height, model.width};
  json["classes"] = model.classes;
  json["layers"] = Json::array();
  for (const LayerSpec& layer : model.layers) json["layers"].push_back(write_layer(layer));
  // A name that is not UTF-8 is written with replacement characters.
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<ModelSpec> chain_from_json(std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) return Error{"the model description is not JSON: check its brackets, quotes and commas"};
  if (!json.is_object()) return Error{"the model description must be one JSON object in curly brackets"};
  ModelSpec model;
  Reader reader(json, "the model");
  reader.field("name", model.name);
  reader.list<3>("input", {&model.channels, &model.height, &model.width});
  reader.field("classes", model.classes);
  reader.take("preprocessing");  // of pictures, beside the description of a trained model
  const Json* layers = reader.take("layers");
  if (!layers || !layers->is_array()) return Error{"the model description needs a list called 'layers'"};
  reader.finish();
  if (!reader.error().empty()) return Error{reader.error()};
  for (const Json& item : *layers) {
    const std::string where = "layer " + std::to_string(model.layers.size() + 1);
    if (!item.is_object()) return Error{where + " must be an object in curly brackets"};
    LayerSpec layer;
    Reader layer_reader(item, where);
    read_layer(layer_reader, layer);
    layer_reader.finish();
    if (!layer_reader.error().empty()) return Error{layer_reader.error()};
    model.layers.push_back(std::move(layer));
  }
  return model;
}

Result<ModelSpec> model_from_json(std::string_view text) {
  Result<ModelSpec> model = chain_from_json(text);
  if (!model) return model;
  if (const auto shapes = layer_shapes(*model); !shapes) return shapes.error();
  return model;
}

}  // namespace convlens::nn
