// `convlens film`: the life of a net's filters from a recorded run, as pictures that move or stand side by side.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "app/model/filter_film.h"
#include "engine/core/error.h"

namespace convlens::cli {

// The colours of a map by its name; nothing for an unknown one. Whoever has a screen knows them.
using ColourTables = std::function<std::optional<model::ColourTable>(std::string_view)>;

struct FilmOptions {
  std::filesystem::path run;
  std::filesystem::path output;
  std::string form;   // empty: by the ending of the output
  std::string layer;  // a name or a number counted from 1; empty: the first with filters
  int frames = 80;
  int tile = 48;
  int milliseconds = 80;
  bool is_even = false;
  bool shows_slices = false;
  std::string colormap = "purple-green";
  ColourTables colours;  // not of the command line
};

void declare_film(CLI::App& command, FilmOptions& options);
// Writes the file and says in one line what it holds.
Result<std::string> run_film(const FilmOptions& options);

}  // namespace convlens::cli
