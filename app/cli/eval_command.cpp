// Numbers of an evaluation as tables and JSON.
#include "app/cli/eval_command.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "app/cli/declare.h"
#include "app/cli/format.h"
#include "engine/io/npy.h"
#include "engine/training/dataset_source.h"
#include "engine/training/model_file.h"
#include "engine/training/run_data.h"
#include "engine/training/trainer.h"

namespace convlens::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t kBatch = 256;

std::string confusion_table(const training::Evaluation& e, const std::vector<std::string>& names) {
  const std::size_t n = names.size();
  std::string text = "rows: what it is; columns: what the model says\n" + format("%-12s", "");
  for (const std::string& name : names) text += format(" %7.7s", name.c_str());
  text += "\n";
  for (std::size_t row = 0; row < n; ++row) {
    text += format("%-12.12s", names[row].c_str());
    for (std::size_t column = 0; column < n; ++column) {
      text += format(" %7lld", static_cast<long long>(e.confusion[row * n + column]));
    }
    text += "\n";
  }
  return text;
}

std::string in_words(const EvalOptions& options, const training::TrainedModel& model, const training::Evaluation& e) {
  const std::vector<std::string>& names = model.preprocessing.class_names;
  std::string text =
      format("%s on %lld %s pictures: accuracy %.2f %%, loss %.4f\n", model.model.name.c_str(),
             static_cast<long long>(e.images), options.on_train ? "training" : "test", 100 * e.accuracy, e.loss);
  text += format("%-20s %9s %9s\n", "CLASS", "PICTURES", "RIGHT");
  for (std::size_t c = 0; c < names.size(); ++c) {
    text += format("%-20s %9lld %8.2f%%\n", names[c].c_str(), static_cast<long long>(e.class_sizes[c]),
                   100 * e.class_accuracy[c]);
  }
  return options.confusion ? text + confusion_table(e, names) : text;
}

std::string in_json(const EvalOptions& options, const training::TrainedModel& model, const training::Evaluation& e) {
  Json json = {{"model", model.model.name},
               {"data", options.data},
               {"images", e.images},
               {"accuracy", e.accuracy},
               {"loss", e.loss},
               {"classes", model.preprocessing.class_names},
               {"class_sizes", e.class_sizes},
               {"class_accuracy", e.class_accuracy}};
  if (options.confusion) {
    const auto n = static_cast<std::ptrdiff_t>(e.class_sizes.size());
    json["confusion"] = Json::array();
    for (std::ptrdiff_t row = 0; row < n; ++row) {
      json["confusion"].push_back(
          std::vector<std::int64_t>(e.confusion.begin() + row * n, e.confusion.begin() + (row + 1) * n));
    }
  }
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

void declare_eval(CLI::App& command, EvalOptions& options) {
  command.footer(
      "The model is a .safetensors or .npz file that `convlens train` or PyTorch wrote, with its description "
      "(FILE.json)\n"
      "beside it, or a checkpoint. Pictures are normalised as the description says.\n"
      "Exit code: 0 done, 1 cannot, 2 usage.");
  command.add_option("--data", options.data, "What to test on")
      ->required()
      ->type_name("mnist:DIR|idx:DIR|folder:DIR|synthetic[:N]");
  command.add_option("--model", options.model, "The trained model")->required()->type_name("FILE");
  command.add_flag("--train", options.on_train, "Take the training pictures instead of the test pictures");
  command.add_flag("--confusion", options.confusion, "Tell which classes are taken for which");
  command.add_option("--logits", options.logits, "Write the answers before softmax, (pictures, classes), as .npy")
      ->type_name("FILE");
  command.add_option("--seed", options.seed, "Draws synthetic digits and what is set aside (1)")->type_name("N");
  declare_threads(command, options.threads);
  command.add_flag("--json", options.json, "Print one JSON object");
}

Result<std::string> run_eval(const EvalOptions& options) {
  const auto model = training::load_model(options.model);
  if (!model) return model.error();
  auto network = training::make_network(*model, {.batch = kBatch, .threads = options.threads, .can_learn = false});
  if (!network) return network.error();
  const auto data = training::open_data_for(options.data, options.seed, model->model, model->preprocessing.class_names,
                                            network->parallel());
  if (!data) return data.error();
  training::DatasetSource source(options.on_train ? data->train : data->test, model->preprocessing.normalisation, {}, 1,
                                 network->parallel());
  std::vector<float> logits;
  const training::Evaluation e = training::evaluate(*network, source, options.logits.empty() ? nullptr : &logits);
  if (!options.logits.empty()) {
    const std::vector<std::int64_t> shape = {e.images, model->model.classes};
    if (auto written = io::write_npy(options.logits, shape, logits); !written) return written.error();
  }
  return options.json ? in_json(options, *model, e) : in_words(options, *model, e);
}

}  // namespace convlens::cli
