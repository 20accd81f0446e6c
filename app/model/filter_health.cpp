// Reads gradients and norms.
#include "app/model/filter_health.h"

#include <algorithm>
#include <cmath>

#include "engine/core/text.h"
#include "engine/nn/network.h"

namespace convlens::model {
namespace {

using nn::LayerKind;

bool is_before_relu(const std::vector<nn::LayerSpec>& layers, std::size_t layer) {
  const nn::LayerSpec& spec = layers[layer];
  const conv::Activation own = spec.kind == LayerKind::kConv ? spec.conv.activation : spec.activation;
  if (own != conv::Activation::kNone) return own == conv::Activation::kRelu;
  for (std::size_t i = layer + 1; i < layers.size(); ++i) {
    if (layers[i].kind == LayerKind::kActivation) return layers[i].activation == conv::Activation::kRelu;
    if (layers[i].kind != LayerKind::kBatchNorm && layers[i].kind != LayerKind::kMaxPool) return false;
  }
  return false;
}

bool is_zero(std::span<const float> values) {
  return std::ranges::all_of(values, [](float value) { return value == 0; });
}

}  // namespace

std::vector<bool> dead_filters(const TrainRun& run, const std::vector<float>& gradients, std::size_t layer,
                               const std::vector<bool>& frozen) {
  const std::int64_t filters = nn::filter_count(run.layers[layer]);
  std::vector<bool> dead(static_cast<std::size_t>(filters), false);
  if (!is_before_relu(run.layers, layer)) return dead;
  for (std::int64_t k = 0; k < filters; ++k) {
    const auto at = static_cast<std::size_t>(k);
    if (at < frozen.size() && frozen[at]) continue;
    dead[at] = filter_bias(run, gradients, layer, k) == 0 && is_zero(filter_weights(run, gradients, layer, k));
  }
  return dead;
}

double norm_of(std::span<const float> weights) {
  double sum = 0;
  for (const float weight : weights) sum += static_cast<double>(weight) * static_cast<double>(weight);
  return std::sqrt(sum);
}

double angle_between(std::span<const float> a, std::span<const float> b) {
  double dot = 0;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    dot += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  }
  const double norms = norm_of(a) * norm_of(b);
  if (!(norms > 0) || !std::isfinite(norms)) return 0;
  return std::acos(std::clamp(dot / norms, -1.0, 1.0)) * 180 / 3.14159265358979323846;
}

std::vector<std::string> change_words(std::span<const float> first, std::span<const float> now) {
  constexpr double kTelling = 1.15;  // of the norm, either way
  constexpr double kTellingDegrees = 10;
  std::vector<std::string> words;
  const double before = norm_of(first), after = norm_of(now);
  if (!std::isfinite(after)) return words;
  const auto arrow = [&] { return formatted("%.3g", before) + " → " + formatted("%.3g", after); };
  if (after > before * kTelling) words.push_back("norm grows: " + arrow());
  if (after > 0 && after < before / kTelling) words.push_back("norm shrinks: " + arrow());
  const double degrees = angle_between(first, now);
  if (degrees >= kTellingDegrees) words.push_back("turned by " + formatted("%.0f", degrees) + "° since the start");
  return words;
}

}  // namespace convlens::model
