// Declares the options that several subcommands share: what a layer is made of and its parameters.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <span>
#include <string>
#include <utility>

#include "app/cli/options.h"
#include "engine/conv/params.h"
#include "engine/core/error.h"

namespace convlens::cli {

// "zero|reflect|..."
std::string names_of(std::span<const conv::ChoiceName> choices);

// Turns a reader of words into an option callback whose error CLI11 reports as one of usage.
template <class Read>
std::function<void(const std::string&)> reader(std::string option, Read read) {
  return [option = std::move(option), read](const std::string& text) {
    const Status status = read(text);
    if (!status) throw CLI::ValidationError(option, status.error().message);
  };
}

// --input, --weights or --preset, --bias.
void declare_layer_files(CLI::App& command, ConvOptions& options);
// --output: .npy or .png, required.
void declare_output(CLI::App& command, ConvOptions& options);
// --stride, --padding, --border, --dilation, --groups, --flip, --activation, --gray.
void declare_parameters(CLI::App& command, ConvOptions& options);
// --threads.
void declare_threads(CLI::App& command, int& threads, const char* help = "Threads, 0 for every core (0)");

}  // namespace convlens::cli
