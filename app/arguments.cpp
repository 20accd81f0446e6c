// Parses the command line of the window with CLI11.
#include "app/arguments.h"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <map>
#include <sstream>

namespace convlens {
namespace {

constexpr int kUsageError = 2;
constexpr const char* kFooter =
    "Without a window:\n"
    "  convlens conv --help      convolve a file\n"
    "  convlens filters          list the named filters\n"
    "  convlens --version";

// "1280x800" into two numbers; empty when it is fine, else what is wrong.
std::string read_size(const std::string& text, Arguments& arguments) {
  int width = 0, height = 0;
  char rest = 0;
  if (std::sscanf(text.c_str(), "%dx%d%c", &width, &height, &rest) != 2) return "use the form 1280x800";
  if (width < 320 || height < 240 || width > 16384 || height > 16384) return "between 320x240 and 16384x16384";
  arguments.width = width;
  arguments.height = height;
  return {};
}

void describe(CLI::App& app, Arguments& arguments, std::string& file, std::string& twin, std::string& screenshot,
              std::string& trace) {
  static const std::map<std::string, model::Theme> kThemes = {
      {"dark", model::Theme::kDark}, {"light", model::Theme::kLight}, {"projector", model::Theme::kProjector}};
  using Colouring = view::Painter::Colouring;
  static const std::map<std::string, Colouring> kColourings = {
      {"auto", Colouring::kAutomatic}, {"gpu", Colouring::kOnGpu}, {"cpu", Colouring::kOnCpu}};
  app.footer(kFooter);
  app.add_option("file", file, "Picture, .npy array or session to open");
  app.add_option("--text-twin", twin, "Keep this JSON file up to date with what is on the screen")->type_name("FILE");
  app.add_option("--screenshot", screenshot, "Write the window as PNG after some frames, then leave")
      ->type_name("FILE");
  app.add_option("--trace", trace, "Write when every frame and every job did what, for Perfetto or chrome://tracing")
      ->type_name("FILE")
      ->group("Measuring");
  app.add_option("--frames", arguments.frames, "Frames before the screenshot, or updates (rounds) of a benchmark")
      ->check(CLI::Range(1, 100000));
  app.add_option_function<std::string>(
         "--size", [](const std::string&) {}, "Size of the window, such as 1280x800")
      ->check([&arguments](const std::string& text) { return read_size(text, arguments); })
      ->type_name("WxH");
  app.add_option("--scale", arguments.scale, "Size of the interface")->check(CLI::Range(0.75, 2.5));
  app.add_option("--theme", arguments.theme, "Look of the interface")->transform(CLI::CheckedTransformer(kThemes));
  app.add_option_function<std::string>(
         "--shader-dir", [&arguments](const std::string& text) { arguments.shader_dir = text; },
         "Takes the shaders from this folder, and again whenever one of them changes")
      ->type_name("DIR");
  app.add_option("--colouring", arguments.colouring,
                 "What colours pictures: the CPU, or the GPU, which then shows what it has convolved without a copy")
      ->transform(CLI::CheckedTransformer(kColourings));
  app.add_option("--threads", arguments.threads, "Threads that convolve; 0 takes every core")
      ->check(CLI::Range(0, 1024));
  app.add_flag("--fresh", arguments.is_fresh, "Neither read nor write preferences");
  app.add_option("--bench", arguments.bench, "Measure the window: drag (edits of a weight), train (a net that learns)")
      ->check(CLI::IsMember({"drag", "train"}))
      ->group("Measuring");
}

}  // namespace

ArgumentsOrExit parse_arguments(int argc, char** argv) {
  ArgumentsOrExit parsed;
  std::string file, twin, screenshot, trace;
  CLI::App app("ConvLens makes 2-D convolution visible: open a picture, edit a filter, see the feature maps follow.",
               "convlens");
  describe(app, parsed.arguments, file, twin, screenshot, trace);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::ostringstream out, err;
    parsed.exit_code = app.exit(error, out, err) == 0 ? 0 : kUsageError;
    parsed.output = *parsed.exit_code == 0 ? out.str() : "convlens: " + err.str();
    return parsed;
  }
  parsed.arguments.file = file;
  parsed.arguments.text_twin = twin;
  parsed.arguments.screenshot = screenshot;
  parsed.arguments.trace = trace;
  return parsed;
}

}  // namespace convlens
