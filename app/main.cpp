// Entry: subcommands go to app/cli, everything else to the window.
#include <cstdio>

#include "app/app.h"
#include "app/arguments.h"
#include "app/cli/cli.h"
#include "app/gl/gpu_accelerator.h"

int main(int argc, char** argv) {
  if (argc > 1 && convlens::cli::is_subcommand(argv[1])) {
    return convlens::cli::run(argc, argv, convlens::gl::gpu_with_shaders_of);
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
