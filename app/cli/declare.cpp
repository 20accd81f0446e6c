// The shared options: their names, their help and the words that they take.
#include "app/cli/declare.h"

#include <optional>
#include <tuple>

namespace convlens::cli {
namespace {

template <class Choice>
Status choose(const std::optional<Choice>& parsed, const std::string& text, std::span<const conv::ChoiceName> choices,
              Choice& target) {
  if (!parsed) return Error{"'" + text + "' is not one of " + names_of(choices)};
  target = *parsed;
  return Done{};
}

Status choose_pair(const std::string& text, int& y, int& x) {
  const Result<std::pair<int, int>> pair = parse_pair(text);
  if (!pair) return pair.error();
  std::tie(y, x) = *pair;
  return Done{};
}

Status choose_output(const std::string& text, std::filesystem::path& target) {
  target = text;
  if (target.extension() == ".npy" || target.extension() == ".png") return Done{};
  return Error{"'" + text + "' does not end in .npy or .png"};
}

}  // namespace

std::string names_of(std::span<const conv::ChoiceName> choices) {
  std::string names;
  for (const conv::ChoiceName& choice : choices) names += (names.empty() ? "" : "|") + std::string(choice.name);
  return names;
}

void declare_layer_files(CLI::App& command, ConvOptions& options) {
  command.add_option("--input", options.input, "Array (.npy) or picture to convolve")->required()->type_name("FILE");
  CLI::Option* weights =
      command
          .add_option_function<std::string>(
              "--weights", [&](const std::string& text) { options.weights = text; }, "Weights, an .npy array")
          ->type_name("FILE");
  CLI::Option* preset =
      command
          .add_option_function<std::string>("--preset",
                                            reader("--preset",
                                                   [&](const std::string& text) -> Status {
                                                     Result<PresetChoice> choice = parse_preset(text);
                                                     if (!choice) return choice.error();
                                                     options.preset = *choice;
                                                     return Done{};
                                                   }),
                                            "A named filter instead, as `convlens filters` lists them")
          ->type_name("NAME[:N|:RxS]");
  weights->excludes(preset);
  preset->excludes(weights);
  command
      .add_option_function<std::string>(
          "--bias", [&](const std::string& text) { options.bias = text; }, "One value per filter, an .npy array")
      ->type_name("FILE");
}

void declare_output(CLI::App& command, ConvOptions& options) {
  command
      .add_option_function<std::string>(
          "--output", reader("--output", [&](const std::string& text) { return choose_output(text, options.output); }),
          "Where to write the maps: .npy or .png")
      ->required()
      ->type_name("FILE");
}

void declare_parameters(CLI::App& command, ConvOptions& options) {
  conv::Params& params = options.params;
  const auto add = [&](const char* name, const char* help, const std::string& type, auto read) {
    command.add_option_function<std::string>(name, reader(name, read), help)->type_name(type);
  };
  add("--stride", "Rows and columns between outputs (1)", "SY[,SX]",
      [&](const std::string& text) { return choose_pair(text, params.stride_y, params.stride_x); });
  add("--padding", "Cells added around the input (same)", "valid|same|same-tf|full|P|T,B,L,R",
      [&](const std::string& text) { return parse_padding(text, params); });
  add("--border", "What the added cells hold (zero)", names_of(conv::border_names()), [&](const std::string& text) {
    return choose(conv::parse_border(text), text, conv::border_names(), params.border);
  });
  add("--dilation", "Distance between neighbouring weights (1)", "DY[,DX]",
      [&](const std::string& text) { return choose_pair(text, params.dilation_y, params.dilation_x); });
  command.add_option("--groups", params.groups, "Groups of channels convolved apart (1)")->type_name("G");
  command.add_flag("--flip", params.flip, "True convolution: the filter turned by 180 degrees");
  add("--activation", "Applied to every output (none)", names_of(conv::activation_names()),
      [&](const std::string& text) {
        return choose(conv::parse_activation(text), text, conv::activation_names(), params.activation);
      });
  command.add_flag("--gray", options.gray, "Convolve the luminance of a colour input (Rec. 709)");
}

void declare_threads(CLI::App& command, int& threads, const char* help) {
  command.add_option("--threads", threads, help)->type_name("N")->check(CLI::Range(0, 1024));
}

}  // namespace convlens::cli
