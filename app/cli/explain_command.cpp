// `convlens explain`: reads the layer, runs the kernel, and has engine/explain say how the value came about.
#include "app/cli/explain_command.h"

#include <charconv>
#include <string_view>
#include <utility>

#include "app/cli/declare.h"
#include "app/cli/explain_model.h"
#include "app/cli/layer_files.h"
#include "engine/explain/overlays.h"
#include "engine/explain/pixel_probe.h"
#include "engine/explain/probe.h"
#include "engine/explain/weight_probe.h"

namespace convlens::cli {
namespace {

constexpr const char* kFooter =
    "Counting starts at 0. The numbers of the formats text, latex and json add up as shown; numpy and cpp are a "
    "script\n"
    "and a program that compute the value from the floats as they are. --weight and --pixel print text.\n"
    "Example: convlens explain --input photo.png --preset sobel-x --at 0,120,200\n"
    "Exit code: 0 done, 1 cannot, 2 usage.";

// "1,20,30" as N whole numbers of at least 0.
template <std::size_t N>
Status parse_indices(std::string_view text, const char* example, std::optional<std::array<std::int64_t, N>>& target) {
  std::array<std::int64_t, N> values{};
  const Error error{"'" + std::string(text) + "' is not " + std::to_string(N) + " whole numbers with commas, such as " +
                    example};
  const char* at = text.data();
  const char* const end = at + text.size();
  for (std::size_t i = 0; i < N; ++i) {
    if (i > 0 && (at == end || *at++ != ',')) return error;
    const auto [next, code] = std::from_chars(at, end, values[i]);
    if (code != std::errc() || values[i] < 0) return error;
    at = next;
  }
  if (at != end) return error;
  target = values;
  return Done{};
}

Status check_index(const char* what, std::int64_t index, std::int64_t count, const char* where) {
  if (index < count) return Done{};
  return Error{std::string(what) + " " + std::to_string(index) + " is outside " + where + ": the last one is " +
               std::to_string(count - 1)};
}

Status check_all(std::initializer_list<Status> statuses) {
  for (const Status& status : statuses) {
    if (!status) return status;
  }
  return Done{};
}

Result<std::string> explain_output(const ExplainOptions& options, const Layer& layer) {
  const conv::Geometry& g = layer.geometry;
  const auto [k, p, q] = *options.at;
  const Status inside =
      check_all({check_index("image", options.image, g.n, "the batch"), check_index("map", k, g.k, "the layer"),
                 check_index("row", p, g.p, "the map"), check_index("column", q, g.q, "the map")});
  if (!inside) return inside.error();
  Tensor maps = Tensor::uninitialized(g.output_shape());
  conv::Workspace workspace;
  const Parallel parallel(options.layer.threads);
  const Result<conv::Report> report = conv::forward(g, layer.input.view(), layer.weights.view(), layer.bias,
                                                    maps.view(), options.layer.kernel, workspace, parallel);
  if (!report) return report.error();
  const explain::OutputIndex at{options.image, k, p, q};
  const explain::Probe probe = explain::probe_output(g, layer.input.view(), layer.weights.view(), layer.bias, at,
                                                     {options.digits, maps.at(at.n, at.k, at.p, at.q)});
  return explain::to_string(probe, options.format, options.depth);
}

Result<std::string> explain_weight(const ExplainOptions& options, const Layer& layer) {
  const conv::Geometry& g = layer.geometry;
  const auto [k, c, r, s] = *options.weight;
  const Status inside = check_all(
      {check_index("filter", k, g.k, "the layer"), check_index("channel", c, g.channels_per_group(), "the filter"),
       check_index("row", r, g.r, "the filter"), check_index("column", s, g.s, "the filter")});
  if (!inside) return inside.error();
  return explain::to_text(explain::probe_weight(g, layer.input.view(), {k, c, r, s}), g);
}

Result<std::string> explain_pixel(const ExplainOptions& options, const Layer& layer) {
  const conv::Geometry& g = layer.geometry;
  const auto [c, y, x] = *options.pixel;
  const Status inside = check_all({check_index("channel", c, g.c, "the input"), check_index("row", y, g.h, "the input"),
                                   check_index("column", x, g.w, "the input")});
  if (!inside) return inside.error();
  const explain::PixelReads reads = explain::pixel_reads(g, y, x);
  return explain::to_text(reads, g, layer.weights.view(), c, y, x, explain::filters_of_channel(g, c).first) +
         explain::geometry_in_words(g);
}

}  // namespace

void declare_explain(CLI::App& command, ExplainOptions& options) {
  command.footer(kFooter);
  declare_layer_files(command, options.layer);
  const auto add = [&](const char* name, const char* help, const std::string& type, auto read) {
    return command.add_option_function<std::string>(name, reader(name, read), help)->type_name(type);
  };
  CLI::Option* at = add("--at", "The output value to explain: map, row, column", "K,P,Q",
                        [&](const std::string& text) { return parse_indices(text, "0,5,7", options.at); });
  CLI::Option* weight = add("--weight", "Instead, a weight: filter, channel, row, column", "K,C,R,S",
                            [&](const std::string& text) { return parse_indices(text, "0,0,1,2", options.weight); });
  CLI::Option* pixel = add("--pixel", "Instead, an input pixel: channel, row, column", "C,Y,X",
                           [&](const std::string& text) { return parse_indices(text, "0,5,7", options.pixel); });
  at->excludes(weight)->excludes(pixel);
  weight->excludes(pixel);
  command
      .add_option(
          "--model", options.model,
          "Explain a value inside a stack: a name (`convlens stack --help`) or a JSON file; --input is scaled to "
          "it, --weights is a .safetensors file")
      ->type_name("NAME|FILE");
  command.add_option("--layer", options.layer_name, "With --model: which layer, by name or number")->type_name("NAME");
  command.add_option("--seed", options.seed, "With --model: of random weights (1)")->type_name("N");
  command.add_option("--image", options.image, "Which image of the batch (0)")
      ->type_name("N")
      ->check(CLI::NonNegativeNumber);
  declare_parameters(command, options.layer);
  add("--format", "How --at is told (text)", names_of(explain::probe_format_names()),
      [&](const std::string& text) -> Status {
        const auto format = explain::parse_probe_format(text);
        if (!format) return Error{"'" + text + "' is not one of " + names_of(explain::probe_format_names())};
        options.format = *format;
        return Done{};
      });
  command.add_option("--depth", options.depth, "1 the value, 2 each channel's part, 3 every product (3)")
      ->type_name("1|2|3")
      ->check(CLI::Range(explain::kMinProbeDepth, explain::kMaxProbeDepth));
  command.add_option("--digits", options.digits, "Digits of the value (5)")
      ->type_name("N")
      ->check(CLI::Range(explain::kMinProbeDigits, explain::kMaxProbeDigits));
  command.add_option("--kernel", options.layer.kernel.kernel, "Which implementation computes the map (auto)")
      ->type_name("NAME");
}

Result<std::string> run_explain(const ExplainOptions& options) {
  if (!options.model.empty()) return explain_in_model(options);
  const Result<Layer> layer = read_layer(options.layer);
  if (!layer) return layer.error();
  if (options.weight) return explain_weight(options, *layer);
  if (options.pixel) return explain_pixel(options, *layer);
  return explain_output(options, *layer);
}

}  // namespace convlens::cli
