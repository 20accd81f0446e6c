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
#include "app/cli/cost_command.h"
#include "app/cli/data_command.h"
#include "app/cli/declare.h"
#include "app/cli/eval_command.h"
#include "app/cli/explain_command.h"
#include "app/cli/film_command.h"
#include "app/cli/options.h"
#include "app/cli/predict_command.h"
#include "app/cli/spectrum_command.h"
#include "app/cli/stack_command.h"
#include "app/cli/train_command.h"
#include "engine/filters/presets.h"
#include "engine/training/source.h"

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

std::string kernel_names() {
  std::string names = "auto";
  for (const conv::KernelInfo& kernel : conv::kernels()) names += "|" + std::string(kernel.name);
  names.append("|").append(conv::kAcceleratorKernel);
  return names;
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

void declare_execution(CLI::App& command, ConvOptions& options) {
  command
      .add_option_function<std::string>(
          "--kernel",
          reader("--kernel", [&](const std::string& text) { return choose_kernel(text, options.kernel.kernel); }),
          "Which implementation runs (auto); glsl is the GPU")
      ->type_name(kernel_names());
  command.add_option("--isa", options.kernel.isa, "Which instruction set it uses (auto)")->type_name("NAME");
  declare_threads(command, options.threads);
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

// Whether the filter of a layer was named; a command cannot do without.
bool has_filter(const ConvOptions& options) { return options.weights || options.preset; }

int fail_without_filter(const std::string& command) {
  return fail(kUsage, command + " needs --weights FILE or --preset NAME; `convlens filters` lists the names");
}

int print_or_fail(const Result<std::string>& text) { return text ? print(*text) : fail(kCannot, text.error().message); }

int run_explain_command(const ExplainOptions& options) {
  if (!options.model.empty()) {
    if (options.layer_name.empty() || !options.at) {
      return fail(kUsage,
                  "explain --model needs --layer NAME and --at K,P,Q; `convlens stack --model` lists the layers");
    }
    return print_or_fail(run_explain(options));
  }
  if (!has_filter(options.layer)) return fail_without_filter("explain");
  if (!options.at && !options.weight && !options.pixel) {
    return fail(kUsage, "explain needs --at K,P,Q, --weight K,C,R,S or --pixel C,Y,X");
  }
  return print_or_fail(run_explain(options));
}

int run_cost_command(const CostOptions& options) {
  if (!has_filter(options.layer)) return fail_without_filter("cost");
  return print_or_fail(run_cost(options));
}

int run_spectrum_command(const SpectrumOptions& options) {
  if (!has_filter(options.layer)) return fail_without_filter("spectrum");
  if (options.of != SpectrumOf::kFilter && options.layer.input.empty()) {
    return fail(kUsage, "spectrum needs --input FILE for the spectrum of an input or an output");
  }
  return print_or_fail(run_spectrum(options));
}

int run_train_command(const TrainOptions& options) {
  if (options.data.empty() && options.resume.empty()) {
    return fail(kUsage, std::string("train needs --data: ") + training::kDataWords + "; or --resume FILE");
  }
  return print_or_fail(run_train(options));
}

int run_conv_command(const ConvOptions& options, const GpuFactory& make_gpu) {
  if (!has_filter(options)) return fail_without_filter("conv");
  const Result<ConvOutcome> outcome = run_conv(options, make_gpu);
  if (!outcome) return fail(kCannot, outcome.error().message);
  return print((options.json ? to_json(*outcome) : to_words(*outcome)) + "\n");
}

// What was asked for, by subcommand.
struct AllOptions {
  ConvOptions conv;
  ExplainOptions explain;
  CostOptions cost;
  SpectrumOptions spectrum;
  StackOptions stack;
  DataOptions data;
  TrainOptions train;
  FilmOptions film;
  EvalOptions eval;
  PredictOptions predict;
};

struct Subcommand {
  const char* name;
  const char* summary;
  void (*declare)(CLI::App& command, AllOptions& options);
  int (*run)(const AllOptions& options, const GpuFactory& make_gpu);
};

constexpr std::array<Subcommand, 11> kSubcommands = {{
    {"conv", "Convolve a picture or an array and write the feature maps",
     [](CLI::App& command, AllOptions& options) {
       command.footer(kConvFooter);
       declare_layer_files(command, options.conv);
       declare_output(command, options.conv);
       declare_parameters(command, options.conv);
       declare_execution(command, options.conv);
     },
     [](const AllOptions& options, const GpuFactory& make_gpu) { return run_conv_command(options.conv, make_gpu); }},
    {"explain", "Show how a value of a feature map came about, product by product",
     [](CLI::App& command, AllOptions& options) { declare_explain(command, options.explain); },
     [](const AllOptions& options, const GpuFactory&) { return run_explain_command(options.explain); }},
    {"cost", "Count parameters, multiply-adds and bytes; time the kernels",
     [](CLI::App& command, AllOptions& options) { declare_cost(command, options.cost); },
     [](const AllOptions& options, const GpuFactory&) { return run_cost_command(options.cost); }},
    {"spectrum", "Write the frequency response of a filter, or a spectrum",
     [](CLI::App& command, AllOptions& options) { declare_spectrum(command, options.spectrum); },
     [](const AllOptions& options, const GpuFactory&) { return run_spectrum_command(options.spectrum); }},
    {"stack", "Tell shapes, costs and receptive fields of a chain of layers",
     [](CLI::App& command, AllOptions& options) { declare_stack(command, options.stack); },
     [](const AllOptions& options, const GpuFactory&) { return print_or_fail(run_stack(options.stack)); }},
    {"data", "Fetch a data set to train on, or tell what one holds",
     [](CLI::App& command, AllOptions& options) { declare_data(command, options.data); },
     [](const AllOptions& options, const GpuFactory&) { return print_or_fail(run_data(options.data)); }},
    {"train", "Train a model on labelled pictures",
     [](CLI::App& command, AllOptions& options) { declare_train(command, options.train); },
     [](const AllOptions& options, const GpuFactory&) { return run_train_command(options.train); }},
    {"film", "Show the life of a net's filters as an animated GIF or a strip",
     [](CLI::App& command, AllOptions& options) { declare_film(command, options.film); },
     [](const AllOptions& options, const GpuFactory&) { return print_or_fail(run_film(options.film)); }},
    {"eval", "Tell how good a trained model is on labelled pictures",
     [](CLI::App& command, AllOptions& options) { declare_eval(command, options.eval); },
     [](const AllOptions& options, const GpuFactory&) { return print_or_fail(run_eval(options.eval)); }},
    {"predict", "Tell what a trained model sees in pictures",
     [](CLI::App& command, AllOptions& options) { declare_predict(command, options.predict); },
     [](const AllOptions& options, const GpuFactory&) { return print_or_fail(run_predict(options.predict)); }},
    {"filters", "List the named filters", [](CLI::App&, AllOptions&) {},
     [](const AllOptions&, const GpuFactory&) { return print(filter_table()); }},
}};

bool is_known(std::string_view name) {
  return std::ranges::any_of(kSubcommands, [&](const Subcommand& known) { return known.name == name; });
}

}  // namespace

bool is_subcommand(std::string_view argument) { return is_known(argument) || argument == "--version"; }

int run(int argc, char** argv, const GpuFactory& make_gpu, const ColourTables& colours) {
  CLI::App app("ConvLens: look at convolution. Without a command it opens its window.", "convlens");
  app.set_version_flag("--version", "convlens " CONVLENS_VERSION);
  app.require_subcommand(1);
  AllOptions options;
  options.film.colours = colours;
  for (const Subcommand& command : kSubcommands) {
    command.declare(*app.add_subcommand(command.name, command.summary), options);
  }

  try {
    app.parse(argc, argv);
    const auto chosen =
        std::ranges::find_if(kSubcommands, [&](const Subcommand& command) { return app.got_subcommand(command.name); });
    return chosen->run(options, make_gpu);
  } catch (const CLI::CallForHelp&) {
    return print(app.help());
  } catch (const CLI::CallForVersion& version) {
    return print(std::string(version.what()) + "\n");
  } catch (const CLI::ParseError& error) {
    const bool is_named = argc > 1 && is_known(argv[1]);
    return fail(kUsage,
                std::string(error.what()) + " (`convlens " + (is_named ? argv[1] : "conv") + " --help` explains)");
  } catch (const std::exception& error) {
    return fail(kCannot, error.what());
  }
}

}  // namespace convlens::cli
