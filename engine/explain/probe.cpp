// Gathers the cells of a window, gives them decimal digits, adds them up. Sizes come from conv/params, windows from
// window.h.
#include "engine/explain/probe.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

#include "engine/conv/conv.h"
#include "engine/explain/probe_places.h"

namespace convlens::explain {
namespace {

// Kernels are held to this share of the sum of absolute products.
constexpr double kTolerance = 1e-5;
constexpr int kFloatDigits = 9;
// A bent activation is shown with this many digits more than the value in the map.
constexpr int kGuardDigits = 2;
// Digits that the products may gain so that sum and map do not fall to different sides of a rounding boundary.
constexpr int kFinerTries = 3;

struct Sources {
  ConstView input;
  ConstView weights;
  std::span<const float> bias;
  float bias_of(std::int64_t k) const { return bias.empty() ? 0 : bias[static_cast<std::size_t>(k)]; }
};

std::vector<ProbeCell> gather(const Probe& probe, const Sources& from) {
  const conv::Geometry& g = probe.geometry;
  const OutputIndex& at = probe.at;
  const std::int64_t first = at.k / g.filters_per_group() * g.channels_per_group();
  std::vector<ProbeCell> cells;
  cells.reserve(static_cast<std::size_t>(g.channels_per_group() * g.r * g.s));
  for (std::int64_t c = 0; c < g.channels_per_group(); ++c) {
    for (const Tap& row : probe.window.rows) {
      for (const Tap& col : probe.window.cols) {
        ProbeCell cell;
        cell.channel = first + c;
        cell.row = row;
        cell.col = col;
        if (!cell.is_zero()) cell.input_value = from.input.at(at.n, first + c, row.source, col.source);
        cell.weight_value = from.weights.at(at.k, c, row.weight, col.weight);
        cells.push_back(cell);
      }
    }
  }
  return cells;
}

double product_of(const ProbeCell& cell) {
  return cell.is_zero() ? 0 : static_cast<double>(cell.weight_value) * static_cast<double>(cell.input_value);
}

// The same operations in the same order as the kernel `reference`.
double reference_sum(const std::vector<ProbeCell>& cells, float bias) {
  double sum = bias;
  for (const ProbeCell& cell : cells) {
    if (!cell.is_zero()) sum += product_of(cell);
  }
  return sum;
}

Magnitudes magnitudes_of(const std::vector<ProbeCell>& cells, float bias) {
  Magnitudes m;
  m.cells = std::ssize(cells);
  if (std::isfinite(bias)) m.sum_of_products = std::abs(static_cast<double>(bias));
  for (const ProbeCell& cell : cells) {
    const double x = std::abs(static_cast<double>(cell.input_value));
    const double w = std::abs(static_cast<double>(cell.weight_value));
    if (std::isfinite(x)) m.largest_input = std::max(m.largest_input, x);
    if (std::isfinite(w)) m.largest_weight = std::max(m.largest_weight, w);
    if (cell.is_zero() || !std::isfinite(x) || !std::isfinite(w)) continue;
    m.sum_of_inputs += x;
    m.sum_of_weights += w;
    m.sum_of_products += x * w;
  }
  return m;
}

Decimal shown(float value, const ColumnPlace& column) {
  return column.is_per_cell ? round_to_digits(value, kFloatDigits) : round_to_place(value, column.place);
}

// Takes away the zeros that all finite numbers of a column end in, down to the ones.
void trim_zeros(const std::vector<Decimal*>& column) {
  const auto can_trim = [](const Decimal* d) { return !d->is_finite() || (d->place < 0 && d->units % 10 == 0); };
  const auto trim = [](Decimal* d) {
    if (!d->is_finite()) return;
    d->units /= 10;
    ++d->place;
  };
  const auto is_finite = [](const Decimal* d) { return d->is_finite(); };
  while (std::ranges::any_of(column, is_finite) && std::ranges::all_of(column, can_trim)) {
    std::ranges::for_each(column, trim);
  }
}

void show_inputs_and_weights(std::vector<ProbeCell>& cells, const ProbePlaces& places) {
  std::vector<Decimal*> inputs, weights;
  for (ProbeCell& cell : cells) {
    cell.input = shown(cell.input_value, places.input);
    cell.weight = shown(cell.weight_value, places.weight);
    inputs.push_back(&cell.input);
    weights.push_back(&cell.weight);
  }
  if (!places.input.is_per_cell) trim_zeros(inputs);
  if (!places.weight.is_per_cell) trim_zeros(weights);
}

void show_products(Probe& probe, float bias, int place) {
  std::vector<Decimal*> column;
  for (ProbeCell& cell : probe.cells) {
    cell.product = cell.is_zero() ? Decimal{0, place, {}} : multiply(cell.input, cell.weight, place);
    column.push_back(&cell.product);
  }
  probe.bias = round_to_place(bias, place);
  column.push_back(&probe.bias);
  trim_zeros(column);
}

void add_up(Probe& probe) {
  int place = probe.bias.place;
  for (const ProbeCell& cell : probe.cells) {
    if (cell.product.is_finite()) place = cell.product.place;
  }
  const std::size_t per_channel = probe.window.rows.size() * probe.window.cols.size();
  probe.channels.clear();
  Decimal running{0, place, {}};
  for (std::size_t first = 0; first < probe.cells.size(); first += per_channel) {
    ProbeChannel channel{probe.cells[first].channel, {0, place, {}}, {}, first, per_channel};
    for (std::size_t i = first; i < first + per_channel; ++i) {
      ProbeCell& cell = probe.cells[i];
      running = add(running, cell.product);
      channel.subtotal = add(channel.subtotal, cell.product);
      cell.running = running;
    }
    channel.running = running;
    probe.channels.push_back(channel);
  }
  probe.sum = running;
  probe.pre_activation = probe.has_bias ? add(probe.sum, probe.bias) : probe.sum;
}

// None, ReLU, abs and the positive side of leaky ReLU keep the digits that they are given; nothing else does.
std::optional<Decimal> exactly_activated(const Decimal& x, conv::Activation activation) {
  if (activation == conv::Activation::kNone) return x;
  if (!x.is_finite()) return std::nullopt;
  if (activation == conv::Activation::kRelu) return Decimal{std::max<std::int64_t>(x.units, 0), x.place, {}};
  if (activation == conv::Activation::kAbs) return Decimal{std::abs(x.units), x.place, {}};
  if (activation == conv::Activation::kLeakyRelu && x.units >= 0) return x;
  return std::nullopt;
}

// A bent activation has a magnitude of its own, which says where its value ends: sigmoid(-20) keeps its digits, and
// softplus(1e-30), which is log 2, does not get thirty.
Decimal activate(const Decimal& x, conv::Activation activation, int digits, int& value_place) {
  if (const std::optional<Decimal> exact = exactly_activated(x, activation)) return *exact;
  const double y = conv::activate(to_double(x), activation);
  if (!std::isfinite(y) || y == 0) return round_to_place(y, x.place);
  const int lead = leading_place(y);
  value_place = std::clamp(value_place, lead - (kMaxProbeDigits - 1), lead - (digits - 1));
  return round_to_place(y, value_place - kGuardDigits);
}

// Whether the activated sum and the float round to the same decimal at `place`.
bool rounds_alike(const Decimal& activated, float map_value, int place, Decimal& value) {
  value = round_to_place(activated, place);
  return value == round_to_place(map_value, place);
}

// Looks for the finest place from `place` on at which both round alike.
bool find_value(Probe& probe, int place) {
  const double larger = std::max(std::abs(static_cast<double>(probe.map_value)), std::abs(to_double(probe.activated)));
  const int coarsest = larger == 0 ? place : std::max(place, leading_place(larger) + 2);
  for (; place <= coarsest; ++place) {
    if (rounds_alike(probe.activated, probe.map_value, place, probe.value)) return true;
  }
  return false;
}

void compare_with_map(Probe& probe, double magnitude, int value_place) {
  const bool is_finite = std::isfinite(probe.map_value);
  if (!probe.activated.is_finite() || !is_finite) {
    probe.value = round_to_digits(probe.map_value, kFloatDigits);
    probe.agrees = probe.activated.kind == probe.value.kind;
    return;
  }
  const double difference = std::abs(to_double(probe.activated) - static_cast<double>(probe.map_value));
  // The smallest float is a step of its own for every product that a kernel adds.
  const double smallest =
      static_cast<double>(std::numeric_limits<float>::denorm_min()) * static_cast<double>(probe.cells.size() + 1);
  const double unit = std::pow(10.0, value_place);
  probe.agrees = difference <= kTolerance * magnitude + smallest + unit && find_value(probe, value_place);
  if (!probe.agrees) probe.value = round_to_digits(probe.map_value, kFloatDigits);
}

void count_padding(Probe& probe) {
  double all = 0, from_padding = 0;
  for (const ProbeCell& cell : probe.cells) {
    const double product = std::abs(product_of(cell));
    probe.padding_cells += cell.is_padding();
    if (!std::isfinite(product)) continue;
    all += product;
    if (cell.is_padding()) from_padding += product;
  }
  probe.padding_share = all > 0 ? from_padding / all : 0;
}

}  // namespace

Probe probe_output(const conv::Geometry& geometry, ConstView input, ConstView weights, std::span<const float> bias,
                   const OutputIndex& at, const ProbeOptions& options) {
  assert(input.shape == geometry.input_shape() && weights.shape == geometry.weights_shape());
  assert(bias.empty() || std::ssize(bias) == geometry.k);
  assert(at.n >= 0 && at.n < geometry.n && at.k >= 0 && at.k < geometry.k);
  const Sources from{input, weights, bias};
  const int digits = std::clamp(options.digits, kMinProbeDigits, kMaxProbeDigits);
  Probe probe;
  probe.geometry = geometry;
  probe.at = at;
  probe.window = input_window(geometry, at.p, at.q);
  probe.cells = gather(probe, from);
  probe.has_bias = !bias.empty();
  const float b = from.bias_of(at.k);
  probe.bias_value = b;
  const double reference = conv::activate(reference_sum(probe.cells, b), geometry.activation);
  probe.map_value = options.map_value ? *options.map_value : static_cast<float>(reference);
  count_padding(probe);

  const Magnitudes magnitudes = magnitudes_of(probe.cells, b);
  for (int finer = 0; finer < kFinerTries; ++finer) {
    const ProbePlaces places = choose_places(magnitudes, digits, finer);
    show_inputs_and_weights(probe.cells, places);
    show_products(probe, b, places.product);
    add_up(probe);
    int value_place = std::max(places.value, probe.pre_activation.place);
    probe.activated = activate(probe.pre_activation, geometry.activation, digits, value_place);
    value_place = std::max(value_place, probe.activated.place);
    compare_with_map(probe, magnitudes.sum_of_products, value_place);
    if (!probe.activated.is_finite() || (probe.agrees && probe.value.place <= value_place)) break;
  }
  return probe;
}

std::vector<SumStep> summation_steps(const Probe& probe) {
  using Kind = SumStep::Kind;
  std::vector<SumStep> steps;
  for (std::size_t c = 0; c < probe.channels.size(); ++c) {
    const ProbeChannel& channel = probe.channels[c];
    for (std::size_t i = channel.first_cell; i < channel.first_cell + channel.cell_count; ++i) {
      steps.push_back({Kind::kProduct, i, probe.cells[i].product, probe.cells[i].running});
    }
    steps.push_back({Kind::kSubtotal, c, channel.subtotal, channel.running});
  }
  steps.push_back({Kind::kSum, 0, probe.sum, probe.sum});
  if (probe.has_bias) steps.push_back({Kind::kBias, 0, probe.bias, probe.pre_activation});
  if (probe.geometry.activation != conv::Activation::kNone) {
    steps.push_back({Kind::kActivation, 0, probe.activated, probe.activated});
  }
  steps.push_back({Kind::kValue, 0, probe.value, probe.value});
  return steps;
}

PartialMap partial_map(const conv::Geometry& geometry, ConstView input, ConstView weights, std::int64_t n,
                       std::int64_t k, std::int64_t channel) {
  PartialMap part{geometry, input, weights};
  const std::int64_t first = k / geometry.filters_per_group() * geometry.channels_per_group();
  part.geometry.n = part.geometry.c = part.geometry.k = 1;
  part.geometry.groups = 1;
  part.geometry.activation = conv::Activation::kNone;
  part.input.data = input.plane(n, first + channel);
  part.input.shape = part.geometry.input_shape();
  part.weights.data = weights.plane(k, channel);
  part.weights.shape = part.geometry.weights_shape();
  return part;
}

}  // namespace convlens::explain
