// What `convlens train` was asked to do, and the readers of its option values. Touches no files.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "engine/core/error.h"
#include "engine/nn/model.h"
#include "engine/training/augmentation.h"
#include "engine/training/optimizer.h"

namespace convlens::cli {

// What is not given comes from the model's recipe, or from the checkpoint that is gone on from.
struct TrainOptions {
  std::string data;
  std::optional<std::string> model;
  std::optional<std::int64_t> epochs;
  std::optional<std::int64_t> steps;
  std::optional<std::int64_t> batch;
  std::optional<training::Rule> rule;
  std::optional<float> learning_rate;
  std::optional<float> decay;
  std::optional<float> l1;
  std::optional<float> l2;
  std::optional<float> label_smoothing;
  std::optional<training::Schedule> schedule;
  std::optional<nn::Initialiser> init;
  std::optional<std::uint64_t> seed;
  std::optional<training::Augmentation> augment;
  int threads = 0;
  std::filesystem::path save;
  std::filesystem::path checkpoint;
  std::filesystem::path resume;
  std::filesystem::path timeline;
  std::filesystem::path metrics;
  bool json = false;
};

inline constexpr const char* kDefaultModel = "lenet5";

// "constant", "cosine" or "steps", then any of ",warm-up=N", ",every=N", ",factor=X", ",total=N", ",floor=X". A cosine
// without total has total = 0: it is to end with the run.
Result<training::Schedule> parse_schedule(const std::string& text);
// A name of nn::init_kind_names(); "normal:0.01" and "constant:0" with their value, "filter:sobel-x" with the filter.
Result<nn::Initialiser> parse_init(const std::string& text);

void declare_train(CLI::App& command, TrainOptions& options);

}  // namespace convlens::cli
