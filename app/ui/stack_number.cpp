// How a value came about: matrices, and the sum in words. All numbers are engine/explain's.
#include <algorithm>
#include <cmath>
#include <sstream>

#include "app/ui/cell_matrix.h"
#include "app/ui/stack_panels.h"
#include "app/ui/text.h"
#include "app/ui/widgets.h"
#include "engine/explain/probe_text.h"

namespace convlens::ui {

namespace {

// Every column as wide as its widest number, the running sum beside it.
std::vector<std::string> sum_lines(const explain::Probe& probe) {
  using Kind = explain::SumStep::Kind;
  struct Line {
    std::string place, input, weight, term, running;
  };
  std::vector<Line> lines{{"cell", "input", "weight", "product", "sum so far"}};
  for (const explain::SumStep& step : explain::summation_steps(probe)) {
    Line line;
    line.running = explain::to_text(step.running);
    switch (step.kind) {
      case Kind::kProduct: {
        const explain::ProbeCell& cell = probe.cells[step.index];
        line.place = std::to_string(cell.row.position) + "," + std::to_string(cell.col.position);
        if (cell.is_padding()) line.place += "*";
        line.input = explain::to_text(cell.input);
        line.weight = explain::to_text(cell.weight);
        line.term = explain::to_text(step.term);
        break;
      }
      case Kind::kSubtotal:
        line.place = "map " + std::to_string(probe.channels[step.index].channel);
        line.term = explain::to_text(step.term);
        if (probe.cells.size() == probe.channels.size()) continue;  // one product each: it says nothing new
        break;
      case Kind::kSum:
        line.place = "sum";
        break;
      case Kind::kBias:
        line.place = "bias";
        line.term = explain::to_text(step.term);
        break;
      case Kind::kActivation:
        line.place = conv::activation_names()[static_cast<std::size_t>(probe.geometry.activation)].name;
        break;
      case Kind::kValue:
        line.place = "value";
        break;
    }
    lines.push_back(std::move(line));
  }
  std::size_t place = 0, input = 0, weight = 0, term = 0, running = 0;
  for (const Line& line : lines) {
    place = std::max(place, line.place.size()), input = std::max(input, line.input.size());
    weight = std::max(weight, line.weight.size()), term = std::max(term, line.term.size());
    running = std::max(running, line.running.size());
  }
  const auto right = [](const std::string& text, std::size_t width) {
    return std::string(width - text.size(), ' ') + text;
  };
  std::vector<std::string> texts;
  for (const Line& line : lines) {
    const bool is_product = !line.input.empty();
    texts.push_back(line.place + std::string(place - line.place.size(), ' ') + " " + right(line.input, input) +
                    (is_product ? " × " : "   ") + right(line.weight, weight) + (is_product ? " = " : "   ") +
                    right(line.term, term) + "  " + right(line.running, running));
  }
  if (probe.padding_cells > 0) texts.push_back("* stands in the padding");
  return texts;
}

}  // namespace

// Patch, filter slice and products of every channel of a convolution, as coloured cells with their numbers.
void StackUnit::make_matrices(const Ui& ui, const explain::Probe& probe) {
  matrices_.clear();
  const int rows = static_cast<int>(probe.window.rows.size()), cols = static_cast<int>(probe.window.cols.size());
  if (rows * cols < 2) return;  // dense layers and 1x1: the table says it all
  float input_lo = 0, input_hi = 0, weight = 0, product = 0;
  const auto value_of_product = [](const explain::ProbeCell& cell) { return cell.input_value * cell.weight_value; };
  for (const explain::ProbeCell& cell : probe.cells) {
    input_lo = std::min(input_lo, cell.input_value), input_hi = std::max(input_hi, cell.input_value);
    weight = std::max(weight, std::abs(cell.weight_value));
    product = std::max(product, std::abs(value_of_product(cell)));
  }
  const model::ViewSettings& view = ui.document.settings.view;
  const view::Colormap& inputs = view::find_colormap(input_lo < 0 ? view.map_colormap : view.unsigned_colormap);
  const view::Colormap& signed_map = view::find_colormap(view.map_colormap);
  const view::Colormap& weights = view::find_colormap(view.weight_colormap);
  const view::ValueRange input_range = view::display_range(inputs, input_lo, input_hi);
  const view::ValueRange weight_range = view::display_range(weights, -weight, weight);
  const view::ValueRange product_range = view::display_range(signed_map, -product, product);
  for (const explain::ProbeChannel& channel : probe.channels) {
    ChannelMatrices m;
    m.title = "map " + std::to_string(channel.channel) + ": " + explain::to_text(channel.subtotal);
    for (CellMatrix* matrix : {&m.input, &m.weights, &m.products}) matrix->rows = rows, matrix->cols = cols;
    for (std::size_t i = channel.first_cell; i < channel.first_cell + channel.cell_count; ++i) {
      const explain::ProbeCell& cell = probe.cells[i];
      m.input.colours.push_back(view::colour_of(inputs, input_range, cell.input_value));
      m.input.texts.push_back(number_text(static_cast<double>(cell.input_value), 2));
      m.input.is_hatched.push_back(cell.is_padding());
      m.weights.colours.push_back(view::colour_of(weights, weight_range, cell.weight_value));
      m.weights.texts.push_back(number_text(static_cast<double>(cell.weight_value), 2));
      m.products.colours.push_back(view::colour_of(signed_map, product_range, value_of_product(cell)));
      m.products.texts.push_back(number_text(static_cast<double>(value_of_product(cell)), 2));
    }
    matrices_.push_back(std::move(m));
  }
}

void StackUnit::draw_matrices(Ui& ui) {
  const float s = ui.scale;
  const float sign = 13 * s;
  const auto cols = static_cast<float>(matrices_.front().input.cols),
             rows = static_cast<float>(matrices_.front().input.rows);
  const float side = std::floor(std::clamp((ImGui::GetContentRegionAvail().x - 2 * sign) / (3 * cols), 5 * s, 34 * s));
  MatrixLook look;
  look.cell = {side, side};
  std::vector<CellMatrix> one{matrices_.front().input, matrices_.front().weights, matrices_.front().products};
  look.font_size = fitting_font(ui, one, look.cell);
  const float line = font_height(ui.fonts.small) + 2 * s;
  const float block = line + rows * side + 6 * s;
  ImGuiListClipper clipper;
  clipper.Begin(static_cast<int>(matrices_.size()), block);
  while (clipper.Step()) {
    for (int i = clipper.DisplayStart; i < clipper.DisplayEnd; ++i) {
      const ChannelMatrices& m = matrices_[static_cast<std::size_t>(i)];
      const ImVec2 at = ImGui::GetCursorScreenPos();
      put_text(ui.fonts.small, at, ui.palette.text_dim, m.title);
      const float y = at.y + line, middle = y + (rows * side - font_height(ui.fonts.body)) / 2;
      draw_matrix(ui, m.input, {at.x, y}, look);
      put_text(ui.fonts.body, {at.x + cols * side + 2 * s, middle}, ui.palette.text, "×");
      draw_matrix(ui, m.weights, {at.x + cols * side + sign, y}, look);
      put_text(ui.fonts.body, {at.x + 2 * cols * side + sign + 2 * s, middle}, ui.palette.text, "=");
      draw_matrix(ui, m.products, {at.x + 2 * (cols * side + sign), y}, look);
      ImGui::Dummy({1, block - ImGui::GetStyle().ItemSpacing.y});
    }
  }
}

void StackUnit::draw_number(Ui& ui, const StackView& stack) {
  const model::UnitFactsPtr facts = stack.facts();
  if (!facts) {
    if (stack.focus()) dim_text(ui, "…");
    return;
  }
  if (facts != told_) {
    told_ = facts;
    lines_.clear();
    copy_ = explain::to_text(facts->probe, explain::kMaxProbeDepth);
    if (facts->probe.sum) lines_ = sum_lines(*facts->probe.sum);
    std::string rest = facts->probe.sum ? std::string() : copy_.substr(copy_.find('\n') + 1);
    if (facts->softmax) {
      rest += "\nsoftmax\n" + explain::to_text(*facts->softmax);
      copy_ += "\nsoftmax\n" + explain::to_text(*facts->softmax);
    }
    std::istringstream text(rest);
    std::string line;
    while (std::getline(text, line)) lines_.push_back(line);
    matrices_.clear();
    if (facts->probe.sum) make_matrices(ui, *facts->probe.sum);
  }
  if (button(ui, "stack/copy", "Copy as text", "Copies every number behind this value")) {
    ImGui::SetClipboardText(copy_.c_str());
  }
  if (!matrices_.empty()) {
    ImGui::BeginChild("matrices", {0, std::floor(ImGui::GetContentRegionAvail().y * 0.5F)}, false);
    draw_matrices(ui);
    ImGui::EndChild();
    ImGui::Separator();
  }
  ImGui::BeginChild("sum", {0, 0}, false, ImGuiWindowFlags_HorizontalScrollbar);
  ImGui::PushFont(ui.fonts.mono);
  const float longest = [&] {
    std::size_t most = 1;
    for (const std::string& line : lines_)
      most = std::max(most, line.size() - static_cast<std::size_t>(std::ranges::count_if(line, [](char c) {
                              return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
                            })));
    return static_cast<float>(most);
  }();
  // Small enough for the longest line where that can still be read.
  const float natural = ImGui::CalcTextSize("0").x * longest;
  const float room = ImGui::GetContentRegionAvail().x - ImGui::GetStyle().ScrollbarSize - 2 * ui.scale;
  const float factor = std::clamp(room / natural, 0.5F, 1.0F);
  ImGui::SetWindowFontScale(factor);
  ImGuiListClipper clipper;
  clipper.Begin(static_cast<int>(lines_.size()));
  while (clipper.Step()) {
    for (int i = clipper.DisplayStart; i < clipper.DisplayEnd; ++i) {
      const std::string& line = lines_[static_cast<std::size_t>(i)];
      ImGui::TextUnformatted(line.data(), line.data() + line.size());
    }
  }
  ImGui::SetWindowFontScale(1);
  ImGui::PopFont();
  ImGui::EndChild();
  record(ui, "stack/number", "text", facts->probe.title, lines_);
}

}  // namespace convlens::ui
