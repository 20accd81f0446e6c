// Makes the picture and the edits of the drag benchmark and counts what came of them.
#include "app/bench_drag.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "app/model/filter_bank.h"
#include "app/model/frame_times.h"
#include "engine/io/picture.h"

namespace convlens {
namespace {

constexpr int kWidth = 1920, kHeight = 1080, kFilters = 8, kKernel = 3, kChannels = 3;
constexpr int kWarmUp = 20;

std::filesystem::path picture_path() { return std::filesystem::temp_directory_path() / "convlens-bench-1080p.png"; }

// Smooth waves with some detail: nothing that compresses to nothing, nothing that a kernel could skip.
std::vector<std::uint8_t> make_pixels() {
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(kWidth) * kHeight * kChannels);
  std::size_t i = 0;
  for (int y = 0; y < kHeight; ++y) {
    for (int x = 0; x < kWidth; ++x) {
      for (int c = 0; c < kChannels; ++c) {
        const double wave = std::sin(x * 0.021 * (c + 1)) + std::cos(y * 0.017 * (3 - c));
        pixels[i++] = static_cast<std::uint8_t>(127.5 + 50 * wave + ((x * 7 + y * 13 + c * 5) % 17));
      }
    }
  }
  return pixels;
}

}  // namespace

Status BenchDrag::start(model::Document& document, model::Preferences&) {
  if (Status written = io::write_png(picture_path(), make_pixels(), kWidth, kHeight, kChannels); !written) {
    return written;
  }
  document.open_path(picture_path());
  model::ConvSettings& conv = document.settings.conv;
  conv.threads = threads_;
  conv.bank = {.channels = kChannels, .rows = kKernel, .cols = kKernel, .filters = {}};
  for (int k = 0; k < kFilters; ++k) {
    model::Filter filter{.name = "Filter " + std::to_string(k + 1), .weights = {}};
    for (int i = 0; i < kChannels * kKernel * kKernel; ++i) {
      filter.weights.push_back(static_cast<float>((k * 31 + i * 17) % 13 - 6) / 6.0F);
    }
    conv.bank.filters.push_back(std::move(filter));
  }
  document.animation.is_playing = false;
  return Done{};
}

bool BenchDrag::is_ready(const model::Document& document) const {
  return document.result() && document.result()->geometry.h == kHeight && document.result()->geometry.k == kFilters;
}

void BenchDrag::before_panels(model::Document& document, double now) {
  if (!is_ready(document)) return;
  ++edits_;
  if (edits_ == kWarmUp) {
    begin_ = now;
    shown_.clear();
    frames_.clear();
  }
  document.settings.conv.bank.filters[0].weights[4] = std::sin(static_cast<float>(edits_) * 0.05F);
}

void BenchDrag::after_frame(const model::Document& document, double now, double milliseconds) {
  if (!is_ready(document) || edits_ == 0) return;
  end_ = now;
  frames_.push_back(milliseconds);
  if (document.shown_generation() == last_generation_) return;
  last_generation_ = document.shown_generation();
  shown_.push_back({now, document.result()->report.milliseconds, document.result()->computed_maps});
}

std::string BenchDrag::report(const model::Document& document, const model::EditHistory& edits) const {
  const double seconds = std::max(end_ - begin_, 1e-9);
  std::vector<double> computing, gaps;
  for (std::size_t i = 0; i < shown_.size(); ++i) {
    computing.push_back(shown_[i].milliseconds);
    if (i > 0) gaps.push_back((shown_[i].time - shown_[i - 1].time) * 1000);
  }
  const auto spread = [](const std::vector<double>& values) {
    return nlohmann::json{{"median", model::quantile(values, 0.5)}, {"p99", model::quantile(values, 0.99)}};
  };
  nlohmann::json stages;
  for (std::size_t i = 0; i < model::kEditStages; ++i) {
    const auto stage = static_cast<model::EditStage>(i);
    stages[std::string(model::edit_stage_names()[i].name)] = {{"median", edits.quantile(stage, 0.5)},
                                                              {"p99", edits.quantile(stage, 0.99)}};
  }
  const conv::Report& last = document.result()->report;
  const nlohmann::json json = {
      {"workload", "1920x1080 RGB, 8 filters 3x3x3, same padding, one weight edited every frame"},
      {"kernel", last.kernel},
      {"isa", last.isa},
      {"threads", last.threads},
      {"edits_per_second", static_cast<double>(edits_ - kWarmUp) / seconds},
      {"maps_computed_per_edit", shown_.empty() ? 0 : shown_.back().maps},
      {"maps_per_second", static_cast<double>(shown_.size()) / seconds},
      {"maps_gap_ms", spread(gaps)},
      {"frame_ms", spread(frames_)},
      {"compute_ms", spread(computing)},
      {"edit_to_picture_ms", {{"median", edits.total_quantile(0.5)}, {"p99", edits.total_quantile(0.99)}}},
      {"stages_ms", stages}};
  std::error_code ignored;
  std::filesystem::remove(picture_path(), ignored);
  return json.dump(2);
}

}  // namespace convlens
