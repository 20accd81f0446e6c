// The float64 oracle: pads by walking, convolves by definition. Slow and simple.
#include "tests/engine/conv_oracle.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace convlens::test {
namespace {

using conv::Activation;
using conv::Border;
using conv::PaddingMode;

constexpr std::uint32_t kGuardBits = 0x7fc0dead;  // a NaN that no arithmetic makes

// Walks from an edge one cell at a time, so that nothing here looks like the engine's modulo arithmetic.
std::int64_t source_cell(std::int64_t i, std::int64_t n, Border border) {
  if (i >= 0 && i < n) return i;
  switch (border) {
    case Border::kZero:
      return -1;
    case Border::kReplicate:
      return i < 0 ? 0 : n - 1;
    case Border::kCircular:
      while (i < 0) i += n;
      while (i >= n) i -= n;
      return i;
    case Border::kReflect: {
      if (n == 1) return 0;
      std::int64_t at = 0;
      std::int64_t direction = i > 0 ? 1 : -1;
      const std::int64_t steps = std::abs(i);
      for (std::int64_t step = 0; step < steps; ++step) {
        if (at + direction < 0 || at + direction >= n) direction = -direction;
        at += direction;
      }
      return at;
    }
  }
  throw std::logic_error("unknown border");
}

struct Sides {
  std::int64_t before = 0;
  std::int64_t after = 0;
};

Sides sides(const conv::Params& params, std::int64_t n, std::int64_t k, std::int64_t stride, std::int64_t dilation,
            Sides custom) {
  const std::int64_t extent = dilation * (k - 1) + 1;
  switch (params.padding) {
    case PaddingMode::kValid:
      return {0, 0};
    case PaddingMode::kSame:
      return {(extent - 1) / 2, (extent - 1) - (extent - 1) / 2};
    case PaddingMode::kSameTf: {
      const std::int64_t outputs =
          static_cast<std::int64_t>(std::ceil(static_cast<double>(n) / static_cast<double>(stride)));
      std::int64_t total = (outputs - 1) * stride + extent - n;
      if (total < 0) total = 0;
      return {total / 2, total - total / 2};
    }
    case PaddingMode::kFull:
      return {extent - 1, extent - 1};
    case PaddingMode::kCustom:
      return custom;
  }
  throw std::logic_error("unknown padding mode");
}

double activated(double x, Activation activation) {
  switch (activation) {
    case Activation::kNone:
      return x;
    case Activation::kRelu:
      return x > 0 ? x : 0;
    case Activation::kLeakyRelu:
      return x > 0 ? x : 0.01 * x;
    case Activation::kSigmoid:
      return 0.5 * (1 + std::tanh(x / 2));
    case Activation::kTanh:
      return std::tanh(x);
    case Activation::kElu:
      return x > 0 ? x : std::expm1(x);
    case Activation::kGelu:
      return x * 0.5 * (1 + std::erf(x / std::sqrt(2.0)));
    case Activation::kSoftplus:
      return x > 30 ? x : std::log1p(std::exp(x));
    case Activation::kAbs:
      return x < 0 ? -x : x;
  }
  throw std::logic_error("unknown activation");
}

// First positions of the filter along one padded axis.
std::vector<std::int64_t> positions(std::int64_t n, Sides pad, std::int64_t k, std::int64_t stride,
                                    std::int64_t dilation) {
  std::vector<std::int64_t> firsts;
  for (std::int64_t at = -pad.before; at + dilation * (k - 1) < n + pad.after; at += stride) firsts.push_back(at);
  return firsts;
}

// Memory for a view with gaps after every row, plane and image, all of it guard values at first.
struct Guarded {
  explicit Guarded(const Shape& shape) {
    const std::int64_t row = shape.w + 3;
    const std::int64_t plane = row * shape.h + 5;
    const std::int64_t image = plane * shape.c + 7;
    constexpr std::int64_t kLead = 19;
    memory.assign(static_cast<std::size_t>(kLead + image * shape.n + 64), std::bit_cast<float>(kGuardBits));
    view = {memory.data() + kLead, shape, image, plane, row};
  }
  static bool is_guard(float value) { return std::bit_cast<std::uint32_t>(value) == kGuardBits; }

  std::vector<float> memory;
  View view;
};

template <class F>
void for_each_value(const Shape& shape, const F& f) {
  for (std::int64_t n = 0; n < shape.n; ++n) {
    for (std::int64_t c = 0; c < shape.c; ++c) {
      for (std::int64_t y = 0; y < shape.h; ++y) {
        for (std::int64_t x = 0; x < shape.w; ++x) f(n, c, y, x);
      }
    }
  }
}

Guarded guarded_copy(const Tensor& tensor) {
  Guarded copy(tensor.shape());
  for_each_value(tensor.shape(),
                 [&](auto n, auto c, auto y, auto x) { copy.view.at(n, c, y, x) = tensor.at(n, c, y, x); });
  return copy;
}

}  // namespace

std::string describe(const Case& c) {
  const conv::Params& p = c.params;
  const auto name = [](auto names, auto value) { return std::string(names[static_cast<std::size_t>(value)].name); };
  return "input " + to_string(c.input) + " weights " + to_string(c.weights) + " stride " + std::to_string(p.stride_y) +
         "," + std::to_string(p.stride_x) + " padding " + name(conv::padding_mode_names(), p.padding) + " (" +
         std::to_string(p.custom.top) + "," + std::to_string(p.custom.bottom) + "," + std::to_string(p.custom.left) +
         "," + std::to_string(p.custom.right) + ") border " + name(conv::border_names(), p.border) + " dilation " +
         std::to_string(p.dilation_y) + "," + std::to_string(p.dilation_x) + " groups " + std::to_string(p.groups) +
         (p.flip ? " flip" : "") + " activation " + name(conv::activation_names(), p.activation) +
         (c.has_bias ? " bias" : "") + (c.rank > 0 ? " rank " + std::to_string(c.rank) : "") + " seed " +
         std::to_string(c.seed);
}

Case random_case(Random& random, std::int64_t max_multiply_adds) {
  const auto below = [&](std::int64_t count) {
    return static_cast<std::int64_t>(random.below(static_cast<std::uint32_t>(count)));
  };
  const auto small = [&](int most) { return below(2) ? 1 : 1 + static_cast<int>(below(most)); };
  while (true) {
    Case c;
    c.seed = random.next();
    c.has_bias = below(2) == 1;
    conv::Params& p = c.params;
    p.padding = static_cast<PaddingMode>(below(5));
    p.border = static_cast<Border>(below(4));
    p.activation = below(2) ? Activation::kNone : static_cast<Activation>(below(9));
    p.flip = below(2) == 1;
    p.stride_y = small(4), p.stride_x = small(5);
    p.dilation_y = small(3), p.dilation_x = small(4);
    p.custom = {static_cast<int>(below(6)), static_cast<int>(below(6)), static_cast<int>(below(6)),
                static_cast<int>(below(6))};

    constexpr std::int64_t kGroups[] = {1, 1, 1, 2, 3, 5, 8};
    p.groups = static_cast<int>(kGroups[below(7)]);
    const std::int64_t channels = below(3) == 0 ? 1 : 1 + below(4);  // of a group
    const std::int64_t filters = below(3) == 0 ? 1 : 1 + below(13);  // of a group
    const std::int64_t largest = below(4) == 0 ? 31 : 7;
    c.weights = {p.groups * filters, channels, 1 + below(largest), 1 + below(largest)};
    c.input = {1 + below(3), p.groups * channels, 1 + below(24), 1 + below(70)};
    if (p.padding == PaddingMode::kValid || p.padding == PaddingMode::kCustom) {
      c.input.h += p.dilation_y * (c.weights.h - 1);
      c.input.w += p.dilation_x * (c.weights.w - 1);
    }
    const std::int64_t outputs =
        c.input.n * c.weights.n * (c.input.h + p.custom.top) * (c.input.w + p.custom.left) / (p.stride_y * p.stride_x);
    if (outputs * channels * c.weights.h * c.weights.w <= max_multiply_adds) return c;
  }
}

// Outer products of random columns and rows, added in double and rounded once.
template <class Draw>
void draw_of_rank(int rank, const View& weights, const Draw& draw) {
  const Shape& shape = weights.shape;
  std::vector<double> sums(static_cast<std::size_t>(shape.h * shape.w));
  std::vector<double> row(static_cast<std::size_t>(shape.w));
  for (std::int64_t k = 0; k < shape.n; ++k) {
    for (std::int64_t c = 0; c < shape.c; ++c) {
      std::ranges::fill(sums, 0.0);
      for (int i = 0; i < rank; ++i) {
        for (double& value : row) value = draw();
        for (std::int64_t r = 0; r < shape.h; ++r) {
          const double down = draw();
          for (std::int64_t s = 0; s < shape.w; ++s) {
            sums[static_cast<std::size_t>(r * shape.w + s)] += down * row[static_cast<std::size_t>(s)];
          }
        }
      }
      std::ranges::transform(sums, weights.plane(k, c), [](double v) { return static_cast<float>(v); });
    }
  }
}

Data make_data(const Case& c) {
  Random random(c.seed);
  const auto draw = [&] { return c.integers ? static_cast<float>(random.below(9)) - 4.0f : random.uniform(-1, 1); };
  Data data{Tensor(c.input), Tensor(c.weights), {}};
  for (float& value : data.input.values()) value = draw();
  if (c.rank > 0) {
    draw_of_rank(c.rank, data.weights.view(), draw);
  } else {
    for (float& value : data.weights.values()) value = draw();
  }
  if (c.has_bias) {
    data.bias.resize(static_cast<std::size_t>(c.weights.n));
    for (float& value : data.bias) value = draw();
  }
  return data;
}

Expected oracle(const Case& c, const Data& data) {
  const conv::Params& p = c.params;
  const std::int64_t rows = c.weights.h;
  const std::int64_t columns = c.weights.w;
  const Sides pad_y = sides(p, c.input.h, rows, p.stride_y, p.dilation_y, {p.custom.top, p.custom.bottom});
  const Sides pad_x = sides(p, c.input.w, columns, p.stride_x, p.dilation_x, {p.custom.left, p.custom.right});
  const auto ys = positions(c.input.h, pad_y, rows, p.stride_y, p.dilation_y);
  const auto xs = positions(c.input.w, pad_x, columns, p.stride_x, p.dilation_x);
  const std::int64_t filters_per_group = c.weights.n / p.groups;

  Expected expected;
  expected.shape = {c.input.n, c.weights.n, static_cast<std::int64_t>(ys.size()), static_cast<std::int64_t>(xs.size())};
  for (std::int64_t n = 0; n < c.input.n; ++n) {
    for (std::int64_t k = 0; k < c.weights.n; ++k) {
      for (const std::int64_t y0 : ys) {
        for (const std::int64_t x0 : xs) {
          double sum = c.has_bias ? data.bias[static_cast<std::size_t>(k)] : 0;
          double magnitude = std::abs(sum);
          for (std::int64_t r = 0; r < rows; ++r) {
            const std::int64_t y = source_cell(y0 + r * p.dilation_y, c.input.h, p.border);
            for (std::int64_t s = 0; y >= 0 && s < columns; ++s) {
              const std::int64_t x = source_cell(x0 + s * p.dilation_x, c.input.w, p.border);
              for (std::int64_t i = 0; x >= 0 && i < c.weights.c; ++i) {
                const double weight =
                    p.flip ? data.weights.at(k, i, rows - 1 - r, columns - 1 - s) : data.weights.at(k, i, r, s);
                const double product = weight * data.input.at(n, k / filters_per_group * c.weights.c + i, y, x);
                sum += product;
                magnitude += std::abs(product);
              }
            }
          }
          expected.values.push_back(activated(sum, p.activation));
          expected.magnitudes.push_back(magnitude);
        }
      }
    }
  }
  return expected;
}

std::vector<conv::KernelChoice> all_choices() {
  std::vector<conv::KernelChoice> choices;
  for (const conv::KernelInfo& kernel : conv::kernels()) {
    if (!kernel.uses_simd) {
      choices.push_back({std::string(kernel.name), "auto"});
      continue;
    }
    for (const std::string& isa : conv::isa_targets()) choices.push_back({std::string(kernel.name), isa});
  }
  return choices;
}

std::vector<conv::KernelChoice> choices_for(const Case& c, const Data& data) {
  const auto geometry = conv::resolve(c.params, c.input, c.weights);
  if (!geometry) throw std::runtime_error(geometry.error().message);
  const std::vector<conv::Candidate> answers = conv::candidates(*geometry, data.weights.view());
  std::vector<conv::KernelChoice> choices = all_choices();
  std::erase_if(choices, [&](const conv::KernelChoice& choice) {
    return !std::ranges::find(answers, choice.kernel, &conv::Candidate::kernel)->refusal.empty();
  });
  return choices;
}

Outcome run_engine(const Case& c, const Data& data, const conv::KernelChoice& choice, const Parallel& parallel) {
  const auto geometry = conv::resolve(c.params, c.input, c.weights);
  if (!geometry) throw std::runtime_error(geometry.error().message);
  const Guarded input = guarded_copy(data.input);
  const Guarded weights = guarded_copy(data.weights);
  Guarded output(geometry->output_shape());
  conv::Workspace workspace;
  auto report = conv::forward(*geometry, input.view, weights.view, data.bias, output.view, choice, workspace, parallel);
  if (!report) throw std::runtime_error(report.error().message);

  Outcome outcome;
  outcome.report = *report;
  outcome.shape = geometry->output_shape();
  outcome.wrote_all = true;
  for_each_value(outcome.shape, [&](auto n, auto k, auto p, auto q) {
    float& value = output.view.at(n, k, p, q);
    outcome.wrote_all &= !Guarded::is_guard(value);
    outcome.values.push_back(value);
    value = std::bit_cast<float>(kGuardBits);
  });
  outcome.guards_intact = true;
  for (const float value : output.memory) outcome.guards_intact &= Guarded::is_guard(value);
  return outcome;
}

double worst_error(const Expected& expected, const std::vector<float>& values) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (values.size() != expected.values.size()) return kInfinity;
  double worst = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    // An activation may be large where its argument is small (sigmoid), so its own size counts too.
    const double tolerance = 1e-5 * std::max(expected.magnitudes[i], std::abs(expected.values[i]));
    const double error = std::abs(static_cast<double>(values[i]) - expected.values[i]);
    if (!(error <= tolerance))
      worst = std::max(worst, tolerance > 0 && !std::isnan(error) ? error / tolerance : kInfinity);
    else if (tolerance > 0)
      worst = std::max(worst, error / tolerance);
  }
  return worst;
}

}  // namespace convlens::test
