// Pictures through a network, and its answers in order.
#include "app/cli/predict_command.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>

#include "app/cli/declare.h"
#include "app/cli/format.h"
#include "engine/explain/stack.h"
#include "engine/io/npy.h"
#include "engine/io/picture.h"
#include "engine/training/model_file.h"

namespace convlens::cli {
namespace {

using Json = nlohmann::ordered_json;

struct Answer {
  std::filesystem::path picture;
  bool was_inverted = false;
  std::vector<double> probabilities;
  std::vector<std::size_t> order;  // classes, the likeliest first
};

Result<Tensor> read_pixels(const std::filesystem::path& path) {
  if (path.extension() != ".npy") {
    auto picture = io::read_picture(path);
    if (!picture) return picture.error();
    return std::move(picture->pixels);
  }
  const auto array = io::read_npy(path);
  if (!array) return array.error();
  auto tensor = io::to_image_tensor(*array, path.string());
  if (!tensor) return tensor.error();
  const Shape shape = tensor->shape();
  if (shape.n != 1 || (shape.c != 1 && shape.c != 3)) {
    return Error{path.string() + " is " + to_string(shape) + ": give one picture with 1 or 3 channels"};
  }
  if (array->is_bytes) {
    for (float& v : tensor->values()) v /= 255;
  }
  return std::move(*tensor);
}

std::string in_words(const training::TrainedModel& model, const std::vector<Answer>& answers, int top) {
  std::string text = "preprocessing: " + training::in_words(model.model, model.preprocessing) + "\n";
  for (const Answer& answer : answers) {
    text += answer.picture.string() + (answer.was_inverted ? " (inverted): " : ": ");
    for (std::size_t i = 0; i < std::min(static_cast<std::size_t>(top), answer.order.size()); ++i) {
      const std::size_t name = answer.order[i];
      text += (i ? ", " : "") + model.preprocessing.class_names[name] +
              format(" %.2f %%", 100 * answer.probabilities[name]);
    }
    text += "\n";
  }
  return text;
}

std::string in_json(const training::TrainedModel& model, const std::vector<Answer>& answers) {
  Json json = {{"model", model.model.name},
               {"preprocessing", training::in_words(model.model, model.preprocessing)},
               {"classes", model.preprocessing.class_names},
               {"pictures", Json::array()}};
  for (const Answer& answer : answers) {
    json["pictures"].push_back({{"picture", answer.picture.string()},
                                {"class", model.preprocessing.class_names[answer.order.front()]},
                                {"inverted", answer.was_inverted},
                                {"probabilities", answer.probabilities}});
  }
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

void declare_predict(CLI::App& command, PredictOptions& options) {
  command.footer(
      "Each picture is brought to the model's size as its first line tells. Where the pictures that the model learnt "
      "from\n"
      "all had a dark border (as MNIST), one with a bright border is inverted.\n"
      "Exit code: 0 done, 1 cannot, 2 usage.");
  command.add_option("--model", options.model, "The trained model, as for eval")->required()->type_name("FILE");
  command.add_option("pictures", options.pictures, "Pictures or arrays (.npy)")->required()->type_name("PICTURE");
  command.add_option("--top", options.top, "How many classes are told, the likeliest first (3)")
      ->type_name("N")
      ->check(CLI::Range(1, 1000));
  declare_threads(command, options.threads);
  command.add_flag("--json", options.json, "Print one JSON object");
}

Result<std::string> run_predict(const PredictOptions& options) {
  const auto model = training::load_model(options.model);
  if (!model) return model.error();
  if (model->model.channels != 1 && model->model.channels != 3) {
    return Error{"the model '" + model->model.name + "' sees " + std::to_string(model->model.channels) +
                 " channels, and pictures have 1 or 3: choose another model"};
  }
  auto network = training::make_network(*model, {.batch = 1, .threads = options.threads, .can_learn = false});
  if (!network) return network.error();
  std::vector<Answer> answers;
  for (const std::filesystem::path& path : options.pictures) {
    const auto pixels = read_pixels(path);
    if (!pixels) return pixels.error();
    const training::ReadyPicture ready = training::make_ready(pixels->view(), model->model, model->preprocessing);
    std::vector<float> logits(static_cast<std::size_t>(model->model.classes));
    network->infer(ready.values.data(), 1, logits.data());
    Answer& answer = answers.emplace_back();
    answer.picture = path;
    answer.was_inverted = ready.was_inverted;
    answer.probabilities = explain::softmax(logits);
    answer.order.resize(logits.size());
    std::iota(answer.order.begin(), answer.order.end(), std::size_t{0});
    std::ranges::stable_sort(answer.order, std::greater(), [&](std::size_t c) { return answer.probabilities[c]; });
  }
  return options.json ? in_json(*model, answers) : in_words(*model, answers, options.top);
}

}  // namespace convlens::cli
