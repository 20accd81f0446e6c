// Options of `convlens film`; the film itself is the model's.
#include "app/cli/film_command.h"

#include <charconv>

#include "app/cli/format.h"
#include "engine/nn/model.h"
#include "engine/training/recording_file.h"

namespace convlens::cli {
namespace {

// "gif|strip|pictures"
std::string form_words() {
  std::string words;
  for (const model::FilmFormName& form : model::film_form_names()) {
    words += (words.empty() ? "" : "|") + std::string(form.name);
  }
  return words;
}

Result<model::FilmForm> form_of(const FilmOptions& options) {
  const auto forms = model::film_form_names();
  if (!options.form.empty()) {
    for (std::size_t i = 0; i < forms.size(); ++i) {
      if (options.form == forms[i].name) return static_cast<model::FilmForm>(i);
    }
    return Error{"'" + options.form + "' is not one of " + form_words()};
  }
  const std::string ending = options.output.extension().string();
  if (ending == ".gif") return model::FilmForm::kGif;
  if (ending == ".png") return model::FilmForm::kStrip;
  return Error{options.output.string() + " says not what to write: end it in .gif or .png, or give --form"};
}

// Layers with filters have names; all layers have numbers.
Result<std::size_t> layer_of(const FilmOptions& options, const nn::ModelSpec& model) {
  const std::vector<nn::LayerSpec> layers = nn::named_layers(model);
  std::string names;
  std::size_t number = 0;
  const char* end = options.layer.data() + options.layer.size();
  const bool is_number = std::from_chars(options.layer.data(), end, number).ptr == end && !options.layer.empty();
  std::size_t counted = 0;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (layers[i].kind != nn::LayerKind::kConv && layers[i].kind != nn::LayerKind::kDense) continue;
    ++counted;
    if (options.layer.empty() || options.layer == layers[i].name || (is_number && counted == number)) return i;
    names += (names.empty() ? "" : ", ") + layers[i].name;
  }
  return Error{"the net has no layer '" + options.layer + "' with filters; it has " + names};
}

}  // namespace

void declare_film(CLI::App& command, FilmOptions& options) {
  command.footer(
      "RUN is a file that `convlens train --timeline` or the window wrote. Exit code: 0 done, 1 cannot, 2 usage.");
  command.add_option("run", options.run, "The recorded run")->required()->type_name("RUN");
  command.add_option("output", options.output, "A .gif that moves, or a .png: the moments side by side")
      ->required()
      ->type_name("OUT");
  command
      .add_option("--form", options.form, "What is written (by the ending); pictures: OUT-001.png, OUT-002.png, ...")
      ->type_name(form_words());
  command.add_option("--layer", options.layer, "Name or number of a layer with filters (the first)")->type_name("NAME");
  command.add_option("--frames", options.frames, "At most so many moments, the first and the last among them (80)")
      ->type_name("N")
      ->check(CLI::Range(2, model::kMostFilmPictures));
  command.add_option("--tile", options.tile, "About the side of one filter, in pixels (48)")
      ->type_name("N")
      ->check(CLI::Range(1, 512));
  command.add_option("--time", options.milliseconds, "How long a picture of a GIF stays, in milliseconds (80)")
      ->type_name("N")
      ->check(CLI::Range(20, 60'000));
  command.add_flag("--even", options.is_even, "Moments evenly by step; otherwise most of them soon after the start");
  command.add_flag("--slices", options.shows_slices, "Every channel of a filter; otherwise their mean");
  command.add_option("--colormap", options.colormap, "Colours of the weights (purple-green)")->type_name("NAME");
}

Result<std::string> run_film(const FilmOptions& options) {
  const auto form = form_of(options);
  if (!form) return form.error();
  const auto table = options.colours(options.colormap);
  if (!table) return Error{"there is no colour map '" + options.colormap + "': try purple-green or brown-teal"};
  const auto recorded = training::load_recording(options.run);
  if (!recorded) return recorded.error();
  const auto layer = layer_of(options, recorded->run.model);
  if (!layer) return layer.error();
  model::FilmChoice choice;
  choice.form = *form;
  choice.layer = *layer;
  choice.pictures = options.frames;
  choice.tile = options.tile;
  choice.shows_slices = options.shows_slices;
  choice.is_dense_early = !options.is_even;
  choice.milliseconds = options.milliseconds;
  choice.colours = *table;
  const auto facts =
      model::write_film(options.output, {recorded->run.model, recorded->recording.parts().frames}, choice);
  if (!facts) return facts.error();
  const std::string names =
      facts->files.front().string() +
      (facts->files.size() > 1 ? " to " + facts->files.back().filename().string() : std::string());
  return format("%s: %zu moments from step %lld to %lld, %d x %d pixels, weights from %.4g to %.4g\n", names.c_str(),
                facts->pictures, static_cast<long long>(facts->first_step), static_cast<long long>(facts->last_step),
                facts->width, facts->height, static_cast<double>(-facts->range), static_cast<double>(facts->range));
}

}  // namespace convlens::cli
