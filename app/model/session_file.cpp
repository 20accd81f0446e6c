// Sessions to and from JSON: one line per field, one line per row of weights, so that a person can read and edit them.
#include "app/model/session_file.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "app/model/fields.h"
#include "app/model/filter_bank.h"
#include "app/model/session_train.h"
#include "engine/nn/model_json.h"

namespace convlens::model {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kFormat = "convlens session";
constexpr int kVersion = 1;
constexpr std::int64_t kFarthestPin = 1 << 24;  // rows and columns; no map is larger
constexpr std::array<std::string_view, 3> kPictureKinds{"builtin", "file", "pasted"};
constexpr std::array<std::string_view, 5> kBKinds{"none", "frozen", "flip", "border", "processor"};
constexpr std::array<std::string_view, 4> kAbShows{"a", "swipe", "b", "difference"};

// Kernel size is told by the bank itself.
bool is_bank_shape(const Field& field) { return field.name == "conv/kernel_rows" || field.name == "conv/kernel_cols"; }

std::string json_string(std::string_view text) {
  return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
}

// The shortest digits that read back to the same float.
std::string number_text(float value) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value + 0.0F).ptr;
  return {text.data(), end};
}

std::string value_text(const Field& field, double value) {
  if (field.kind == FieldKind::kChoice) return json_string(field_text(field, value));
  if (field.kind == FieldKind::kBool) return value != 0 ? "true" : "false";
  return field_text(field, value);
}

std::string stored_path(const std::string& name, const std::filesystem::path& folder) {
  if (folder.empty()) return name;
  const std::filesystem::path relative = std::filesystem::path(name).lexically_relative(folder);
  const bool is_below = !relative.empty() && *relative.begin() != "..";
  return is_below ? relative.generic_string() : name;
}

void write_weights(std::string& text, const FilterBank& bank, const Filter& filter) {
  std::size_t i = 0;
  text += "[";
  for (int c = 0; c < bank.channels; ++c) {
    text += c == 0 ? "\n        [" : ",\n        [";
    for (int r = 0; r < bank.rows; ++r) {
      text += r == 0 ? "[" : ",\n         [";
      for (int s = 0; s < bank.cols; ++s) {
        if (s > 0) text += ", ";
        text += number_text(filter.weights[i++]);
      }
      text += "]";
    }
    text += "]";
  }
  text += "]";
}

// Reading, with one remark for everything that could not be used.
struct Reader {
  Settings settings;
  SessionView view;
  std::vector<std::string> remarks;

  void remark(std::string text) { remarks.push_back(std::move(text)); }
  void read_picture(const Json& json, const std::filesystem::path& folder);
  // Where `prefix` is given, fields of other names are not expected.
  void read_fields(const Json& json, std::string_view prefix = {});
  void read_field(const Field& field, const Json& json);
  void read_bank(const Json& json);
  void read_stack(const Json& json, const std::filesystem::path& folder);
  void read_pins(const Json& json);
  void read_chosen(const Json& json);
  void read_stack_look(const Json& stack);
  void read_b(const Json& json, const std::filesystem::path& folder);
  std::optional<Filter> read_filter(const Json& json, std::size_t number, const FilterBank& bank);
};

void Reader::read_picture(const Json& json, const std::filesystem::path& folder) {
  const Json kind = json.is_object() ? json.value("kind", Json()) : Json();
  const Json name = json.is_object() ? json.value("name", Json()) : Json();
  const auto known =
      std::find(kPictureKinds.begin(), kPictureKinds.end(), kind.is_string() ? kind.get<std::string>() : "");
  if (known == kPictureKinds.end() || !name.is_string() || name.get<std::string>().empty()) {
    remark("The session's picture is not described in a usable way; the default scene is used.");
    return;
  }
  PictureRef& ref = settings.conv.picture;
  ref.kind = static_cast<PictureRef::Kind>(known - kPictureKinds.begin());
  ref.name = name.get<std::string>();
  if (ref.kind == PictureRef::Kind::kFile) ref.name = (folder / ref.name).lexically_normal().string();
}

void Reader::read_field(const Field& field, const Json& json) {
  const std::string name(field.name);
  if (field.kind == FieldKind::kChoice) {
    const std::string text = json.is_string() ? json.get<std::string>() : "";
    const auto choice =
        std::find_if(field.choices.begin(), field.choices.end(), [&](const FieldChoice& c) { return c.name == text; });
    if (choice == field.choices.end()) {
      remark("'" + name + "' cannot be " + json.dump(-1, ' ', false, Json::error_handler_t::replace) +
             " here; it keeps '" + field_text(field, field.get(settings)) + "'.");
      return;
    }
    field.set(settings, static_cast<double>(choice - field.choices.begin()));
    return;
  }
  double value = NAN;
  if (field.kind == FieldKind::kBool && json.is_boolean()) value = json.get<bool>() ? 1 : 0;
  if (field.kind != FieldKind::kBool && json.is_number()) value = json.get<double>();
  if (field.kind == FieldKind::kInt && value != std::floor(value)) value = NAN;
  if (!(value >= field.lo && value <= field.hi)) {
    remark("'" + name + "' cannot be " + json.dump(-1, ' ', false, Json::error_handler_t::replace) + "; it keeps " +
           field_text(field, field.get(settings)) + ".");
    return;
  }
  field.set(settings, value);
}

void Reader::read_fields(const Json& json, std::string_view prefix) {
  if (!json.is_object()) {
    remark("The session has no settings; the defaults are used.");
    return;
  }
  for (const auto& [name, value] : json.items()) {
    const Field* field = find_field(name);
    if (field && !is_bank_shape(*field) && name.starts_with(prefix)) {
      read_field(*field, value);
    } else {
      remark("'" + name + "' is not a setting this version knows; it was left out.");
    }
  }
}

std::optional<Filter> Reader::read_filter(const Json& json, std::size_t number, const FilterBank& bank) {
  const std::string who = "Filter " + std::to_string(number);
  const Json weights = json.is_object() ? json.value("weights", Json()) : Json();
  Filter filter;
  filter.name = who;
  const auto broken = [&]() -> std::optional<Filter> {
    remark(who + " has no " + std::to_string(bank.channels) + " × " + std::to_string(bank.rows) + " × " +
           std::to_string(bank.cols) + " weights; it was left out.");
    return std::nullopt;
  };
  if (!weights.is_array() || weights.size() != static_cast<std::size_t>(bank.channels)) return broken();
  for (const Json& slice : weights) {
    if (!slice.is_array() || slice.size() != static_cast<std::size_t>(bank.rows)) return broken();
    for (const Json& row : slice) {
      if (!row.is_array() || row.size() != static_cast<std::size_t>(bank.cols)) return broken();
      for (const Json& weight : row) {
        const float value = weight.is_number() ? weight.get<float>() : NAN;
        if (!std::isfinite(value)) return broken();
        filter.weights.push_back(value);
      }
    }
  }
  const auto read_number = [&](const char* key, float& target) {
    const auto found = json.find(key);
    if (found == json.end()) return;
    const float value = found->is_number() ? found->get<float>() : NAN;
    if (std::isfinite(value)) {
      target = value;
    } else {
      remark(who + " has an unusable " + key + "; it is " + number_text(target) + ".");
    }
  };
  if (const auto name = json.find("name"); name != json.end() && name->is_string()) filter.name = *name;
  read_number("bias", filter.bias);
  read_number("strength", filter.strength);
  return filter;
}

void Reader::read_bank(const Json& json) {
  FilterBank bank;
  const Json shape = json.is_object() ? json.value("shape", Json()) : Json();
  const Json filters = json.is_object() ? json.value("filters", Json()) : Json();
  const bool has_shape =
      shape.is_array() && shape.size() == 3 && std::all_of(shape.begin(), shape.end(), [](const Json& n) {
        return n.is_number_integer() && n.get<std::int64_t>() >= 1 && n.get<std::int64_t>() <= kMaxEditableKernel;
      });
  if (!has_shape || shape[0].get<int>() > 3 || !filters.is_array()) {
    remark("The session's filters are not described in a usable way; the default filters are used.");
    return;
  }
  bank.channels = shape[0].get<int>();
  bank.rows = shape[1].get<int>();
  bank.cols = shape[2].get<int>();
  std::size_t number = 0;
  for (const Json& row : filters) {
    if (bank.filters.size() == static_cast<std::size_t>(kMaxFilters)) {
      remark("The session has more than " + std::to_string(kMaxFilters) + " filters; the others were left out.");
      break;
    }
    if (auto filter = read_filter(row, ++number, bank)) bank.filters.push_back(std::move(*filter));
  }
  if (bank.filters.empty()) {
    remark("The session has no usable filter; the default filters are used.");
    return;
  }
  settings.conv.bank = std::move(bank);
}

// A whole number from 0 to kFarthestPin.
bool is_place(const Json& json) {
  return json.is_number_integer() && json.get<std::int64_t>() >= 0 && json.get<std::int64_t>() <= kFarthestPin;
}

void Reader::read_pins(const Json& json) {
  const auto filters = static_cast<std::int64_t>(settings.conv.bank.filters.size());
  const auto is_pin = [&](const Json& pin) {
    return pin.is_array() && pin.size() == 3 && std::ranges::all_of(pin, is_place) &&
           pin[0].get<std::int64_t>() < filters;
  };
  if (!json.is_array() || json.size() > kMostPins || !std::ranges::all_of(json, is_pin)) {
    remark("The session's watched values are not described in a usable way; none is watched.");
    return;
  }
  for (const Json& pin : json) {
    view.pins.push_back({pin[0].get<int>(), pin[1].get<std::int64_t>(), pin[2].get<std::int64_t>()});
  }
}

void Reader::read_chosen(const Json& json) {
  const FilterBank& bank = settings.conv.bank;
  const bool is_usable = json.is_array() && json.size() == 2 && std::ranges::all_of(json, is_place) &&
                         json[0].get<std::size_t>() < bank.filters.size() && json[1].get<int>() < bank.channels;
  if (!is_usable) {
    remark("The session's chosen filter is not one of its filters; the first one is chosen.");
    return;
  }
  view.filter = json[0].get<int>();
  view.channel = json[1].get<int>();
}

// The pinned value may be outside of the chain's maps: then nothing is shown of it.
void Reader::read_stack_look(const Json& stack) {
  const Json chosen = stack.value("chosen", Json()), pin = stack.value("pin", Json());
  if (is_place(chosen)) view.stack_layer = chosen.get<std::size_t>();
  if (pin.is_null()) return;
  if (!pin.is_array() || pin.size() != 4 || !std::ranges::all_of(pin, is_place)) {
    remark("The pinned value of the session's stack is not described in a usable way; none is pinned.");
    return;
  }
  view.stack_pin = UnitRef{pin[0].get<std::size_t>(),
                           {pin[1].get<std::int64_t>(), pin[2].get<std::int64_t>(), pin[3].get<std::int64_t>()}};
}

// Index in `names` of the text that `json` has under `key`; nothing where it is none of them.
std::optional<std::size_t> named(const Json& json, const char* key, std::span<const std::string_view> names) {
  const Json value = json.is_object() ? json.value(key, Json()) : Json();
  const auto found = std::ranges::find(names, value.is_string() ? value.get<std::string>() : std::string());
  if (found == names.end()) return std::nullopt;
  return static_cast<std::size_t>(found - names.begin());
}

void Reader::read_b(const Json& json, const std::filesystem::path& folder) {
  const auto kind = named(json, "kind", kBKinds);
  if (!kind) {
    remark("What the session compares with is not described in a usable way; there is no B.");
    return;
  }
  view.b.kind = static_cast<BKind>(*kind);
  if (const auto show = named(json, "show", kAbShows)) view.b.show = static_cast<AbShow>(*show);
  if (const Json swipe = json.value("swipe", Json()); swipe.is_number()) {
    const float at = swipe.get<float>();
    if (at >= 0 && at <= 1) view.b.swipe = at;
  }
  if (view.b.kind != BKind::kFrozen) return;
  Reader b;
  b.settings = default_settings();
  b.read_picture(json.value("picture", Json()), folder);
  b.read_fields(json.value("settings", Json()), "conv/");
  b.read_bank(json.value("bank", Json()));
  view.b.frozen = std::move(b.settings.conv);
  for (const std::string& sentence : b.remarks) remark("B: " + sentence);
}

std::string pins_text(std::span<const Pin> pins) {
  std::string text;
  for (const Pin& pin : pins) {
    text += std::string(text.empty() ? "" : ", ") + "[" + std::to_string(pin.filter) + ", " + std::to_string(pin.row) +
            ", " + std::to_string(pin.col) + "]";
  }
  return "[" + text + "]";
}

void Reader::read_stack(const Json& json, const std::filesystem::path& folder) {
  if (json.is_null()) return;  // sessions without one
  const Json model = json.is_object() ? json.value("model", Json()) : Json();
  const auto read = nn::chain_from_json(model.dump(-1, ' ', false, Json::error_handler_t::replace));
  if (read && read->layers.size() > static_cast<std::size_t>(nn::kMaxLayers)) {
    remark("The session's stack has more than " + std::to_string(nn::kMaxLayers) + " layers; the first one is used.");
    return;
  }
  if (!read) {
    remark("The session's stack cannot be used, so the first one is: " + read.error().message + ".");
    return;
  }
  StackSettings& stack = settings.stack;
  stack.model = *read;
  const auto softmax = json.find("softmax"), seed = json.find("seed"), weights = json.find("weights");
  if (softmax != json.end() && softmax->is_boolean()) stack.has_softmax = softmax->get<bool>();
  if (seed != json.end() && seed->is_number_unsigned()) stack.seed = seed->get<std::uint64_t>();
  stack.weights_file.clear();
  if (weights != json.end() && weights->is_string() && !weights->get<std::string>().empty()) {
    stack.weights_file = (folder / weights->get<std::string>()).lexically_normal().string();
  }
  read_stack_look(json);
}

// With `margin` in front of every line but the first.
std::string indented(std::string text, std::string_view margin) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  for (std::size_t at = text.find('\n'); at != std::string::npos; at = text.find('\n', at + 1)) {
    text.insert(at + 1, margin);
  }
  return text;
}

// The layers stand in their own indented lines, as in a model file.
std::string stack_text(const StackSettings& stack, const SessionView& view, const std::filesystem::path& folder) {
  std::string text = "{\n    \"softmax\": " + std::string(stack.has_softmax ? "true" : "false") +
                     ",\n    \"seed\": " + std::to_string(stack.seed);
  if (!stack.weights_file.empty()) {
    text += ",\n    \"weights\": " + json_string(stored_path(stack.weights_file, folder));
  }
  if (view.stack_layer > 0) text += ",\n    \"chosen\": " + std::to_string(view.stack_layer);
  if (view.stack_pin) {
    const explain::Unit& unit = view.stack_pin->unit;
    text += ",\n    \"pin\": [" + std::to_string(view.stack_pin->level);
    for (const std::int64_t place : {unit.c, unit.y, unit.x}) text += ", " + std::to_string(place);
    text += "]";
  }
  return text + ",\n    \"model\": " + indented(nn::to_json(stack.model), "    ") + "\n  }";
}

// Picture, fields whose names begin with `prefix`, and filters.
std::string setup_text(const Settings& settings, const std::filesystem::path& folder, std::string_view prefix) {
  const PictureRef& ref = settings.conv.picture;
  const FilterBank& bank = settings.conv.bank;
  const std::string name = ref.kind == PictureRef::Kind::kFile ? stored_path(ref.name, folder) : ref.name;
  std::string text = "  \"picture\": {\"kind\": " + json_string(kPictureKinds[static_cast<std::size_t>(ref.kind)]) +
                     ", \"name\": " + json_string(name) + "},\n  \"settings\": {";
  bool is_first = true;
  for (const Field& field : fields()) {
    if (is_bank_shape(field) || !field.name.starts_with(prefix)) continue;
    text += std::string(is_first ? "" : ",") + "\n    " + json_string(field.name) + ": " +
            value_text(field, field.get(settings));
    is_first = false;
  }
  text += "\n  },\n  \"bank\": {\n    \"shape\": [" + std::to_string(bank.channels) + ", " + std::to_string(bank.rows) +
          ", " + std::to_string(bank.cols) + "],\n    \"filters\": [";
  for (std::size_t i = 0; i < bank.filters.size(); ++i) {
    const Filter& filter = bank.filters[i];
    text += std::string(i == 0 ? "" : ",") + "\n      {\"name\": " + json_string(filter.name) +
            ", \"bias\": " + number_text(filter.bias) + ", \"strength\": " + number_text(filter.strength) +
            ", \"weights\": ";
    write_weights(text, bank, filter);
    text += "}";
  }
  return text + "\n    ]\n  }";
}

std::string b_text(const SessionB& b, const std::filesystem::path& folder) {
  std::string text = "{\n    \"kind\": " + json_string(kBKinds[static_cast<std::size_t>(b.kind)]) +
                     ",\n    \"show\": " + json_string(kAbShows[static_cast<std::size_t>(b.show)]) +
                     ",\n    \"swipe\": " + number_text(b.swipe);
  if (b.kind == BKind::kFrozen) {
    Settings settings;
    settings.conv = b.frozen;
    text += ",\n  " + indented(setup_text(settings, folder, "conv/"), "  ");
  }
  return text + "\n  }";
}

}  // namespace

std::string to_session_text(const Settings& settings, const std::filesystem::path& folder, const SessionView& view) {
  std::string text =
      "{\n  \"format\": " + json_string(kFormat) + ",\n  \"version\": " + std::to_string(kVersion) + ",\n";
  text += setup_text(settings, folder, {});
  text += ",\n  \"stack\": " + stack_text(settings.stack, view, folder);
  text += ",\n  \"train\": " + train_session_text(settings.train, folder);
  if (view.filter != 0 || view.channel != 0) {
    text += ",\n  \"chosen\": [" + std::to_string(view.filter) + ", " + std::to_string(view.channel) + "]";
  }
  if (!view.pins.empty()) text += ",\n  \"pins\": " + pins_text(view.pins);
  if (view.b.kind != BKind::kNone) text += ",\n  \"b\": " + b_text(view.b, folder);
  return text + "\n}\n";
}

Result<SessionText> from_session_text(std::string_view text, const std::filesystem::path& folder) {
  const Json json = Json::parse(text.begin(), text.end(), nullptr, false);
  if (json.is_discarded()) return Error{"This is not a session: its JSON is broken or incomplete. Open another file."};
  if (!json.is_object() || json.value("format", Json()) != Json(kFormat)) {
    return Error{"This JSON file is not a ConvLens session. Open one that ConvLens saved."};
  }
  Reader reader;
  reader.settings = default_settings();
  const Json version = json.value("version", Json());
  if (!version.is_number_integer() || version.get<std::int64_t>() != kVersion) {
    reader.remark("The session was written by another version; what is known was read.");
  }
  reader.read_picture(json.value("picture", Json()), folder);
  reader.read_fields(json.value("settings", Json()));
  reader.read_bank(json.value("bank", Json()));
  reader.read_stack(json.value("stack", Json()), folder);
  if (const auto train = json.find("train"); train != json.end()) {
    const std::string part = train->dump(-1, ' ', false, Json::error_handler_t::replace);
    for (std::string& remark : read_train_session(part, folder, reader.settings.train))
      reader.remark(std::move(remark));
  }
  if (const auto pins = json.find("pins"); pins != json.end()) reader.read_pins(*pins);
  if (const auto chosen = json.find("chosen"); chosen != json.end()) reader.read_chosen(*chosen);
  if (const auto b = json.find("b"); b != json.end()) reader.read_b(*b, folder);
  for (const auto& [name, value] : json.items()) {
    static const std::set<std::string> kKnown{"format", "version", "picture", "settings", "bank",
                                              "stack",  "chosen",  "pins",    "b",        "train"};
    if (!kKnown.contains(name)) reader.remark("'" + name + "' is not known in a session; it was left out.");
  }
  return SessionText{std::move(reader.settings), std::move(reader.view), std::move(reader.remarks)};
}

}  // namespace convlens::model
