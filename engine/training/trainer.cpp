// The order of the phases, the order of the pictures, and what is measured around them.
#include "engine/training/trainer.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstdio>
#include <numeric>
#include <utility>

#include "engine/nn/loss.h"
#include "engine/training/split.h"

namespace convlens::training {
namespace {

// The order in which an epoch meets `size` pictures.
void order_of_epoch(std::vector<std::int64_t>& order, std::int64_t size, std::uint64_t seed, std::int64_t epoch) {
  order.resize(static_cast<std::size_t>(size));
  std::iota(order.begin(), order.end(), 0);
  shuffle(order, seed, static_cast<std::uint64_t>(epoch));
}

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.3g", value);
  return text;
}

bool all_finite(std::span<const float> values) {
  return std::ranges::all_of(values, [](float v) { return std::isfinite(v); });
}

}  // namespace

Result<Trainer> Trainer::create(const nn::ModelSpec& model, const nn::NetworkOptions& options,
                                const TrainerSettings& settings) {
  nn::NetworkOptions learning = options;
  learning.can_learn = true;
  auto network = nn::Network::create(model, learning);
  if (!network) return network.error();
  if (auto status = network->initialise(settings.seed); !status) return status.error();
  return Trainer(std::move(*network), settings);
}

Trainer::Trainer(nn::Network network, const TrainerSettings& settings)
    : network_(std::move(network)), settings_(settings) {}

Error Trainer::divergence(double loss) const {
  std::string why = std::isfinite(loss) ? "the loss rose to " + number(loss) : "the loss is no longer a number";
  const nn::ParameterStore& store = network_.store();
  std::string where;
  for (const nn::StoredParameter& p : store.parameters()) {
    const auto values = store.values().subspan(static_cast<std::size_t>(p.offset), static_cast<std::size_t>(p.span));
    if (all_finite(values)) continue;
    where = "; the first value that is not finite is in " + p.info.name;
    break;
  }
  if (where.empty()) {
    // Nothing is broken yet: name the layer whose weights are largest.
    double largest = -1;
    const std::vector<nn::LayerSpec> layers = nn::named_layers(network_.model());
    for (std::size_t i = 0; i < layers.size(); ++i) {
      const double norm = network_.parameter_norm(i);
      if (norm <= largest || norm == 0) continue;
      largest = norm;
      where = "; the largest weights are in " + layers[i].name;
    }
  }
  return Error{"training diverged at step " + std::to_string(steps_) + ": " + why + where +
               ": go back to an earlier step and use a lower learning rate"};
}

// A pass changes the running statistics of batch norm before its loss is known.
void Trainer::remember_statistics() {
  const std::span<const float> values = std::as_const(network_).store().values();
  const auto trainable = static_cast<std::size_t>(network_.store().trainable_floats());
  statistics_.assign(values.begin() + static_cast<std::ptrdiff_t>(trainable), values.end());
}

Result<StepReport> Trainer::report(const nn::BatchResult& result, std::int64_t images) {
  if (!std::isfinite(result.loss) || result.loss > settings_.largest_loss) {
    const Error error = divergence(result.loss);
    std::ranges::copy(statistics_, network_.store().values().end() - std::ssize(statistics_));
    network_.changed();
    return error;
  }
  const OptimizerSettings& o = settings_.optimizer;
  return StepReport{steps_, images, result.loss, static_cast<double>(result.correct) / static_cast<double>(images),
                    o.learning_rate * schedule_factor(o.schedule, steps_)};
}

Result<StepReport> Trainer::step(const float* images, std::span<const std::int32_t> labels) {
  last_images_ = std::ssize(labels);
  remember_statistics();
  const nn::BatchResult result =
      network_.train(images, labels, {settings_.seed, static_cast<std::uint64_t>(steps_)}, settings_.label_smoothing);
  auto done = report(result, last_images_);
  if (done) update();
  return done;
}

std::int64_t Trainer::steps_per_epoch(const ImageSource& source) const {
  const std::int64_t batch = network_.options().batch;
  return (source.size() + batch - 1) / batch;
}

std::vector<std::int64_t> Trainer::batch_indices(const ImageSource& source, std::int64_t step) const {
  std::vector<std::int64_t> order;
  const std::int64_t per_epoch = steps_per_epoch(source), batch = network_.options().batch;
  const std::int64_t epoch = step / per_epoch;
  const bool is_known = epoch == order_epoch_ && settings_.seed == order_seed_ && std::ssize(order_) == source.size();
  if (!is_known) order_of_epoch(order, source.size(), settings_.seed, epoch);
  const std::vector<std::int64_t>& all = is_known ? order_ : order;
  const std::int64_t begin = step % per_epoch * batch, end = std::min(source.size(), begin + batch);
  return {all.begin() + begin, all.begin() + end};
}

Result<StepReport> Trainer::step(ImageSource& source) {
  if (source.size() == 0) return Error{"there are no pictures to train on: choose another data set or split"};
  const std::int64_t per_epoch = steps_per_epoch(source), batch = network_.options().batch;
  const std::int64_t epoch = steps_ / per_epoch;
  if (epoch != order_epoch_ || settings_.seed != order_seed_ || std::ssize(order_) != source.size()) {
    order_of_epoch(order_, source.size(), settings_.seed, epoch);
    order_epoch_ = epoch;
    order_seed_ = settings_.seed;
  }
  const nn::ModelSpec& model = network_.model();
  images_.resize(static_cast<std::size_t>(batch * model.channels * model.height * model.width));
  labels_.resize(static_cast<std::size_t>(batch));
  const std::int64_t begin = steps_ % per_epoch * batch;
  const auto count = static_cast<std::size_t>(std::min(batch, source.size() - begin));
  source.fill(std::span(order_).subspan(static_cast<std::size_t>(begin), count), static_cast<std::uint64_t>(epoch),
              images_.data(), labels_.data());
  return step(images_.data(), std::span(labels_).first(count));
}

void Trainer::forward(const float* images, std::int64_t n) {
  last_images_ = n;
  remember_statistics();
  network_.forward(images, n, {settings_.seed, static_cast<std::uint64_t>(steps_)});
}

Result<StepReport> Trainer::loss(std::span<const std::int32_t> labels) {
  return report(network_.loss(labels, settings_.label_smoothing), std::ssize(labels));
}

void Trainer::backward() { network_.backward(); }

void Trainer::update() {
  if (measures_updates_) {
    const auto values = network_.store().values();
    before_.assign(values.begin(), values.end());
  } else {
    before_.clear();
  }
  optimizer_.update(network_, settings_.optimizer, steps_);
  ++steps_;
}

Evaluation evaluate(nn::Network& network, ImageSource& source, std::vector<float>* logits) {
  return *evaluate(network, source, logits, [] { return true; });
}

std::optional<Evaluation> evaluate(nn::Network& network, ImageSource& source, std::vector<float>* all_logits,
                                   const std::function<bool()>& goes_on) {
  const nn::ModelSpec& model = network.model();
  const std::int64_t batch = network.options().batch, classes = model.classes;
  if (all_logits) all_logits->clear();
  const std::int64_t picture = std::int64_t{model.channels} * model.height * model.width;
  std::vector<float> images(static_cast<std::size_t>(batch * picture)),
      logits(static_cast<std::size_t>(batch * classes));
  std::vector<std::int32_t> labels(static_cast<std::size_t>(batch));
  std::vector<std::int64_t> indices;
  Evaluation result;
  result.images = source.size();
  result.class_sizes.resize(static_cast<std::size_t>(classes));
  result.class_accuracy.resize(static_cast<std::size_t>(classes));
  result.confusion.resize(static_cast<std::size_t>(classes * classes));
  for (std::int64_t begin = 0; begin < source.size(); begin += batch) {
    if (!goes_on()) return std::nullopt;
    const std::int64_t count = std::min(batch, source.size() - begin);
    indices.resize(static_cast<std::size_t>(count));
    std::iota(indices.begin(), indices.end(), begin);
    source.fill(indices, 0, images.data(), labels.data());
    network.infer(images.data(), count, logits.data());
    if (all_logits) all_logits->insert(all_logits->end(), logits.begin(), logits.begin() + count * classes);
    for (std::int64_t i = 0; i < count; ++i) {
      const std::int32_t label = labels[static_cast<std::size_t>(i)];
      const nn::SampleLoss one = nn::softmax_cross_entropy(logits.data() + i * classes, classes, label, 0, 1, nullptr);
      result.loss += static_cast<double>(one.loss);
      ++result.class_sizes[static_cast<std::size_t>(label)];
      ++result.confusion[static_cast<std::size_t>(label * classes + one.predicted)];
    }
  }
  std::int64_t correct = 0;
  for (std::size_t c = 0; c < static_cast<std::size_t>(classes); ++c) {
    const std::int64_t right = result.confusion[c * static_cast<std::size_t>(classes) + c];
    correct += right;
    if (result.class_sizes[c] > 0) {
      result.class_accuracy[c] = static_cast<double>(right) / static_cast<double>(result.class_sizes[c]);
    }
  }
  if (source.size() > 0) {
    result.loss /= static_cast<double>(source.size());
    result.accuracy = static_cast<double>(correct) / static_cast<double>(source.size());
  }
  return result;
}

std::vector<LayerMetrics> Trainer::metrics() const {
  std::vector<LayerMetrics> list;
  const std::vector<nn::LayerSpec> layers = nn::named_layers(network_.model());
  const auto dead = network_.dead_units(last_images_);
  for (std::size_t i = 0; i < layers.size(); ++i) {
    LayerMetrics m{layers[i].name, network_.gradient_norm(i), network_.parameter_norm(i), std::nullopt, dead[i]};
    if (!before_.empty() && m.weight_norm > 0) {
      double squares = 0;
      for (const nn::StoredParameter& p : network_.store().parameters()) {
        if (p.info.layer != i || !p.info.is_trainable()) continue;
        for (std::int64_t j = p.offset; j < p.offset + p.span; ++j) {
          const auto at = static_cast<std::size_t>(j);
          const double change = static_cast<double>(network_.store().values()[at]) - static_cast<double>(before_[at]);
          squares += change * change;
        }
      }
      m.update_ratio = std::sqrt(squares) / m.weight_norm;
    }
    list.push_back(std::move(m));
  }
  return list;
}

}  // namespace convlens::training
