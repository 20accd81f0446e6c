// Runs the layer on a window of the picture and looks at it with engine/explain.
#include "app/model/spectra.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <utility>

#include "engine/conv/conv.h"
#include "engine/core/text.h"

namespace convlens::model {
namespace {

using explain::ComplexGrid;

constexpr std::int64_t kPlainGrid = 256;  // cells of a response where there is no picture
constexpr std::int64_t kLineSamples = 257;

bool has_small_factors(std::int64_t n) {
  for (const std::int64_t factor : {2, 3, 5}) {
    while (n % factor == 0) n /= factor;
  }
  return n == 1;
}

// Sum of |X|^2 without the mean.
double energy(const ComplexGrid& grid) {
  double sum = 0;
  for (std::size_t i = 1; i < grid.values.size(); ++i) sum += std::norm(grid.values[i]);
  return sum;
}

double relative_distance(const ComplexGrid& a, const ComplexGrid& b) {
  double apart = 0, all = 0;
  for (std::size_t i = 0; i < a.values.size(); ++i) {
    apart += std::norm(a.values[i] - b.values[i]);
    all += std::norm(b.values[i]);
  }
  return all > 0 ? std::sqrt(apart / all) : std::sqrt(apart);
}

// The share of `after`'s energy that no multiple of `before` has.
double share_not_in(const ComplexGrid& after, const ComplexGrid& before) {
  std::complex<double> inner;
  for (std::size_t i = 1; i < after.values.size(); ++i) inner += after.values[i] * std::conj(before.values[i]);
  const double both = energy(after) * energy(before);
  return both > 0 ? std::clamp(1 - std::norm(inner) / both, 0.0, 1.0) : 0;
}

// Every stride-th value of a plane.
Tensor sampled(const Tensor& plane, int stride_y, int stride_x) {
  Tensor result = Tensor::uninitialized({1, 1, plane.shape().h / stride_y, plane.shape().w / stride_x});
  for (std::int64_t y = 0; y < result.shape().h; ++y) {
    for (std::int64_t x = 0; x < result.shape().w; ++x) {
      result.at(0, 0, y, x) = plane.at(0, 0, y * stride_y, x * stride_x);
    }
  }
  return result;
}

// Of filter k alone: (1, C/groups, R, S).
ConstView filter_view(const ConvResult& result, int filter) {
  ConstView view = dense_view(result.weights.data(), result.geometry.weights_shape());
  view.data = view.plane(filter, 0);
  view.shape.n = 1;
  return view;
}

Spectra::Line line_to(const conv::Geometry& g, ConstView weights, int channel, double fy, double fx) {
  Spectra::Line line{fy, fx, explain::gains_along(g, weights, 0, channel, fy, fx, kLineSamples), {}};
  line.band = explain::half_power_band(line.gains);
  return line;
}

void describe_slice(Spectra& s, ConstView weights) {
  s.weights = Tensor::uninitialized({1, 1, weights.shape.h, weights.shape.w});
  std::copy_n(weights.plane(0, s.channel), s.weights.size(), s.weights.data());
  s.rank_one = conv::nearest_rank_one(weights, 0, s.channel);
  s.portrait = explain::portrait_of(weights, 0, s.channel);
  s.words = explain::in_words(s.portrait, weights.shape.h, weights.shape.w);
  s.mix = explain::channel_mix(weights, 0);
  s.nearest = Tensor::uninitialized(s.weights.shape());
  s.left_over = Tensor::uninitialized(s.weights.shape());
  for (std::int64_t r = 0; r < weights.shape.h; ++r) {
    for (std::int64_t c = 0; c < weights.shape.w; ++c) {
      const double near = s.rank_one.scale * s.rank_one.column[static_cast<std::size_t>(r)] *
                          s.rank_one.row[static_cast<std::size_t>(c)];
      s.nearest.at(0, 0, r, c) = static_cast<float>(near);
      s.left_over.at(0, 0, r, c) = static_cast<float>(static_cast<double>(s.weights.at(0, 0, r, c)) - near);
    }
  }
}

void describe_response(Spectra& s, ConstView weights, std::int64_t size) {
  const ComplexGrid response = explain::transfer_function(s.geometry, weights, 0, s.channel, size, size);
  s.response = explain::magnitude_picture(response);
  s.peak = explain::peak_of(response);
  s.across = line_to(s.geometry, weights, s.channel, 0, 0.5);
  s.down = line_to(s.geometry, weights, s.channel, 0.5, 0);
  if (s.peak.fy != 0 && s.peak.fx != 0) {
    const double reach = 0.5 / std::max(std::abs(s.peak.fy), std::abs(s.peak.fx));
    s.through_peak = line_to(s.geometry, weights, s.channel, s.peak.fy * reach, s.peak.fx * reach);
  }
}

}  // namespace

SpectrumWindow spectrum_window(const conv::Geometry& g) {
  const std::int64_t most = std::min({g.h, g.w, kLargestSpectrumWindow});
  std::int64_t step = std::lcm<std::int64_t>(g.stride_y, g.stride_x);
  SpectrumWindow window;
  window.is_folding = step <= most;
  if (!window.is_folding) step = 1;
  window.size = most - most % step;
  while (!has_small_factors(window.size / step)) window.size -= step;
  window.y = (g.h - window.size) / 2;
  window.x = (g.w - window.size) / 2;
  return window;
}

std::string rule_in_words(const PictureSpectra& picture, const conv::Geometry& g) {
  const std::string border(conv::border_names()[static_cast<std::size_t>(g.border)].label);
  if (g.border == conv::Border::kCircular) {
    return "input × filter = map: off by " + formatted("%.1e", picture.rule_error) +
           " of it, which is rounding. The border is circular, so the rule is exact.";
  }
  return "input × filter misses the map by " + formatted("%.2g", 100 * picture.rule_error) +
         " % of it: the border is " + border + ", and the rule is exact on a circular one.";
}

std::string folding_in_words(const PictureSpectra& picture, const conv::Geometry& g) {
  if (g.stride_y * g.stride_x == 1) return {};
  const explain::NyquistBox box = explain::nyquist_box(g.stride_y, g.stride_x);
  const std::string keeps = "The stride keeps waves below " + formatted("%.4g", box.rows) + " × " +
                            formatted("%.4g", box.cols) + " cycles per pixel (the box) apart; ";
  if (!picture.window.is_folding) return keeps + "it is too large to show here what folds.";
  return keeps + formatted("%.1f", 100 * picture.folded_share) +
         " % of the energy (without the mean) lies beyond and folds in.";
}

void SpectraMaker::prepare_input(const SpectraJob& job, const SpectrumWindow& window) {
  const std::shared_ptr<const Tensor>& source = job.result->input;
  if (source_ == source && window_ == window && has_soft_edges_ == job.has_soft_edges) return;
  source_ = nullptr;
  const Shape shape{1, source->shape().c, window.size, window.size};
  input_ = Tensor::uninitialized(shape);
  std::vector<float> fade(static_cast<std::size_t>(window.size), 1.0F);
  for (std::size_t i = 0; job.has_soft_edges && i < fade.size(); ++i) {
    const double turn = static_cast<double>(i) / static_cast<double>(fade.size());
    fade[i] = static_cast<float>(0.5 - 0.5 * std::cos(2 * std::numbers::pi * turn));
  }
  for (std::int64_t c = 0; c < shape.c; ++c) {
    for (std::int64_t y = 0; y < window.size; ++y) {
      const float* from = source->view().row(0, c, window.y + y) + window.x;
      float* to = input_.view().row(0, c, y);
      for (std::int64_t x = 0; x < window.size; ++x) {
        to[x] = from[x] * fade[static_cast<std::size_t>(y)] * fade[static_cast<std::size_t>(x)];
      }
    }
  }
  is_finite_ = std::ranges::all_of(input_.values(), [](float value) { return std::isfinite(value); });
  spectra_.clear();
  for (std::int64_t c = 0; is_finite_ && c < shape.c; ++c) {
    spectra_.push_back(explain::spectrum_of(input_.view(), 0, c));
  }
  source_ = source;
  window_ = window;
  has_soft_edges_ = job.has_soft_edges;
}

void SpectraMaker::add_picture(const SpectraJob& job, Spectra& s) {
  const ConvResult& result = *job.result;
  const conv::Geometry& g = result.geometry;
  const SpectrumWindow window = spectrum_window(g);
  prepare_input(job, window);
  if (!is_finite_) {
    s.no_picture = "The middle of the picture holds values that are not finite: they have no spectrum.";
    return;
  }
  const std::int64_t channels = g.channels_per_group();
  const std::int64_t first = s.filter / g.filters_per_group() * channels;
  const ConstView weights = filter_view(result, s.filter);
  ConstView input = input_.view();
  input.data = input.plane(0, first);
  input.shape.c = channels;

  conv::Params params = result.settings.params;
  params.stride_y = params.stride_x = 1;
  params.padding = conv::PaddingMode::kSame;
  params.groups = 1;
  params.activation = conv::Activation::kNone;
  const Result<conv::Geometry> plain = conv::resolve(params, input.shape, weights.shape);
  if (!plain) {
    s.no_picture = plain.error().message;
    return;
  }
  Tensor sums = Tensor::uninitialized(plain->output_shape());
  conv::Workspace workspace;
  const Parallel parallel(1);
  const auto ran = conv::forward(*plain, input, weights, {}, sums.view(), {}, workspace, parallel);
  if (!ran) {
    s.no_picture = ran.error().message;
    return;
  }

  ComplexGrid product(window.size, window.size);
  for (std::int64_t c = 0; c < channels; ++c) {
    const ComplexGrid transfer = explain::transfer_function(*plain, weights, 0, c, window.size, window.size);
    const ComplexGrid& picture = spectra_[static_cast<std::size_t>(first + c)];
    for (std::size_t i = 0; i < product.values.size(); ++i) product.values[i] += transfer.values[i] * picture.values[i];
  }
  const int stride_y = window.is_folding ? g.stride_y : 1, stride_x = window.is_folding ? g.stride_x : 1;
  const ComplexGrid predicted = explain::fold(product, stride_y, stride_x);
  Tensor map = sampled(sums, stride_y, stride_x);
  const ComplexGrid before = explain::spectrum_of(map.view(), 0, 0);
  const auto bias = static_cast<double>(result.biases[static_cast<std::size_t>(s.filter)]);
  for (float& value : map.values()) {
    value = static_cast<float>(conv::activate(static_cast<double>(value) + bias, g.activation));
  }
  const ComplexGrid after = explain::spectrum_of(map.view(), 0, 0);

  PictureSpectra found;
  found.window = window;
  found.input = explain::decibel_picture(spectra_[static_cast<std::size_t>(first + s.channel)], kSpectrumFloor);
  found.product = explain::decibel_picture(product, kSpectrumFloor);
  found.map = explain::decibel_picture(after, kSpectrumFloor);
  found.rule_error = relative_distance(predicted, before);
  found.folded_share = explain::folded_share(product, explain::nyquist_box(g.stride_y, g.stride_x));
  if (g.activation != conv::Activation::kNone) found.activation_share = share_not_in(after, before);
  s.picture = std::move(found);
}

SpectraPtr SpectraMaker::run(const SpectraJob& job) {
  const ConvResult& result = *job.result;
  auto spectra = std::make_shared<Spectra>();
  spectra->generation = result.generation;
  spectra->filter = std::clamp(job.filter, 0, static_cast<int>(result.geometry.k) - 1);
  spectra->channel = std::clamp(job.channel, 0, static_cast<int>(result.geometry.channels_per_group()) - 1);
  spectra->has_soft_edges = job.has_soft_edges;
  spectra->name = result.settings.bank.filters[static_cast<std::size_t>(spectra->filter)].name;
  spectra->geometry = result.geometry;
  const ConstView weights = filter_view(result, spectra->filter);
  describe_slice(*spectra, weights);
  add_picture(job, *spectra);
  describe_response(*spectra, weights, spectra->picture ? spectra->picture->window.size : kPlainGrid);
  return spectra;
}

}  // namespace convlens::model
