// One wave looked up in spectra, in numbers and words; and the session that keeps the spectra up to date.
#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "app/model/spectra.h"
#include "engine/core/text.h"

namespace convlens::model {
namespace {

std::string place(double fy, double fx) {
  return formatted("%.3g", fx) + " across, " + formatted("%.3g", fy) + " down";
}

// The cell of a centred spectrum that a frequency falls in; nothing outside of it. Cells are 1/size cycles per pixel.
std::optional<double> value_at(const Tensor& spectrum, std::int64_t size, double fy, double fx) {
  const auto cell = [&](double frequency, std::int64_t cells) {
    const std::int64_t i = std::llround(frequency * static_cast<double>(size)) + cells / 2;
    // Half a cycle per sample is both ends at once.
    return i == cells ? 0 : i;
  };
  const std::int64_t u = cell(fy, spectrum.shape().h), v = cell(fx, spectrum.shape().w);
  if (u < 0 || v < 0 || u >= spectrum.shape().h || v >= spectrum.shape().w) return std::nullopt;
  return static_cast<double>(spectrum.at(0, 0, u, v));
}

}  // namespace

double WaveReading::period() const {
  const double frequency = std::hypot(fy, fx);
  return frequency > 0 ? 1 / frequency : std::numeric_limits<double>::infinity();
}

WaveReading read_wave(const Spectra& s, double fy, double fx) {
  WaveReading reading;
  reading.fy = fy;
  reading.fx = fx;
  reading.gain = explain::gain_at(s.geometry, s.weights.view(), 0, 0, fy, fx);
  reading.alias_fy = explain::alias_of(fy, s.geometry.stride_y);
  reading.alias_fx = explain::alias_of(fx, s.geometry.stride_x);
  const explain::NyquistBox box = explain::nyquist_box(s.geometry.stride_y, s.geometry.stride_x);
  reading.is_folded = std::abs(fy) > box.rows || std::abs(fx) > box.cols;
  if (s.picture) {
    const std::int64_t size = s.picture->window.size;
    reading.input = value_at(s.picture->input, size, fy, fx);
    reading.product = value_at(s.picture->product, size, fy, fx);
    const bool is_folding = s.picture->window.is_folding;
    if (is_folding) reading.map = value_at(s.picture->map, size, reading.alias_fy, reading.alias_fx);
  }
  return reading;
}

std::vector<std::string> in_words(const WaveReading& r, double largest_gain) {
  std::vector<std::string> lines;
  lines.push_back(explain::wave_in_words(r.fy, r.fx));
  std::string gain = "gain " + formatted("%.4g", r.gain);
  if (largest_gain > 0) {
    const double share = r.gain / largest_gain;
    gain += ", " + formatted("%.3g", 100 * share) + " % of the largest";
    if (share > 1e-6 && share < 1) gain += " (" + formatted("%.1f", 20 * std::log10(share)) + " dB)";
  }
  lines.push_back(gain);
  if (r.input && r.product) {
    std::string levels =
        "input " + formatted("%.0f", *r.input) + " dB, product " + formatted("%.0f", *r.product) + " dB";
    if (r.map) levels += ", map " + formatted("%.0f", *r.map) + " dB";
    lines.push_back(levels);
  }
  if (r.is_folded) lines.push_back("beyond the box: the stride shows it as " + place(r.alias_fy, r.alias_fx));
  return lines;
}

SpectraSession::SpectraSession(std::function<void()> wake)
    : answer_(std::move(wake),
              [maker = std::make_shared<SpectraMaker>()](const SpectraJob& job, const std::atomic<bool>&) {
                return std::optional(Result<SpectraPtr>(maker->run(job)));
              }) {}

void SpectraSession::follow(const ConvResultPtr& result, int filter, int channel, bool has_soft_edges) {
  answer_.ask({result->generation, filter, channel, has_soft_edges}, {result, filter, channel, has_soft_edges});
}

}  // namespace convlens::model
