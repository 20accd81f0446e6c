// Steps from a layer's outputs to its inputs, one axis at a time: every layer reads rows x columns.
#include "engine/explain/receptive_field.h"

#include <algorithm>

#include "engine/conv/params.h"

namespace convlens::explain {
namespace {

using nn::LayerKind;

Span span_of(const std::vector<bool>& read) {
  Span span{static_cast<std::int64_t>(read.size()), -1};
  for (std::int64_t i = 0; i < std::ssize(read); ++i) {
    if (!read[static_cast<std::size_t>(i)]) continue;
    span.first = std::min(span.first, i);
    span.last = i;
  }
  return span;
}

// What the marked outputs read.
std::vector<bool> before(const AxisReading& reading, const std::vector<bool>& marked) {
  std::vector<bool> read(static_cast<std::size_t>(reading.inputs));
  for (std::int64_t i = 0; i < reading.outputs; ++i) {
    if (!marked[static_cast<std::size_t>(i)]) continue;
    for (std::int64_t tap = 0; tap < reading.taps; ++tap) {
      const std::int64_t source =
          conv::border_index(i * reading.stride - reading.pad + tap * reading.dilation, reading.inputs, reading.border);
      if (source >= 0) read[static_cast<std::size_t>(source)] = true;
    }
  }
  return read;
}

AxisField after(const AxisField& field, const AxisReading& reading) {
  AxisField next;
  next.size = field.size + (reading.taps - 1) * reading.dilation * field.jump;
  next.start = field.start - reading.pad * field.jump;
  next.jump = field.jump * reading.stride;
  return next;
}

// Every one of `count` units at once.
AxisField of_all(const AxisField& field, std::int64_t count) {
  return {field.size + (count - 1) * field.jump, 0, field.start};
}

}  // namespace

Span Reach::row_span() const { return span_of(rows); }
Span Reach::col_span() const { return span_of(cols); }
std::int64_t Reach::row_count() const { return std::ranges::count(rows, true); }
std::int64_t Reach::col_count() const { return std::ranges::count(cols, true); }

std::vector<Shape> level_shapes(const nn::ModelSpec& model) {
  std::vector<Shape> levels{{1, model.channels, model.height, model.width}};
  const nn::ChainShapes chain = nn::chain_shapes(model);
  levels.insert(levels.end(), chain.shapes.begin(), chain.shapes.end());
  return levels;
}

LayerReading reading_of(const nn::LayerSpec& spec, const Shape& input, const Shape& output) {
  LayerReading reading;
  reading.y.inputs = input.h, reading.y.outputs = output.h;
  reading.x.inputs = input.w, reading.x.outputs = output.w;
  if (spec.kind == LayerKind::kConv) {
    const conv::Params& params = spec.conv;
    const conv::Padding pad = conv::resolve_padding(params, input.h, input.w, spec.rows, spec.cols);
    reading.y.taps = spec.rows, reading.x.taps = spec.cols;
    reading.y.dilation = params.dilation_y, reading.x.dilation = params.dilation_x;
    reading.y.stride = params.stride_y, reading.x.stride = params.stride_x;
    reading.y.pad = pad.top, reading.x.pad = pad.left;
    reading.y.border = reading.x.border = params.border;
  } else if (is_pool(spec.kind)) {
    const PoolWindow window = pool_window(spec, input);
    reading.y.taps = window.rows, reading.x.taps = window.cols;
    reading.y.stride = window.stride_y, reading.x.stride = window.stride_x;
  }
  return reading;
}

std::vector<ReceptiveField> receptive_fields(const nn::ModelSpec& model, const std::vector<Shape>& levels) {
  std::vector<ReceptiveField> fields{{}};
  Shape maps = levels.front();  // before the last flatten
  for (std::size_t i = 0; i + 1 < levels.size(); ++i) {
    const LayerKind kind = model.layers[i].kind;
    ReceptiveField field = fields.back();
    if (kind == LayerKind::kDense || kind == LayerKind::kGlobalAverage) {
      field = {of_all(field.y, maps.h), of_all(field.x, maps.w)};
      maps = levels[i + 1];
    } else if (kind != LayerKind::kFlatten) {
      const LayerReading reading = reading_of(model.layers[i], levels[i], levels[i + 1]);
      field = {after(field.y, reading.y), after(field.x, reading.x)};
      // Behind a flatten layer only layers that keep the shape come here.
      if (levels[i] == maps) maps = levels[i + 1];
    }
    fields.push_back(field);
  }
  return fields;
}

std::vector<Reach> reach_of(const nn::ModelSpec& model, const std::vector<Shape>& levels, std::size_t level,
                            const Unit& unit) {
  std::vector<Reach> reaches(level + 1);
  Reach reach{std::vector<bool>(static_cast<std::size_t>(levels[level].h)),
              std::vector<bool>(static_cast<std::size_t>(levels[level].w))};
  reach.rows[static_cast<std::size_t>(unit.y)] = true;
  reach.cols[static_cast<std::size_t>(unit.x)] = true;
  constexpr std::int64_t kSeveral = -1;
  std::int64_t channel = unit.c;
  reaches[level] = reach;
  for (std::size_t i = level; i-- > 0;) {
    const nn::LayerSpec& spec = model.layers[i];
    const Shape& input = levels[i];
    if (spec.kind == LayerKind::kFlatten) {
      Reach maps{std::vector<bool>(static_cast<std::size_t>(input.h), channel == kSeveral),
                 std::vector<bool>(static_cast<std::size_t>(input.w), channel == kSeveral)};
      if (channel != kSeveral) {
        const Unit there = unit_of_flat(input, channel);
        maps.rows[static_cast<std::size_t>(there.y)] = true;
        maps.cols[static_cast<std::size_t>(there.x)] = true;
        channel = there.c;
      }
      reach = std::move(maps);
    } else {
      const LayerReading reading = reading_of(spec, input, levels[i + 1]);
      reach = {before(reading.y, reach.rows), before(reading.x, reach.cols)};
      if (spec.kind == LayerKind::kConv || spec.kind == LayerKind::kDense) channel = kSeveral;
    }
    reaches[i] = reach;
  }
  return reaches;
}

std::string same_field_in_words(const nn::ModelSpec& model, const std::vector<Shape>& levels, std::size_t level) {
  const ReceptiveField field = receptive_fields(model, levels)[level];
  std::int64_t parameters = 0;
  int layers = 0;
  for (std::size_t i = 0; i < level; ++i) {
    if (model.layers[i].kind != LayerKind::kConv) continue;
    parameters += layer_cost(model.layers[i], levels[i], levels[i + 1]).parameters;
    ++layers;
  }
  if (layers < 2 || field.y.jump == 0 || field.y.size > conv::kMaxKernelSize || field.x.size > conv::kMaxKernelSize) {
    return {};
  }
  nn::LayerSpec one;
  one.rows = static_cast<int>(field.y.size), one.cols = static_cast<int>(field.x.size);
  one.bias = false;
  Shape output = levels[level];
  const LayerCost cost = layer_cost(one, levels[0], output);
  return "One " + std::to_string(one.rows) + " × " + std::to_string(one.cols) + " convolution would see as much with " +
         std::to_string(cost.parameters) + " weights; these " + std::to_string(layers) + " layers have " +
         std::to_string(parameters) + " parameters.";
}

}  // namespace convlens::explain
