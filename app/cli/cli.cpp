// Chooses the subcommand and turns its outcome into an exit code.
#include "app/cli/cli.h"

#include <cstdio>

namespace convlens::cli {

bool is_subcommand(std::string_view argument) {
  return argument == "conv" || argument == "filters" || argument == "--version";
}

int run(int argc, char** argv) {
  if (argc > 1 && std::string_view(argv[1]) == "--version") {
    std::puts("convlens 0.1.0");
    return 0;
  }
  std::fputs("convlens: unknown command\n", stderr);
  return 2;
}

}  // namespace convlens::cli
