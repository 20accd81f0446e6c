// The command line without a window: `convlens conv`, `train` and the other subcommands.
#pragma once

#include <string_view>

#include "app/cli/conv_command.h"
#include "app/cli/film_command.h"

namespace convlens::cli {

// Whether this first argument belongs to the command line alone, so that no window is to be opened.
bool is_subcommand(std::string_view argument);

// Runs the command line. Exit code: 0 done, 1 cannot (one line on stderr says what and what to do), 2 usage.
int run(int argc, char** argv, const GpuFactory& make_gpu, const ColourTables& colours);

}  // namespace convlens::cli
