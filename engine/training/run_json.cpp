// The fields of everything that is written as JSON, each named once.
#include "engine/training/run_json.h"

#include <algorithm>
#include <utility>

#include "engine/nn/model_json.h"
#include "engine/training/json_fields.h"

namespace convlens::training {
namespace {

constexpr double kHuge = 9e15;  // whole numbers up to here are exact in a double
constexpr double kFloat = std::numeric_limits<float>::max();
constexpr double kAnySeed = 1.9e19;

}  // namespace

// Found by their argument's namespace, so they stand in it.
template <class Fields>
static void fields(Fields& f, Schedule& s) {
  f.choice("course", s.course, course_names());
  f.number("warm-up", s.warm_up, 0, kHuge);
  f.number("every", s.every, 0, kHuge);
  f.number("factor", s.factor, 0, kFloat);
  f.number("total", s.total, 0, kHuge);
  f.number("floor", s.floor, 0, kFloat);
}

template <class Fields>
static void fields(Fields& f, OptimizerSettings& s) {
  f.choice("rule", s.rule, rule_names());
  f.number("learning-rate", s.learning_rate, -kFloat, kFloat);
  f.number("momentum", s.momentum, -kFloat, kFloat);
  f.number("smoothing", s.smoothing, -kFloat, kFloat);
  f.number("beta1", s.beta1, -kFloat, kFloat);
  f.number("beta2", s.beta2, -kFloat, kFloat);
  f.number("epsilon", s.epsilon, -kFloat, kFloat);
  f.number("l1", s.l1, -kFloat, kFloat);
  f.number("l2", s.l2, -kFloat, kFloat);
  f.number("decay", s.decay, -kFloat, kFloat);
  f.object("schedule", s.schedule);
}

template <class Fields>
static void fields(Fields& f, TrainerSettings& s) {
  f.object("optimizer", s.optimizer);
  f.number("label-smoothing", s.label_smoothing, 0, 1);
  f.number("seed", s.seed, 0, kAnySeed);
  f.number("largest-loss", s.largest_loss, 0, std::numeric_limits<double>::max());
}

template <class Fields>
static void fields(Fields& f, KeyState& s) {
  f.object("settings", s.settings);
  f.choice("rule", s.rule, rule_names());
  f.number("age", s.age, 0, kHuge);
  f.list("frozen", s.frozen);
}

template <class Fields>
static void fields(Fields& f, Normalisation& n) {
  f.number("mean", n.mean, -kFloat, kFloat);
  f.number("deviation", n.deviation, 1e-30, kFloat);
}

template <class Fields>
static void fields(Fields& f, Preprocessing& p) {
  f.object("normalisation", p.normalisation);
  f.list("classes", p.class_names);
  f.optional_number("background", p.background, 0, 1);
}

template <class Fields>
static void fields(Fields& f, Augmentation& a) {
  f.number("shift", a.shift, 0, kFloat);
  f.number("rotate", a.rotate, 0, kFloat);
  f.number("scale", a.scale, 0, kFloat);
  f.number("elastic", a.elastic, 0, kFloat);
  f.number("smooth", a.smooth, 0.1, kFloat);
  f.number("noise", a.noise, 0, kFloat);
}

template <class Fields>
static void fields(Fields& f, RunDescription& r) {
  f.number("batch", r.batch, 1, 1e6);
  f.number("steps", r.steps, 0, kHuge);
  f.text("data", r.data);
  f.number("data-seed", r.data_seed, 0, kAnySeed);
  f.text("fingerprint", r.fingerprint);
  f.object("preprocessing", r.preprocessing);
  f.object("augmentation", r.augmentation);
}

template <class Fields>
static void fields(Fields& f, Evaluation& e) {
  f.number("images", e.images, 0, kHuge);
  f.number("loss", e.loss, -kHuge, std::numeric_limits<double>::max());
  f.number("accuracy", e.accuracy, 0, 1);
  f.list("class-sizes", e.class_sizes);
  f.list("class-accuracy", e.class_accuracy);
  f.list("confusion", e.confusion);
}

template <class Fields>
static void fields(Fields& f, TestPoint& t) {
  f.number("step", t.step, 0, kHuge);
  f.object("evaluation", t.evaluation);
}

namespace {

template <class T>
Json json_of(const T& value) {
  JsonWriter writer;
  // One list of fields serves both ways; writing changes nothing.
  fields(writer, const_cast<T&>(value));
  return writer.take();
}

template <class T>
Result<T> value_of(const Json& json) {
  T value;
  JsonReader reader(json);
  if (reader.error().empty()) fields(reader, value);
  if (!reader.error().empty()) return Error{reader.error()};
  return value;
}

// Names of folders need not be UTF-8.
std::string text_of(const Json& json, int indent = -1) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

Result<Json> parse(std::string_view text) {
  Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) return Error{"its notes are not JSON"};
  return json;
}

template <class T>
Result<T> parse_value(std::string_view text) {
  const Result<Json> json = parse(text);
  if (!json) return json.error();
  return value_of<T>(*json);
}

Result<Change> change_of(const Json& json, std::span<const float> values, std::size_t& at) {
  Change change;
  JsonReader reader(json);
  reader.number("step", change.step, 0, kHuge);
  reader.text("label", change.label);
  if (!reader.error().empty()) return Error{reader.error()};
  if (json.contains("settings")) reader.object("settings", change.settings.emplace());
  if (json.contains("frozen")) reader.list("frozen", change.frozen.emplace());
  std::vector<std::int64_t> edits;  // offset, count, offset, count...
  reader.list("edits", edits);
  if (!reader.error().empty()) return Error{reader.error()};
  for (std::size_t i = 0; i + 1 < edits.size(); i += 2) {
    const auto count = static_cast<std::size_t>(edits[i + 1]);
    if (edits[i] < 0 || edits[i + 1] < 1 || count > values.size() - at) return Error{"an edit has no values"};
    const auto begin = values.begin() + static_cast<std::ptrdiff_t>(at);
    change.edits.push_back({edits[i], {begin, begin + static_cast<std::ptrdiff_t>(count)}});
    at += count;
  }
  return change;
}

}  // namespace

std::string model_to_json(const nn::ModelSpec& model, const Preprocessing& preprocessing) {
  Json json = Json::parse(nn::to_json(model));
  json["preprocessing"] = json_of(preprocessing);
  return text_of(json, 2) + "\n";
}

Result<DescribedModel> model_from_json(std::string_view text) {
  Result<nn::ModelSpec> model = nn::model_from_json(text);
  if (!model) return model.error();
  DescribedModel described{std::move(*model), std::nullopt};
  const Json json = Json::parse(text);
  if (!json.contains("preprocessing")) return described;
  Result<Preprocessing> preprocessing = value_of<Preprocessing>(json["preprocessing"]);
  if (!preprocessing) return Error{"its preprocessing is damaged: " + preprocessing.error().message};
  if (std::ssize(preprocessing->class_names) != described.model.classes) {
    return Error{"it names " + std::to_string(preprocessing->class_names.size()) + " classes, and the model has " +
                 std::to_string(described.model.classes)};
  }
  described.preprocessing = std::move(*preprocessing);
  return described;
}

std::string run_to_json(const RunDescription& run) {
  Json json = json_of(run);
  json["model"] = Json::parse(nn::to_json(run.model));
  return text_of(json);
}

Result<RunDescription> run_from_json(std::string_view text) {
  const Result<Json> json = parse(text);
  if (!json) return json.error();
  Result<RunDescription> run = value_of<RunDescription>(*json);
  if (!run) return run;
  if (!json->contains("model")) return Error{"'model' must be given"};
  Result<nn::ModelSpec> model = nn::model_from_json((*json)["model"].dump());
  if (!model) return model.error();
  run->model = std::move(*model);
  return run;
}

std::string settings_to_json(const TrainerSettings& settings) { return text_of(json_of(settings)); }
Result<TrainerSettings> settings_from_json(std::string_view text) { return parse_value<TrainerSettings>(text); }

std::string key_to_json(const KeyState& key) { return text_of(json_of(key)); }
Result<KeyState> key_from_json(std::string_view text) { return parse_value<KeyState>(text); }

std::string tests_to_json(const std::vector<TestPoint>& tests) {
  Json json = Json::array();
  for (const TestPoint& test : tests) json.push_back(json_of(test));
  return text_of(json);
}

Result<std::vector<TestPoint>> tests_from_json(std::string_view text, int classes) {
  const Result<Json> json = parse(text);
  if (!json) return json.error();
  std::vector<TestPoint> tests;
  for (const Json& item : *json) {
    Result<TestPoint> test = value_of<TestPoint>(item);
    if (!test) return test.error();
    const Evaluation& e = test->evaluation;
    if (std::ssize(e.class_sizes) != classes || std::ssize(e.class_accuracy) != classes ||
        std::ssize(e.confusion) != std::int64_t{classes} * classes) {
      return Error{"a test in it has another number of classes than the model"};
    }
    tests.push_back(std::move(*test));
  }
  return tests;
}

std::string changes_to_json(const std::vector<Change>& changes) {
  Json json = Json::array();
  for (const Change& change : changes) {
    Json item = {{"step", change.step}, {"label", change.label}};
    if (change.settings) item["settings"] = json_of(*change.settings);
    if (change.frozen) item["frozen"] = *change.frozen;
    item["edits"] = Json::array();
    for (const Change::Edit& edit : change.edits) {
      item["edits"].push_back(edit.offset);
      item["edits"].push_back(edit.values.size());
    }
    json.push_back(std::move(item));
  }
  return text_of(json);
}

Result<std::vector<Change>> changes_from_json(std::string_view text, std::span<const float> values) {
  const Result<Json> json = parse(text);
  if (!json) return json.error();
  std::vector<Change> changes;
  std::size_t at = 0;
  for (const Json& item : *json) {
    Result<Change> change = change_of(item, values, at);
    if (!change) return change.error();
    changes.push_back(std::move(*change));
  }
  return changes;
}

}  // namespace convlens::training
