// Declares the subcommands and their options, and turns outcomes into lines and exit codes.
#include "app/cli/cli.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdio>
#include <exception>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "app/cli/conv_command.h"
#include "app/cli/options.h"
#include "engine/filters/presets.h"

namespace convlens::cli {
namespace {

constexpr int kDone = 0;
constexpr int kCannot = 1;
constexpr int kUsage = 2;

constexpr const char* kConvFooter =
    "Arrays are (N,C,H,W), (C,H,W) or (H,W), weights (K,C/groups,R,S). Pictures (PNG, JPEG, BMP, GIF, TGA, PSD, PNM,\n"
    "HDR) become (1,C,H,W) with values in [0,1].\n"
    "A .npy output is float32 (N,K,P,Q), the numbers as they are. A .png output shows them: one map in grey, three as\n"
    "red, green and blue, other numbers as a grid of tiles. Values in [0,1] are kept, larger ones divided by the\n"
    "largest; signed ones have zero at middle grey, the largest magnitude at black or white.\n"
    "Exit code: 0 done, 1 cannot, 2 usage.";

std::string one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  while (!text.empty() && text.back() == ' ') text.pop_back();
  return text;
}

int fail(int code, const std::string& message) {
  std::fprintf(stderr, "convlens: %s\n", one_line(message).c_str());
  return code;
}

// Prints what was asked for; a full disk behind a redirected output is an error like any other.
int print(const std::string& text) {
  const bool written = std::fputs(text.c_str(), stdout) >= 0;
  if (std::fflush(stdout) != 0 || !written) {
    return fail(kCannot, "cannot write to the standard output; check where it is redirected to");
  }
  return kDone;
}

std::string names_of(std::span<const conv::ChoiceName> choices) {
  std::string names;
  for (const conv::ChoiceName& choice : choices) names += (names.empty() ? "" : "|") + std::string(choice.name);
  return names;
}

std::string kernel_names() {
  std::string names = "auto";
  for (const conv::KernelInfo& kernel : conv::kernels()) names += "|" + std::string(kernel.name);
  names.append("|").append(conv::kAcceleratorKernel);
  return names;
}

// Turns a reader of words into an option callback whose error CLI11 reports as one of usage.
template <class Read>
std::function<void(const std::string&)> reader(std::string option, Read read) {
  return [option = std::move(option), read](const std::string& text) {
    const Status status = read(text);
    if (!status) throw CLI::ValidationError(option, status.error().message);
  };
}

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

Status choose_kernel(const std::string& text, std::string& target) {
  const std::span<const conv::KernelInfo> known = conv::kernels();
  const bool found =
      text == "auto" || text == conv::kAcceleratorKernel ||
      std::any_of(known.begin(), known.end(), [&](const conv::KernelInfo& kernel) { return kernel.name == text; });
  if (!found) return Error{"'" + text + "' is not one of " + kernel_names()};
  target = text;
  return Done{};
}

void declare_files(CLI::App& command, ConvOptions& options) {
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

void declare_execution(CLI::App& command, ConvOptions& options) {
  command
      .add_option_function<std::string>(
          "--kernel",
          reader("--kernel", [&](const std::string& text) { return choose_kernel(text, options.kernel.kernel); }),
          "Which implementation runs (auto); glsl is the GPU")
      ->type_name(kernel_names());
  command.add_option("--isa", options.kernel.isa, "Which instruction set it uses (auto)")->type_name("NAME");
  command.add_option("--threads", options.threads, "Threads, 0 for every core (0)")
      ->type_name("N")
      ->check(CLI::Range(0, 1024));
  command.add_option("--repeat", options.repeat, "Runs, of which the median time is told (1)")
      ->type_name("N")
      ->check(CLI::Range(1, 1'000'000));
  command
      .add_option_function<std::string>(
          "--shader-dir", [&](const std::string& text) { options.shader_dir = text; },
          "Takes the shaders of glsl from this folder")
      ->type_name("DIR");
  command.add_flag("--json", options.json,
                   "Print shape, kernel, isa, threads, median_ms and gflops as one JSON object; glsl adds renderer and "
                   "total_ms, which counts the transfers");
}

std::string filter_table() {
  std::string text;
  std::array<char, 512> line{};
  for (const filters::Preset& preset : filters::presets()) {
    const std::string size = std::to_string(preset.default_size) + (preset.any_size ? "" : " only");
    std::snprintf(line.data(), line.size(), "%-21s %-8s %-7s %-5s %s\n", std::string(preset.name).c_str(),
                  std::string(preset.family).c_str(), size.c_str(), preset.colour ? "RGB" : "any",
                  std::string(preset.shows).c_str());
    text += line.data();
  }
  std::snprintf(line.data(), line.size(), "%-21s %-8s %-7s %-5s %s\n", "NAME", "FAMILY", "SIZE", "INPUT", "SHOWS");
  return line.data() + text;
}

int run_conv_command(const ConvOptions& options, const GpuFactory& make_gpu) {
  if (!options.weights && !options.preset) {
    return fail(kUsage, "conv needs --weights FILE or --preset NAME; `convlens filters` lists the names");
  }
  const Result<ConvOutcome> outcome = run_conv(options, make_gpu);
  if (!outcome) return fail(kCannot, outcome.error().message);
  return print((options.json ? to_json(*outcome) : to_words(*outcome)) + "\n");
}

}  // namespace

bool is_subcommand(std::string_view argument) {
  return argument == "conv" || argument == "filters" || argument == "--version";
}

int run(int argc, char** argv, const GpuFactory& make_gpu) {
  CLI::App app("ConvLens: look at convolution. Without a command it opens its window.", "convlens");
  app.set_version_flag("--version", "convlens " CONVLENS_VERSION);
  app.require_subcommand(1);
  ConvOptions options;
  CLI::App* conv = app.add_subcommand("conv", "Convolve a picture or an array and write the feature maps");
  conv->footer(kConvFooter);
  declare_files(*conv, options);
  declare_parameters(*conv, options);
  declare_execution(*conv, options);
  CLI::App* filters = app.add_subcommand("filters", "List the named filters");

  try {
    app.parse(argc, argv);
    if (filters->parsed()) return print(filter_table());
    return run_conv_command(options, make_gpu);
  } catch (const CLI::CallForHelp&) {
    return print(app.help());
  } catch (const CLI::CallForVersion& version) {
    return print(std::string(version.what()) + "\n");
  } catch (const CLI::ParseError& error) {
    return fail(kUsage, std::string(error.what()) + " (`convlens conv --help` explains)");
  } catch (const std::exception& error) {
    return fail(kCannot, error.what());
  }
}

}  // namespace convlens::cli
