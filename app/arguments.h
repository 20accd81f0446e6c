// The command line of the window. Subcommands without a window are in app/cli.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "app/model/preferences.h"
#include "app/view/picture.h"

namespace convlens {

struct Arguments {
  std::filesystem::path file;       // picture, .npy or session to open; empty: the default scene
  std::filesystem::path text_twin;  // empty: none
  std::filesystem::path screenshot;
  std::filesystem::path trace;       // empty: none
  std::string bench;                 // "drag" or "train"; empty: none
  std::filesystem::path shader_dir;  // empty: the shaders that are part of the program
  int frames = 30;                   // before the screenshot; updates or rounds of a benchmark
  int width = 0;                     // 0: as remembered
  int height = 0;
  int threads = 0;
  std::optional<float> scale;
  std::optional<model::Theme> theme;
  view::Painter::Colouring colouring = view::Painter::Colouring::kAutomatic;
  bool is_fresh = false;  // preferences are neither read nor written
};

// Exits never and prints never: either the arguments, or the text to print and the exit code to leave with.
struct ArgumentsOrExit {
  Arguments arguments;
  std::optional<int> exit_code;
  std::string output;  // for stdout when the code is 0, else for stderr
};
ArgumentsOrExit parse_arguments(int argc, char** argv);

}  // namespace convlens
