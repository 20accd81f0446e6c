// Entry: subcommands go to app/cli, everything else to the window.
#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>
#include <string_view>

#include "app/app.h"
#include "app/arguments.h"
#include "app/cli/cli.h"
#include "app/gl/gpu_accelerator.h"
#include "app/view/colormap.h"

namespace {

std::optional<convlens::model::ColourTable> colour_table(std::string_view name) {
  for (const convlens::view::Colormap& map : convlens::view::colormaps()) {
    if (map.name != name) continue;
    convlens::model::ColourTable table{};
    std::transform(map.colours.begin(), map.colours.end(), table.begin(), [](const convlens::view::Rgb& colour) {
      return std::array<std::uint8_t, 3>{colour.r, colour.g, colour.b};
    });
    return table;
  }
  return std::nullopt;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1 && convlens::cli::is_subcommand(argv[1])) {
    return convlens::cli::run(argc, argv, convlens::gl::gpu_with_shaders_of, colour_table);
  }

  const convlens::ArgumentsOrExit parsed = convlens::parse_arguments(argc, argv);
  if (parsed.exit_code) {
    std::fputs(parsed.output.c_str(), *parsed.exit_code == 0 ? stdout : stderr);
    return *parsed.exit_code;
  }
  convlens::Result<int> code = convlens::run_window(parsed.arguments);
  if (!code) {
    std::fprintf(stderr, "convlens: %s\n", code.error().message.c_str());
    return 1;
  }
  return *code;
}
