// The options of `convlens train`: names, help and words.
#include "app/cli/train_options.h"

#include <array>
#include <charconv>
#include <limits>
#include <string_view>

#include "app/cli/declare.h"
#include "engine/nn/presets.h"
#include "engine/training/recipe.h"
#include "engine/training/source.h"

namespace convlens::cli {
namespace {

template <class Number>
std::optional<Number> parse_number(std::string_view text, Number least, Number most) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !(value >= least && value <= most)) {
    return std::nullopt;
  }
  return value;
}

constexpr std::int64_t kMostSteps = 1'000'000'000'000;

Status set_schedule_field(std::string_view item, training::Schedule& s) {
  const std::size_t equals = item.find('=');
  const std::string_view name = item.substr(0, equals);
  const std::string_view text = equals == std::string_view::npos ? "" : item.substr(equals + 1);
  const auto take = [&](auto& target, auto least, auto most) {
    const auto value = parse_number(text, least, most);
    if (value) target = *value;
    return value.has_value();
  };
  const bool is_taken = name == "warm-up"  ? take(s.warm_up, std::int64_t{0}, kMostSteps)
                        : name == "every"  ? take(s.every, std::int64_t{1}, kMostSteps)
                        : name == "total"  ? take(s.total, std::int64_t{1}, kMostSteps)
                        : name == "factor" ? take(s.factor, 0.0f, 1.0f)
                        : name == "floor"  ? take(s.floor, 0.0f, 1.0f)
                                           : false;
  if (is_taken) return Done{};
  return Error{"'" + std::string(item) +
               "' is none of warm-up=N, every=N, total=N (steps), factor=X, floor=X (from 0 to 1)"};
}

std::string model_names() {
  std::string names;
  for (const nn::ModelPreset& preset : nn::model_presets())
    names += (names.empty() ? "" : "|") + std::string(preset.name);
  return names;
}

std::string footer() {
  std::string text =
      "Data: mnist:DIR (the four MNIST files), idx:DIR (any IDX data set), folder:DIR (a folder of pictures per "
      "class),\n"
      "synthetic[:N] (N digits written by the program). Without options each model is trained by its recipe:\n";
  for (const nn::ModelPreset& preset : nn::model_presets()) {
    std::string name(preset.name);
    name.resize(15, ' ');
    text += "  " + name + training::in_words(training::recipe_for(preset.name)) + "\n";
  }
  text +=
      "  other          " + training::in_words(training::recipe_for("")) +
      "\nA schedule takes more words: cosine,warm-up=200,floor=0.01 or steps,every=1000,factor=0.5. Initialisers: " +
      names_of(nn::init_kind_names()) +
      ",\nas normal:0.05, constant:0 or filter:sobel-x with their value.\n"
      "--augment takes none, mnist, or for example shift=2,rotate=10,scale=0.1,elastic=24,smooth=4,noise=0.05.\n"
      "Equal seeds give equal weights, whatever the number of threads. Ctrl+C ends after the step and saves.\n"
      "Exit code: 0 done, 1 cannot, 2 usage.";
  return text;
}

template <class T>
void add_number(CLI::App& command, const char* name, std::optional<T>& target, T least, T most, const char* help,
                const char* type) {
  command
      .add_option_function<T>(
          name, [&target](const T& value) { target = value; }, help)
      ->type_name(type)
      ->check(CLI::Range(least, most));
}

void add_path(CLI::App& command, const char* name, std::filesystem::path& target, const char* help) {
  command.add_option(name, target, help)->type_name("FILE");
}

}  // namespace

Result<training::Schedule> parse_schedule(const std::string& text) {
  training::Schedule schedule;
  schedule.total = 0;
  const std::size_t comma = text.find(',');
  const auto course = training::parse_course(text.substr(0, comma));
  if (!course) {
    return Error{"'" + text + "' does not begin with one of " + names_of(training::course_names())};
  }
  schedule.course = *course;
  std::string_view rest(text);
  for (std::size_t at = comma; at != std::string_view::npos;) {
    rest.remove_prefix(at + 1);
    at = rest.find(',');
    if (Status set = set_schedule_field(rest.substr(0, at), schedule); !set) return set.error();
  }
  return schedule;
}

Result<nn::Initialiser> parse_init(const std::string& text) {
  const std::size_t colon = text.find(':');
  const auto kind = nn::parse_init_kind(text.substr(0, colon));
  if (!kind) return Error{"'" + text + "' is not one of " + names_of(nn::init_kind_names())};
  nn::Initialiser init;
  init.kind = *kind;
  const std::string value = colon == std::string::npos ? "" : text.substr(colon + 1);
  if (*kind == nn::InitKind::kFilter) {
    if (value.empty()) return Error{"'filter' needs a name, as in filter:sobel-x; `convlens filters` lists them"};
    init.filter = value;
  } else if (!value.empty()) {
    const auto number = parse_number(value, -1e6f, 1e6f);
    const bool takes_value = *kind == nn::InitKind::kNormal || *kind == nn::InitKind::kConstant;
    if (!number || !takes_value) return Error{"'" + text + "': only normal and constant take a number, as normal:0.01"};
    init.value = *number;
  }
  return init;
}

void declare_train(CLI::App& command, TrainOptions& options) {
  command.footer(footer());
  constexpr float kLargest = std::numeric_limits<float>::max();
  const auto add_word = [&](const char* name, const char* help, const std::string& type, auto& target, auto parse) {
    const auto read = [&target, parse](const std::string& text) -> Status {
      auto value = parse(text);
      if (!value) return value.error();
      target = std::move(*value);
      return Done{};
    };
    command.add_option_function<std::string>(name, reader(name, read), help)->type_name(type);
  };
  command.add_option("--data", options.data, "What to learn from")
      ->type_name("mnist:DIR|idx:DIR|folder:DIR|synthetic[:N]");
  command
      .add_option_function<std::string>(
          "--model", [&](const std::string& text) { options.model = text; },
          "A preset or a description in JSON (" + std::string(kDefaultModel) + ")")
      ->type_name(model_names() + "|FILE.json");
  add_number<std::int64_t>(command, "--epochs", options.epochs, 1, 1'000'000, "Times through the training pictures",
                           "N");
  add_number<std::int64_t>(command, "--steps", options.steps, 1, kMostSteps, "Batches in all, instead of epochs", "N");
  command.get_option("--epochs")->excludes(command.get_option("--steps"));
  add_number<std::int64_t>(command, "--batch", options.batch, 1, 65536, "Pictures of a step (64)", "N");
  add_word("--optimizer", "The rule of updates", names_of(training::rule_names()), options.rule,
           [](const std::string& text) -> Result<training::Rule> {
             if (const auto rule = training::parse_rule(text)) return *rule;
             return Error{"'" + text + "' is not one of " + names_of(training::rule_names())};
           });
  add_number<float>(command, "--lr", options.learning_rate, 0, kLargest, "Learning rate", "X");
  add_word("--schedule", "How the learning rate goes on", names_of(training::course_names()) + "[,NAME=X...]",
           options.schedule, parse_schedule);
  add_number<float>(command, "--decay", options.decay, 0, 1e6f, "Weight decay of adamw", "X");
  add_number<float>(command, "--l1", options.l1, 0, 1e6f, "Added to the gradient: X times the weight's sign", "X");
  add_number<float>(command, "--l2", options.l2, 0, 1e6f, "Added to the gradient: X times the weight", "X");
  add_number<float>(command, "--label-smoothing", options.label_smoothing, 0, 0.999f,
                    "Share of the truth that goes to all classes", "X");
  add_word("--init", "First weights of all layers; of the convolutions for filter:NAME", "NAME", options.init,
           parse_init);
  add_number<std::uint64_t>(command, "--seed", options.seed, 0, std::numeric_limits<std::int64_t>::max(),
                            "Draws weights, order, dropout, augmentation and synthetic digits (1)", "N");
  add_word("--augment", "Vary the pictures anew in each epoch", "none|mnist|NAME=X,...", options.augment,
           training::parse_augmentation);
  declare_threads(command, options.threads);
  add_path(command, "--save", options.save,
           "Write the trained model as .safetensors or .npz, its description as .json");
  add_path(command, "--checkpoint", options.checkpoint, "Keep the whole state there: after each epoch and at the end");
  add_path(command, "--resume", options.resume, "Go on from a checkpoint as if it had never stopped");
  add_path(command, "--timeline", options.timeline, "Write the recording of the run");
  add_path(command, "--metrics", options.metrics, "Write what each step came to as CSV");
  command.add_flag("--json", options.json, "Print one JSON object at the end and nothing else");
  for (const char* name : {"--model", "--init", "--seed", "--batch"}) {
    command.get_option("--resume")->excludes(command.get_option(name));
  }
}

}  // namespace convlens::cli
