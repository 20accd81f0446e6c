// Sums of squares over two rows of parameters.
#include "app/model/moment_difference.h"

#include <cassert>
#include <cmath>
#include <limits>
#include <utility>

namespace convlens::model {
namespace {

struct Sums {
  double difference = 0, a = 0, b = 0, product = 0;

  void add(double x, double y) {
    difference += (x - y) * (x - y);
    a += x * x;
    b += y * y;
    product += x * y;
  }
  void add(const Sums& other) {
    difference += other.difference;
    a += other.a;
    b += other.b;
    product += other.product;
  }
  LayerDistance distance(std::size_t layer, std::string name) const {
    const double sizes = std::sqrt(a) * std::sqrt(b);
    return {.layer = layer,
            .name = std::move(name),
            .distance = std::sqrt(difference),
            .size = std::sqrt(b),
            .cosine = sizes > 0 ? product / sizes : 0};
  }
};

}  // namespace

double LayerDistance::relative() const {
  if (distance == 0) return 0;
  return size > 0 ? distance / size : std::numeric_limits<double>::infinity();
}

MomentDistance distance_between(const TrainRun& run, const std::vector<float>& a, const std::vector<float>& b) {
  assert(a.size() == b.size());
  std::vector<Sums> sums(run.layers.size());
  std::vector<bool> has_parameters(run.layers.size());
  for (std::size_t i = 0; i < run.parameters.size(); ++i) {
    const nn::ParameterInfo& info = run.parameters[i];
    if (!info.is_trainable()) continue;
    has_parameters[info.layer] = true;
    const auto from = static_cast<std::size_t>(run.offsets[i]);
    for (std::size_t j = from; j < from + static_cast<std::size_t>(info.count()); ++j) {
      sums[info.layer].add(static_cast<double>(a[j]), static_cast<double>(b[j]));
    }
  }
  MomentDistance result;
  Sums whole;
  for (std::size_t i = 0; i < sums.size(); ++i) {
    if (!has_parameters[i]) continue;
    result.layers.push_back(sums[i].distance(i, run.layers[i].name));
    whole.add(sums[i]);
  }
  result.whole = whole.distance(0, "all layers");
  return result;
}

bool are_comparable(const TrainRun& a, const TrainRun& b) {
  if (a.parameters.size() != b.parameters.size()) return false;
  for (std::size_t i = 0; i < a.parameters.size(); ++i) {
    const bool is_same = a.parameters[i].shape == b.parameters[i].shape &&
                         a.parameters[i].layer == b.parameters[i].layer && a.parameters[i].role == b.parameters[i].role;
    if (!is_same) return false;
  }
  return true;
}

}  // namespace convlens::model
