// `convlens spectrum`: engine/explain's responses and spectra, written as arrays or pictures.
#include "app/cli/spectrum_command.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string_view>
#include <utility>
#include <vector>

#include "app/cli/declare.h"
#include "app/cli/layer_files.h"
#include "app/cli/map_picture.h"
#include "engine/explain/portrait.h"
#include "engine/explain/response.h"
#include "engine/explain/spectrum.h"

namespace convlens::cli {
namespace {

constexpr const char* kFooter =
    "Frequency 0 is in the middle (row H/2, column W/2), 1/2 cycle per pixel at the edge. A .npy output holds the\n"
    "magnitudes, or with --db decibels below the largest, down to -120; a .png output shows them from black to white.\n"
    "The response of a filter is that of its weights alone, without dilation; the lines printed say what it is.\n"
    "Example: convlens spectrum --preset gaussian:7 --output response.png\n"
    "Exit code: 0 done, 1 cannot, 2 usage.";

constexpr double kFloorDecibels = -120;

constexpr std::array kSubjects = {
    conv::ChoiceName{"filter", "Filter", "The response of one slice of a filter"},
    conv::ChoiceName{"input", "Input", "The spectrum of an input channel"},
    conv::ChoiceName{"output", "Output", "The spectrum of a map"},
};

Status choose_subject(const std::string& text, SpectrumOf& target) {
  for (std::size_t i = 0; i < kSubjects.size(); ++i) {
    if (kSubjects[i].name != text) continue;
    target = static_cast<SpectrumOf>(i);
    return Done{};
  }
  return Error{"'" + text + "' is not one of " + names_of(kSubjects)};
}

Status check_index(const char* what, std::int64_t index, std::int64_t count) {
  if (index < count) return Done{};
  return Error{"there is no " + std::string(what) + " " + std::to_string(index) + ": the last one is " +
               std::to_string(count - 1)};
}

std::string portrait_text(ConstView weights, std::int64_t k, std::int64_t c) {
  std::string text = "filter " + std::to_string(k) + ", channel " + std::to_string(c) + ", " +
                     std::to_string(weights.shape.h) + " x " + std::to_string(weights.shape.w) + "\n";
  const explain::Portrait portrait = explain::portrait_of(weights, k, c);
  for (const std::string& line : explain::in_words(portrait, weights.shape.h, weights.shape.w)) text += line + "\n";
  if (portrait.is_finite && portrait.singular_values.size() > 1) {
    text += "singular values";
    std::array<char, 32> number;
    for (const double value : portrait.singular_values) {
      std::snprintf(number.data(), number.size(), " %.4g", value);
      text += number.data();
    }
    text += "\n";
  }
  return text;
}

// Where the gain is largest, and the half-power bands along the two axes.
std::string gain_text(const conv::Geometry& slice, ConstView weights, std::int64_t k, std::int64_t c,
                      const explain::ComplexGrid& response) {
  constexpr std::int64_t kSamples = 257;
  const auto band = [&](double fy, double fx) {
    return explain::in_words(explain::half_power_band(explain::gains_along(slice, weights, k, c, fy, fx, kSamples)),
                             0.5);
  };
  return "largest " + explain::in_words(explain::peak_of(response)) + "\nacross: " + band(0, 0.5) +
         "\ndown: " + band(0.5, 0) + "\n";
}

std::string stride_text(const conv::Geometry& g, const explain::ComplexGrid& spectrum) {
  if (g.stride_y * g.stride_x == 1) return "";
  const explain::NyquistBox box = explain::nyquist_box(g.stride_y, g.stride_x);
  std::array<char, 200> text;
  std::snprintf(text.data(), text.size(),
                "the stride keeps waves below %.4g x %.4g cycles per pixel apart; %.1f %% of the energy (without the "
                "mean) lies beyond and would fold\n",
                box.rows, box.cols, 100 * explain::folded_share(spectrum, box));
  return text.data();
}

Status write_spectrum(const SpectrumOptions& options, const Tensor& picture) {
  if (!options.decibels || options.layer.output.extension() == ".npy") return write_maps(options.layer.output, picture);
  Tensor light = picture.clone();
  for (float& value : light.values()) value = 1 - value / static_cast<float>(kFloorDecibels);
  return write_maps(options.layer.output, light);
}

Tensor to_tensor(const SpectrumOptions& options, const explain::ComplexGrid& spectrum) {
  return options.decibels ? explain::decibel_picture(spectrum, kFloorDecibels) : explain::magnitude_picture(spectrum);
}

Result<std::string> filter_spectrum(const SpectrumOptions& options) {
  // Without an input, a named filter has one channel.
  std::int64_t channels = 1;
  if (!options.layer.input.empty()) {
    const Result<Tensor> input = read_input(options.layer);
    if (!input) return input.error();
    channels = input->shape().c;
  }
  const Result<Tensor> weights = read_weights(options.layer, channels);
  if (!weights) return weights.error();
  const Shape& shape = weights->shape();
  for (const Status& status :
       {check_index("filter", options.filter, shape.n), check_index("channel", options.channel, shape.c)}) {
    if (!status) return status.error();
  }
  conv::Geometry slice;
  slice.r = shape.h;
  slice.s = shape.w;
  const explain::ComplexGrid response =
      explain::transfer_function(slice, weights->view(), options.filter, options.channel, options.rows, options.cols);
  if (const Status written = write_spectrum(options, to_tensor(options, response)); !written) return written.error();
  return portrait_text(weights->view(), options.filter, options.channel) +
         gain_text(slice, weights->view(), options.filter, options.channel, response);
}

Result<std::string> plane_spectrum(const SpectrumOptions& options) {
  const Result<Layer> layer = read_layer(options.layer);
  if (!layer) return layer.error();
  const conv::Geometry& g = layer->geometry;
  const bool is_input = options.of == SpectrumOf::kInput;
  const Status inside =
      is_input ? check_index("input channel", options.channel, g.c) : check_index("filter", options.filter, g.k);
  if (!inside) return inside.error();
  explain::ComplexGrid spectrum;
  if (is_input) {
    spectrum = explain::spectrum_of(layer->input.view(), 0, options.channel);
  } else {
    Tensor maps = Tensor::uninitialized(g.output_shape());
    conv::Workspace workspace;
    const Result<conv::Report> report = conv::forward(g, layer->input.view(), layer->weights.view(), layer->bias,
                                                      maps.view(), options.layer.kernel, workspace, Parallel());
    if (!report) return report.error();
    spectrum = explain::spectrum_of(maps.view(), 0, options.filter);
  }
  if (const Status written = write_spectrum(options, to_tensor(options, spectrum)); !written) return written.error();
  return std::to_string(spectrum.rows) + " x " + std::to_string(spectrum.cols) + " frequencies\n" +
         (is_input ? stride_text(g, spectrum) : "");
}

}  // namespace

void declare_spectrum(CLI::App& command, SpectrumOptions& options) {
  command.footer(kFooter);
  declare_layer_files(command, options.layer);
  command.get_option("--input")->required(false);
  command
      .add_option_function<std::string>(
          "--of", reader("--of", [&](const std::string& text) { return choose_subject(text, options.of); }),
          "Whose frequencies (filter)")
      ->type_name(names_of(kSubjects));
  command.add_option("--filter", options.filter, "Which filter, or its map (0)")
      ->type_name("K")
      ->check(CLI::NonNegativeNumber);
  command.add_option("--channel", options.channel, "Which channel of the filter, or of the input (0)")
      ->type_name("C")
      ->check(CLI::NonNegativeNumber);
  command
      .add_option_function<std::string>(
          "--size",
          reader("--size",
                 [&](const std::string& text) -> Status {
                   const auto pair = parse_pair(text);
                   if (!pair) return pair.error();
                   std::tie(options.rows, options.cols) = *pair;
                   if (std::min(options.rows, options.cols) < 1 || std::max(options.rows, options.cols) > 8192) {
                     return Error{"'" + text + "' is not between 1 and 8192 rows and columns"};
                   }
                   return Done{};
                 }),
          "Rows and columns of a filter's response (256)")
      ->type_name("H[,W]");
  command.add_flag("--db", options.decibels, "Decibels below the largest magnitude");
  declare_output(command, options.layer);
  declare_parameters(command, options.layer);
}

Result<std::string> run_spectrum(const SpectrumOptions& options) {
  return options.of == SpectrumOf::kFilter ? filter_spectrum(options) : plane_spectrum(options);
}

}  // namespace convlens::cli
