// Convolves twice and looks for the largest difference.
#include "app/model/gpu_comparison.h"

#include <algorithm>
#include <cmath>
#include <exception>
#include <limits>
#include <new>
#include <span>
#include <utility>
#include <vector>

#include "app/model/fields.h"
#include "app/model/filter_bank.h"
#include "app/model/input_channels.h"
#include "engine/core/text.h"

namespace convlens::model {
namespace {

Tensor absolute(std::span<const float> values, const Shape& shape) {
  Tensor copy = Tensor::uninitialized(shape);
  std::ranges::transform(values, copy.data(), [](float value) { return std::abs(value); });
  return copy;
}

double distance(float a, float b) {
  if (std::isnan(a) && std::isnan(b)) return 0;
  if (a == b) return 0;  // infinities
  const double d = std::abs(static_cast<double>(a) - static_cast<double>(b));
  return std::isnan(d) ? std::numeric_limits<double>::infinity() : d;
}

std::string place_in_words(const Comparison::Place& place) {
  return " (map " + std::to_string(place.map + 1) + ", row " + std::to_string(place.row) + ", column " +
         std::to_string(place.col) + ")";
}

std::string scientific(double value) { return formatted("%.1e", value); }

}  // namespace

std::string in_words(const Comparison& comparison) {
  const std::string who =
      "GPU (" + comparison.gpu.kernel + " on " + comparison.gpu.isa + ") and CPU (" + comparison.cpu.kernel + ") ";
  if (comparison.largest.difference == 0) return who + "agree in every bit of every value.";
  return who + "differ by at most " + scientific(comparison.largest.difference) + place_in_words(comparison.largest) +
         ", and by " + scientific(comparison.relative.difference) + " of the sum of absolute products" +
         place_in_words(comparison.relative) + ".";
}

Comparison compare_maps(ConstView a, ConstView b, ConstView magnitudes) {
  Comparison found;
  for (std::int64_t k = 0; k < a.shape.c; ++k) {
    for (std::int64_t p = 0; p < a.shape.h; ++p) {
      for (std::int64_t q = 0; q < a.shape.w; ++q) {
        const double difference = distance(a.at(0, k, p, q), b.at(0, k, p, q));
        if (difference == 0) continue;
        const double magnitude = magnitudes.at(0, k, p, q);
        const double relative = magnitude > 0 ? difference / magnitude : std::numeric_limits<double>::infinity();
        if (difference > found.largest.difference) found.largest = {k, p, q, difference};
        if (relative > found.relative.difference) found.relative = {k, p, q, relative};
      }
    }
  }
  return found;
}

GpuComparison::GpuComparison(std::function<void()> wake, conv::AcceleratorFactory accelerator)
    : wake_(std::move(wake)), accelerator_(std::move(accelerator)) {}

GpuComparison::~GpuComparison() { progress_.is_cancelled = true; }

void GpuComparison::request(PicturePtr picture, const ConvSettings& settings) {
  if (is_running_.exchange(true)) return;
  worker_ = std::jthread([this, picture = std::move(picture), settings] {
    Result<Comparison> outcome = Error{"there is not enough memory; use fewer filters or a smaller picture"};
    try {
      outcome = compare(picture, settings);
    } catch (const std::bad_alloc&) {
      // Said above.
    } catch (const std::exception& error) {
      outcome = Error{error.what()};
    }
    mailbox_.put(std::move(outcome));
    is_running_ = false;
    if (wake_) wake_();
  });
}

Result<Comparison> GpuComparison::compare(const PicturePtr& picture, const ConvSettings& conv_settings) {
  if (!accelerator_) return Error{"this program was started without a GPU"};
  auto accelerator = accelerator_();
  if (!accelerator) return accelerator.error();
  Settings settings;
  settings.conv = conv_settings;
  const auto geometry = settings_geometry(settings, picture->pixels.shape());
  if (!geometry) return geometry.error();
  const Parallel parallel(conv_settings.threads);
  const InputChannels input = choose_channels(picture, conv_settings.channels, parallel);
  const std::vector<float> weights = packed_weights(conv_settings.bank);
  std::vector<float> biases = packed_biases(conv_settings.bank);
  const ConstView weights_view = dense_view(weights.data(), geometry->weights_shape());

  Tensor gpu_maps = Tensor::uninitialized(geometry->output_shape());
  const auto gpu =
      (*accelerator)->forward(*geometry, input.tensor->view(), 0, weights_view, biases, gpu_maps.view(), &progress_);
  if (!gpu) return gpu.error();
  // The processor's own choice where the GPU was asked for, else the kernel that was.
  const bool is_gpu = conv_settings.kernel.kernel == conv::kAcceleratorKernel;
  const conv::KernelChoice choice = is_gpu ? conv::KernelChoice{} : conv_settings.kernel;
  conv::Workspace workspace;
  Tensor cpu_maps = Tensor::uninitialized(geometry->output_shape());
  const auto cpu = conv::forward(*geometry, input.tensor->view(), weights_view, biases, cpu_maps.view(), choice,
                                 workspace, parallel, &progress_);
  if (!cpu) return cpu.error();

  conv::Geometry plain = *geometry;
  plain.activation = conv::Activation::kNone;
  const Tensor weights_size = absolute(weights, weights_view.shape);
  for (float& bias : biases) bias = std::abs(bias);
  const Tensor input_size = absolute(input.tensor->values(), geometry->input_shape());
  Tensor magnitudes = Tensor::uninitialized(geometry->output_shape());
  const auto sums = conv::forward(plain, input_size.view(), weights_size.view(), biases, magnitudes.view(), {},
                                  workspace, parallel, &progress_);
  if (!sums) return sums.error();
  Comparison comparison = compare_maps(gpu_maps.view(), cpu_maps.view(), magnitudes.view());
  comparison.cpu = *cpu;
  comparison.gpu = *gpu;
  return comparison;
}

}  // namespace convlens::model
